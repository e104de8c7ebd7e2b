import { BatonError, Embedder, NO_USAGE, type EmbedOptions, type Usage } from '@baton/core';
import { z } from 'zod';
import { answeredList } from './answered-list.js';
import type { EmbeddingCalls } from './embedding-calls.js';
import type { OpenAiEndpoint } from './openai-endpoint.js';
import { malformedReply } from './openai-failure.js';

/** The most that one request may hold: OpenAI takes 300,000 tokens, and a character is one token at most in nearly every language. */
const MAX_BATCH_TEXTS = 128;
const MAX_BATCH_CHARS = 250_000;

/** The only models that are known to shorten their vectors when they are asked to; others may refuse the parameter. */
const SHORTENING_MODEL = /^text-embedding-3-/;

const EmbeddingsSchema = z.object({
  data: answeredList(z.object({ index: z.int(), embedding: z.custom<number[]>(isVector, 'must be a list of numbers') })),
  usage: z.object({ prompt_tokens: z.int().min(0) }).optional(),
});

/** Looked at by itself: it takes a tenth of the time, and tells one fault of thousands. */
function isVector(value: unknown): boolean {
  return Array.isArray(value) && value.every(Number.isFinite);
}

/** Embeds with a model behind an endpoint with the API of OpenAI, in batches, to unit length. */
export class OpenAiEmbedder extends Embedder {
  readonly id: string;

  constructor(
    private readonly endpoint: OpenAiEndpoint,
    private readonly model: string,
    readonly dimensions: number,
    private readonly calls: Pick<EmbeddingCalls, 'make' | 'quote'> = { make: (_call, make) => make(), quote: () => NO_USAGE },
  ) {
    super();
    this.id = `openai:${model}:${dimensions}`;
  }

  /** @throws BatonError `model_answer_too_large`; `model_failed`, not retryable where the model's vectors have another size than the one configured. */
  async embed(texts: readonly string[], options: EmbedOptions = {}): Promise<Float32Array[]> {
    const vectors: Float32Array[] = [];
    for (const batch of splitBatches(texts)) vectors.push(...(await this.embedBatch(batch, options)));
    return vectors;
  }

  override quote(chars: number): Usage {
    return this.calls.quote(this.model, { calls: Math.ceil(chars / MAX_BATCH_CHARS), chars });
  }

  private async embedBatch(batch: string[], options: EmbedOptions): Promise<Float32Array[]> {
    const { model, dimensions } = this;
    // The API refuses an empty text.
    const input = batch.map((text) => text || ' ');
    const body = { model, input, ...(SHORTENING_MODEL.test(model) && { dimensions }) };
    const { embeddings } = await this.calls.make({ model, texts: batch, ...options }, () =>
      this.endpoint.call(
        model,
        async (client, limit) => {
          const answer = await client.embeddings.create(body, { signal: limit.toSignal() });
          return readEmbeddings(answer, model, batch.length);
        },
        options.signal,
      ),
    );
    return embeddings.map((embedding) => this.toVector(embedding));
  }

  private toVector(embedding: readonly number[]): Float32Array {
    if (embedding.length !== this.dimensions) {
      const detail = `The model gives vectors of ${embedding.length} dimensions, not of ${this.dimensions}`;
      const remedy = `Set OPENAI_EMBEDDING_DIMENSIONS=${embedding.length}, or choose another model.`;
      throw new BatonError('model_failed', detail, { model: this.model }, { retryable: false, remedy });
    }
    const length = Math.hypot(...embedding);
    if (length === 0 || !Number.isFinite(length)) throw malformedReply(this.model, 'a vector without direction');
    return Float32Array.from(embedding, (value) => value / length);
  }
}

/** In the order of the texts, whatever the order of the answer. */
function readEmbeddings(answer: unknown, model: string, count: number): { embeddings: number[][]; tokens: number | null } {
  const { success, data, error } = EmbeddingsSchema.safeParse(answer);
  if (!success) throw malformedReply(model, z.prettifyError(error));
  const embeddings = data.data.toSorted((a, b) => a.index - b.index);
  if (embeddings.length === count && embeddings.every(({ index }, at) => index === at)) {
    return { embeddings: embeddings.map(({ embedding }) => embedding), tokens: data.usage?.prompt_tokens ?? null };
  }
  throw malformedReply(model, `${embeddings.length} vectors for ${count} texts`);
}

function splitBatches(texts: readonly string[]): string[][] {
  const batches: string[][] = [];
  let chars = 0;
  for (const text of texts) {
    const last = batches.at(-1);
    if (last === undefined || last.length === MAX_BATCH_TEXTS || chars + text.length > MAX_BATCH_CHARS) {
      batches.push([text]);
      chars = text.length;
    } else {
      last.push(text);
      chars += text.length;
    }
  }
  return batches;
}
