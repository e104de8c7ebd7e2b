import { BatonError, readChunkPayload, type Embedder, type VectorStore } from '@baton/core';

export interface DocumentQuery {
  query: string;
  /** Hits wanted; 5 when absent. */
  limit?: number;
  /** Only in these documents. */
  documentIds?: readonly string[];
}

/** A passage with how near it is to the query. */
export interface PassageHit {
  chunkId: string;
  documentId: string;
  title: string;
  source: string | null;
  /** Position in the document, from 0. */
  index: number;
  text: string;
  /** Cosine similarity, 1 = same direction. */
  score: number;
}

export interface SearchLimits {
  maxQueryChars?: number;
  maxHits?: number;
}

const DEFAULT_HITS = 5;

/** Similarity search over the documents of a tenant. */
export class DocumentSearcher {
  private readonly maxQueryChars: number;
  private readonly maxHits: number;

  constructor(
    private readonly vectors: VectorStore,
    private readonly embedder: Embedder,
    limits: SearchLimits = {},
  ) {
    this.maxQueryChars = limits.maxQueryChars ?? 4_000;
    this.maxHits = limits.maxHits ?? 100;
  }

  /**
   * The most similar passages, best first.
   * @throws BatonError `invalid_request` for an empty or too long query, or a limit outside of its bounds.
   */
  async search(tenantId: string, request: DocumentQuery, signal?: AbortSignal): Promise<PassageHit[]> {
    const query = request.query.trim();
    const limit = request.limit ?? DEFAULT_HITS;
    if (query === '') throw invalid('/query', 'the query is empty');
    if (query.length > this.maxQueryChars) throw invalid('/query', `at most ${this.maxQueryChars} characters`);
    if (!Number.isInteger(limit) || limit < 1 || limit > this.maxHits)
      throw invalid('/limit', `a whole number from 1 to ${this.maxHits}`);
    const [vector] = await this.embedder.embed([query], signal);
    const hits = await this.vectors.search({ tenantId, vector: vector!, limit, documentIds: request.documentIds });
    return hits.map(({ id, documentId, score, payload }) => ({ chunkId: id, documentId, ...readChunkPayload(payload), score }));
  }
}

function invalid(pointer: string, message: string): BatonError {
  return new BatonError('invalid_request', `${pointer}: ${message}`, {}, { problems: [{ pointer, message }] });
}
