import { describe, expect, it } from '@jest/globals';
import { decide } from './decide.js';
import { nodeEvent, runEvent, type EventDraft } from './journal-event.js';
import { compilePlan, type Plan } from './plan.js';
import { deadlockOf, timeBudget, visitsExceeded, type RunLimits } from './run-limits.js';
import { reduce } from './reduce.js';
import { initialState, type RunState } from './run-state.js';
import { workedMs } from './worked-time.js';
import { WorkflowDefinitionSchema } from './workflow-definition.js';

const LIMITS: RunLimits = { timeoutMs: 1_000, compensationMs: 100 };
const FACTS = { id: 'run', taskId: null, tenantId: 'default', workflow: 'flow', input: null };
const UNDO = { on_error: 'compensate', compensate: { type: 'undo' } };

function planOf(nodes: Record<string, object>, more: object = {}): Plan {
  const list = Object.entries(nodes).map(([id, node]) => ({ id, type: 'work', ...node }));
  return compilePlan(WorkflowDefinitionSchema.parse({ name: 'flow', ...more, nodes: list }));
}

/** The state after these events, each given with its instant. */
function fold(plan: Plan, ...drafts: EventDraft[]): RunState {
  const state = initialState(plan, FACTS);
  const submitted = { workflow_id: 'w', workflow_name: 'flow', workflow_version: 1, digest: plan.digest };
  [runEvent('run.submitted', 0, submitted), ...drafts].forEach((draft, index) =>
    reduce(state, { ...draft, runId: 'run', seq: index + 1, epoch: 1 }),
  );
  return state;
}

const claimed = (at: number) => runEvent('run.claimed', at, { worker_id: 'w1' });
const waiting = (at: number, wakeAt: number | null) => runEvent('run.waiting', at, { wake_at: wakeAt, reason: 'waits' });
const paused = (at: number) => runEvent('run.paused', at, { reason: 'paused' });
const resumed = (at: number) => runEvent('run.resumed', at, { reason: 'resumed' });
const started = (id: string, at: number) => nodeEvent('node.started', { id, visit: 1, attempt: 1 }, at, {});
const completed = (id: string, at: number) => nodeEvent('node.completed', { id, visit: 1, attempt: 1 }, at, { output: id });
const compensating = (at: number, id: string | null) =>
  runEvent('run.compensating', at, { error: { code: 'node_failed', message: 'broken' }, node_id: id });

describe('the worked time of a run', () => {
  const plan = planOf({ a: {}, b: {} });

  it.each<[string, EventDraft[], number, number]>([
    ['before a claim', [], 500, 0],
    ['counts from the claim', [claimed(100)], 350, 250],
    ['does not count while it is parked', [claimed(100), waiting(150, null)], 9_000, 50],
    ['goes on with the next claim', [claimed(100), waiting(150, null), claimed(8_000)], 8_010, 60],
    ['does not count while it is paused', [claimed(100), paused(130)], 9_000, 30],
    ['nor under a claim that leaves it paused', [claimed(100), paused(130), claimed(5_000)], 9_000, 30],
    ['goes on when it is resumed', [claimed(100), paused(130), claimed(5_000), resumed(5_100)], 5_150, 80],
    ['counts up to the last event of a worker that died', [claimed(100), started('a', 140), claimed(7_000)], 7_000, 40],
    ['is never less for a clock that goes behind', [claimed(100), waiting(90, null), claimed(80)], 80, 0],
  ])('%s', (_name, events, now, ms) => {
    expect(workedMs(fold(plan, ...events).worked, now)).toBe(ms);
  });

  it('counts a pause between two tries while the run is undone, but no longer than that', () => {
    const undone = planOf({ a: UNDO, b: { depends_on: ['a'] } });
    const events = [claimed(0), completed('a', 10), compensating(20, 'b'), waiting(30, 90)];
    expect(workedMs(fold(undone, ...events).worked, 60)).toBe(60);
    expect(workedMs(fold(undone, ...events, claimed(70)).worked, 70)).toBe(70);
    expect(workedMs(fold(undone, ...events, claimed(5_000)).worked, 5_000)).toBe(90);
  });
});

describe('the time of a run', () => {
  it('is up after its timeout, which the definition sets before the configuration', () => {
    const events = [claimed(100), started('a', 110)];
    const usual = fold(planOf({ a: {}, b: {} }), ...events);
    expect(timeBudget(usual, LIMITS, 200)).toEqual({ limitMs: 1_000, usedMs: 100, endsAt: 1_100 });
    expect(decide(usual.plan, usual, 1_099, LIMITS).outcome).toBeNull();
    expect(decide(usual.plan, usual, 1_100, LIMITS).outcome).toEqual({
      status: 'failed',
      error: {
        code: 'run_timeout',
        message: 'The run was in work for longer than 1000 ms, pauses not counted; unfinished: a, b.',
        retryable: false,
        details: { limit_ms: 1_000, nodes: ['a', 'b'] },
      },
    });
    const own = fold(planOf({ a: {}, b: {} }, { timeout: 0.05 }), ...events);
    expect(decide(own.plan, own, 150, LIMITS).outcome).toMatchObject({ error: { code: 'run_timeout' } });
  });

  it('has no end while nobody works on it, and does not undo what is done', () => {
    const plan = planOf({ a: {} });
    const parked = fold(plan, claimed(0), started('a', 1), waiting(10, null));
    expect(timeBudget(parked, LIMITS, 99_999)).toEqual({ limitMs: 1_000, usedMs: 10, endsAt: null });
    expect(decide(plan, parked, 99_999, LIMITS).outcome).toBeNull();
    const done = fold(plan, claimed(0), started('a', 1), completed('a', 5_000));
    expect(decide(plan, done, 5_000, LIMITS).outcome).toEqual({ status: 'completed', output: 'a' });
  });

  it('undoes the run first where its definition undoes anything', () => {
    const events = [claimed(0), started('a', 1), completed('a', 5)];
    const error = expect.objectContaining({ code: 'run_timeout' });
    const saga = fold(planOf({ a: { compensate: { type: 'undo' } }, b: { on_error: 'compensate' } }), ...events);
    expect(decide(saga.plan, saga, 1_000, LIMITS).undo).toEqual({ kind: 'begin', nodeId: null, error });
    const plain = fold(planOf({ a: { compensate: { type: 'undo' } }, b: {} }), ...events);
    expect(decide(plain.plan, plain, 1_000, LIMITS).outcome).toEqual({ status: 'failed', error });
  });

  it('is another one for the undoing, and what is left then stays undone', () => {
    const plan = planOf({ a: UNDO, b: UNDO });
    const begun = [claimed(0), completed('a', 5), completed('b', 6), compensating(950, null)];
    const undone = [
      nodeEvent('compensation.started', { id: 'b', visit: 1, attempt: 1 }, 960, {}),
      nodeEvent('compensation.completed', { id: 'b', visit: 1, attempt: 1 }, 970, { output: null }),
    ];
    const state = fold(plan, ...begun, ...undone);
    expect(timeBudget(state, LIMITS, 1_000)).toEqual({ limitMs: 100, usedMs: 50, endsAt: 1_050 });
    expect(decide(plan, state, 1_049, LIMITS).undo).toMatchObject({ kind: 'undo', index: 0 });
    expect(decide(plan, state, 1_050, LIMITS)).toMatchObject({
      undo: null,
      outcome: {
        status: 'failed',
        error: { code: 'node_failed', details: { compensated: ['b'], not_compensated: ['a'], compensation: 'timed out' } },
      },
    });
  });
});

describe('a deadlock', () => {
  /** A plan that no definition gives: `c` waits for a node that nothing makes ready. */
  function deadlocked(): RunState {
    const state = fold(planOf({ a: {}, b: {}, c: { depends_on: ['b'] } }), claimed(0), started('a', 1));
    state.ready.delete(1);
    state.nodes[1]!.status = 'pending';
    reduce(state, { ...completed('a', 2), runId: 'run', seq: 9, epoch: 1 });
    return state;
  }

  it('ends the run as failed and names the nodes', () => {
    const state = deadlocked();
    expect(decide(state.plan, state, 3).outcome).toEqual({
      status: 'failed',
      error: {
        code: 'deadlock',
        message: 'Nothing of the run can go on: b, c wait for nodes that will never be settled.',
        retryable: false,
        details: { nodes: ['b', 'c'] },
      },
    });
  });

  it('is none while a node waits, is in work or in retry, or the run is paused', () => {
    const state = deadlocked();
    for (const status of ['running', 'retrying', 'waiting', 'ready'] as const) {
      state.nodes[1]!.status = status;
      expect(deadlockOf(state)).toBeNull();
    }
    const standing = { ...deadlocked(), paused: true };
    expect(decide(standing.plan, standing, 3).outcome).toBeNull();
  });

  it('names a few of many nodes', () => {
    const nodes = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`n${index}`, {}]));
    const state = initialState(planOf(nodes), FACTS);
    const deadlock = deadlockOf(state);
    expect(deadlock?.details?.['nodes']).toHaveLength(20);
    expect(deadlock?.message).toContain('n19 and 10 more');
  });
});

describe('a call that an open circuit refused', () => {
  const refused = { error: { code: 'circuit_open', message: 'stopped', retry_after_ms: 50 }, retry_at: 60 };
  const failed = { error: { code: 'http_failed', message: 'down' }, retry_at: 60 };
  const attempt = { id: 'a', visit: 1, attempt: 1 };

  it('takes no try from its node, nor from what undoes it', () => {
    const plan = planOf({ a: UNDO, b: UNDO });
    const begun = [claimed(0), started('a', 1)];
    expect(fold(plan, ...begun, nodeEvent('node.failed', attempt, 10, failed)).nodes[0]!.failures).toBe(1);
    const state = fold(plan, ...begun, nodeEvent('node.failed', attempt, 10, refused));
    expect(state.nodes[0]).toMatchObject({ failures: 0, status: 'retrying' });
    const undoing = [claimed(0), completed('a', 5), compensating(6, 'b'), nodeEvent('compensation.started', attempt, 7, {})];
    expect(fold(plan, ...undoing, nodeEvent('compensation.failed', attempt, 8, failed)).nodes[0]!.undo?.failures).toBe(1);
    const undo = fold(plan, ...undoing, nodeEvent('compensation.failed', attempt, 8, refused)).nodes[0]!.undo;
    expect(undo).toMatchObject({ failures: 0, status: 'retrying', retryAt: 60 });
  });
});

describe('visits', () => {
  it('are as many as the definition allows, or as usual', () => {
    const plan = planOf({ a: {} }, { limits: { visits: 3 } });
    expect(visitsExceeded(plan, 'a', 2)).toBeNull();
    expect(visitsExceeded(plan, 'a', 3)).toMatchObject({ code: 'visits_exceeded', retryable: false, details: { node_id: 'a' } });
    expect(visitsExceeded(planOf({ a: {} }), 'a', 99_999)).toBeNull();
    expect(visitsExceeded(planOf({ a: {} }), 'a', 100_000)).toMatchObject({ code: 'visits_exceeded' });
  });
});
