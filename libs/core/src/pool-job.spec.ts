import { describe, expect, it } from '@jest/globals';
import { decide } from './decide.js';
import { nodeEvent, runEvent, type EventDraft } from './journal-event.js';
import { compilePlan } from './plan.js';
import {
  freshPoolJob,
  openedPoolJobs,
  parsePoolJobId,
  PoolNewsSchema,
  poolJobId,
  ruleOnPoolJob,
  type PoolJob,
  type PoolJobChange,
} from './pool-job.js';
import { reduce } from './reduce.js';
import { initialState, type RunState } from './run-state.js';
import { WorkflowDefinitionSchema } from './workflow-definition.js';

const KEY = { runId: 'r', seq: 3 };
const dispatched = (id: string, deadline = 500): EventDraft =>
  nodeEvent('node.dispatched', { id, visit: 1, attempt: 1 }, 100, { pool: 'gpu', deadline });
const fresh = freshPoolJob({ id: 'r', tenantId: 't' }, 2, openedPoolJobs([dispatched('a')])[0]!);
const taken: PoolJob = { ...fresh, takes: 1, workerId: 'w', token: 'mine', takenAt: 200 };

const take = (change: object = {}): PoolJobChange => ({
  ...{ ...KEY, kind: 'take', workerId: 'w', token: 'mine', generation: 0, at: 200, ...change },
});

describe('a pool job', () => {
  it('has an id that is read back', () => {
    expect(parsePoolJobId(poolJobId(KEY))).toEqual(KEY);
    for (const text of ['r', 'r.', 'r.0', 'r.x', 'a.b.1', '.1']) expect(parsePoolJobId(text)).toBeNull();
  });

  it('opens with the event that dispatches it, under its seq', () => {
    const events = [runEvent('run.claimed', 0, { worker_id: 'w' }), dispatched('a')];
    const jobs = openedPoolJobs(events).map((opened) => freshPoolJob({ id: 'r', tenantId: 't' }, 7, opened));
    expect(jobs).toEqual([
      {
        ...{ runId: 'r', seq: 9, tenantId: 't', nodeId: 'a', visit: 1, attempt: 1, pool: 'gpu' },
        ...{ dispatchedAt: 100, deadline: 500, generation: 0, takes: 0, workerId: null, token: null, takenAt: null },
      },
    ]);
  });

  it('is taken once, and by the same take again', () => {
    expect(ruleOnPoolJob(fresh, take())).toEqual({ outcome: { kind: 'done', job: taken }, after: taken });
    expect(ruleOnPoolJob(taken, take())).toEqual({ outcome: { kind: 'done', job: taken } });
  });

  it.each([
    ['gone', undefined, take()],
    ['held', taken, take({ token: 'other' })],
    ['outdated', { ...fresh, generation: 1 }, take()],
    ['late', fresh, take({ at: 500 })],
    ['outdated', taken, { ...KEY, kind: 'finish', token: 'other', at: 300, outcome: { kind: 'skipped', reason: '' } }],
    ['outdated', taken, { ...KEY, kind: 'step', token: 'other', key: 'k', output: 1, wakes: true, at: 300 }],
    ['outdated', taken, { ...KEY, kind: 'release', token: 'other' }],
    ['outdated', taken, { ...KEY, kind: 'raise', token: null, generation: 0 }],
    ['outdated', fresh, { ...KEY, kind: 'raise', token: null, generation: 1 }],
    ['gone', undefined, { ...KEY, kind: 'release', token: 'mine' }],
  ] as const)('is left alone by what comes too late (%s)', (reason, job, change) => {
    expect(ruleOnPoolJob(job, change)).toEqual({ outcome: { kind: 'refused', reason } });
  });

  it('is given back uncounted, and taken from a dead holder counted, under a new generation', () => {
    expect(ruleOnPoolJob(taken, { ...KEY, kind: 'release', token: 'mine' }).after).toEqual(fresh);
    const raised = { ...fresh, takes: 1, generation: 1 };
    expect(ruleOnPoolJob(taken, { ...KEY, kind: 'raise', token: 'mine', generation: 0 }).after).toEqual(raised);
  });

  it('tells its run of steps and of its end, with which it is gone', () => {
    const step = ruleOnPoolJob(taken, { ...KEY, kind: 'step', token: 'mine', key: 'k', output: 1, wakes: false, at: 300 });
    const subject = { node_id: 'a', visit: 1, attempt: 1, dispatch: 3 };
    expect(step).toMatchObject({ news: { payload: { ...subject, step: { key: 'k', output: 1 } }, wakes: false, at: 300 } });
    expect(step).not.toHaveProperty('after');
    const skip = [{ node_id: 'b', reason: 'no' }];
    const outcome = { kind: 'completed' as const, output: 1, skip, repeat: false };
    const end = ruleOnPoolJob(taken, { ...KEY, kind: 'finish', token: 'mine', outcome, at: 300 });
    expect(end).toMatchObject({ after: null, news: { payload: { ...subject, outcome }, wakes: true } });
    for (const { news } of [step, end]) expect(PoolNewsSchema.parse(news!.payload)).toEqual(news!.payload);
  });
});

describe('a node that is out in a pool', () => {
  function stateAfter(...drafts: EventDraft[]): RunState {
    const nodes = ['a', 'b', 'c'].map((id) => ({ id, type: 'work' }));
    const plan = compilePlan(WorkflowDefinitionSchema.parse({ name: 'flow', concurrency: 2, nodes }));
    const state = initialState(plan, { id: 'r', taskId: null, tenantId: 't', workflow: 'flow', input: null });
    const submitted = { workflow_id: 'w', workflow_name: 'flow', workflow_version: 1, digest: plan.digest };
    [runEvent('run.submitted', 0, submitted), runEvent('run.claimed', 0, { worker_id: 'w' }), ...drafts].forEach((draft, index) =>
      reduce(state, { ...draft, runId: 'r', seq: index + 1, epoch: 1 }),
    );
    return state;
  }
  const decided = (state: RunState, now: number) => decide(state.plan, state, now);

  it('takes its place among the nodes at once, and wakes its run by its deadline', () => {
    const decision = decided(stateAfter(dispatched('a')), 100);
    expect(decision).toMatchObject({ start: [{ index: 1 }], overdue: [], wakeAt: 500 });
    expect(decision.start).toHaveLength(1);
  });

  it('is overdue from its deadline on', () => {
    expect(decided(stateAfter(dispatched('a')), 500)).toMatchObject({ overdue: [0], wakeAt: null });
  });

  it('stays out whoever claims the run', () => {
    const state = stateAfter(
      dispatched('a'),
      nodeEvent('node.started', { id: 'b', visit: 1, attempt: 1 }, 100, {}),
      runEvent('run.claimed', 200, { worker_id: 'other' }),
    );
    expect(state.nodes.map(({ status }) => status)).toEqual(['dispatched', 'ready', 'ready']);
    expect(state.nodes[0]!.dispatch).toEqual({ seq: 3, pool: 'gpu', deadline: 500, since: 100 });
  });

  it('stays out when a patch moves its place', () => {
    const state = stateAfter(dispatched('b'));
    const nodes = ['new', 'a', 'b', 'c'].map((id) => ({ id, type: 'work' }));
    const plan = compilePlan(WorkflowDefinitionSchema.parse({ name: 'flow', concurrency: 2, nodes }));
    const digests = { digest: plan.digest, previous_digest: state.plan.digest };
    const lists = { added: ['new'], changed: [], removed: [] };
    const patched = runEvent('run.patched', 200, { revision: 1, ...digests, by: 'ann', reason: 'more', ...lists });
    reduce(state, { ...patched, runId: 'r', seq: 4, epoch: 1 }, new Map([[plan.digest, plan]]));
    expect([...state.dispatched]).toEqual([[2, 500]]);
    expect(state.nodes[2]).toMatchObject({ status: 'dispatched', dispatch: { seq: 3 } });
  });

  it.each([
    nodeEvent('node.completed', { id: 'a', visit: 1, attempt: 1 }, 200, { output: 1 }),
    nodeEvent('node.interrupted', { id: 'a', visit: 1, attempt: 1 }, 200, { reason: 'paused' }),
    nodeEvent('node.failed', { id: 'a', visit: 1, attempt: 1 }, 200, { error: { code: 'c', message: 'm' }, retry_at: 900 }),
    nodeEvent('node.suspended', { id: 'a', visit: 1, attempt: 1 }, 200, {
      ...{ key: 'k', awaits: { kind: 'time' }, wake_at: 900, reason: 'waits' },
    }),
  ])('is back with $type', (event) => {
    const state = stateAfter(dispatched('a'), event);
    expect([state.dispatched.size, state.nodes[0]!.dispatch]).toEqual([0, null]);
  });
});
