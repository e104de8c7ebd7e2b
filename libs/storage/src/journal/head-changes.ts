import { isTerminal } from '@baton/core';
import type { HeadRow, RunHead } from './run-head.js';

/** A column of `runs`, and what it is to say of a run. */
export interface HeadColumn {
  readonly name: string;
  readonly of: (head: RunHead) => string | number | null;
}

type Changing = HeadColumn & { readonly name: keyof HeadRow };

/** The columns that change in a run's life. */
const CHANGING: readonly Changing[] = [
  { name: 'status', of: ({ status }) => status },
  { name: 'seq', of: ({ seq }) => seq },
  { name: 'epoch', of: ({ epoch }) => epoch },
  { name: 'worker_id', of: ({ workerId }) => workerId },
  { name: 'claim_token', of: ({ claimToken }) => claimToken },
  { name: 'wake_at', of: ({ wakeAt }) => wakeAt },
  { name: 'generation', of: ({ generation }) => generation },
  { name: 'unproductive_claims', of: ({ unproductiveClaims }) => unproductiveClaims },
  { name: 'started_at', of: ({ startedAt }) => startedAt },
  { name: 'finished_at', of: ({ finishedAt }) => finishedAt },
  { name: 'revision', of: ({ revision }) => revision },
];

/** As long as what a claim writes: a worker's id, the claim's token, an instant and a longer status. */
const ROOM = '.'.repeat(96);

/** Filled until somebody claims the run: a row that grew would not fit in its place, and its page would be written anew. */
const CLAIM_ROOM: HeadColumn = {
  name: 'claim_room',
  of: ({ workerId, status }) => (workerId !== null || isTerminal(status) ? null : ROOM),
};

/**
 * What differs from the row as it was read, as a bit for each column. A column that is written travels as text and is looked at in each of
 * its indexes, whether it differs or not; so only what differs is written. There are few sets: a claim, an append and an end have one each.
 */
export function changesOf(head: RunHead): number {
  let changes = 0;
  for (let index = 0; index < CHANGING.length; index += 1) {
    const { name, of } = CHANGING[index]!;
    if (of(head) !== head.stored[name]) changes |= 1 << index;
  }
  return changes;
}

/** The columns of a set of {@link changesOf}. */
export function columnsOf(changes: number): HeadColumn[] {
  const changed = CHANGING.filter((_, index) => (changes & (1 << index)) !== 0);
  return changed.flatMap((column) => (column.name === 'worker_id' ? [column, CLAIM_ROOM] : [column]));
}
