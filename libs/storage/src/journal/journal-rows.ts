import { BatonError, EVENT_SCHEMAS, EVENT_VERSION, type JournalEvent } from '@baton/core';
import type { JournalPosition, JournalRow } from './run-head.js';
import type { StoredEvent } from './write-request.js';

/** Selects rows of the journal as {@link JournalRow}; the tenant is left to who knows it. */
export const JOURNAL_SELECT = [
  ...['journal.run_id AS runId', 'journal.seq', 'journal.tenant_id AS tenantId', 'journal.epoch', 'journal.type', 'journal.v'],
  ...['journal.node_id AS nodeId', 'journal.visit', 'journal.attempt', 'journal.at', 'journal.payload'],
].join(', ');

/** The columns of a row, in the order of {@link journalValues}. */
export const JOURNAL_COLUMNS = [
  ...['run_id', 'seq', 'tenant_id', 'epoch', 'type', 'v', 'node_id', 'visit', 'attempt', 'at', 'payload'],
];

/** The row of an event that stands there; whoever has a whole {@link JournalRow} gives it as both. */
export function journalValues({ runId, seq, tenantId, epoch }: JournalPosition, event: StoredEvent): unknown[] {
  const { type, v, nodeId, visit, attempt, at, payload } = event;
  return [runId, seq, tenantId, epoch, type, v, nodeId, visit, attempt, at, payload];
}

/** @throws BatonError `unknown_event_version` for what a newer Baton wrote. */
export function journalEventOf(row: JournalRow): JournalEvent {
  const { runId, seq, epoch, type, v, nodeId, visit, attempt, at } = row;
  if (v !== EVENT_VERSION || !Object.hasOwn(EVENT_SCHEMAS, type)) {
    throw new BatonError('unknown_event_version', `The journal holds ${type} in version ${v}, which this Baton does not know.`, {
      ...{ run_id: runId, seq, type, v },
    });
  }
  return { runId, seq, epoch, type, nodeId, visit, attempt, at, payload: JSON.parse(row.payload) as unknown } as JournalEvent;
}
