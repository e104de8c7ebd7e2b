import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { DocumentInfo, Embedder } from './retrieval.js';
import type { CallMeter, Usage } from './usage.js';

/** Collection names of users: what fits into every vector store, unescaped. */
const CollectionSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'letters, digits, `_`, `-`; at most 64');

/** How the documents of a tenant are cut, embedded and searched. */
export const RagSettingsSchema = z
  .strictObject({
    /** Leads the names of the collections in the vector store. */
    collection: CollectionSchema,
    /** The embedding model; `local-hash-v1` needs no service. */
    model: z.string().trim().min(1).max(200),
    /** Numbers in a vector. */
    dimensions: z.int().min(1).max(65_536),
    /** Characters of a chunk at most. */
    chunkSize: z.int().min(100).max(20_000),
    /** Characters that neighbouring chunks share at most. */
    chunkOverlap: z.int().min(0).max(10_000),
    /** Passages that a search gives unless it asks for another number. */
    topK: z.int().min(1).max(50),
  })
  .refine(({ chunkSize, chunkOverlap }) => chunkOverlap * 2 <= chunkSize, {
    path: ['chunkOverlap'],
    message: 'at most half of the chunk size',
  });
export type RagSettings = z.infer<typeof RagSettingsSchema>;

/** The retrieval configuration of a tenant, with the change that is under way. */
export interface RagConfig {
  tenantId: string;
  /** Rises by one with each change; 0 while nothing is kept and the defaults hold. */
  revision: number;
  /** What searches use. */
  active: RagSettings;
  /** What a re-embedding run is building; null when there is none. */
  next: RagSettings | null;
  /** The last re-embedding run, whatever became of it. */
  runId: string | null;
  /** Collections that may still hold points of the tenant though nothing searches them. */
  leftovers: readonly string[];
  updatedAt: number;
}

/** The retrieval configurations of all tenants, in SQL. */
export abstract class RagConfigStore {
  abstract find(tenantId: string): Promise<RagConfig | null>;
  /** Keeps a tenant's first configuration; false, changing nothing, where it has one. */
  abstract create(config: RagConfig): Promise<boolean>;
  /** Replaces the configuration where it still has this revision; false, changing nothing, where it has another. */
  abstract replace(config: RagConfig, expectedRevision: number): Promise<boolean>;
  abstract list(): Promise<RagConfig[]>;
}

/** The embedders by model. */
export abstract class Embedders {
  /**
   * The embedder of this model and size; it reaches for a service only when it embeds.
   * @throws BatonError `invalid_request`, not retryable, for a model or a size that no configured part can make.
   */
  abstract open(model: string, dimensions: number): Embedder;
}

export interface IndexOptions {
  readonly signal?: AbortSignal | undefined;
  /** Counts what embedding uses; the one who has it reserves. */
  readonly meter?: Pick<CallMeter, 'count'> | undefined;
}

/** Cuts documents, embeds their chunks and keeps the vectors. */
export abstract class DocumentIndexer {
  /**
   * Sees to it that the collection of these settings holds all of the document; what is there already is not made again. Safe to repeat,
   * and in many processes at once: the same settings give the same points.
   */
  abstract index(
    document: DocumentInfo,
    settings: RagSettings,
    options?: IndexOptions,
  ): Promise<{ chunks: number; written: number }>;
  /** What `index` is going to use, about: nothing where all of the document is there. */
  abstract quote(document: DocumentInfo, settings: RagSettings): Promise<Usage>;
}

/**
 * The name of the collection for these settings: it names all that its points depend on, so that a collection never mixes vectors that
 * cannot be compared, and a re-embedding that starts over finds its own points.
 */
export function collectionName({ collection, model, dimensions, chunkSize, chunkOverlap }: RagSettings): string {
  return `${collection}_${slug(model)}_${dimensions}_${chunkSize}-${chunkOverlap}`;
}

/** Whether two settings search the same vectors. */
export function sharesVectors(a: RagSettings, b: RagSettings): boolean {
  return collectionName(a) === collectionName(b);
}

const MAX_SLUG = 64;

/** A name that fits into a path; two names that would look alike are told apart by a digest. */
function slug(name: string): string {
  if (/^[A-Za-z0-9.-]+$/.test(name) && name.length <= MAX_SLUG) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.replaceAll(/[^A-Za-z0-9.-]+/g, '-').slice(0, MAX_SLUG)}-${digest}`;
}
