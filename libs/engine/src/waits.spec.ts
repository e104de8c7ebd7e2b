import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AppendRequest, JsonObject, JsonValue, NodeContext, NodeWait, SignalType } from '@baton/core';
import { World, type NodeSketch, type SimulatedWorker, type Work } from '../../../test/support/in-memory/index.js';

let world: World;

beforeEach(() => {
  world = new World();
});

afterEach(() => {
  expect(world.db.problems()).toEqual([]);
});

const HOUR = 3_600_000;

async function startWorker(id: string, handlers: Record<string, Work>): Promise<SimulatedWorker> {
  const worker = await world.worker(id, { handlers }).start();
  worker.waker.start();
  return worker;
}

async function start(nodes: Record<string, NodeSketch>, handlers: Record<string, Work>, workerId = 'w1') {
  const workflow = await world.publish('flow', nodes);
  const worker = await startWorker(workerId, handlers);
  return { worker, runId: await world.launch(workflow) };
}

/** Waits under the key `wait`, with a step before and one after it. */
const waiting =
  (wait: (context: NodeContext) => Omit<NodeWait, 'reason'>, log: string[] = []): Work =>
  async (context) => {
    await context.step('before', () => void log.push('before') as unknown as null);
    const result = await context.waitFor('wait', { ...wait(context), reason: 'waits in a test' });
    await context.step('after', () => void log.push('after') as unknown as null);
    return result;
  };

const send = (runId: string, type: SignalType, payload: JsonObject = {}) =>
  world.api('api').runs.signal(runId, type, payload, world.clock.now());

const eventNamed = (name: string): Omit<NodeWait, 'reason'> => ({ awaits: { kind: 'event', name }, until: null });

describe('a node that waits', () => {
  it('parks its run, holds nothing, and goes on with the event, its finished steps replayed', async () => {
    const log: string[] = [];
    const { worker, runId } = await start({ a: {} }, { work: waiting(() => eventNamed('go'), log) });
    await world.untilStatus(runId, 'waiting');
    expect(await worker.runs.findRun(runId)).toMatchObject({ workerId: null, wakeAt: null });
    expect(worker.advancer.heldRunIds).toEqual([]);

    await send(runId, 'event', { name: 'go', payload: { n: 1 } });
    await world.untilStatus(runId, 'completed');
    expect(log).toEqual(['before', 'after']);
    const run = await worker.runs.findRun(runId);
    expect(run?.output).toEqual({ kind: 'signal', payload: { name: 'go', payload: { n: 1 } } });
    expect(world.story(runId)).toEqual([
      ...['run.submitted', 'run.claimed', 'node.started a', 'step.completed a', 'node.suspended a', 'run.waiting'],
      ...['run.claimed', 'signal.received', 'node.resumed a', 'node.started a', 'step.completed a', 'node.completed a'],
      'run.completed',
    ]);
    expect(
      new Set(
        world
          .journal(runId)
          .filter(({ nodeId }) => nodeId === 'a')
          .map(({ attempt }) => attempt),
      ),
    ).toEqual(new Set([1]));
  });

  it('goes on when its time has come, though nobody rings', async () => {
    const until = world.clock.now() + HOUR;
    const { worker, runId } = await start({ a: {} }, { work: waiting(() => ({ awaits: { kind: 'time' }, until })) });
    await world.untilStatus(runId, 'waiting');
    expect(await worker.runs.findRun(runId)).toMatchObject({ wakeAt: until });
    await world.clock.advance(HOUR - 1_000);
    expect(await worker.runs.findRun(runId)).toMatchObject({ status: 'waiting' });
    await world.untilStatus(runId, 'completed');
    expect((await worker.runs.findRun(runId))?.output).toEqual({ kind: 'timeout' });
    expect(world.clock.now()).toBeGreaterThanOrEqual(until);
  });

  it('takes an event that came before it waited', async () => {
    const gate = Promise.withResolvers<JsonValue>();
    const { runId } = await start(
      { first: { type: 'gate' }, a: { depends_on: ['first'] } },
      { gate: () => gate.promise, work: waiting(() => eventNamed('early')) },
    );
    await world.clock.until(() => world.story(runId).includes('node.started first'), 'the first node runs');
    await send(runId, 'event', { name: 'early' });
    await world.clock.until(() => world.story(runId).includes('signal.received'), 'the event is journaled');
    gate.resolve(null);
    await world.untilStatus(runId, 'completed');
  });

  it('takes any number of events that came before, in order, some in each commit', async () => {
    const runId = await world.submit(await world.publish('flow', { a: {} }));
    const numbers = Array.from({ length: 250 }, (_, index) => index);
    for (const n of numbers) await send(runId, 'event', { name: 'go', payload: n });
    const worker = await startWorker('w1', { work: waiting(() => eventNamed('go')) });
    world.dispatch(runId);
    await world.untilStatus(runId, 'completed');
    const received = world.journal(runId).filter(({ type }) => type === 'signal.received');
    expect(received.map(({ payload }) => (payload as { payload: JsonObject }).payload['payload'])).toEqual(numbers);
    expect((await worker.runs.findRun(runId))?.output).toMatchObject({ payload: { payload: 0 } });
    const inCommits = worker.runs.calls
      .requests<AppendRequest>('append')
      .map(({ events, consumed = [] }) => [events.filter(({ type }) => type === 'signal.received').length, consumed.length])
      .filter(([events]) => events! > 0);
    expect(inCommits).toEqual([
      [100, 100],
      [100, 100],
      [50, 50],
    ]);
  });

  it('gets an event once that was sent again after it was received', async () => {
    const event = (id: string, n: number): JsonObject => ({ name: 'go', payload: n, event_id: id });
    const { worker, runId } = await start(
      { first: {}, second: { depends_on: ['first'] } },
      { work: waiting(() => eventNamed('go')) },
    );
    await world.untilStatus(runId, 'waiting');
    await send(runId, 'event', event('one', 1));
    await world.clock.until(() => world.story(runId).includes('node.suspended second'), 'the second waits');
    await send(runId, 'event', event('one', 1));
    await send(runId, 'event', event('two', 2));
    await world.untilStatus(runId, 'completed');
    expect(world.story(runId).filter((line) => line === 'signal.received')).toHaveLength(2);
    expect((await worker.runs.findRun(runId))?.output).toMatchObject({ payload: { payload: 2 } });
    expect(await worker.runs.readSignals([runId])).toEqual([]);
  });

  it('leaves events of other names to others, and each event to one node', async () => {
    const { runId } = await start(
      { a: {}, b: {}, c: { type: 'other' } },
      { work: waiting(() => eventNamed('shared')), other: waiting(() => eventNamed('other')) },
    );
    await world.untilStatus(runId, 'waiting');
    await send(runId, 'event', { name: 'shared', payload: 1 });
    await world.clock.until(() => world.story(runId).some((line) => line.startsWith('node.completed')), 'one goes on');
    await world.untilStatus(runId, 'waiting');
    expect(world.story(runId).filter((line) => line.startsWith('node.completed'))).toEqual(['node.completed a']);
    await send(runId, 'event', { name: 'other' });
    await send(runId, 'event', { name: 'shared', payload: 2 });
    await world.untilStatus(runId, 'completed');
  });

  it('costs neither a job nor a place in its worker, however many runs wait', async () => {
    const worker = await startWorker('w1', { work: waiting(() => eventNamed('go')) });
    const workflow = await world.publish('flow', { a: {} });
    const runIds = await Promise.all(Array.from({ length: 500 }, () => world.launch(workflow)));
    for (const runId of runIds) await world.untilStatus(runId, 'waiting');
    await world.clock.settle();
    expect(world.queueService.jobs.size).toBe(0);
    expect(worker.advancer.workload).toEqual({ runs: 0, nodes: 0 });
  });

  it('goes on at another worker after a crash of the one that parked it', async () => {
    const log: string[] = [];
    const work = waiting(() => eventNamed('go'), log);
    const { worker, runId } = await start({ a: {} }, { work });
    await world.untilStatus(runId, 'waiting');
    worker.crash();
    await startWorker('w2', { work });
    await send(runId, 'event', { name: 'go' });
    await world.untilStatus(runId, 'completed');
    expect(log).toEqual(['before', 'after']);
  });

  it('takes the decision on itself, whichever node asked first', async () => {
    const approval = waiting(() => ({ awaits: { kind: 'approval' }, until: null }));
    const { worker, runId } = await start({ a: {}, b: {} }, { work: approval });
    await world.untilStatus(runId, 'waiting');
    await send(runId, 'decide', { node_id: 'b', decision: 'approve' });
    await world.clock.until(() => world.story(runId).includes('node.completed b'), 'b goes on');
    expect(world.story(runId)).not.toContain('node.completed a');
    await send(runId, 'decide', { node_id: 'a', decision: 'reject' });
    await world.untilStatus(runId, 'completed');
    const outputs = (await worker.runs.findRun(runId))?.output as Record<string, { payload: JsonObject }>;
    expect(outputs['a']?.payload['decision']).toBe('reject');
    expect(outputs['b']?.payload['decision']).toBe('approve');
  });
});

describe('a handler that does not wait for its wait', () => {
  it('goes on, and takes nobody down', async () => {
    const { runId } = await start(
      { a: {} },
      {
        work: ({ waitFor }) => {
          void waitFor('nobody', { ...eventNamed('never'), reason: 'is not waited for' });
          return 'done';
        },
      },
    );
    await world.untilStatus(runId, 'completed');
    expect(world.story(runId)).not.toContain('node.suspended a');
  });
});

describe('pause and resume', () => {
  it('reach into the node in work, keep its finished steps, and count no failure', async () => {
    const log: string[] = [];
    const blocked = Promise.withResolvers<null>();
    const work: Work = async ({ step, signal }) => {
      await step('before', () => void log.push('before') as unknown as null);
      signal.addEventListener('abort', () => log.push('aborted'), { once: true });
      await step('long', () => blocked.promise);
      return 'done';
    };
    const { worker, runId } = await start({ a: { retry: { max_attempts: 1 } } }, { work });
    await world.clock.until(() => world.story(runId).includes('step.completed a'), 'the first step is done');
    await send(runId, 'pause', { reason: 'lunch' });
    await world.untilStatus(runId, 'paused');
    expect(log).toEqual(['before', 'aborted']);
    expect(await worker.runs.findRun(runId)).toMatchObject({ workerId: null, wakeAt: null });
    expect(world.story(runId).slice(-2)).toEqual(['run.paused', 'node.interrupted a']);

    await world.clock.advance(HOUR);
    expect(await worker.runs.findRun(runId)).toMatchObject({ status: 'paused' });
    blocked.resolve(null);
    await send(runId, 'resume');
    await world.untilStatus(runId, 'completed');
    expect(log.filter((entry) => entry === 'before')).toHaveLength(1);
  });

  it('a paused run keeps its events until it is resumed', async () => {
    const { runId } = await start({ a: {} }, { work: waiting(() => eventNamed('go')) });
    await world.untilStatus(runId, 'waiting');
    await send(runId, 'pause');
    await world.untilStatus(runId, 'paused');
    await send(runId, 'event', { name: 'go' });
    await world.clock.until(() => world.story(runId).includes('signal.received'), 'the event is journaled');
    await world.untilStatus(runId, 'paused');
    expect(world.story(runId)).not.toContain('node.resumed a');
    await send(runId, 'resume');
    await world.untilStatus(runId, 'completed');
  });

  it('twice is once', async () => {
    const { runId } = await start({ a: {} }, { work: waiting(() => eventNamed('go')) });
    await world.untilStatus(runId, 'waiting');
    await send(runId, 'resume');
    await send(runId, 'pause');
    await send(runId, 'pause', { reason: 'again' });
    await world.untilStatus(runId, 'paused');
    await world.clock.advance(HOUR);
    expect(world.story(runId).filter((line) => line === 'run.paused')).toHaveLength(1);
    expect(await world.api('x').runs.readSignals([runId])).toEqual([]);
    await send(runId, 'cancel');
    await world.untilStatus(runId, 'cancelled');
  });
});
