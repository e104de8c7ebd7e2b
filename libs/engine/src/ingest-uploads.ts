import {
  BatonError,
  toErrorInfo,
  UploadIngestor,
  type BlobStore,
  type CallMeter,
  type ErrorCode,
  type ErrorInfo,
  type TextExtractor,
  type Upload,
  type UploadOutcome,
  type UploadStore,
} from '@baton/core';
import { v5 as idFrom } from 'uuid';
import type { DocumentIngestor } from './ingest-documents.js';

/** What is the file's own fault: another try gives the same. */
const FILE_FAULTS: ReadonlySet<string> = new Set<ErrorCode>([
  ...(['document_unsupported', 'document_unreadable', 'document_encrypted', 'document_empty'] as const),
  ...(['payload_too_large', 'invalid_request', 'blob_damaged'] as const),
]);
/** Characters of a name and a message that a run's journal keeps. */
const KEPT_CHARS = 200;

/** {@link UploadIngestor} over uploads in SQL. */
export class StoredUploadIngestor extends UploadIngestor {
  constructor(
    private readonly parts: { uploads: UploadStore; blobs: BlobStore; extractor: TextExtractor; ingestor: DocumentIngestor },
    /** Is told of each document that is there now. */
    private readonly onIngested: () => void = () => undefined,
  ) {
    super();
  }

  async ingest(
    { tenantId, runId, position }: { tenantId: string; runId: string; position: number },
    options: { signal: AbortSignal; meter: CallMeter },
  ): Promise<UploadOutcome> {
    const [upload] = await this.parts.uploads.list(runId, { from: position, limit: 1 });
    if (upload?.position !== position || upload.tenantId !== tenantId) {
      const problem = `The run has no upload ${position}`;
      throw new BatonError('invalid_request', problem, {}, { retryable: false, remedy: 'Send files to POST /api/ingest.' });
    }
    const name = (upload.name ?? upload.title)?.slice(0, KEPT_CHARS) ?? null;
    const outcome = await this.take(upload, options);
    if ('id' in outcome) {
      this.onIngested();
      return { status: outcome.created ? 'ingested' : 'duplicate', id: outcome.id, name };
    }
    return { status: 'refused', name, code: outcome.code, message: outcome.message.slice(0, KEPT_CHARS) };
  }

  async finish(runId: string): Promise<void> {
    for (const { tenantId, digest } of await this.parts.uploads.remove(runId)) await this.parts.blobs.delete(tenantId, digest);
  }

  private async take(
    upload: Upload,
    options: { signal: AbortSignal; meter: CallMeter },
  ): Promise<{ id: string; created: boolean } | ErrorInfo> {
    if (upload.refusal !== null) return upload.refusal;
    const read = await this.read(upload, options.signal);
    if ('code' in read) return read;
    const title = upload.title ?? read.title;
    const [outcome] = await this.parts.ingestor.ingest(
      upload.tenantId,
      [
        {
          // The same in each attempt: a document that an earlier attempt made is known as this upload's own.
          id: idFrom(String(upload.position), upload.runId),
          text: read.text,
          media_type: read.mediaType,
          ...(title !== null && { title }),
          ...(upload.name !== null && { source: upload.name }),
        },
      ],
      options,
    );
    if (outcome!.kind === 'ingested') return outcome!;
    const { error } = outcome!;
    if (FILE_FAULTS.has(error.code) || error.retryable === false) return error;
    throw new BatonError(error.code as ErrorCode, error.message);
  }

  private async read(upload: Upload, signal: AbortSignal) {
    try {
      const { tenantId, name, mediaType, digest } = upload;
      const bytes = digest === null ? null : await this.parts.blobs.get(tenantId, digest);
      if (bytes === null) throw new BatonError('blob_damaged', 'The bytes of the file are not there any more');
      return await this.parts.extractor.extract({ name, mediaType, bytes }, signal);
    } catch (error) {
      // A time limit is the file's fault here: nothing but its reading was timed.
      if (error instanceof BatonError && (FILE_FAULTS.has(error.code) || error.code === 'timeout')) return toErrorInfo(error);
      throw error;
    }
  }
}
