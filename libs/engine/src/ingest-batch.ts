import { createHash } from 'node:crypto';
import {
  BatonError,
  toErrorInfo,
  type BlobStore,
  type Clock,
  type Run,
  type Upload,
  type UploadStore,
  type WorkflowStore,
} from '@baton/core';
import { v7 as newId } from 'uuid';
import type { Idempotency, RunStarter } from './start-run.js';

/** A file that comes in. */
export interface NewUpload {
  /** What its sender calls it; becomes the document's source. */
  name: string | null;
  title?: string | null;
  mediaType: string | null;
  bytes: Uint8Array;
}

export interface BatchLimits {
  maxFiles: number;
  maxFileBytes: number;
  /** Bytes of all files of a batch. */
  maxBatchBytes: number;
}

/** Takes batches of files in, to be ingested by a durable run. */
export class UploadIntake {
  constructor(
    private readonly parts: {
      uploads: UploadStore;
      blobs: BlobStore;
      workflows: WorkflowStore;
      starter: RunStarter;
      clock: Clock;
    },
    private readonly limits: BatchLimits,
    /** The workflow that ingests. */
    private readonly workflow: string,
  ) {}

  open(tenantId: string): UploadBatch {
    return new UploadBatch(tenantId, this.parts, this.limits, this.workflow);
  }
}

/** One batch: files are added one by one, each of them in SQL when {@link add} resolves; then the batch is accepted, or abandoned. */
export class UploadBatch {
  private readonly runId = newId();
  private readonly content = createHash('sha256');
  private files = 0;
  private bytes = 0;
  private handedOver = false;

  constructor(
    private readonly tenantId: string,
    private readonly parts: ConstructorParameters<typeof UploadIntake>[0],
    private readonly limits: BatchLimits,
    private readonly workflow: string,
  ) {}

  /** Whether a run may have taken the files over, also where nobody knows because the answer of the database was lost. */
  get isHandedOver(): boolean {
    return this.handedOver;
  }

  /** Of all that was added, in order: SHA-256, hex. */
  get digest(): string {
    return this.content.copy().digest('hex');
  }

  /**
   * Keeps a file. One that is too large is refused by name when the run comes to it.
   * @throws BatonError `payload_too_large` for more files or bytes than a batch may have, `storage_unavailable`.
   */
  async add({ name, title = null, mediaType, bytes }: NewUpload): Promise<void> {
    const { maxFiles, maxFileBytes, maxBatchBytes } = this.limits;
    this.bytes += bytes.length;
    if (this.files >= maxFiles) throw new BatonError('payload_too_large', `A batch has ${maxFiles} files at most`);
    if (this.bytes > maxBatchBytes) throw new BatonError('payload_too_large', `A batch has ${maxBatchBytes} bytes at most`);
    const tooLarge = new BatonError('payload_too_large', `The file has more than ${maxFileBytes} bytes`);
    const isTooLarge = bytes.length > maxFileBytes;
    const digest = isTooLarge ? null : createHash('sha256').update(bytes).digest('hex');
    const upload: Upload = {
      ...{ tenantId: this.tenantId, runId: this.runId, position: this.files, name, title, mediaType, digest },
      ...{ bytes: bytes.length, refusal: isTooLarge ? toErrorInfo(tooLarge) : null, createdAt: this.parts.clock.now() },
    };
    this.files += 1;
    this.content.update(JSON.stringify([name, title, mediaType, digest]));
    await this.parts.uploads.add([upload]);
    if (!isTooLarge) await this.parts.blobs.put(this.tenantId, bytes);
  }

  /**
   * Starts the run that ingests the files; the run of an earlier batch where the Idempotency-Key names one.
   * @throws BatonError `invalid_request` for an empty batch, `idempotency_key_reused`, `storage_unavailable`.
   */
  async accept(idempotency: Idempotency | null): Promise<Run> {
    if (this.files === 0) throw new BatonError('invalid_request', 'There is no file in the request');
    const workflow = await this.parts.workflows.findByName(this.tenantId, this.workflow);
    if (workflow === null) {
      throw new BatonError('workflow_not_found', `There is no workflow \`${this.workflow}\`.`, { workflow: this.workflow });
    }
    const { tenantId, runId } = this;
    const input = { files: this.files, bytes: this.bytes };
    this.handedOver = true;
    const run = await this.parts.starter.startWorkflowRun({ tenantId, workflow, input, idempotency, runId });
    if (run.id !== runId) await this.abandon();
    return run;
  }

  /** Forgets what was added. */
  async abandon(): Promise<void> {
    const { uploads, blobs } = this.parts;
    for (const { tenantId, digest } of await uploads.remove(this.runId)) await blobs.delete(tenantId, digest);
  }
}
