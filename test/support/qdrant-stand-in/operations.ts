import type { JsonObject, JsonValue } from '@baton/core';
import { asObject, type Operation } from './openapi-contract.js';
import { StoredCollection, WrongInput } from './stored-collection.js';

/** An answer with another status than 200. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** A write that was not waited for is seen after this long, as an answer without `wait` warns. */
const UNAWAITED_WRITE_MS = 100;
const DEFAULT_LIMIT = 10;

interface Request {
  operation: Operation;
  query: URLSearchParams;
  body: JsonObject;
}

type Perform = (collections: Map<string, StoredCollection>, request: Request) => JsonValue;

/** What the stand-in can do, by the operation ids of Qdrant's document; each returns the `result` of the answer. */
export const OPERATIONS: Readonly<Record<string, Perform>> = {
  get_collections: (collections) => ({ collections: [...collections.keys()].map((name) => ({ name })) }),
  collection_exists: (collections, { operation }) => ({ exists: collections.has(nameOf(operation)) }),
  get_collection: (collections, request) => describe(find(collections, request)),
  create_collection: (collections, { operation, body }) => {
    const name = nameOf(operation);
    if (collections.has(name)) throw new Refusal(409, `Wrong input: Collection \`${name}\` already exists!`);
    const { size, distance } = asObject(body['vectors']);
    if (typeof size !== 'number' || distance !== 'Cosine') throw new WrongInput('the stand-in knows one unnamed cosine vector');
    collections.set(name, new StoredCollection(size));
    return true;
  },
  delete_collection: (collections, { operation }) => collections.delete(nameOf(operation)),
  create_field_index: (collections, request) => {
    const { field_name: field, field_schema: schema } = request.body;
    return write(find(collections, request), request, (collection) => {
      const params = typeof schema === 'string' ? { type: schema } : asObject(schema);
      collection.indexes[field as string] = { data_type: params['type']!, params, points: collection.points.size };
    });
  },
  upsert_points: (collections, request) => {
    const collection = find(collections, request);
    const points = request.body['points'] as JsonObject[];
    points.forEach(({ vector }) => collection.checkVector(vector));
    return write(collection, request, (_, version) => collection.put(points, version));
  },
  delete_points: (collections, request) => {
    const { filter } = request.body;
    if (filter === undefined) throw new WrongInput('the stand-in deletes by filter only');
    return write(find(collections, request), request, (collection) => collection.remove(filter));
  },
  count_points: (collections, request) => ({ count: find(collections, request).count(request.body['filter']) }),
  query_points: (collections, request) => {
    const collection = find(collections, request);
    const { query, filter, limit, with_payload: withPayload } = request.body;
    collection.checkVector(query);
    const found = collection.query(query as number[], filter, typeof limit === 'number' ? limit : DEFAULT_LIMIT);
    return {
      points: found.map(({ point: { id, version, payload }, score }) => {
        return { id, version, score, ...(withPayload === true && { payload }) };
      }),
    };
  },
};

function nameOf({ params }: Operation): string {
  return params['collection_name']!;
}

function find(collections: Map<string, StoredCollection>, { operation }: Request): StoredCollection {
  const collection = collections.get(nameOf(operation));
  if (collection === undefined) throw new Refusal(404, `Not found: Collection \`${nameOf(operation)}\` doesn't exist!`);
  return collection;
}

function write(
  collection: StoredCollection,
  { query }: Request,
  apply: (collection: StoredCollection, version: number) => void,
): JsonObject {
  const operation = collection.nextOperation();
  const isAwaited = query.get('wait') === 'true';
  if (isAwaited) apply(collection, operation);
  else setTimeout(() => apply(collection, operation), UNAWAITED_WRITE_MS).unref();
  return { operation_id: operation, status: isAwaited ? 'completed' : 'acknowledged' };
}

function describe({ size, points, indexes }: StoredCollection): JsonObject {
  return {
    status: 'green',
    optimizer_status: 'ok',
    points_count: points.size,
    indexed_vectors_count: 0,
    segments_count: 1,
    payload_schema: indexes,
    config: {
      params: { vectors: { size, distance: 'Cosine' }, shard_number: 1, replication_factor: 1, write_consistency_factor: 1 },
      hnsw_config: { m: 16, ef_construct: 100, full_scan_threshold: 10_000, max_indexing_threads: 0, on_disk: false },
      optimizer_config: {
        deleted_threshold: 0.2,
        vacuum_min_vector_number: 1_000,
        default_segment_number: 0,
        flush_interval_sec: 5,
      },
      wal_config: { wal_capacity_mb: 32, wal_segments_ahead: 0 },
      quantization_config: null,
    },
  };
}
