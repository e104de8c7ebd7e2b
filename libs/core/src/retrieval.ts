import type { JsonObject } from './json.js';

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

/** Documents and their chunks in SQL; the vector store is derived from them and can be made again. */
export abstract class DocumentStore {
  /** Keeps a document with its chunks, in one commit; the one that is there when the content is equal. */
  abstract save(
    document: Omit<DocumentInfo, 'indexedAt' | 'removedAt'>,
    chunks: readonly Chunk[],
  ): Promise<{ document: DocumentInfo; created: boolean }>;
  /** False where the document is not there any more, or to be removed: its vectors are not wanted. */
  abstract markIndexed(documentId: string, at: number): Promise<boolean>;
  /** A document that is to be removed counts as gone. */
  abstract find(tenantId: string, documentId: string): Promise<DocumentInfo | null>;
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

/** Text to vectors of unit length. */
export abstract class Embedder {
  /** Name and version: vectors of different embedders are never compared. */
  abstract readonly id: string;
  abstract readonly dimensions: number;
  abstract embed(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]>;
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

/** Similarity search within a tenant. Derived data: may be dropped and made again from {@link DocumentStore}. */
export abstract class VectorStore {
  /** `sqlite-vec` or `qdrant`. */
  abstract readonly kind: string;
  /** Makes the collection ready for vectors of this size; an existing one of another size is an error that says so. */
  abstract prepare(dimensions: number): Promise<void>;
  /** Inserts or replaces by id. */
  abstract upsert(points: readonly VectorPoint[]): Promise<void>;
  /** The `limit` most similar points of the tenant, best first; ties by id. */
  abstract search(query: {
    tenantId: string;
    vector: Float32Array;
    limit: number;
    documentIds?: readonly string[];
  }): Promise<VectorHit[]>;
  abstract removeDocument(tenantId: string, documentId: string): Promise<void>;
  /** Points of the tenant, or of one document of it. */
  abstract count(tenantId: string, documentId?: string): Promise<number>;
  /** Whether it answers now. */
  abstract ping(): Promise<boolean>;
}
