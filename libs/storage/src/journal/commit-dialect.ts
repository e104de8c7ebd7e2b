import type { CommitNotice } from '@baton/core';
import type { WriteOutcome, WriteRequest } from './write-request.js';

/** The request must wait for the next batch: another transaction holds its row, or it depends on one before it. */
export const DEFERRED = Symbol('deferred');

export interface CommitResult {
  /** One for each request, in order. */
  outcomes: (WriteOutcome | typeof DEFERRED)[];
  notice: CommitNotice;
  /** Journal rows written. */
  events: number;
}

/** Executes batches on one database. */
export interface CommitDialect {
  /**
   * Requests that are worth a commit of their own. Where more wait, a batch leaves half of them to the next, so that those who are answered
   * go on while the others are written: all in one batch would move in step, the process idle while the database works, and the reverse.
   */
  readonly worthwhile: number;
  /**
   * Executes a batch in one transaction and returns after COMMIT. When it throws, nothing was written, or nobody knows (a lost connection).
   *
   * `verify`: an earlier try may have committed, or may still be doing so: wait for locked rows instead of skipping them, and look for
   * submitted runs before inserting them.
   */
  execute(batch: readonly WriteRequest[], verify: boolean): Promise<CommitResult>;
  close(): Promise<void>;
}
