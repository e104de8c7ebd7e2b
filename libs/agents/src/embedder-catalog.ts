import { BatonError, Embedders, type Embedder } from '@baton/core';
import { LOCAL_DIMENSIONS, LOCAL_EMBEDDING, LocalEmbedder } from './local-embedder.js';

/** The local embedder in each of its sizes, and whatever a model service has. Embedders are made once. */
export class EmbedderCatalog extends Embedders {
  private readonly opened = new Map<string, Embedder>();

  /** @param openRemote null where no model service is configured */
  constructor(private readonly openRemote: ((model: string, dimensions: number) => Embedder) | null) {
    super();
  }

  open(model: string, dimensions: number): Embedder {
    const key = `${model} ${dimensions}`;
    const embedder = this.opened.get(key) ?? this.make(model, dimensions);
    this.opened.set(key, embedder);
    return embedder;
  }

  private make(model: string, dimensions: number): Embedder {
    if (model === LOCAL_EMBEDDING) {
      const size = LOCAL_DIMENSIONS.find((known) => known === dimensions);
      if (size === undefined) throw unusable('/dimensions', `\`${model}\` has ${LOCAL_DIMENSIONS.join(', ')} dimensions`);
      return new LocalEmbedder(size);
    }
    if (this.openRemote === null) throw unusable('/model', `without a model service there is only \`${LOCAL_EMBEDDING}\``);
    return this.openRemote(model, dimensions);
  }
}

function unusable(pointer: string, message: string): BatonError {
  return new BatonError('invalid_request', `${pointer}: ${message}`, {}, { problems: [{ pointer, message }], retryable: false });
}
