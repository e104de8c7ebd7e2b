import { expect, it } from '@jest/globals';
import { nodeEvent, runEvent, type EventDraft } from './journal-event.js';
import { compilePlan } from './plan.js';
import { freshPoolJob, openedPoolJobs, type PoolJob } from './pool-job.js';
import { reduce } from './reduce.js';
import { initialState } from './run-state.js';
import { explainPools, type PoolSurroundings } from './why-pool.js';
import type { Worker } from './worker-lease.js';
import { WorkflowDefinitionSchema } from './workflow-definition.js';

const instant = (seconds: number): number => Date.UTC(2026, 0, 1) + seconds * 1_000;
const PAYLOAD = { pool: 'gpu', deadline: instant(60) };
const DISPATCHED: EventDraft = nodeEvent('node.dispatched', { id: 'a', visit: 1, attempt: 1 }, instant(0), PAYLOAD);
const JOB = freshPoolJob({ id: 'r', tenantId: 't' }, 2, openedPoolJobs([DISPATCHED])[0]!);
const TAKEN: PoolJob = { ...JOB, workerId: 'w1', token: 'x', takenAt: instant(5) };

function worker(id: string, change: Partial<Worker> = {}): Worker {
  const process = { host: 'h', pid: 1, processStart: '1', startedAt: 0, leaseUntil: instant(9) };
  const room = { capacity: null, agentTools: null, load: { runs: 0, nodes: 0 } };
  return { id, ...process, live: true, nodeTypes: ['work'], pools: ['gpu'], takesRuns: false, ...room, ...change };
}

it.each([
  [
    'nobody serves it',
    { workers: [worker('w1', { live: false }), worker('w2', { pools: ['net'] })], poolJobs: [TAKEN] },
    { code: 'no_worker_for_pool', since: instant(0), until: instant(60), nodeId: 'a', pool: 'gpu' },
    'The node a waits for the pool gpu since 2026-01-01T00:00:00.000Z, until 2026-01-01T00:01:00.000Z at most: no live worker serves it',
  ],
  [
    'a worker is at it',
    { workers: [worker('w1')], poolJobs: [TAKEN] },
    { code: 'waiting_for_pool', since: instant(5), until: instant(60), nodeId: 'a', pool: 'gpu', workerId: 'w1' },
    'The node a is in work in the pool gpu on the worker w1 since 2026-01-01T00:00:05.000Z, until 2026-01-01T00:01:00.000Z at most',
  ],
  [
    'it is one of several jobs',
    { workers: [worker('w1')], poolJobs: [JOB], poolQueued: new Map([['gpu', 3]]) },
    { code: 'waiting_for_pool', since: instant(0), until: instant(60), nodeId: 'a', pool: 'gpu', others: 3 },
    'The node a waits for a free worker of the pool gpu since 2026-01-01T00:00:00.000Z, until 2026-01-01T00:01:00.000Z at most: 3 jobs wait there',
  ],
  [
    'its holder is dead, and another worker lives',
    { workers: [worker('w1', { live: false }), worker('w2')], poolJobs: [TAKEN], poolQueued: new Map([['gpu', 1]]) },
    { code: 'waiting_for_pool', since: instant(0), until: instant(60), nodeId: 'a', pool: 'gpu', others: 1 },
    'The node a waits for a free worker of the pool gpu since 2026-01-01T00:00:00.000Z, until 2026-01-01T00:01:00.000Z at most: 1 job waits there',
  ],
] as const)('a node that is out in a pool: %s', (_, around, known, sentence) => {
  const plan = compilePlan(WorkflowDefinitionSchema.parse({ name: 'flow', nodes: [{ id: 'a', type: 'work' }] }));
  const state = initialState(plan, { id: 'r', taskId: null, tenantId: 't', workflow: 'flow', input: null });
  const submitted = { workflow_id: 'w', workflow_name: 'flow', workflow_version: 1, digest: plan.digest };
  [runEvent('run.submitted', 0, submitted), runEvent('run.claimed', 0, { worker_id: 'w' }), DISPATCHED].forEach((draft, index) =>
    reduce(state, { ...draft, runId: 'r', seq: index + 1, epoch: 1 }),
  );
  const surroundings: PoolSurroundings = { poolQueued: new Map(), ...around };
  expect(explainPools(state, surroundings)).toEqual([{ ...known, sentence }]);
});
