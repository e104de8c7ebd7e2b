import { beforeEach, describe, expect, it } from '@jest/globals';
import { BatonError, DEFAULT_TENANT, type JsonValue, type WorkflowRef } from '@baton/core';
import { refuse, World, type SimulatedApi } from '../../../test/support/in-memory/index.js';
import type { StartOutcome, StartTaskRun } from './start-run.js';

const KEY = 'task:t1:lock';

let world: World;
let api: SimulatedApi;
let workflow: WorkflowRef;

beforeEach(async () => {
  world = new World();
  workflow = await world.publish('answer', { only: {} });
  await world.createTask('t1');
  api = world.api('a1');
});

const start = (by: SimulatedApi = api, request: Partial<StartTaskRun> = {}): Promise<StartOutcome> =>
  by.starter.startTaskRun({ tenantId: DEFAULT_TENANT, taskId: 't1', idempotency: null, ...request });

/** Lets the time pass that a submission waits for another's to show. */
async function within<T>(promise: Promise<T>): Promise<T> {
  let settled = false;
  void promise.finally(() => (settled = true)).catch(() => undefined);
  await world.clock.until(() => settled, 'an answer', 5_000);
  return promise;
}

const accepted = (outcome: StartOutcome): { id: string; input: JsonValue } => {
  if (outcome.kind !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(outcome)}`);
  return outcome.run;
};

describe('startTaskRun', () => {
  it('accepts: a committed row, a job, the mark on the task, and a free lock', async () => {
    const run = accepted(await start());
    await world.clock.settle();
    expect(world.run(run.id)).toMatchObject({ status: 'queued', seq: 1, epoch: 0, taskId: 't1' });
    expect([...world.queueService.jobs.keys()]).toEqual([`${run.id}.0`]);
    expect(world.db.tasks.get('t1')).toMatchObject({ status: 'running', liveRunId: run.id });
    expect(world.lockService.get(KEY)).toBeNull();
    expect(world.db.lockRecords).toMatchObject([
      { runId: run.id, operation: 'submit', event: 'acquired', method: 'memory', holder: 'api/a1', tokenLength: 32 },
    ]);
    expect(api.observer.told.map(({ name }) => name)).toEqual(['submitEntered', 'runSubmitted', 'submitAcquired']);
  });

  it('holds the lock while it submits', async () => {
    let seen: string | null = null;
    api.runs.calls.next('submit', { before: () => void (seen = world.lockService.get(KEY)) });
    await start();
    expect(seen).toMatch(/^api\/a1:/);
  });

  it('refuses up front while another holds the lock and the run shows in SQL', async () => {
    const runId = await world.submit(workflow, null, 't1');
    await world.api('w').locks.acquire({ key: KEY, holder: { kind: 'worker', id: 'w1' }, operation: 'advance' });
    expect(await start()).toEqual({ kind: 'conflict', taskId: 't1', liveRunId: runId, method: 'upfront' });
    expect(world.db.lockRecords).toMatchObject([{ event: 'conflict', method: 'upfront', runId, tokenLength: 0 }]);
    expect(api.observer.told.at(-1)).toMatchObject({ name: 'submitConflict', detail: { runId, method: 'upfront' } });
    expect(api.runs.calls.requests('submit')).toEqual([]);
  });

  it('refuses at the lock when another took it after the look', async () => {
    const rival = world.api('a2');
    api.locks.calls.next('acquire', {
      before: async () => {
        await rival.locks.acquire({ key: KEY, holder: { kind: 'api', id: 'a2' }, operation: 'submit' });
        await world.submit(workflow, null, 't1');
      },
    });
    expect(await start()).toMatchObject({ kind: 'conflict', method: 'memory' });
  });

  it('refuses in SQL a task whose run is queued and holds no lock', async () => {
    const run = accepted(await start());
    expect(await start(world.api('a2'))).toEqual({ kind: 'conflict', taskId: 't1', liveRunId: run.id, method: 'sql' });
    expect(world.db.lockRecords.at(-1)).toMatchObject({ event: 'conflict', method: 'sql', runId: run.id });
    await world.clock.settle();
    expect(world.lockService.get(KEY)).toBeNull();
  });

  it('lets SQL alone decide when the lock service is away', async () => {
    world.lockService.reachable = false;
    const run = accepted(await start());
    expect(await start()).toEqual({ kind: 'conflict', taskId: 't1', liveRunId: run.id, method: 'sql' });
    expect(world.db.lockRecords).toMatchObject([{ method: 'sql', event: 'acquired', tokenLength: 0 }, { event: 'conflict' }]);
  });

  it('lets SQL alone decide when the lock service goes away after the look', async () => {
    api.locks.calls.next('acquire', { before: () => void (world.lockService.reachable = false) });
    expect(await start()).toMatchObject({ kind: 'accepted' });
  });

  it.each([
    ['a dead worker', { kind: 'worker', id: 'dead' } as const],
    ['a dead submitter', { kind: 'api', id: 'dead' } as const],
  ])('is not kept out by the stale lock of %s', async (_whose, holder) => {
    await world.api('x').locks.acquire({ key: KEY, holder, operation: 'advance' });
    const before = world.clock.now();
    expect(await within(start())).toMatchObject({ kind: 'accepted' });
    expect(world.clock.now() - before).toBeLessThanOrEqual(400);
  });

  it('accepts exactly one of many at once, over two processes', async () => {
    const other = world.api('a2');
    const outcomes = await within(Promise.all(Array.from({ length: 50 }, (_, n) => start(n % 2 === 0 ? api : other))));
    expect(outcomes.filter(({ kind }) => kind === 'accepted')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome.kind === 'conflict' && outcome.liveRunId !== null)).toHaveLength(49);
    expect(world.db.runs.size).toBe(1);
    expect(world.db.lockRecords.filter(({ event }) => event === 'acquired')).toHaveLength(1);
  });

  it('accepts a task again after its run has ended', async () => {
    await world.worker('w1', { handlers: { work: () => null } }).start();
    const first = accepted(await start());
    await world.untilStatus(first.id, 'completed');
    const second = accepted(await within(start()));
    await world.untilStatus(second.id, 'completed');
    expect(world.db.tasks.get('t1')).toMatchObject({ status: 'done', lastRunId: second.id });
  });

  it('answers a repeated Idempotency-Key with the run it started, also while the lock is held', async () => {
    const idempotency = { key: 'k', requestDigest: 'd' };
    const first = accepted(await start(api, { idempotency }));
    await world.api('w').locks.acquire({ key: KEY, holder: { kind: 'worker', id: 'w1' }, operation: 'advance' });
    expect(await start(api, { idempotency })).toMatchObject({ kind: 'accepted', replayed: true, run: { id: first.id } });
    await expect(start(api, { idempotency: { key: 'k', requestDigest: 'other' } })).rejects.toMatchObject({
      ...{ code: 'idempotency_key_reused', context: { run_id: first.id } },
    });
    expect(api.observer.told.filter(({ name }) => name === 'submitAcquired')).toHaveLength(1);
  });

  it('asks the title, told more by the description, where the task has no input', async () => {
    expect(accepted(await start()).input).toEqual({ question: 'Title of t1' });
    await world.createTask('t2');
    world.db.tasks.get('t2')!.description = 'in short';
    expect(accepted(await start(api, { taskId: 't2', title: 'Why?' })).input).toEqual({
      question: 'Why?',
      description: 'in short',
    });
    await world.createTask('t3', { depth: 3 });
    expect(accepted(await start(api, { taskId: 't3' })).input).toEqual({ depth: 3 });
    await world.createTask('t4', { depth: 4 });
    expect(accepted(await start(api, { taskId: 't4', input: { depth: 5 } })).input).toEqual({ depth: 5 });
  });

  it("asks something else where the title or description is not the task's own", async () => {
    for (const [taskId, asked, input] of [
      ['own', { title: 'Title of own', description: 'as kept' }, { depth: 3 }],
      ['title', { title: 'Why?' }, { question: 'Why?', description: 'as kept' }],
      ['more', { description: 'at length' }, { question: 'Title of more', description: 'at length' }],
    ] as const) {
      await world.createTask(taskId, { depth: 3 });
      world.db.tasks.get(taskId)!.description = 'as kept';
      expect(accepted(await start(api, { taskId, ...asked })).input).toEqual(input);
    }
  });

  it('knows no task of another tenant, and no task that vanished', async () => {
    await expect(start(api, { taskId: 'none' })).rejects.toMatchObject({ code: 'task_not_found' });
    await expect(start(api, { tenantId: 'other' })).rejects.toMatchObject({ code: 'task_not_found' });
    api.runs.calls.next('submit', { before: () => void world.db.tasks.delete('t1') });
    await expect(start()).rejects.toMatchObject({ code: 'task_not_found', context: { task_id: 't1' } });
    await world.clock.settle();
    expect(world.lockService.get(KEY)).toBeNull();
  });

  it('says so when the workflow of tasks is missing', async () => {
    await expect(start(world.api('a2', { taskWorkflow: 'other' }))).rejects.toMatchObject({ code: 'workflow_not_found' });
  });

  it('refuses an input above the limit and leaves no lock behind', async () => {
    await expect(start(api, { input: 'x'.repeat(10_001) })).rejects.toMatchObject({ code: 'payload_too_large' });
    await world.clock.settle();
    expect(world.lockService.get(KEY)).toBeNull();
  });

  it('leaves no lock behind when the database is away', async () => {
    api.runs.calls.next('submit', refuse(new BatonError('storage_unavailable', 'away')));
    await expect(start()).rejects.toMatchObject({ code: 'storage_unavailable' });
    await world.clock.settle();
    expect(world.lockService.get(KEY)).toBeNull();
    expect(world.clock.pending).toBe(0);
  });

  it('accepts while the queue is away: the waker dispatches later', async () => {
    world.queueService.reachable = false;
    const run = accepted(await start());
    await world.clock.settle();
    expect(api.observer.told.at(-1)).toMatchObject({ name: 'dispatchFailed', detail: [run.id, expect.any(Error)] });
  });
});

describe('startWorkflowRun', () => {
  const request = (): Parameters<SimulatedApi['starter']['startWorkflowRun']>[0] => ({
    ...{ tenantId: DEFAULT_TENANT, workflow, input: { n: 1 }, idempotency: null },
  });

  it('starts any number at once, and takes no lock', async () => {
    const runs = await Promise.all([api.starter.startWorkflowRun(request()), api.starter.startWorkflowRun(request())]);
    expect(new Set(runs.map(({ id }) => id)).size).toBe(2);
    expect(runs[0]).toMatchObject({ taskId: null, input: { n: 1 }, status: 'queued' });
    expect(api.locks.calls.log).toEqual([]);
  });

  it('refuses an input above the limit', async () => {
    await expect(api.starter.startWorkflowRun({ ...request(), input: 'x'.repeat(10_001) })).rejects.toMatchObject({
      code: 'payload_too_large',
    });
  });

  it('does not take a conflict for granted', async () => {
    api.runs.submit = () => Promise.resolve({ kind: 'duplicate', liveRunId: 'x' });
    await expect(api.starter.startWorkflowRun(request())).rejects.toThrow('a run without a task met a conflict');
  });
});

describe('findRunnable', () => {
  it('reads what starts that come together ask for once, and says what there is not', async () => {
    const { starter } = api;
    let reads = 0;
    const find = api.workflows.findSummary.bind(api.workflows);
    api.workflows.findSummary = (...args) => {
      reads += 1;
      return find(...args);
    };
    const asked = Array.from({ length: 50 }, () => starter.findRunnable(DEFAULT_TENANT, 'answer'));
    const found = await Promise.all(asked);
    expect(new Set(found.map(({ id }) => id))).toEqual(new Set([workflow.id]));
    expect(reads).toBe(1);
    await expect(starter.findRunnable(DEFAULT_TENANT, 'other')).rejects.toMatchObject({ code: 'workflow_not_found' });
    await expect(starter.findRunnable('another', 'answer')).rejects.toMatchObject({ code: 'workflow_not_found' });
  });
});
