import { VectorStore, type JsonObject, type VectorHit, type VectorPoint, type VectorQuery } from '@baton/core';
import type { QdrantClient, Schemas } from '@qdrant/js-client-rest';
import { v5 as nameUuid } from 'uuid';
import { checkVector, notPrepared, sizeMismatch } from './check-vector.js';
import { cutTies } from './cut-ties.js';
import { qdrantFailure, statusOf } from './qdrant-failure.js';

export interface QdrantVectorStoreOptions {
  /** Base URL, with a path where a proxy wants one. Without a port: 6333. */
  url: string;
  apiKey?: string | null;
  /** Bound on one request, in milliseconds. */
  timeoutMs?: number;
  /** Points in one request. */
  batchSize?: number;
}

/** What a point carries beside its vector. Ours is the id: Qdrant takes numbers and UUIDs only. */
interface PointPayload {
  tenant_id: string;
  document_id: string;
  chunk_id: string;
  payload: JsonObject;
}

/** Indexed, since every search and removal filters by them; the tenant also decides which vectors lie together on the disk. */
const PAYLOAD_INDEXES: Record<string, Schemas['PayloadFieldSchema']> = {
  tenant_id: { type: 'keyword', is_tenant: true },
  document_id: { type: 'keyword' },
};
/** The namespace of the UUIDs of points: never changes, or points would be there twice. */
const POINT_NAMESPACE = '7d2f3a52-6f0e-5c34-9a4b-3d1e8b7c6a90';
/** The most hits asked for to settle ties. */
const MAX_HITS = 4_096;

/** Vectors in Qdrant, by its REST API: one collection for many tenants, each request filtered by the tenant. */
export class QdrantVectorStore extends VectorStore {
  readonly kind = 'qdrant';
  private readonly options: QdrantVectorStoreOptions;
  private connected: Promise<QdrantClient> | null = null;
  private readonly batchSize: number;
  /** Sizes of the collections that were seen; what was dropped behind our back is noticed when Qdrant says so. */
  private readonly dimensions = new Map<string, number>();

  constructor(options: QdrantVectorStoreOptions) {
    super();
    this.options = options;
    this.batchSize = options.batchSize ?? 200;
  }

  async prepare(collection: string, dimensions: number): Promise<void> {
    const found = (await this.find(collection)) ?? (await this.create(collection, dimensions));
    if (found.size !== dimensions) throw sizeMismatch(collection, found.size, dimensions);
    for (const [field, schema] of Object.entries(PAYLOAD_INDEXES)) {
      if (found.indexed.has(field)) continue;
      await this.ask(`indexing \`${field}\` of \`${collection}\``, (client) =>
        client.createPayloadIndex(collection, { field_name: field, field_schema: schema, wait: true }),
      );
    }
    this.dimensions.set(collection, dimensions);
  }

  async upsert(collection: string, points: readonly VectorPoint[]): Promise<void> {
    const dimensions = await this.sizeOf(collection);
    points.forEach((point) => checkVector(point.vector, dimensions));
    const latest = [...new Map(points.map((point) => [pointId(point), point])).entries()];
    for (let start = 0; start < latest.length; start += this.batchSize) {
      const batch = latest.slice(start, start + this.batchSize).map(([id, point]) => toPoint(id, point));
      await this.write(collection, (client) => client.upsert(collection, { wait: true, points: batch }));
    }
  }

  async search(collection: string, query: VectorQuery): Promise<VectorHit[]> {
    const limit = Math.min(Math.floor(query.limit), MAX_HITS);
    const dimensions = this.dimensions.get(collection);
    if (dimensions !== undefined) checkVector(query.vector, dimensions);
    if (limit < 1 || query.documentIds?.length === 0) return [];
    const vector = [...query.vector];
    const filter = filterOf(query.tenantId, query.documentIds);
    for (let wanted = limit + 1; ; wanted *= 2) {
      const asked = Math.min(wanted, MAX_HITS);
      const request = { query: vector, filter, limit: asked, with_payload: true };
      const found = await this.read(collection, (client) => client.query(collection, request));
      const hits = (found?.points ?? []).map(toHit);
      const best = cutTies(hits, limit, asked);
      if (best !== null || asked === MAX_HITS) return best ?? hits.slice(0, limit);
    }
  }

  async removeDocument(collection: string, tenantId: string, documentId: string): Promise<void> {
    await this.read(collection, (client) => client.delete(collection, { wait: true, filter: filterOf(tenantId, [documentId]) }));
  }

  async removeTenant(collection: string, tenantId: string): Promise<void> {
    await this.read(collection, (client) => client.delete(collection, { wait: true, filter: filterOf(tenantId) }));
  }

  async count(collection: string, tenantId: string, documentId?: string): Promise<number> {
    const filter = filterOf(tenantId, documentId === undefined ? undefined : [documentId]);
    return (await this.read(collection, (client) => client.count(collection, { filter, exact: true })))?.count ?? 0;
  }

  async drop(collection: string): Promise<void> {
    this.dimensions.delete(collection);
    await this.read(collection, (client) => client.deleteCollection(collection));
  }

  async list(): Promise<string[]> {
    const { collections } = await this.ask('listing the collections', (client) => client.getCollections());
    return collections.map(({ name }) => name).toSorted();
  }

  async ping(): Promise<boolean> {
    try {
      await this.list();
      return true;
    } catch {
      return false;
    }
  }

  private async sizeOf(collection: string): Promise<number> {
    const size = this.dimensions.get(collection) ?? (await this.find(collection))?.size;
    if (size === undefined) throw notPrepared(collection);
    this.dimensions.set(collection, size);
    return size;
  }

  private async find(collection: string): Promise<FoundCollection | null> {
    const found = await this.read(collection, (client) => client.getCollection(collection));
    return found === null ? null : foundCollection(found);
  }

  /** Only who uses Qdrant loads its client. */
  private client(): Promise<QdrantClient> {
    return (this.connected ??= connect(this.options));
  }

  /** Two processes may do it at once: the second is told that it is there. */
  private async create(collection: string, dimensions: number): Promise<FoundCollection> {
    try {
      await (await this.client()).createCollection(collection, { vectors: { size: dimensions, distance: 'Cosine' } });
    } catch (error) {
      const found = statusOf(error) === 409 ? await this.find(collection) : null;
      if (found === null) throw qdrantFailure(error, `creating \`${collection}\``);
      return found;
    }
    return { size: dimensions, indexed: new Set() };
  }

  /** Null where the collection is not there. */
  private async read<T>(collection: string, request: (client: QdrantClient) => Promise<T>): Promise<T | null> {
    try {
      return await request(await this.client());
    } catch (error) {
      if (statusOf(error) !== 404) throw qdrantFailure(error, `using \`${collection}\``);
      this.dimensions.delete(collection);
      return null;
    }
  }

  private async write<T>(collection: string, request: (client: QdrantClient) => Promise<T>): Promise<T> {
    try {
      return await request(await this.client());
    } catch (error) {
      if (statusOf(error) !== 404) throw qdrantFailure(error, `writing to \`${collection}\``);
      this.dimensions.delete(collection);
      throw notPrepared(collection);
    }
  }

  private async ask<T>(action: string, request: (client: QdrantClient) => Promise<T>): Promise<T> {
    try {
      return await request(await this.client());
    } catch (error) {
      throw qdrantFailure(error, action);
    }
  }
}

async function connect({ url, apiKey, timeoutMs = 5_000 }: QdrantVectorStoreOptions): Promise<QdrantClient> {
  const { QdrantClient: Client } = await import('@qdrant/js-client-rest');
  const { protocol, host, pathname } = new URL(url);
  return new Client({
    url: `${protocol}//${host}`,
    prefix: pathname.replace(/\/+$/, ''),
    timeout: timeoutMs,
    // As a header: the client would print a warning about a key over HTTP.
    ...(apiKey && { headers: { 'api-key': apiKey } }),
    checkCompatibility: false,
  });
}

interface FoundCollection {
  size: number;
  /** Payload fields that have an index. */
  indexed: ReadonlySet<string>;
}

/** A collection of named vectors is none of ours: its size counts as 0, which no embedder has. */
function foundCollection({ config, payload_schema: schema }: Schemas['CollectionInfo']): FoundCollection {
  const vectors: unknown = config.params.vectors;
  const size: unknown = typeof vectors === 'object' && vectors !== null && 'size' in vectors ? vectors.size : 0;
  return { size: typeof size === 'number' ? size : 0, indexed: new Set(Object.keys(schema)) };
}

/** The same for the same chunk, for ever and on every machine; another tenant's chunk of that id has another. */
function pointId({ tenantId, id }: Pick<VectorPoint, 'tenantId' | 'id'>): string {
  return nameUuid(JSON.stringify([tenantId, id]), POINT_NAMESPACE);
}

function toPoint(id: string, point: VectorPoint): Schemas['PointStruct'] {
  const payload: PointPayload = {
    tenant_id: point.tenantId,
    document_id: point.documentId,
    chunk_id: point.id,
    payload: point.payload,
  };
  return { id, vector: [...point.vector], payload: { ...payload } };
}

function toHit({ payload, score }: Schemas['ScoredPoint']): VectorHit {
  const { chunk_id: id, document_id: documentId, payload: ours } = payload as unknown as PointPayload;
  return { id, documentId, score, payload: ours };
}

function filterOf(tenantId: string, documentIds?: readonly string[]): Schemas['Filter'] {
  const tenant = { key: 'tenant_id', match: { value: tenantId } };
  if (documentIds === undefined) return { must: [tenant] };
  return { must: [tenant, { key: 'document_id', match: { any: [...new Set(documentIds)] } }] };
}
