import { describe, expect, it } from '@jest/globals';
import { costOf, priceOf, PriceTableSchema } from './model-price.js';

const TABLE = PriceTableSchema.parse({
  'openai/small': { input: 0.25, cached_input: 0.025, output: 2 },
  'openai/*': { input: 3, output: 15 },
  'groq/meta/llama': { input: 0.1, output: 0.1 },
});
const used = (promptTokens: number, completionTokens: number, cachedTokens = 0) => ({
  promptTokens,
  completionTokens,
  cachedTokens,
});

describe('a price table', () => {
  it('knows a model by its own name first, then by that of its provider', () => {
    expect(priceOf(TABLE, 'openai', 'small')).toMatchObject({ output: 2 });
    expect(priceOf(TABLE, 'openai', 'large')).toMatchObject({ output: 15 });
    expect(priceOf(TABLE, 'groq', 'meta/llama')).toMatchObject({ output: 0.1 });
    expect(priceOf(TABLE, 'groq', 'other')).toBeUndefined();
    expect(priceOf(TABLE, '__proto__', 'x')).toBeUndefined();
  });

  it('takes no names without a provider, and no negative prices', () => {
    expect(PriceTableSchema.safeParse({ small: { input: 1, output: 1 } }).success).toBe(false);
    expect(PriceTableSchema.safeParse({ 'a/b': { input: -1, output: 1 } }).success).toBe(false);
  });
});

describe('the cost of a call', () => {
  const small = priceOf(TABLE, 'openai', 'small')!;

  it('is in millionths: a price a million tokens is that of a token', () => {
    expect(costOf(used(1_000_000, 1_000_000), small)).toBe(2_250_000);
    expect(costOf(used(1_000, 100), small)).toBe(450);
  });

  it('counts what was cached at its own price, or as the rest', () => {
    expect(costOf(used(1_000, 0, 800), small)).toBe(70);
    expect(costOf(used(1_000, 0, 800), { input: 1, output: 1 })).toBe(1_000);
    expect(costOf(used(100, 0, 800), { input: 1, output: 1, cached_input: 0 })).toBe(0);
  });

  it('is rounded up, but not for an error of the sum', () => {
    expect(costOf(used(1, 0), small)).toBe(1);
    expect(costOf(used(3, 0), { input: 0.1, output: 0 })).toBe(1);
    expect(costOf(used(70, 0), { input: 0.1, output: 0 })).toBe(7);
    expect(costOf(used(0, 0), small)).toBe(0);
  });
});
