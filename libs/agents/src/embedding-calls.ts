import {
  costOf,
  DEFAULT_TENANT,
  priceOf,
  rateClaims,
  type ChatUsage,
  type EmbedOptions,
  type PriceTable,
  type RateClaim,
  type RateGate,
  type RateRule,
  type Usage,
} from '@baton/core';

interface EmbeddingCall extends EmbedOptions {
  readonly model: string;
  readonly texts: readonly string[];
}

interface EmbeddingCallsParts {
  /** Of the models, as `RATE_LIMITS` and `MODEL_PRICES` name it. */
  readonly provider: string;
  readonly gate: Pick<RateGate, 'pass' | 'settle'>;
  readonly rules: readonly RateRule[];
  readonly prices: PriceTable;
  observe(call: { name: string; outcome: 'answered' | 'failed'; usage: ChatUsage }): void;
}

/** Characters of one token, about: what a call takes is estimated before it, and known after it. */
const CHARS_PER_TOKEN = 4;

/** Calls of embedding models, which wait for their turn under the operator's limits as chat does, and are counted and priced as chat is. */
export class EmbeddingCalls {
  constructor(private readonly parts: EmbeddingCallsParts) {}

  /** Makes a call in its turn. `make` says how many tokens it took, null: the service does not say. @throws BatonError `rate_limited`, and what `make` throws. */
  async make<T extends { readonly tokens: number | null }>(
    { model, texts, tenantId = DEFAULT_TENANT, signal = new AbortController().signal, meter }: EmbeddingCall,
    make: () => Promise<T>,
  ): Promise<T> {
    const { gate, rules } = this.parts;
    const name = `${this.parts.provider}/${model}`;
    const estimate = tokensOf(texts.reduce((sum, text) => sum + text.length, 0));
    const claimsFor = (tokens: number): RateClaim[] => rateClaims(rules, { tenantId, model: name, tokens });
    const claims = claimsFor(estimate);
    await gate.pass({ target: name, claims, signal });
    let used: number | null = null;
    try {
      const made = await make();
      used = made.tokens ?? estimate;
      return made;
    } finally {
      this.count(model, used, meter);
      await gate.settle(claimsFor(used ?? 0).map((claim, place) => ({ ...claim, cost: claim.cost - claims[place]!.cost })));
    }
  }

  /** What calls use that embed so many characters, about. */
  quote(model: string, { calls, chars }: { calls: number; chars: number }): Usage {
    return { modelCalls: calls, ...this.usageOf(model, tokensOf(chars)) };
  }

  private count(model: string, used: number | null, meter: EmbedOptions['meter']): void {
    const name = `${this.parts.provider}/${model}`;
    const usage = this.usageOf(model, used ?? 0);
    this.parts.observe({ name, outcome: used === null ? 'failed' : 'answered', usage });
    if (used !== null) meter?.count({ model: name, modelCalls: 1, ...usage });
  }

  private usageOf(model: string, promptTokens: number): Omit<Usage, 'modelCalls'> {
    const price = priceOf(this.parts.prices, this.parts.provider, model);
    const tokens = { promptTokens, completionTokens: 0 };
    return { ...tokens, costMicros: price === undefined ? 0 : costOf(tokens, price) };
  }
}

function tokensOf(chars: number): number {
  return Math.ceil(chars / CHARS_PER_TOKEN);
}
