import { z } from 'zod';
import type { ChatUsage } from './chat-model.js';

const Price = z.number().min(0).max(1_000_000);

/** What a million tokens cost, in the currency of the table. */
export const ModelPriceSchema = z.strictObject({
  input: Price,
  output: Price,
  /** Of the prompt, what the provider had in its cache; as `input` when absent. */
  cached_input: Price.optional(),
});
export type ModelPrice = z.infer<typeof ModelPriceSchema>;

/** Prices by `provider/model`; `provider/*` is for every other model of a provider. */
export const PriceTableSchema = z.record(z.string().regex(/^[^/\s]+\/\S+$/, 'must be `provider/model`'), ModelPriceSchema);
export type PriceTable = z.infer<typeof PriceTableSchema>;

/** The price of a model; undefined: the table has none. */
export function priceOf(table: PriceTable, provider: string, model: string): ModelPrice | undefined {
  return [`${provider}/${model}`, `${provider}/*`]
    .map((name) => (Object.hasOwn(table, name) ? table[name] : undefined))
    .find(Boolean);
}

/** What a call costs in millionths, rounded up: a price a million tokens is millionths a token. */
export function costOf({ promptTokens, completionTokens, cachedTokens = 0 }: ChatUsage, price: ModelPrice): number {
  const cached = Math.min(cachedTokens, promptTokens);
  const { input, output, cached_input: cachedInput = input } = price;
  const cost = (promptTokens - cached) * input + cached * cachedInput + completionTokens * output;
  // Below a billionth it is the rounding of the sum itself, not a price.
  return Math.ceil(Math.round(cost * 1_000) / 1_000);
}
