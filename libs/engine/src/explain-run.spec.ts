import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { DEFAULT_TENANT, type JsonValue, type Why } from '@baton/core';
import {
  World,
  type NodeSketch,
  type SimulatedApi,
  type SimulatedWorker,
  type Work,
} from '../../../test/support/in-memory/index.js';

let world: World;
let api: SimulatedApi;

beforeEach(() => {
  world = new World();
  api = world.api('a1');
});

afterEach(() => {
  expect(world.db.problems()).toEqual([]);
});

const endless: Work = () => new Promise<JsonValue>(() => undefined);
const signal = new AbortController().signal;

async function startWorker(id: string, handlers: Record<string, Work>): Promise<SimulatedWorker> {
  const worker = await world.worker(id, { handlers }).start();
  worker.waker.start();
  return worker;
}

async function start(nodes: Record<string, NodeSketch>): Promise<string> {
  return world.launch(await world.publish('flow', nodes));
}

async function why(runId: string): Promise<Why> {
  const run = await api.runs.findRun(runId);
  return api.explainer.explain(run!, await api.inspector.inspect(run!));
}

const wish = (runId: string, reason: string) => ({ tenantId: DEFAULT_TENANT, runId, reason, by: 'ann' });

const asks: Work = ({ waitFor }) => waitFor('k', { awaits: { kind: 'approval' }, until: null, reason: 'Ship it?' });
const hears: Work = ({ waitFor }) => waitFor('k', { awaits: { kind: 'event', name: 'paid' }, until: null, reason: 'paid?' });

it('no worker is alive', async () => {
  const runId = await start({ a: {} });
  expect(await why(runId)).toMatchObject({ code: 'no_worker', since: world.run(runId).createdAt });
});

it('workers are busy: its job waits in the queue', async () => {
  await world.worker('w1', { handlers: { work: endless } }).keeper.start(() => false);
  const runId = await start({ a: {} });
  expect(await why(runId)).toMatchObject({ code: 'workers_busy', others: 1 });
});

it('is being handed to a worker', async () => {
  await world.worker('w1', { handlers: { work: endless } }).keeper.start(() => false);
  const runId = await world.submit(await world.publish('flow', { a: {} }));
  expect(await why(runId)).toMatchObject({ code: 'dispatching' });
});

it('no live worker runs its nodes', async () => {
  await world.worker('w1', { handlers: { other: endless } }).keeper.start(() => false);
  const runId = await start({ a: { type: 'rare' } });
  expect(await why(runId)).toMatchObject({ code: 'no_worker_for_type', nodeId: 'a', nodeType: 'rare' });
  await startWorker('w2', { other: endless });
  await world.untilStatus(runId, 'completed');
  expect(world.story(runId)).toContain('node.skipped a');
});

it('a node is in work; its worker then falls silent, and then is dead', async () => {
  const runId = await start({ a: {} });
  const worker = await startWorker('w1', { work: endless });
  await world.clock.until(() => world.story(runId).includes('node.started a'), 'a is in work');
  expect(await why(runId)).toMatchObject({ code: 'running', nodeId: 'a', attempt: 1, others: 0 });
  worker.crash();
  await world.clock.advance(3_000);
  const silent = await why(runId);
  expect(silent).toMatchObject({ code: 'holder_silent', workerId: 'w1' });
  await world.clock.advance(silent.until! - world.clock.now());
  expect(await why(runId)).toMatchObject({ code: 'holder_dead', workerId: 'w1' });
});

it('waits for a decision, an event, a time', async () => {
  const until = world.clock.now() + 3_600_000;
  const sleeps: Work = ({ waitFor }) => waitFor('k', { awaits: { kind: 'time' }, until, reason: 'later' });
  const runId = await start({ a: { type: 'asks' }, b: { type: 'hears' }, c: { type: 'sleeps' } });
  await startWorker('w1', { asks, hears, sleeps });
  await world.untilStatus(runId, 'waiting');
  const since = world.journal(runId).find(({ type, nodeId }) => type === 'node.suspended' && nodeId === 'a')!.at;
  expect(await why(runId)).toMatchObject({ code: 'waiting_for_approval', approvalId: `${runId}.1.a`, since, others: 2 });

  await api.signaller.decide(DEFAULT_TENANT, `${runId}.1.a`, {
    ...{ decision: 'approve', by: 'ann', roles: ['operator'], comment: null, payload: null },
  });
  await world.clock.until(() => world.story(runId).includes('node.completed a'), 'a is decided');
  await world.untilStatus(runId, 'waiting');
  expect(await why(runId)).toMatchObject({ code: 'waiting_for_event', event: 'paid', others: 1 });

  await api.signaller.sendEvent(DEFAULT_TENANT, runId, { name: 'paid', payload: null });
  await world.clock.until(() => world.story(runId).includes('node.completed b'), 'b has heard');
  await world.untilStatus(runId, 'waiting');
  expect(await why(runId)).toMatchObject({ code: 'waiting_for_time', nodeId: 'c', until });
});

it('is tried again', async () => {
  const fails: Work = () => {
    throw new Error('broken');
  };
  const runId = await start({ a: { retry: { max_attempts: 5, initial_ms: 40_000, backoff: 'fixed', jitter: 0 } } });
  await startWorker('w1', { work: fails });
  await world.untilStatus(runId, 'waiting');
  expect((await why(runId)).sentence).toBe('The node a is tried again in 40 s (try 2 of 5).');
});

it('is paused, by whom and why; with nobody to pause it, it waits for a worker', async () => {
  const runId = await start({ a: { type: 'hears' } });
  const worker = await startWorker('w1', { hears });
  await world.untilStatus(runId, 'waiting');
  const paused = api.signaller.pause(wish(runId, 'lunch'), signal);
  await world.untilStatus(runId, 'paused');
  const { seq } = (await paused)!;
  expect(world.journal(runId)[seq - 1]).toMatchObject({ type: 'run.paused', payload: { reason: 'lunch', by: 'ann' } });
  expect(await why(runId)).toMatchObject({ code: 'paused', sentence: expect.stringMatching(/by ann since .*: lunch\.$/) });
  await world.clock.advance(5_000);
  await Promise.all([worker.waker.stop(), worker.shutDown(0)]);
  await api.signaller.tellToResume(wish(runId, 'back'));
  await world.clock.advance(6_000);
  expect(await why(runId)).toMatchObject({ code: 'no_worker' });
});

it('is patched, or told to pause, while its worker is busy, and not heard yet', async () => {
  const runId = await start({ a: {} });
  const worker = await startWorker('w1', { work: endless });
  await world.clock.until(() => world.story(runId).includes('node.started a'), 'a is in work');
  worker.runs.calls.every('readSignals', { before: () => world.clock.sleep(10_000) });
  const patch = [{ op: 'add', path: '/nodes/-', value: { id: 'more', type: 'work' } }];
  await api.patcher.patch({ ...wish(runId, 'more'), revision: 0, patch });
  expect(await why(runId)).toMatchObject({
    code: 'patching',
    sentence: 'The run has been patched by ann: revision 1; the worker w1 is about to take it up.',
    workerId: 'w1',
  });
  await api.signaller.tellToPause(wish(runId, 'lunch'));
  expect(await why(runId)).toMatchObject({ code: 'pausing', workerId: 'w1' });
  await api.signaller.tellToCancel(wish(runId, 'enough'));
  expect(await why(runId)).toMatchObject({ code: 'cancelling', workerId: 'w1' });
});

it('is being undone, and then has ended', async () => {
  const hold = Promise.withResolvers<JsonValue>();
  const fails: Work = () => {
    throw new Error('broken');
  };
  const nodes = {
    a: { compensate: { type: 'undo' } },
    b: { depends_on: ['a'], type: 'fails', on_error: 'compensate', retry: { max_attempts: 1 } },
  };
  const runId = await start(nodes);
  await startWorker('w1', { work: () => null, fails, undo: () => hold.promise });
  await world.clock.until(() => world.story(runId).includes('compensation.started a'), 'a is being undone');
  expect(await why(runId)).toMatchObject({ code: 'compensating', nodeId: 'b' });
  await expect(api.signaller.pause(wish(runId, 'x'), signal)).rejects.toMatchObject({ code: 'cannot_pause' });
  hold.resolve(null);
  await world.untilStatus(runId, 'failed');
  expect(await why(runId)).toMatchObject({
    code: 'ended',
    nodeId: 'b',
    sentence: expect.stringMatching(/^The run has failed at the node b with \w+: ./),
  });
});
