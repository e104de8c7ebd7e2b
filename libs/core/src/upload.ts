import type { ErrorInfo } from './errors.js';
import type { CallMeter } from './usage.js';

/** A file that waits to be ingested by a run; its payload is in the {@link BlobStore}. */
export interface Upload {
  tenantId: string;
  /** The run that ingests it. */
  runId: string;
  /** From 0, as the files came. */
  position: number;
  /** What the caller calls it: a path, a URL, a file name. */
  name: string | null;
  title: string | null;
  /** As declared. */
  mediaType: string | null;
  /** SHA-256 of its bytes, hex; null where they were not taken. */
  digest: string | null;
  bytes: number;
  /** Why its bytes were not taken. */
  refusal: ErrorInfo | null;
  createdAt: number;
}

/** What became of an upload, as the journal keeps it. */
export type UploadOutcome =
  | { status: 'ingested' | 'duplicate'; id: string; name: string | null }
  | { status: 'refused'; name: string | null; code: string; message: string };

/** Ingests the uploads of a run, one at a time. */
export abstract class UploadIngestor {
  /**
   * Reads an upload's file, and ingests its text. A file that cannot be taken is refused by name. Safe to repeat: the same upload gives the
   * same document, and says so.
   * @throws BatonError `invalid_request` where the run has no such upload; whatever else is thrown, another try may mend.
   */
  abstract ingest(
    upload: { tenantId: string; runId: string; position: number },
    options: { signal: AbortSignal; meter: CallMeter },
  ): Promise<UploadOutcome>;
  /** Forgets the uploads of a run and their files. Safe to repeat. */
  abstract finish(runId: string): Promise<void>;
}

/** What runs are to ingest: in SQL before the run is accepted, gone when it has ended. */
export abstract class UploadStore {
  /** Keeps uploads in one commit; safe to repeat. */
  abstract add(uploads: readonly Upload[]): Promise<void>;
  /** Of one run, in order, from a position on. */
  abstract list(runId: string, page: { from: number; limit: number }): Promise<Upload[]>;
  /** Forgets the uploads of a run and returns the digests that they referred to. Safe to repeat. */
  abstract remove(runId: string): Promise<{ tenantId: string; digest: string }[]>;
  /** Runs with uploads from before `createdBefore` that have ended, or were never accepted: their uploads are of no use. */
  abstract findAbandoned(createdBefore: number, limit: number): Promise<string[]>;
}
