import {
  collectionName,
  DocumentIndexer,
  NO_USAGE,
  writeChunkPayload,
  type Chunk,
  type Clock,
  type DocumentInfo,
  type DocumentStore,
  type Embedders,
  type IndexOptions,
  type RagSettings,
  type Usage,
  type VectorStore,
} from '@baton/core';
import { chunksOfDocument } from './cut-document.js';

export interface IndexerOptions {
  /** Chunks embedded and written at a time. */
  batchSize?: number;
}

/** {@link DocumentIndexer} over documents in SQL and any vector store. */
export class VectorIndexer extends DocumentIndexer {
  private readonly batchSize: number;

  constructor(
    private readonly documents: DocumentStore,
    private readonly vectors: VectorStore,
    private readonly embedders: Embedders,
    private readonly clock: Clock,
    options: IndexerOptions = {},
  ) {
    super();
    this.batchSize = options.batchSize ?? 64;
  }

  async index(
    document: DocumentInfo,
    settings: RagSettings,
    options: IndexOptions = {},
  ): Promise<{ chunks: number; written: number }> {
    const { id, tenantId } = document;
    const collection = collectionName(settings);
    const chunks = await chunksOfDocument(this.documents, document, settings);
    await this.vectors.prepare(collection, settings.dimensions);
    const isThere = await this.isThere(document, settings, chunks);
    if (!isThere) await this.write(document, settings, chunks, options);
    if (isThere && document.indexedAt !== null && document.chunkCount === chunks.length)
      return { chunks: chunks.length, written: 0 };
    // After all vectors: whoever dies in between leaves a document that the next attempt completes. Whoever removes a document marks it
    // first: either he finds our vectors, or we find his mark.
    const isWanted = await this.documents.markIndexed(id, this.clock.now(), chunks.length);
    if (!isWanted) await this.vectors.removeDocument(collection, tenantId, id);
    return { chunks: chunks.length, written: isThere || !isWanted ? 0 : chunks.length };
  }

  async quote(document: DocumentInfo, settings: RagSettings): Promise<Usage> {
    const whole = this.quoteWhole(document, settings);
    // A new document is nowhere yet, and what costs nothing is not held.
    if (document.indexedAt === null || whole.modelCalls === 0) return whole;
    const chunks = await chunksOfDocument(this.documents, document, settings);
    return (await this.isThere(document, settings, chunks)) ? NO_USAGE : whole;
  }

  /** By its bytes, and what neighbouring chunks share: it need not be cut for that. */
  private quoteWhole({ bytes }: DocumentInfo, { model, dimensions, chunkSize, chunkOverlap }: RagSettings): Usage {
    const perBatch = this.batchSize * chunkSize;
    const chars = Math.ceil((bytes * chunkSize) / (chunkSize - chunkOverlap));
    const { modelCalls, ...used } = this.embedders.open(model, dimensions).quote(chars);
    return { ...used, modelCalls: modelCalls && Math.max(modelCalls, Math.ceil(chars / perBatch)) };
  }

  private async isThere({ id, tenantId }: DocumentInfo, settings: RagSettings, chunks: readonly Chunk[]): Promise<boolean> {
    return (await this.vectors.count(collectionName(settings), tenantId, id)) >= chunks.length;
  }

  private async write(
    document: DocumentInfo,
    settings: RagSettings,
    chunks: readonly Chunk[],
    { signal, meter }: IndexOptions,
  ): Promise<void> {
    const embedder = this.embedders.open(settings.model, settings.dimensions);
    for (let start = 0; start < chunks.length; start += this.batchSize) {
      const batch = chunks.slice(start, start + this.batchSize);
      const vectors = await embedder.embed(
        batch.map(({ text }) => text),
        { signal, meter, tenantId: document.tenantId },
      );
      signal?.throwIfAborted();
      const points = batch.map((chunk, at) => ({
        id: chunk.id,
        tenantId: document.tenantId,
        documentId: document.id,
        vector: vectors[at]!,
        payload: writeChunkPayload(document, chunk),
      }));
      await this.vectors.upsert(collectionName(settings), points);
    }
  }
}
