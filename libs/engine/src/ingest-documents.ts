import { createHash } from 'node:crypto';
import {
  BatonError,
  chunkText,
  toErrorInfo,
  writeChunkPayload,
  type Chunk,
  type Clock,
  type DocumentInfo,
  type DocumentStore,
  type Embedder,
  type ErrorInfo,
  type VectorStore,
} from '@baton/core';
import { v7 as newId } from 'uuid';

export interface NewDocument {
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
  /** See {@link chunkText}. */
  chunkChars?: number;
  chunkOverlapChars?: number;
  /** Chunks embedded and written at a time. */
  batchSize?: number;
}

const DEFAULT_LIMITS = {
  maxDocumentBytes: 2_000_000,
  maxDocumentsPerCall: 100,
  maxChunksPerDocument: 10_000,
  chunkChars: 900,
  chunkOverlapChars: 120,
  batchSize: 64,
};
const MAX_TITLE_CHARS = 200;

/**
 * Takes documents in: chunks them, keeps them in SQL, then writes their vectors. Idempotent by content: a text that is there already is not
 * kept twice, and one whose vectors are not all there, after a crash or a change of vector store, gets them now.
 */
export class DocumentIngestor {
  private readonly limits: Required<IngestLimits>;

  constructor(
    private readonly documents: DocumentStore,
    private readonly vectors: VectorStore,
    private readonly embedder: Embedder,
    private readonly clock: Clock,
    limits: IngestLimits = {},
  ) {
    this.limits = { ...DEFAULT_LIMITS, ...limits };
  }

  /**
   * One outcome for each document, in order.
   * @throws BatonError `payload_too_large` for too many documents, and `storage_unavailable`: the call can then be repeated as it is.
   */
  async ingest(tenantId: string, documents: readonly NewDocument[], signal?: AbortSignal): Promise<IngestOutcome[]> {
    const { maxDocumentsPerCall } = this.limits;
    if (documents.length > maxDocumentsPerCall) {
      throw new BatonError('payload_too_large', `${documents.length} documents in one call; the limit is ${maxDocumentsPerCall}`);
    }
    const outcomes: IngestOutcome[] = [];
    for (const document of documents) {
      signal?.throwIfAborted();
      outcomes.push(await this.ingestOrRefuse(tenantId, document, signal));
    }
    return outcomes;
  }

  private async ingestOrRefuse(tenantId: string, document: NewDocument, signal?: AbortSignal): Promise<IngestOutcome> {
    try {
      return await this.ingestOne(tenantId, document, signal);
    } catch (error) {
      if (!(error instanceof BatonError) || error.code === 'storage_unavailable') throw error;
      return { kind: 'refused', title: document.title ?? null, source: document.source ?? null, error: toErrorInfo(error) };
    }
  }

  private async ingestOne(tenantId: string, newDocument: NewDocument, signal?: AbortSignal): Promise<IngestOutcome> {
    const text = normaliseText(newDocument.text);
    const bytes = Buffer.byteLength(text);
    this.checkText(text, bytes);
    const title = titleOf(newDocument.title, text);
    const id = newId();
    const chunks = chunkText(text, {
      mediaType: newDocument.media_type,
      title: newDocument.title?.trim() || undefined,
      targetChars: this.limits.chunkChars,
      overlapChars: this.limits.chunkOverlapChars,
    }).map((chunk, index): Chunk => ({ id: `${id}.${index}`, documentId: id, index, text: chunk }));
    if (chunks.length > this.limits.maxChunksPerDocument) {
      throw new BatonError(
        'payload_too_large',
        `The document falls into ${chunks.length} chunks; the limit is ${this.limits.maxChunksPerDocument}`,
      );
    }
    const { document, created } = await this.documents.save(
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
      chunks,
    );
    if (created) await this.index(document, chunks, signal);
    else if (!(await this.isIndexed(document))) await this.index(document, await this.documents.chunksOf(document.id), signal);
    return {
      kind: 'ingested',
      id: document.id,
      title: document.title,
      source: document.source,
      bytes: document.bytes,
      chunks: document.chunkCount,
      created,
    };
  }

  /** Whether all vectors are there, in the store as it is now: it may have been emptied or replaced since they were written. */
  private async isIndexed({ id, tenantId, indexedAt, chunkCount }: DocumentInfo): Promise<boolean> {
    return indexedAt !== null && (await this.vectors.count(tenantId, id)) >= chunkCount;
  }

  /** Writes all vectors, then the mark: whoever dies in between leaves a document that the next ingest of its text completes. */
  private async index(document: DocumentInfo, chunks: readonly Chunk[], signal?: AbortSignal): Promise<void> {
    for (let start = 0; start < chunks.length; start += this.limits.batchSize) {
      const batch = chunks.slice(start, start + this.limits.batchSize);
      const vectors = await this.embedder.embed(
        batch.map((chunk) => chunk.text),
        signal,
      );
      await this.vectors.upsert(
        batch.map((chunk, at) => ({
          id: chunk.id,
          tenantId: document.tenantId,
          documentId: document.id,
          vector: vectors[at]!,
          payload: writeChunkPayload(document, chunk),
        })),
      );
    }
    await this.documents.markIndexed(document.id, this.clock.now());
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

function titleOf(title: string | undefined, text: string): string {
  const named = title?.trim() ?? '';
  const firstLine = text.split('\n', 1)[0]!.replace(/^#{1,6}\s+/, '');
  return (named === '' ? firstLine : named).slice(0, MAX_TITLE_CHARS).trim();
}
