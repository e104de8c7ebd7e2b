import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runChild, successorRunId, type JsonObject, type JsonValue, type SignalType } from '@baton/core';
import { World, type NodeSketch, type SimulatedWorker, type Work } from '../../../test/support/in-memory/index.js';

let world: World;

beforeEach(() => {
  world = new World();
});

afterEach(() => {
  expect(world.db.problems()).toEqual([]);
});

async function startWorker(id: string, handlers: Record<string, Work>): Promise<SimulatedWorker> {
  const worker = await world.worker(id, { handlers }).start();
  worker.waker.start();
  return worker;
}

/** Goes on with one less, until there is nothing left. */
const countDown: Work = (context) => {
  const left = Number(context.input);
  if (left > 0) context.continueAsNew(left - 1);
  return left;
};
const NODES: Record<string, NodeSketch> = { a: { type: 'count' } };
const send = (runId: string, type: SignalType, payload: JsonObject = {}) =>
  world.api('api').runs.signal(runId, type, payload, world.clock.now());
const lastOf = (): string => [...world.db.runs.keys()].at(-1)!;

describe('a run that continues as new', () => {
  it('ends completed, and goes on in a fresh run of the same version, each of which names the other', async () => {
    await startWorker('w1', { count: countDown });
    const workflow = await world.publish('flow', NODES);
    const runId = await world.launch(workflow, 3);
    await world.clock.until(() => world.db.runs.size === 4, 'it has gone on three times');
    await world.untilStatus(lastOf(), 'completed');
    const { runs } = world.api('reader');
    const next = successorRunId(runId);
    expect(await runs.findRun(runId)).toMatchObject({ status: 'completed', continuedFrom: null, continuedAs: next, output: 3 });
    expect(await runs.findRun(next)).toMatchObject({
      continuedFrom: runId,
      input: 2,
      workflow: { digest: workflow.digest },
      parent: null,
    });
    expect(await runs.findRun(lastOf())).toMatchObject({ continuedAs: null, output: 0 });
    for (const id of world.db.runs.keys()) expect(world.journal(id)).toHaveLength(5);
  });

  it('keeps its task running, and its live run is the new one', async () => {
    const hold = Promise.withResolvers<JsonValue>();
    await startWorker('w1', { count: (context) => (context.input === 0 ? hold.promise : countDown(context)) });
    await world.createTask('t1');
    const runId = await world.launch(await world.publish('flow', NODES), 1, 't1');
    await world.untilStatus(runId, 'completed');
    await world.untilStatus(lastOf(), 'running');
    expect(world.db.tasks.get('t1')).toMatchObject({ status: 'running', liveRunId: lastOf() });
    expect(world.run(lastOf())).toMatchObject({ taskId: 't1', continuedFrom: runId });
    hold.resolve(null);
    await world.untilStatus(lastOf(), 'completed');
    expect(world.db.tasks.get('t1')).toMatchObject({ status: 'done', liveRunId: null });
  });

  it('as a child lets its parent wait for the last of its chain, and ends with it', async () => {
    const hold = Promise.withResolvers<JsonValue>();
    const count: Work = (context) =>
      context.input === 0
        ? Promise.race([hold.promise, new Promise<never>((_, reject) => context.signal.addEventListener('abort', reject))])
        : countDown(context);
    await startWorker('w1', { count, parent: (context) => runChild(context, 'child', { workflow: 'flow', input: 2 }) });
    await world.publish('flow', NODES);
    const parents = await world.publish('parents', { p: { type: 'parent' } });
    const first = await world.launch(parents);
    const second = await world.launch(parents);
    await world.clock.until(() => world.db.runs.size === 8, 'both children have gone on twice');
    const liveOf = (runId: string) =>
      [...world.db.runs.values()].find(({ parent, status }) => parent?.runId === runId && status === 'running')!;
    await world.clock.until(() => liveOf(first) !== undefined && liveOf(second) !== undefined, 'the last ones run');
    const told = liveOf(second).id;
    await send(second, 'cancel');
    await world.untilStatus(second, 'cancelled');
    await world.untilStatus(told, 'cancelled');
    hold.resolve('at last');
    await world.untilStatus(first, 'completed');
    expect(await world.api('reader').runs.findRun(first)).toMatchObject({ output: 'at last' });
  });

  it('takes along the events that nothing has waited for', async () => {
    const hold = Promise.withResolvers<JsonValue>();
    await startWorker('w1', {
      count: async (context) => {
        if (context.input === 1) await hold.promise;
        return countDown(context);
      },
      listen: async (context) => {
        if (context.input === 1) return null;
        return context.waitFor('go', { awaits: { kind: 'event', name: 'go' }, until: null, reason: 'waits' });
      },
    });
    const runId = await world.launch(
      await world.publish('flow', { a: { type: 'count' }, b: { type: 'listen' } }, { output: 'b' }),
      1,
    );
    await world.untilStatus(runId, 'running');
    await send(runId, 'event', { name: 'go', payload: 1 });
    hold.resolve(null);
    await world.clock.until(() => world.db.runs.size === 2, 'it goes on');
    await world.untilStatus(lastOf(), 'completed');
    const { output } = (await world.api('reader').runs.findRun(lastOf()))!;
    expect(output).toEqual({ kind: 'signal', payload: { name: 'go', payload: 1 } });
  });

  it('loses no signal that comes while it ends: a cancel ends it, an event goes along', async () => {
    const workflow = await world.publish('flow', NODES);
    for (const type of ['cancel', 'event'] as const) {
      const worker = await startWorker(`w-${type}`, { count: countDown });
      const runId = await world.submit(workflow, 1);
      const isLast = ({ settle }: { settle?: { kind: string } }): boolean => settle?.kind === 'end';
      worker.runs.calls.every('append', {
        before: async () => {
          if (isLast(worker.runs.calls.requests<{ settle?: { kind: string } }>('append').at(-1)!)) {
            worker.runs.calls.every('append', null);
            await send(runId, type, { name: 'late', payload: null });
          }
        },
      });
      world.dispatch(runId);
      if (type === 'cancel') await world.untilStatus(runId, 'cancelled');
      else {
        await world.untilStatus(runId, 'completed');
        const first = world.journal(successorRunId(runId))[0]!;
        expect(first.payload).toMatchObject({ continued_from: { run_id: runId, events: [{ payload: { name: 'late' } }] } });
        await world.untilStatus(successorRunId(runId), 'completed');
      }
      await worker.shutDown(0);
    }
  });

  it('stays where it is when it is paused before it ends', async () => {
    const worker = await startWorker('w1', { count: countDown });
    const runId = await world.submit(await world.publish('flow', NODES), 1);
    worker.runs.calls.next('append', { before: async () => void (await send(runId, 'pause')) });
    world.dispatch(runId);
    await world.untilStatus(runId, 'paused');
    expect(world.story(runId)).toContain('node.completed a');
    expect(world.db.runs.size).toBe(1);
    await send(runId, 'resume');
    await world.untilStatus(runId, 'completed');
    await world.untilStatus(successorRunId(runId), 'completed');
  });

  it('whose worker dies with its end goes on once', async () => {
    const first = await startWorker('w1', { count: countDown });
    first.queue.calls.every('enqueue', { before: () => first.crash() });
    const runId = await world.submit(await world.publish('flow', NODES), 1);
    world.dispatch(runId);
    await world.untilStatus(runId, 'completed');
    await startWorker('w2', { count: countDown });
    await world.untilStatus(successorRunId(runId), 'completed');
    expect(world.db.runs.size).toBe(2);
  });
});
