import { beforeEach, describe, expect, test } from '@jest/globals';
import type { WorkflowRef } from '@baton/core';
import { World, type SimulatedApi, type SimulatedWorker } from '../../../test/support/in-memory/index.js';

const LIMITS = { active_runs: 1, on_limit: 'queue' } as const;

let world: World;
let workflow: WorkflowRef;

beforeEach(() => {
  world = new World();
});

/** A worker whose nodes end when they are told to. */
async function patientWorker(
  id: string,
): Promise<{ worker: SimulatedWorker; started: string[]; finish: (runId: string) => void }> {
  const started: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<null>>();
  const worker = world.worker(id, {
    handlers: {
      work: ({ runId }) => {
        started.push(runId);
        const end = Promise.withResolvers<null>();
        ends.set(runId, end);
        return end.promise;
      },
    },
  });
  await worker.start();
  worker.waker.start();
  return { worker, started, finish: (runId) => ends.get(runId)!.resolve(null) };
}

async function start(api: SimulatedApi): Promise<string> {
  const run = await api.starter.startWorkflowRun({ tenantId: 'default', workflow, input: null, idempotency: null });
  return run.id;
}

describe('a workflow that runs one at a time', () => {
  test('queues the others, in order, and each starts when the one before has ended', async () => {
    workflow = await world.publish('one', { a: {} }, { limits: LIMITS });
    const api = world.api('api');
    const { started, finish } = await patientWorker('w');
    const ids: string[] = [];
    for (let index = 0; index < 4; index += 1) {
      ids.push(await start(api));
      await world.clock.advance(1);
    }
    expect(ids.map((id) => world.run(id).wakeAt !== null)).toEqual([true, false, false, false]);
    for (const [index, id] of ids.entries()) {
      await world.clock.until(() => started.length === index + 1, `${id} has started`);
      expect(started).toEqual(ids.slice(0, index + 1));
      finish(id);
      await world.untilStatus(id, 'completed');
    }
    expect(world.story(ids[1]!)).toEqual([
      ...['run.submitted', 'run.claimed', 'signal.received', 'node.started a', 'node.completed a', 'run.completed'],
    ]);
    expect(world.db.places.rows).toEqual([]);
    expect(world.db.problems()).toEqual([]);
  });

  test('lets a run in line be cancelled, paused and resumed, and starts nothing of it before its turn', async () => {
    workflow = await world.publish('one', { a: {} }, { limits: LIMITS });
    const api = world.api('api');
    const { started, finish } = await patientWorker('w');
    const first = await start(api);
    const [second, third] = [await start(api), await start(api)];
    await api.signaller.tellToCancel({ tenantId: 'default', runId: second, reason: 'no more', by: 'me' });
    await world.untilStatus(second, 'cancelled');
    await api.signaller.tellToPause({ tenantId: 'default', runId: third, reason: 'later', by: 'me' });
    await world.untilStatus(third, 'paused');
    finish(first);
    await world.untilStatus(first, 'completed');
    await world.clock.until(
      () => world.db.places.rowsIn(world.db.places.rows[0]!.scope, 'taken').length === 1,
      'the third has the place',
    );
    expect(started).toEqual([first]);
    await api.signaller.tellToResume({ tenantId: 'default', runId: third, reason: 'now', by: 'me' });
    await world.clock.until(() => started.includes(third), 'the third has started');
    finish(third);
    await world.untilStatus(third, 'completed');
    expect(started).toEqual([first, third]);
    expect(world.db.problems()).toEqual([]);
  });

  test('starts nothing of a run in line that is woken before its turn, whoever loads it', async () => {
    workflow = await world.publish('one', { a: {} }, { limits: LIMITS });
    const api = world.api('api');
    const { started, finish } = await patientWorker('w');
    const first = await start(api);
    const second = await start(api);
    await world.clock.until(() => started.length === 1, 'the first has started');
    // Its journal has one event when it is loaded: that it waits stands there, and in no column.
    expect(world.run(second)).toMatchObject({ seq: 1, limited: true });
    await api.signaller.sendEvent('default', second, { name: 'early', payload: null });
    await world.clock.until(() => world.run(second).status === 'waiting', 'it is parked again');
    expect(started).toEqual([first]);
    finish(first);
    await world.untilStatus(first, 'completed');
    await world.clock.until(() => started.length === 2, 'the second has started');
    finish(second);
    await world.untilStatus(second, 'completed');
    expect(world.db.problems()).toEqual([]);
  });

  test('goes on when the worker dies that should have rung: another admits what waits', async () => {
    workflow = await world.publish('one', { a: {} }, { limits: LIMITS });
    const api = world.api('api');
    const dying = await patientWorker('w1');
    const first = await start(api);
    const second = await start(api);
    await world.clock.until(() => dying.started.length === 1, 'the first has started');
    dying.worker.places.calls.die();
    dying.finish(first);
    await world.untilStatus(first, 'completed');
    dying.worker.crash();
    expect(world.run(second).wakeAt).toBeNull();
    const { worker, started, finish } = await patientWorker('w2');
    expect(await worker.admitter.runOnce()).toEqual({ scopes: 1, admitted: 1 });
    await world.clock.until(() => started.includes(second), 'the second has started');
    finish(second);
    await world.untilStatus(second, 'completed');
    expect(await worker.admitter.runOnce()).toEqual({ scopes: 0, admitted: 0 });
  });
});

test('the oldest run makes room for the newest', async () => {
  workflow = await world.publish('one', { a: {} }, { limits: { active_runs: 1, on_limit: 'cancel_oldest' } });
  const api = world.api('api');
  const { started, finish } = await patientWorker('w');
  const first = await start(api);
  await world.clock.until(() => started.length === 1, 'the first has started');
  const second = await start(api);
  await world.untilStatus(first, 'cancelled');
  await world.clock.until(() => started.length === 2, 'the second has started');
  finish(second);
  await world.untilStatus(second, 'completed');
  const last = world.journal(first).at(-1)!;
  expect(last.payload).toMatchObject({ by: 'limit', reason: expect.stringContaining(second) });
});

test('a refused start says what is full, and when to come again', async () => {
  workflow = await world.publish('one', { a: {} }, { limits: { active_runs: 1 } });
  const api = world.api('api', { limits: { tenantRuns: 2 } });
  const first = await start(api);
  await expect(start(api)).rejects.toMatchObject({
    ...{ code: 'already_executing', context: { live_run_id: first, limit: { kind: 'workflow', active_runs: 1, live: 1 } } },
  });
  workflow = await world.publish('other', { a: {} });
  await start(api);
  await expect(start(api)).rejects.toMatchObject({
    ...{ code: 'limit_reached', context: { limit: { kind: 'tenant', name: 'default', active_runs: 2, live: 2 } } },
    options: { retryAfterSeconds: 1 },
  });
  const told = api.observer.told.filter(({ name }) => name === 'startRefused').map(({ detail }) => detail);
  expect(told).toEqual([
    { code: 'already_executing', limit: 'workflow' },
    { code: 'limit_reached', limit: 'tenant' },
  ]);
});

describe('the backlog', () => {
  test('is bounded, and open again once it has been worked off', async () => {
    workflow = await world.publish('plain', { a: {} });
    const api = world.api('api', { maxBacklog: 3 });
    const ids = [await start(api), await start(api), await start(api)];
    const refused = { code: 'backlog_full', context: { queued: 3, max_backlog: 3 }, options: { retryAfterSeconds: 2 } };
    await expect(start(api)).rejects.toMatchObject(refused);
    const { finish, started } = await patientWorker('w');
    await world.clock.until(() => started.length === 3, 'all have started');
    ids.forEach((id) => finish(id));
    await world.clock.advance(1_000);
    // The first one meets the old count, and has a new one made.
    const again = start(api).catch(() => start(api));
    expect(typeof (await again)).toBe('string');
  });

  test('is shut to who floods it, and for a moment without being asked, but not to a tenant that has little queued', async () => {
    workflow = await world.publish('plain', { a: {} });
    const api = world.api('api', { maxBacklog: 20 });
    const begin = (tenantId: string) => api.starter.startWorkflowRun({ tenantId, workflow, input: null, idempotency: null });
    for (let index = 0; index < 20; index += 1) await begin('default');
    expect(api.starter.refusalOf('default')).toBeNull();
    await expect(begin('default')).rejects.toMatchObject({ code: 'backlog_full' });
    expect(api.starter.refusalOf('default')).toMatchObject({ code: 'backlog_full' });
    expect(api.starter.refusalOf('quiet')).toBeNull();
    expect((await begin('quiet')).tenantId).toBe('quiet');
    // One is all that a hundredth of twenty allows.
    await expect(begin('quiet')).rejects.toMatchObject({ code: 'backlog_full' });
    await world.clock.advance(1_000);
    expect(api.starter.refusalOf('default')).toBeNull();
  });

  test('stays shut to a flood until one count for all has found room again', async () => {
    workflow = await world.publish('plain', { a: {} });
    const api = world.api('api', { maxBacklog: 3 });
    const ids = [await start(api), await start(api), await start(api)];
    await expect(start(api)).rejects.toMatchObject({ code: 'backlog_full' });
    const flood = (): unknown[] => Array.from({ length: 100 }, () => api.starter.refusalOf('default')?.code ?? null);
    const counts = api.runs.calls.requests('countQueued').length;
    await world.clock.advance(100);
    expect(new Set(flood())).toEqual(new Set(['backlog_full']));
    await world.clock.advance(0);
    expect(api.runs.calls.requests('countQueued').length - counts).toBeLessThanOrEqual(1);

    const { finish, started } = await patientWorker('w');
    await world.clock.until(() => started.length === 3, 'all have started');
    ids.forEach((id) => finish(id));
    for (let waited = 0; waited < 1_000 && flood().includes('backlog_full'); waited += 50) await world.clock.advance(50);
    expect(api.starter.refusalOf('default')).toBeNull();
  });

  test('is counted once in a while, not with each start', async () => {
    workflow = await world.publish('plain', { a: {} });
    const api = world.api('api');
    for (let index = 0; index < 20; index += 1) await start(api);
    expect(api.runs.calls.requests('countQueued')).toHaveLength(1);
  });
});
