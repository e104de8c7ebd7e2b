import { isTerminal } from '@baton/core';
import type { HeadRow, RunHead } from './run-head.js';

/** The columns that change in a run's life, and what {@link RunHead} calls them. */
const CHANGING: readonly (readonly [keyof HeadRow, keyof RunHead])[] = [
  ...[['status', 'status'] as const, ['seq', 'seq'] as const, ['epoch', 'epoch'] as const],
  ...[['worker_id', 'workerId'] as const, ['claim_token', 'claimToken'] as const, ['wake_at', 'wakeAt'] as const],
  ...[['generation', 'generation'] as const, ['unproductive_claims', 'unproductiveClaims'] as const],
  ...[['started_at', 'startedAt'] as const, ['finished_at', 'finishedAt'] as const, ['revision', 'revision'] as const],
];

/** As long as what a claim writes: a worker's id, the claim's token, an instant and a longer status. */
const CLAIM_ROOM = '.'.repeat(96);

/** Columns of `runs` that are to be written together, and their values, in the same order. */
export interface HeadChange {
  readonly columns: readonly string[];
  readonly values: readonly unknown[];
}

/**
 * What differs from the row as it was read. A column that is written is looked at in each of its indexes, and travels as text, whether it
 * differs or not; so only what differs is written. Of few kinds: a claim, an append and an end each change their own columns.
 */
export function changeOf(head: RunHead): HeadChange {
  const columns: string[] = [];
  const values: unknown[] = [];
  for (const [column, field] of CHANGING) {
    if (head[field] === head.stored[column]) continue;
    columns.push(column);
    values.push(head[field]);
    if (column !== 'worker_id') continue;
    columns.push('claim_room');
    values.push(claimRoomOf(head));
  }
  return { columns, values };
}

/** Filled until somebody claims the run: a row that grew would not fit in its place, and its page would be written anew. */
function claimRoomOf({ workerId, status }: RunHead): string | null {
  return workerId !== null || isTerminal(status) ? null : CLAIM_ROOM;
}
