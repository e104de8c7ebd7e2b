import {
  costOf,
  DEFAULT_TENANT,
  priceOf,
  rateClaims,
  type ChatUsage,
  type PriceTable,
  type RateClaim,
  type RateGate,
  type RateRule,
} from '@baton/core';

interface EmbeddingCall {
  readonly model: string;
  readonly texts: readonly string[];
  readonly tenantId?: string | undefined;
  readonly signal?: AbortSignal | undefined;
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
    { model, texts, tenantId = DEFAULT_TENANT, signal = new AbortController().signal }: EmbeddingCall,
    make: () => Promise<T>,
  ): Promise<T> {
    const { gate, rules } = this.parts;
    const name = `${this.parts.provider}/${model}`;
    const estimate = Math.ceil(texts.reduce((sum, text) => sum + text.length, 0) / CHARS_PER_TOKEN);
    const claimsFor = (tokens: number): RateClaim[] => rateClaims(rules, { tenantId, model: name, tokens });
    const claims = claimsFor(estimate);
    await gate.pass({ target: name, claims, signal });
    let used: number | null = null;
    try {
      const made = await make();
      used = made.tokens ?? estimate;
      return made;
    } finally {
      this.count(model, used);
      await gate.settle(claimsFor(used ?? 0).map((claim, place) => ({ ...claim, cost: claim.cost - claims[place]!.cost })));
    }
  }

  private count(model: string, used: number | null): void {
    const { provider, prices, observe } = this.parts;
    const price = priceOf(prices, provider, model);
    const tokens = { promptTokens: used ?? 0, completionTokens: 0 };
    const usage = { ...tokens, ...(price !== undefined && { costMicros: costOf(tokens, price) }) };
    observe({ name: `${provider}/${model}`, outcome: used === null ? 'failed' : 'answered', usage });
  }
}
