import { createHash } from 'node:crypto';
import {
  addUsage,
  BatonError,
  NO_USAGE,
  toErrorInfo,
  type Clock,
  type DocumentIndexer,
  type DocumentStore,
  type ErrorCode,
  type ErrorInfo,
  type RetrievalOptions,
} from '@baton/core';
import { v7 as newId } from 'uuid';
import { cutDocument, titleOf } from './cut-document.js';
import type { RagConfigs } from './rag-configs.js';
import type { DocumentRemover } from './remove-document.js';

export interface NewDocument {
  /** Its id, if it is new; without it: a fresh one. Who repeats an ingest with the same id learns that the document is his. */
  id?: string;
  /** Without it: the first heading, or the first line. */
  title?: string;
  source?: string;
  text: string;
  media_type: 'text/plain' | 'text/markdown';
}

/** What became of one document; a refused one leaves the others as they are. */
export type IngestOutcome =
  | { kind: 'ingested'; id: string; title: string; source: string | null; bytes: number; chunks: number; created: boolean }
  | { kind: 'refused'; title: string | null; source: string | null; error: ErrorInfo };

export interface IngestLimits {
  /** Bytes of one document in UTF-8. */
  maxDocumentBytes?: number;
  maxDocumentsPerCall?: number;
  maxChunksPerDocument?: number;
}

const DEFAULT_LIMITS = {
  maxDocumentBytes: 2_000_000,
  maxDocumentsPerCall: 100,
  maxChunksPerDocument: 10_000,
};

/** What no document is to blame for. */
const UNBLAMED: ReadonlySet<string> = new Set<ErrorCode>(['storage_unavailable', 'vectors_unavailable', 'budget_exceeded']);

/**
 * Takes documents in: chunks them, keeps them in SQL, then writes their vectors. Idempotent by content: a text that is there already is not
 * kept twice, and one whose vectors are not all there, after a crash or a change of vector store, gets them now.
 */
export class DocumentIngestor {
  private readonly limits: Required<IngestLimits>;

  constructor(
    private readonly documents: DocumentStore,
    private readonly configs: RagConfigs,
    private readonly indexer: DocumentIndexer,
    private readonly remover: DocumentRemover,
    private readonly clock: Clock,
    limits: IngestLimits = {},
  ) {
    this.limits = { ...DEFAULT_LIMITS, ...limits };
  }

  /**
   * One outcome for each document, in order.
   * @throws BatonError `payload_too_large` for too many documents, `storage_unavailable` and `vectors_unavailable`: the call can then be repeated as it is; what the meter throws, `budget_exceeded` among it.
   */
  async ingest(tenantId: string, documents: readonly NewDocument[], options: RetrievalOptions = {}): Promise<IngestOutcome[]> {
    const { maxDocumentsPerCall } = this.limits;
    if (documents.length > maxDocumentsPerCall) {
      throw new BatonError('payload_too_large', `${documents.length} documents in one call; the limit is ${maxDocumentsPerCall}`);
    }
    const outcomes: IngestOutcome[] = [];
    for (const document of documents) {
      options.signal?.throwIfAborted();
      outcomes.push(await this.ingestOrRefuse(tenantId, document, options));
    }
    return outcomes;
  }

  private async ingestOrRefuse(tenantId: string, document: NewDocument, options: RetrievalOptions): Promise<IngestOutcome> {
    try {
      return await this.ingestOne(tenantId, document, options);
    } catch (error) {
      if (!(error instanceof BatonError) || UNBLAMED.has(error.code)) throw error;
      return { kind: 'refused', title: document.title ?? null, source: document.source ?? null, error: toErrorInfo(error) };
    }
  }

  private async ingestOne(tenantId: string, newDocument: NewDocument, options: RetrievalOptions): Promise<IngestOutcome> {
    const text = normaliseText(newDocument.text);
    const bytes = Buffer.byteLength(text);
    this.checkText(text, bytes);
    const title = titleOf(newDocument.title, text);
    const id = newDocument.id ?? newId();
    const { active } = await this.configs.pin(tenantId);
    const chunks = cutDocument({ id, title, mediaType: newDocument.media_type }, text, active);
    if (chunks.length > this.limits.maxChunksPerDocument) {
      throw new BatonError(
        'payload_too_large',
        `The document falls into ${chunks.length} chunks; the limit is ${this.limits.maxChunksPerDocument}`,
      );
    }
    const { document, created } = await this.save(
      {
        id,
        tenantId,
        title,
        source: newDocument.source ?? null,
        contentHash: createHash('sha256').update(text).digest('hex'),
        mediaType: newDocument.media_type,
        bytes,
        chunkCount: chunks.length,
        createdAt: this.clock.now(),
      },
      text,
      chunks,
    );
    const targets = await this.configs.targets(tenantId);
    if (options.meter !== undefined) {
      const quotes = await Promise.all(targets.map((settings) => this.indexer.quote(document, settings)));
      await options.meter.reserve(quotes.reduce(addUsage, NO_USAGE));
    }
    for (const settings of targets) await this.indexer.index(document, settings, options);
    return {
      kind: 'ingested',
      id: document.id,
      title: document.title,
      source: document.source,
      bytes: document.bytes,
      chunks: document.chunkCount,
      created: created || document.id === id,
    };
  }

  /** Where an equal text is on its way out, it goes first. */
  private async save(...document: Parameters<DocumentStore['save']>): ReturnType<DocumentStore['save']> {
    const saved = await this.documents.save(...document);
    if (saved.document.removedAt === null) return saved;
    await this.remover.finish(saved.document);
    return await this.documents.save(...document);
  }

  private checkText(text: string, bytes: number): void {
    const { maxDocumentBytes } = this.limits;
    if (text === '') throw new BatonError('invalid_request', 'The document has no text');
    if (bytes > maxDocumentBytes) {
      throw new BatonError('payload_too_large', `The document has ${bytes} bytes; the limit is ${maxDocumentBytes}`);
    }
  }
}

/** The form in which a text is kept, cut and hashed: what only looks equal is equal. */
function normaliseText(text: string): string {
  return text
    .toWellFormed()
    .replace(/^\uFEFF/, '')
    .replaceAll(/\r\n?/g, '\n')
    .normalize('NFC')
    .trim();
}
