import type { JsonObject } from './json.js';
import { NO_USAGE, type CallMeter, type Usage } from './usage.js';

/** A piece of a document with its vector's source text. */
export interface Chunk {
  id: string;
  documentId: string;
  /** Position in the document, from 0. */
  index: number;
  text: string;
}

export interface DocumentInfo {
  id: string;
  tenantId: string;
  title: string;
  /** Where it came from: a path, a URL, whatever the caller named. */
  source: string | null;
  /** SHA-256 of the text, hex; unique within the tenant. */
  contentHash: string;
  mediaType: string;
  bytes: number;
  /** As it was embedded last. */
  chunkCount: number;
  createdAt: number;
  /** When its vectors were last written; null while they are not all there. */
  indexedAt: number | null;
  /** When its removal was asked for; null while it is wanted. */
  removedAt: number | null;
}

/** Which documents a list shows. */
export interface DocumentFilter {
  titlePrefix?: string;
  sourcePrefix?: string;
}

/** Documents with their texts and chunks in SQL; the vector store is derived from them and can be made again. */
export abstract class DocumentStore {
  /** Keeps a document with its text and its chunks, in one commit; the one that is there when the content is equal. */
  abstract save(
    document: Omit<DocumentInfo, 'indexedAt' | 'removedAt'>,
    text: string,
    chunks: readonly Chunk[],
  ): Promise<{ document: DocumentInfo; created: boolean }>;
  /** The text as it was taken in; null where none was kept. */
  abstract textOf(documentId: string): Promise<string | null>;
  /** Chunks of all documents of the tenant that are not to be removed. */
  abstract countChunks(tenantId: string): Promise<number>;
  /**
   * All of its vectors are there: so many as it has chunks in the way it was embedded last. False where the document is not there any
   * more, or to be removed: its vectors are not wanted.
   */
  abstract markIndexed(documentId: string, at: number, chunkCount: number): Promise<boolean>;
  /** A document that is to be removed counts as gone. */
  abstract find(tenantId: string, documentId: string): Promise<DocumentInfo | null>;
  /** As it was cut when it was taken in. */
  abstract chunksOf(documentId: string): Promise<Chunk[]>;
  /** Newest first; keyset by (createdAt, id). Those that are to be removed are left out. */
  abstract list(
    tenantId: string,
    page: { before?: { createdAt: number; id: string }; limit: number; filter?: DocumentFilter },
  ): Promise<DocumentInfo[]>;
  /** Marks a document as to be removed, and returns it; null where there is none. Safe to repeat. */
  abstract markRemoved(tenantId: string, documentId: string, at: number): Promise<DocumentInfo | null>;
  /** Documents of all tenants whose removal was not finished. */
  abstract listRemoved(limit: number): Promise<DocumentInfo[]>;
  abstract remove(tenantId: string, documentId: string): Promise<boolean>;
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

export interface PassageQuery {
  query: string;
  /** Hits wanted; as many as the tenant's configuration says when absent. */
  limit?: number;
  /** Only in these documents. */
  documentIds?: readonly string[];
}

/** How work that needs vectors is done. */
export interface RetrievalOptions {
  readonly signal?: AbortSignal;
  /** Takes down what the calls use; those without it are in no sum. */
  readonly meter?: CallMeter;
}

/** Finds the passages of a tenant's documents that are nearest to a text, with the embedder that its vectors were made with. */
export abstract class PassageSearch {
  /** Best first. @throws BatonError `invalid_request` for an empty or too long query, or a limit outside of its bounds. */
  abstract search(tenantId: string, query: PassageQuery, options?: RetrievalOptions): Promise<PassageHit[]>;
}

export interface EmbedOptions {
  readonly signal?: AbortSignal | undefined;
  /** For whom, which limits on calls of models go by. */
  readonly tenantId?: string;
  readonly meter?: Pick<CallMeter, 'count'> | undefined;
}

/** Text to vectors of unit length. */
export abstract class Embedder {
  /** Name and version: vectors of different embedders are never compared. */
  abstract readonly id: string;
  abstract readonly dimensions: number;
  /** @throws BatonError `model_failed`, `model_answer_too_large`, `rate_limited`. */
  abstract embed(texts: readonly string[], options?: EmbedOptions): Promise<Float32Array[]>;

  /** What embedding texts of so many characters uses, about. Nothing where it costs nothing: it is then counted nowhere. */
  quote(_chars: number): Usage {
    return NO_USAGE;
  }
}

export interface VectorPoint {
  /** The chunk's id. */
  id: string;
  tenantId: string;
  documentId: string;
  vector: Float32Array;
  /** Returned with a hit as it is: text, title, index. */
  payload: JsonObject;
}

export interface VectorHit {
  id: string;
  documentId: string;
  /** Cosine similarity, 1 = same direction. */
  score: number;
  payload: JsonObject;
}

export interface VectorQuery {
  tenantId: string;
  vector: Float32Array;
  limit: number;
  /** Only in these documents. */
  documentIds?: readonly string[];
}

/**
 * Similarity search within a tenant, in named collections: one for each way of making vectors, since those of different embedders or chunk
 * sizes are never compared. Derived data: may be dropped and made again from {@link DocumentStore}. A collection that is not there
 * reads as an empty one.
 *
 * @throws BatonError `vectors_unavailable` when the store does not answer within its bound.
 */
export abstract class VectorStore {
  /** `sqlite-vec` or `qdrant`. */
  abstract readonly kind: string;
  /** Makes a collection ready for vectors of this size; safe in many processes at once. One of another size is an error that says so. */
  abstract prepare(collection: string, dimensions: number): Promise<void>;
  /** Inserts or replaces by (tenant, id), in a collection that is prepared. */
  abstract upsert(collection: string, points: readonly VectorPoint[]): Promise<void>;
  /** The `limit` most similar points of the tenant, best first; ties by id. */
  abstract search(collection: string, query: VectorQuery): Promise<VectorHit[]>;
  abstract removeDocument(collection: string, tenantId: string, documentId: string): Promise<void>;
  /** Removes all points of the tenant; those of others stay. */
  abstract removeTenant(collection: string, tenantId: string): Promise<void>;
  /** Points of the tenant, or of one document of it. */
  abstract count(collection: string, tenantId: string, documentId?: string): Promise<number>;
  /** Removes a collection with everything in it, of all tenants. */
  abstract drop(collection: string): Promise<void>;
  /** The names of all collections, in order. */
  abstract list(): Promise<string[]>;
  /** Whether it answers now. */
  abstract ping(): Promise<boolean>;
}
