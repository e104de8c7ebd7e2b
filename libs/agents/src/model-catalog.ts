import {
  BatonError,
  ChatModel,
  costOf,
  priceOf,
  type ChatReply,
  type ChatRequest,
  type ChatUsage,
  type PriceTable,
} from '@baton/core';

/** A call of a model that has ended. */
export interface ModelCall {
  /** `provider/model`. */
  readonly name: string;
  readonly outcome: 'answered' | 'failed';
  readonly usage: ChatUsage;
  readonly ms: number;
}

/** A model provider: one endpoint, or the local model. */
export interface ModelProvider extends ChatModel {
  /** The model that it asks where it is asked for this one; empty: for none. */
  modelFor(name: string): string;
}

interface CatalogParts {
  /** By name, at least the default one. */
  readonly providers: ReadonlyMap<string, ModelProvider>;
  readonly defaultProvider: string;
  readonly prices: PriceTable;
  /** Hears of each call; never throws. */
  readonly observe?: (call: ModelCall) => void;
}

const NOTHING: ChatUsage = { promptTokens: 0, completionTokens: 0, costMicros: 0 };

/**
 * The models of all providers. A model is named `provider/model`, or by its own name where it is one of the default provider; `provider/` is the
 * default model of a provider. Replies say what they cost.
 */
export class ModelCatalog extends ChatModel {
  readonly provider: string;

  constructor(private readonly parts: CatalogParts) {
    super();
    this.provider = parts.defaultProvider;
  }

  /** `provider/model` of what is called where this model is asked for. */
  nameOf(wanted: string): string {
    const { provider, model } = this.find(wanted);
    return `${provider.provider}/${model}`;
  }

  async complete(request: ChatRequest): Promise<ChatReply> {
    const { provider, model } = this.find(request.model);
    const name = `${provider.provider}/${model}`;
    const price = priceOf(this.parts.prices, provider.provider, model);
    const startedAt = performance.now();
    const tell = (outcome: ModelCall['outcome'], usage: ChatUsage): void =>
      this.parts.observe?.({ name, outcome, usage, ms: performance.now() - startedAt });
    const priced = (used: ChatUsage): ChatUsage => ({ ...used, costMicros: price === undefined ? 0 : costOf(used, price) });
    try {
      const reply = await provider.complete({ ...request, model });
      const usage = priced(reply.usage);
      tell('answered', usage);
      return { ...reply, name, usage };
    } catch (error) {
      const used = error instanceof BatonError ? (error.options.usage ?? null) : null;
      tell('failed', used === null ? NOTHING : priced(used));
      throw error;
    }
  }

  override quote(name: string, used: Pick<ChatUsage, 'promptTokens' | 'completionTokens'>): number {
    const { provider, model } = this.find(name);
    const price = priceOf(this.parts.prices, provider.provider, model);
    return price === undefined ? 0 : costOf(used, price);
  }

  /** A name that begins with no known provider is one of the default provider: some have a slash of their own. */
  private find(name: string): { provider: ModelProvider; model: string } {
    const { providers, defaultProvider } = this.parts;
    const slash = name.indexOf('/');
    const named = slash < 0 ? undefined : providers.get(name.slice(0, slash));
    const provider = named ?? providers.get(defaultProvider)!;
    return { provider, model: provider.modelFor(named === undefined ? name : name.slice(slash + 1)) };
  }
}
