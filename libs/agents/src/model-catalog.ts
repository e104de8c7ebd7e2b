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

/** What is called where a model is asked for. */
interface CalledModel {
  readonly provider: ModelProvider;
  readonly model: string;
  /** `provider/model`. */
  readonly name: string;
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
    return this.find(wanted).name;
  }

  async complete(request: ChatRequest): Promise<ChatReply> {
    const called = this.find(request.model);
    const startedAt = performance.now();
    try {
      const reply = await called.provider.complete({ ...request, model: called.model });
      const usage = this.priced(called, reply.usage);
      this.tell(called, 'answered', usage, startedAt);
      return { ...reply, name: called.name, usage };
    } catch (error) {
      const used = error instanceof BatonError ? error.options.usage : undefined;
      this.tell(called, 'failed', used === undefined ? NOTHING : this.priced(called, used), startedAt);
      throw error;
    }
  }

  override quote(name: string, used: Pick<ChatUsage, 'promptTokens' | 'completionTokens'>): number {
    return this.priced(this.find(name), used).costMicros;
  }

  private tell({ name }: CalledModel, outcome: ModelCall['outcome'], usage: ChatUsage, startedAt: number): void {
    this.parts.observe?.({ name, outcome, usage, ms: performance.now() - startedAt });
  }

  private priced({ provider, model }: CalledModel, used: ChatUsage): ChatUsage & { costMicros: number } {
    const price = priceOf(this.parts.prices, provider.provider, model);
    return { ...used, costMicros: price === undefined ? 0 : costOf(used, price) };
  }

  /** A name that begins with no known provider is one of the default provider: some have a slash of their own. */
  private find(wanted: string): CalledModel {
    const { providers, defaultProvider } = this.parts;
    const slash = wanted.indexOf('/');
    const named = slash < 0 ? undefined : providers.get(wanted.slice(0, slash));
    const provider = named ?? providers.get(defaultProvider)!;
    const model = provider.modelFor(named === undefined ? wanted : wanted.slice(slash + 1));
    return { provider, model, name: `${provider.provider}/${model}` };
  }
}
