import { beforeEach, describe, expect, it } from '@jest/globals';
import { nodeEvent, runEvent, type EventDraft } from './journal-event.js';
import { compilePlan } from './plan.js';
import type { Run, RunStatus } from './run.js';
import { reduce } from './reduce.js';
import { initialState, type RunState } from './run-state.js';
import { initialTrace, traceEvent, type RunTrace } from './run-trace.js';
import type { Signal, SignalType } from './signal.js';
import { explainRun, type RunSurroundings } from './why.js';
import type { Worker } from './worker-lease.js';
import { WorkflowDefinitionSchema } from './workflow-definition.js';

const NOW = Date.UTC(2030, 0, 1, 12);
const second = (n: number): number => NOW + n * 1_000;

const plan = compilePlan(
  WorkflowDefinitionSchema.parse({
    name: 'flow',
    nodes: [
      { id: 'a', type: 'work', retry: { max_attempts: 5 }, compensate: { type: 'undo' } },
      { id: 'b', type: 'work' },
      { id: 'c', type: 'rare', depends_on: ['a'], on_error: 'compensate' },
    ],
  }),
);

let state: RunState;
let trace: RunTrace;

beforeEach(() => {
  state = initialState(plan, { id: 'r', taskId: null, tenantId: 'default', workflow: 'flow', input: null });
  trace = initialTrace();
  play(runEvent('run.submitted', second(-60), { workflow_id: 'w', workflow_name: 'flow', workflow_version: 1, digest: 'd' }));
});

function play(...drafts: EventDraft[]): void {
  for (const draft of drafts) {
    const event = { ...draft, runId: 'r', seq: state.seq + 1, epoch: 1 };
    reduce(state, event);
    traceEvent(trace, event);
  }
}

const claimed = (at = second(-50)): EventDraft => runEvent('run.claimed', at, { worker_id: 'w1' });
const of = (id: string, attempt = 1) => ({ id, visit: 1, attempt });
const started = (id: string, at: number, attempt = 1): EventDraft => nodeEvent('node.started', of(id, attempt), at, {});
const done = (id: string, at: number): EventDraft => nodeEvent('node.completed', of(id), at, { output: null });
const failed = (id: string, at: number, retryAt: number | null): EventDraft =>
  nodeEvent('node.failed', of(id), at, { error: { code: 'node_failed', message: 'x' }, retry_at: retryAt });
const waits = (id: string, at: number, awaits: 'approval' | 'time' | { name: string }, until: number | null): EventDraft =>
  nodeEvent('node.suspended', of(id), at, {
    key: 'k',
    awaits: typeof awaits === 'string' ? { kind: awaits } : { kind: 'event', ...awaits },
    wake_at: until,
    reason: 'Ship it?',
  });

function run(status: RunStatus, change: Partial<Run> = {}): Run {
  return {
    ...{
      id: 'r',
      tenantId: 'default',
      taskId: null,
      status,
      input: null,
      seq: state.seq,
      epoch: 1,
      revision: 0,
      limited: false,
      priority: 'normal',
      workerId: null,
      wakeAt: null,
    },
    ...{
      workflow: { id: 'w', name: 'flow', version: 1, digest: 'd' },
      generation: 0,
      forkedFrom: null,
      parent: null,
      startedBy: null,
      budget: null,
      continuedFrom: null,
    },
    ...{ createdAt: second(-60), startedAt: second(-50), finishedAt: null, ...change },
  };
}

function worker(id: string, change: Partial<Worker> = {}): Worker {
  const nodeTypes = ['work', 'rare'];
  const process = { host: 'h', pid: 1, processStart: '1', startedAt: second(-100) };
  const room = { capacity: { runs: 10, nodes: 20 }, load: { runs: 0, nodes: 0 } };
  return {
    id,
    ...process,
    leaseUntil: second(5),
    live: true,
    nodeTypes,
    agentTools: null,
    pools: [],
    takesRuns: true,
    ...room,
    ...change,
  };
}

function signal(type: SignalType): Signal {
  return { id: 1, runId: 'r', type, payload: {}, at: second(-1) };
}

function why(asked: Run, change: Partial<RunSurroundings> = {}) {
  const around = {
    now: NOW,
    inbox: [],
    child: null,
    workers: [worker('w1')],
    queued: 0,
    leaseLeftMs: 2_500,
    poolJobs: [],
    poolOf: () => null,
    poolQueued: new Map(),
    ...change,
  };
  return explainRun({ run: asked, state, trace }, around);
}

describe('a run that nobody holds', () => {
  it.each([
    ['no_worker', 'The run waits for a worker: none is alive.', { workers: [worker('w1', { live: false })] }],
    [
      'workers_busy',
      'The run waits for a free worker: 1 worker is alive and 7 jobs are queued.',
      { workers: [worker('w1')], queued: 7 },
    ],
    ['dispatching', 'The run is being handed to a worker: 2 workers are alive.', { workers: [worker('w1'), worker('w2')] }],
    ['dispatching', 'The run is being handed to a worker: 1 worker is alive.', { queued: null }],
    [
      'dispatching',
      'The run is being handed to a worker: 1 worker is alive.',
      { workers: [worker('w1', { nodeTypes: ['other'] })], poolOf: () => 'gpu' },
    ],
    [
      'no_worker_for_type',
      'No live worker runs nodes of type work: the next worker that is free skips the node a.',
      { workers: [worker('w1', { nodeTypes: ['other'] })] },
    ],
  ])('is due: %s', (code, sentence, around) => {
    expect(why(run('queued', { wakeAt: second(-3) }), around)).toMatchObject({ code, sentence, since: second(-3) });
  });

  it('was handed back for another worker', () => {
    play(claimed());
    expect(why(run('queued', { wakeAt: second(1) }))).toMatchObject({
      code: 'dispatching',
      sentence: 'The run goes to another worker at 2030-01-01T12:00:01.000Z.',
      until: second(1),
    });
  });

  it('is paused, by whom and why', () => {
    play(claimed(), runEvent('run.paused', second(-20), { reason: 'lunch', by: 'ann' }));
    const sentence = 'The run is paused by ann since 2030-01-01T11:59:40.000Z: lunch.';
    expect(why(run('paused'))).toEqual({ code: 'paused', sentence, since: second(-20) });
  });

  it('has ended', () => {
    const ended = run('completed', { finishedAt: second(-5) });
    expect(why(ended)).toEqual({ code: 'ended', sentence: 'The run has ended: it is completed.', since: second(-5) });
  });

  it('has failed, where and why', () => {
    const ended = run('failed', { finishedAt: second(-5) });
    const error = { code: 'http_failed', message: 'It answered 404.', details: { node_id: 'b' } };
    play(claimed(), runEvent('run.failed', second(-5), { error }));
    const sentence = 'The run has failed at the node b with http_failed: It answered 404.';
    expect(why(ended)).toEqual({ code: 'ended', sentence, since: second(-5), nodeId: 'b' });
    play(runEvent('run.failed', second(-4), { error: { code: 'run_timeout', message: 'x'.repeat(400) } }));
    expect(why(ended).sentence).toBe(`The run has failed with run_timeout: ${'x'.repeat(300)}…`);
  });

  it('waits for a person', () => {
    play(claimed(), started('a', second(-45)), waits('a', second(-40), 'approval', null));
    expect(why(run('waiting'))).toEqual({
      code: 'waiting_for_approval',
      sentence: 'The node a waits for a decision since 2030-01-01T11:59:20.000Z (Ship it?).',
      ...{ since: second(-40), nodeId: 'a', approvalId: 'r.1.a', others: 0 },
    });
  });

  it('waits for a person rather than for a time, and tells how many more wait', () => {
    play(claimed(), waits('b', second(-41), 'time', second(9)), waits('a', second(-40), 'approval', second(30)));
    expect(why(run('waiting'))).toMatchObject({
      code: 'waiting_for_approval',
      sentence:
        'The node a waits for a decision since 2030-01-01T11:59:20.000Z, until 2030-01-01T12:00:30.000Z at most (Ship it?), and 1 more node.',
      ...{ until: second(30), others: 1 },
    });
  });

  it('waits for an event', () => {
    play(claimed(), waits('b', second(-40), { name: 'paid' }, null));
    const sentence = 'The node b waits for the event paid since 2030-01-01T11:59:20.000Z.';
    expect(why(run('waiting'))).toMatchObject({ code: 'waiting_for_event', sentence, event: 'paid' });
  });

  it('waits for its time', () => {
    play(claimed(), waits('b', second(-40), 'time', second(90)));
    const sentence = 'The node b waits until 2030-01-01T12:01:30.000Z.';
    expect(why(run('waiting', { wakeAt: second(90) }))).toMatchObject({ code: 'waiting_for_time', sentence, until: second(90) });
  });

  it('waits for the next try', () => {
    play(claimed(), started('a', second(-45)), failed('a', second(-44), second(-30)));
    play(started('a', second(-30), 2), failed('a', second(-29), second(40)));
    expect(why(run('waiting', { wakeAt: second(40) }))).toEqual({
      code: 'waiting_for_retry',
      sentence: 'The node a is tried again in 40 s (try 3 of 5).',
      ...{ since: second(-29), until: second(40), nodeId: 'a', attempt: 3, of: 5, others: 0 },
    });
  });
});

describe('a run that a worker holds', () => {
  const held = (): Run => run('running', { workerId: 'w1', wakeAt: second(-50) });

  it('is in work', () => {
    play(claimed(), started('a', second(-45)), started('b', second(-44)));
    const sentence = 'The node a is in work since 2030-01-01T11:59:15.000Z, and 1 more node.';
    expect(why(held())).toMatchObject({ code: 'running', sentence, nodeId: 'a', others: 1 });
  });

  it('is about to go on', () => {
    play(claimed());
    expect(why(held())).toMatchObject({ code: 'deciding', since: second(-50) });
  });

  it('waits for a place of its worker, which had as many nodes in work as it takes', () => {
    play(claimed());
    const full = worker('w1', { load: { runs: 1, nodes: 20 } });
    expect(why(held(), { workers: [full] })).toEqual({
      ...{ code: 'at_limit', since: second(-50), nodeId: 'a', workerId: 'w1' },
      sentence: 'The node a waits for its turn: the worker w1 had 20 of 20 nodes in work when it was last heard.',
    });
    for (const other of [{ ...full, capacity: null }, worker('w1', { load: { runs: 1, nodes: 19 } })])
      expect(why(held(), { workers: [other] })).toMatchObject({ code: 'deciding' });
    expect(why(held(), { workers: [worker('w1'), worker('w2', { load: full.load })] })).toMatchObject({ code: 'deciding' });
  });

  it.each(['cancel', 'pause'] as const)('has been told to %s', (type) => {
    play(claimed(), started('a', second(-45)));
    const code = type === 'cancel' ? 'cancelling' : 'pausing';
    expect(why(held(), { inbox: [signal('event'), signal(type)] })).toMatchObject({ code, since: second(-1), workerId: 'w1' });
  });

  it('has a holder that is silent: until when', () => {
    play(claimed(), started('a', second(-45)));
    expect(why(held(), { workers: [worker('w1', { leaseUntil: second(2) })] })).toEqual({
      code: 'holder_silent',
      sentence:
        'The worker w1 that holds the run is silent; unless it is heard again, another takes over at 2030-01-01T12:00:02.000Z.',
      ...{ since: NOW, until: second(2), workerId: 'w1' },
    });
  });

  it.each([[[worker('w1', { live: false, leaseUntil: second(-2) })]], [[]]])('has a holder that is dead', (workers) => {
    play(claimed(), started('a', second(-45)));
    expect(why(held(), { workers })).toMatchObject({ code: 'holder_dead', workerId: 'w1' });
  });

  it('is being undone', () => {
    play(claimed(), started('a', second(-45)), done('a', second(-44)), started('c', second(-43)), failed('c', second(-42), null));
    play(runEvent('run.compensating', second(-41), { error: { code: 'node_failed', message: 'x' }, node_id: 'c' }));
    const sentence = 'The run is being undone since c failed: 0 of 1 nodes are dealt with.';
    expect(why(held())).toMatchObject({ code: 'compensating', sentence, since: second(-41), nodeId: 'c' });
    const error = { code: 'node_failed', message: 'x' };
    play(nodeEvent('compensation.started', of('a'), second(-40), {}));
    play(nodeEvent('compensation.failed', of('a'), second(-39), { error, retry_at: second(3) }));
    expect(why(held())).toMatchObject({
      sentence: expect.stringMatching(/; undoing a is tried again at 2030-01-01T12:00:03\.000Z\.$/),
      until: second(3),
    });
  });
});
