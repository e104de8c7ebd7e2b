import { digestsInText } from '@baton/core';

export interface BlobReferenceRow {
  readonly tenantId: string;
  readonly digest: string;
  readonly runId: string;
}

/** The columns of a row, in the order of {@link blobReferenceValues}. */
export const BLOB_REFERENCE_COLUMNS = ['tenant_id', 'digest', 'run_id'];

export function blobReferenceValues({ tenantId, digest, runId }: BlobReferenceRow): unknown[] {
  return [tenantId, digest, runId];
}

/**
 * The blobs that runs refer to from a batch on, in the texts that it writes for them. Their rows are in the same commit, so that nobody who
 * reads a reference can find its blob collected. They go with their run.
 */
export class BlobReferenceBook {
  private readonly rows = new Map<string, BlobReferenceRow>();

  note(tenantId: string, runId: string, text: string): void {
    for (const digest of digestsInText(text)) this.rows.set(`${tenantId}\n${digest}\n${runId}`, { tenantId, digest, runId });
  }

  /** In the order of their key: who writes the same ones at once waits, and does not lock others out. */
  sorted(): BlobReferenceRow[] {
    return [...this.rows].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, row]) => row);
  }
}
