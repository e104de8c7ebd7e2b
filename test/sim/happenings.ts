import type { JournalEvent } from '@baton/core';
import type { RunRow } from '../support/in-memory/index.js';
import type { Counters } from './trace.js';

/** What must not stay away over many seeds, beside nodes, faults and actions. */
export const HAPPENINGS = [
  'child run',
  'child run anew after a failure',
  'child run told by its parent to end',
  'run went on in a new one',
  'patch taken up',
  'patch of a node taken up',
  'patch refused by its run',
  'run waited for a place',
  'run made room for another',
  'run out of time',
  'node came back from a pool',
  'node out in a pool for too long',
  'call refused by an open circuit',
] as const;
type Happening = (typeof HAPPENINGS)[number];

/** Counts what became of a run, by its journal. */
export function countWhatHappened(counters: Counters, run: RunRow, events: readonly JournalEvent[]): void {
  const count = (happening: Happening, times = 1): void => counters.count(happening, times);
  const pools = new Set<string>();
  const places = new Set<string>();
  if (run.parent !== null && run.parent.childId === run.id) count('child run');
  for (const { type, nodeId, payload } of events) {
    switch (type) {
      case 'run.submitted':
        if (payload.waits_for_place === true) count('run waited for a place');
        break;
      case 'children.started':
        for (const place of payload.places) {
          if (places.has(`${nodeId}/${place}`)) count('child run anew after a failure');
          places.add(`${nodeId}/${place}`);
        }
        break;
      case 'run.patched':
        count(payload.by.startsWith('node:') ? 'patch of a node taken up' : 'patch taken up');
        break;
      case 'run.patch_refused':
        count('patch refused by its run');
        break;
      case 'node.dispatched':
        pools.add(nodeId!);
        break;
      case 'node.completed':
        if (pools.has(nodeId!)) count('node came back from a pool');
        break;
      case 'node.failed':
        if (payload.error.code === 'pool_deadline') count('node out in a pool for too long');
        if (payload.error.code === 'circuit_open') count('call refused by an open circuit');
        break;
      case 'run.completed':
        if (payload.continued_as !== undefined) count('run went on in a new one');
        break;
      case 'run.failed':
        if (payload.error.code === 'run_timeout') count('run out of time');
        break;
      case 'run.cancelled':
        if (payload.by === 'limit') count('run made room for another');
        if (payload.by?.startsWith('run ') === true) count('child run told by its parent to end');
        break;
    }
  }
}
