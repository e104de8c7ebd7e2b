import {
  BatonError,
  collectionName,
  PassageSearch,
  readChunkPayload,
  sharesVectors,
  type Embedders,
  type PassageHit,
  type PassageQuery,
  type RagSettings,
  type RetrievalOptions,
  type VectorStore,
} from '@baton/core';
import type { RagConfigs } from './rag-configs.js';

export interface SearchLimits {
  maxQueryChars?: number;
  maxHits?: number;
}

/** Similarity search over the documents of a tenant, by the tenant's own configuration. */
export class DocumentSearcher extends PassageSearch {
  private readonly maxQueryChars: number;
  private readonly maxHits: number;

  constructor(
    private readonly configs: RagConfigs,
    private readonly vectors: VectorStore,
    private readonly embedders: Embedders,
    limits: SearchLimits = {},
  ) {
    super();
    this.maxQueryChars = limits.maxQueryChars ?? 10_000;
    this.maxHits = limits.maxHits ?? 100;
  }

  async search(tenantId: string, request: PassageQuery, options: RetrievalOptions = {}): Promise<PassageHit[]> {
    const query = request.query.trim();
    if (query === '') throw invalid('/query', 'the query is empty');
    if (query.length > this.maxQueryChars) throw invalid('/query', `at most ${this.maxQueryChars} characters`);
    const { limit } = request;
    if (limit !== undefined && (!Number.isInteger(limit) || limit < 1 || limit > this.maxHits)) {
      throw invalid('/limit', `a whole number from 1 to ${this.maxHits}`);
    }
    const { active } = await this.configs.read(tenantId);
    await options.meter?.reserve(this.embedders.open(active.model, active.dimensions).quote(query.length));
    const hits = await this.searchBy(active, tenantId, { ...request, query }, options);
    if (hits.length > 0) return hits;
    // A re-embedding run may have switched over meanwhile and dropped what was just searched.
    const { active: current } = await this.configs.read(tenantId);
    return sharesVectors(current, active) ? hits : await this.searchBy(current, tenantId, { ...request, query }, options);
  }

  private async searchBy(
    settings: RagSettings,
    tenantId: string,
    { query, limit = settings.topK, documentIds }: PassageQuery,
    options: RetrievalOptions,
  ): Promise<PassageHit[]> {
    const [vector] = await this.embedders.open(settings.model, settings.dimensions).embed([query], { ...options, tenantId });
    const hits = await this.vectors.search(collectionName(settings), { tenantId, vector: vector!, limit, documentIds });
    return hits.map(({ id, documentId, score, payload }) => ({ chunkId: id, documentId, ...readChunkPayload(payload), score }));
  }
}

function invalid(pointer: string, message: string): BatonError {
  return new BatonError('invalid_request', `${pointer}: ${message}`, {}, { problems: [{ pointer, message }] });
}
