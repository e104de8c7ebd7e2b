import { expect, test } from '@jest/globals';
import { changesOf, columnsOf } from './head-changes.js';
import type { HeadRow, RunHead } from './run-head.js';
import { headOf } from './run-rows.js';

const QUEUED: HeadRow = {
  ...{ id: 'r', tenant_id: 'default', task_id: null, status: 'queued', seq: 1, epoch: 0, worker_id: null, claim_token: null },
  ...{ wake_at: 5, generation: 0, unproductive_claims: 0, revision: 0, started_at: null, finished_at: null, limited: 0 },
  priority: 'normal',
};
const CLAIMED: HeadRow = { ...QUEUED, status: 'running', epoch: 1, worker_id: 'w', claim_token: 't', started_at: 6 };

function changed(row: HeadRow, change: Partial<RunHead>): Record<string, unknown> {
  const head = { ...headOf(row), ...change };
  return Object.fromEntries(columnsOf(changesOf(head)).map(({ name, of }) => [name, of(head)]));
}

test('a row that is as it was read has nothing to write', () => {
  expect(changed(QUEUED, { wakeAt: 5 })).toEqual({});
});

test('a claim writes what a claim changes, in the room that was kept for it', () => {
  const claim = { status: 'running', epoch: 1, workerId: 'w', claimToken: 't', unproductiveClaims: 1, startedAt: 6 } as const;
  expect(changed(QUEUED, claim)).toEqual({
    ...{ status: 'running', epoch: 1, worker_id: 'w', claim_token: 't', claim_room: null },
    ...{ unproductive_claims: 1, started_at: 6 },
  });
});

test('a run that is released gets room for its next claim, and one that has ended none', () => {
  const released = { workerId: null, claimToken: null };
  expect(changed(CLAIMED, { ...released, status: 'waiting' })).toMatchObject({ claim_room: '.'.repeat(96) });
  expect(changed(CLAIMED, { ...released, status: 'completed' })).toMatchObject({ worker_id: null, claim_room: null });
});
