import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { childRunId, runChild, type ChildOutcome, type ChildrenRequest, type JsonObject, type JsonValue } from '@baton/core';
import {
  World,
  type NodeSketch,
  type SimulatedWorker,
  type Work,
  type WorkerSettings,
} from '../../../test/support/in-memory/index.js';

let world: World;

beforeEach(async () => {
  world = new World();
  await world.publish('child', { c: { type: 'kid', retry: { max_attempts: 1 } } });
});

afterEach(() => {
  expect(world.db.problems()).toEqual([]);
});

async function startWorker(
  id: string,
  handlers: Record<string, Work>,
  more: Partial<WorkerSettings> = {},
): Promise<SimulatedWorker> {
  const worker = await world.worker(id, { handlers, ...more }).start();
  worker.waker.start();
  return worker;
}

/** A node that runs one child. */
const one: Work = (context) => runChild(context, 'child', { workflow: 'child', input: context.input });
/** A node that runs many. */
const many =
  (request: Partial<ChildrenRequest>): Work =>
  async (context) => {
    const outcomes = await context.runChildren('kids', { workflow: 'child', inputs: [], ...request });
    return outcomes.map((outcome) => (outcome === null ? null : brief(outcome)));
  };
const brief = (outcome: ChildOutcome): JsonValue => (outcome.status === 'completed' ? outcome.output : outcome.status);

async function launch(
  nodes: Record<string, NodeSketch> = { a: { type: 'parent' } },
  input: JsonValue = { n: 1 },
): Promise<string> {
  return world.launch(await world.publish('flow', nodes), input);
}

const childrenOf = (runId: string) => [...world.db.runs.values()].filter(({ parent }) => parent?.runId === runId);
const resultOf = (runId: string) => world.api('reader').runs.findRun(runId);
const count = (runId: string, type: string): number => world.journal(runId).filter((event) => event.type === type).length;
const send = (runId: string, type: 'cancel' | 'pause' | 'resume', payload: JsonObject = {}) =>
  world.api('api').runs.signal(runId, type, payload, world.clock.now());

/** A child that stays in its handler until it is opened, or told to end. */
function gate() {
  const entered: string[] = [];
  const { promise, resolve } = Promise.withResolvers<JsonValue>();
  const work: Work = ({ runId, signal }) => {
    entered.push(runId);
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    return Promise.race([promise, aborted]);
  };
  return { entered, work, open: () => resolve('opened') };
}

describe('a child run', () => {
  it('is the child of its node wherever a patch has moved that meanwhile', async () => {
    const held = Promise.withResolvers<void>();
    const parent: Work = async (context) => {
      await held.promise;
      return one(context);
    };
    await startWorker('w1', { parent, work: () => null, kid: () => 'ok' });
    const runId = await launch({ late: { depends_on: ['a'] }, a: { type: 'parent', retry: { max_attempts: 1 } } });
    await world.clock.until(() => world.story(runId).includes('node.started a'), 'the parent node is in work');
    const removed = [{ op: 'remove', path: '/nodes/0' }];
    await world.api('api').patcher.patch({ tenantId: 'default', runId, revision: 0, patch: removed, reason: 'no', by: 'ann' });
    await world.clock.until(() => world.story(runId).includes('run.patched'), 'the patch is taken up');
    held.resolve();
    await world.untilStatus(runId, 'completed');
    expect((await resultOf(runId))!.output).toBe('ok');
  });

  it('is a run of its own with the same tenant, and its output is what its parent goes on with', async () => {
    const parked = Promise.withResolvers<void>();
    await startWorker('w1', { parent: one, kid: ({ input }) => parked.promise.then(() => ({ got: input })) });
    const runId = await launch();
    await world.clock.until(() => world.story(runId).includes('run.waiting'), 'the parent is parked');
    parked.resolve();
    await world.untilStatus(runId, 'completed');
    const childId = childRunId({ runId, nodeId: 'a', visit: 1, key: 'child', round: 0, index: 0 });
    const [child] = childrenOf(runId);
    expect(child).toMatchObject({ id: childId, status: 'completed', tenantId: 'default', taskId: null, input: { n: 1 } });
    expect(child!.parent).toEqual({ runId, nodeId: 'a', index: 0, childId, depth: 1 });
    expect(world.journal(childId)[0]!.payload).toMatchObject({ parent: { run_id: runId, node_id: 'a', index: 0 } });
    expect((await resultOf(runId))?.output).toEqual({ got: { n: 1 } });
    expect(world.story(runId)).toEqual([
      ...['run.submitted', 'run.claimed', 'node.started a', 'node.suspended a', 'children.started a', 'run.waiting'],
      ...['run.claimed', 'signal.received', 'node.resumed a', 'node.started a', 'node.completed a', 'run.completed'],
    ]);
  });

  it('lets its parent wait at no cost', async () => {
    const kid = gate();
    const worker = await startWorker('w1', { parent: one, kid: kid.work });
    const runId = await launch();
    await world.untilStatus(runId, 'waiting');
    expect(world.run(runId)).toMatchObject({ workerId: null, wakeAt: null });
    await world.clock.until(() => kid.entered.length === 1, 'the child runs');
    expect(worker.advancer.heldRunIds).toEqual(kid.entered);
    kid.open();
    await world.untilStatus(runId, 'completed');
  });

  it('of the version that the first look found, also after a crash and a new version', async () => {
    const kid = gate();
    const first = await startWorker('w1', { parent: one, kid: kid.work });
    const runId = await launch();
    await world.untilStatus(runId, 'waiting');
    first.crash();
    await world.publish('child', { c: { type: 'other' } });
    await startWorker('w2', { parent: one, kid: () => 'old', other: () => 'new' });
    await world.untilStatus(runId, 'completed');
    expect((await resultOf(runId))?.output).toBe('old');
    expect(childrenOf(runId)).toHaveLength(1);
  });

  it('whose dispatch is lost with its parent’s worker is found by the waker', async () => {
    const worker = await startWorker('w1', { parent: one, kid: () => 'found' });
    worker.runs.calls.next('append', {});
    const runId = await world.submit(await world.publish('flow', { a: { type: 'parent' } }));
    worker.queue.calls.every('enqueue', { before: () => worker.crash() });
    world.dispatch(runId);
    await world.clock.until(() => childrenOf(runId).length === 1, 'the child is there');
    expect(childrenOf(runId)[0]).toMatchObject({ status: 'queued', epoch: 0 });
    await startWorker('w2', { parent: one, kid: () => 'found' });
    await world.untilStatus(runId, 'completed');
    expect(childrenOf(runId)).toHaveLength(1);
    expect((await resultOf(runId))?.output).toBe('found');
  });

  it('whose worker dies goes on with another, and tells its parent once', async () => {
    const kid = gate();
    const first = await startWorker('w1', { kid: kid.work });
    const runId = await launch();
    await startWorker('w2', { parent: one });
    await world.clock.until(() => kid.entered.length === 1, 'the child runs');
    first.crash();
    await startWorker('w3', { kid: () => 'again' });
    await world.untilStatus(runId, 'completed');
    expect(count(runId, 'signal.received')).toBe(1);
    expect((await resultOf(runId))?.output).toBe('again');
  });

  it('that fails fails the node, which says why, and its next attempt has another child', async () => {
    let tries = 0;
    const kid: Work = () => {
      tries += 1;
      if (tries === 1) throw new Error('not yet');
      return tries;
    };
    await startWorker('w1', { parent: one, kid });
    const runId = await launch({ a: { type: 'parent', retry: { max_attempts: 2 } } });
    await world.untilStatus(runId, 'completed');
    expect((await resultOf(runId))?.output).toBe(2);
    const children = childrenOf(runId);
    expect(children.map(({ status }) => status)).toEqual(['failed', 'completed']);
    const failed = world.journal(runId).find(({ type }) => type === 'node.failed');
    expect(failed?.payload).toMatchObject({
      error: { code: 'child_failed', details: { child_run_id: children[0]!.id, error: { message: 'not yet' } } },
    });
  });

  it('that is cancelled fails the node for good', async () => {
    const kid = gate();
    await startWorker('w1', { parent: one, kid: kid.work });
    const runId = await launch({ a: { type: 'parent', retry: { max_attempts: 3 } } });
    await world.clock.until(() => kid.entered.length === 1, 'the child runs');
    await send(kid.entered[0]!, 'cancel', { reason: 'enough' });
    await world.untilStatus(runId, 'failed');
    expect(childrenOf(runId)).toHaveLength(1);
    expect((await resultOf(runId))?.error).toMatchObject({ code: 'child_failed', details: { status: 'cancelled' } });
  });

  it('of a workflow that there is not fails the node at once', async () => {
    const parent: Work = (context) => runChild(context, 'child', { workflow: 'nowhere', input: null });
    await startWorker('w1', { parent });
    const runId = await launch({ a: { type: 'parent', retry: { max_attempts: 3 } } });
    await world.untilStatus(runId, 'failed');
    expect((await resultOf(runId))?.error).toMatchObject({ code: 'workflow_not_found', details: { node_id: 'a' } });
    expect(count(runId, 'node.started')).toBe(1);
  });

  it('of itself ends at the depth that is allowed', async () => {
    const parent: Work = (context) => runChild(context, 'child', { workflow: 'flow', input: null });
    await startWorker('w1', { parent });
    const runId = await launch();
    await world.untilStatus(runId, 'failed');
    expect([...world.db.runs.values()].map(({ parent: of }) => of?.depth ?? 0)).toEqual([0, 1, 2, 3]);
    const deepest = [...world.db.runs.values()].at(-1)!;
    expect((await resultOf(deepest.id))?.error?.message).toContain('CHILD_MAX_DEPTH allows 3');
  });
});

describe('a parent that ends', () => {
  it('when it is cancelled takes its children with it', async () => {
    const kid = gate();
    await startWorker('w1', { parent: many({ inputs: [1, 2, 3] }), kid: kid.work });
    const runId = await launch();
    await world.clock.until(() => kid.entered.length === 3, 'the children run');
    await send(runId, 'cancel');
    await world.untilStatus(runId, 'cancelled');
    for (const { id } of childrenOf(runId)) await world.untilStatus(id, 'cancelled');
    expect(world.journal(childrenOf(runId)[0]!.id).at(-1)!.payload).toMatchObject({ by: `run ${runId}` });
  });

  it('when another node fails takes its children with it, also where its worker dies before it has told all', async () => {
    const kid = gate();
    const handlers = { parent: many({ inputs: [1, 2] }), kid: kid.work };
    const nodes: Record<string, NodeSketch> = { a: { type: 'parent' }, b: { type: 'late' } };
    const late = Promise.withResolvers<JsonValue>();
    const first = await startWorker('w1', { ...handlers, late: () => late.promise });
    const runId = await launch(nodes);
    await world.clock.until(() => kid.entered.length === 2, 'the children run');
    first.runs.calls.next('signal', { after: () => first.crash() });
    late.reject(new Error('broken'));
    await world.clock.until(() => world.db.signals.size > 0, 'a child is told');
    expect(world.run(runId).status).not.toBe('failed');
    await startWorker('w2', { ...handlers, late: () => null });
    await world.untilStatus(runId, 'failed');
    for (const { id } of childrenOf(runId)) await world.untilStatus(id, 'cancelled');
  });

  it('when it is undone takes its children with it first', async () => {
    const kid = gate();
    const late = Promise.withResolvers<JsonValue>();
    const undone: string[] = [];
    await startWorker('w1', {
      ...{ parent: one, kid: kid.work, work: () => null, late: () => late.promise },
      undo: ({ nodeId }) => void undone.push(nodeId) as unknown as null,
    });
    const runId = await launch({
      ...{ done: { compensate: { type: 'undo' } }, a: { type: 'parent' } },
      b: { type: 'late', on_error: 'compensate' },
    });
    await world.clock.until(() => kid.entered.length === 1, 'the child runs');
    late.reject(new Error('broken'));
    await world.untilStatus(runId, 'failed');
    await world.untilStatus(kid.entered[0]!, 'cancelled');
    expect(undone).toEqual(['done']);
    expect(count(runId, 'children.cancelled')).toBe(1);
  });

  it('as poison takes its children with it', async () => {
    const kid = gate();
    const first = await startWorker('w1', { parent: one, kid: kid.work });
    const runId = await launch();
    await world.clock.until(() => kid.entered.length === 1, 'the child runs');
    await world.untilStatus(runId, 'waiting');
    world.run(runId).unproductiveClaims = 10;
    await send(runId, 'pause');
    await world.untilStatus(runId, 'failed');
    await world.untilStatus(kid.entered[0]!, 'cancelled');
    expect(first.advancer.heldRunIds).toEqual([]);
  });

  it('before its child hears no more of it', async () => {
    const kid = gate();
    await startWorker('w1', { parent: one, kid: kid.work });
    const runId = await launch();
    await world.clock.until(() => kid.entered.length === 1, 'the child runs');
    Object.assign(world.run(runId), { status: 'cancelled', wakeAt: null });
    kid.open();
    await world.untilStatus(kid.entered[0]!, 'completed');
    expect(world.db.inboxOf(runId)).toEqual([]);
  });

  it('only pauses leaves its children running, and goes on with what came of them', async () => {
    const kid = gate();
    await startWorker('w1', { parent: many({ inputs: [1, 2, 3], concurrency: 1 }), kid: kid.work });
    const runId = await launch();
    await world.clock.until(() => kid.entered.length === 1, 'a child runs');
    await send(runId, 'pause');
    await world.untilStatus(runId, 'paused');
    kid.open();
    await world.untilStatus(kid.entered[0]!, 'completed');
    await world.clock.settle();
    expect(childrenOf(runId)).toHaveLength(1);
    await send(runId, 'resume');
    await world.untilStatus(runId, 'completed');
    expect((await resultOf(runId))?.output).toEqual(['opened', 'opened', 'opened']);
  });
});

describe('many children', () => {
  it('live only so many at once, and come back in the order of their inputs', async () => {
    let live = 0;
    let most = 0;
    const kid: Work = async ({ input }) => {
      most = Math.max(most, (live += 1));
      await world.clock.sleep(100 - Number(input));
      live -= 1;
      return Number(input) * 10;
    };
    await startWorker('w1', { parent: many({ inputs: [1, 2, 3, 4, 5, 6, 7], concurrency: 3 }), kid });
    const runId = await launch();
    await world.untilStatus(runId, 'completed');
    expect(most).toBe(3);
    expect((await resultOf(runId))?.output).toEqual([10, 20, 30, 40, 50, 60, 70]);
  });

  it('of which enough are done are given up, also over a crash', async () => {
    const kid = gate();
    const handlers = (quick: boolean): Record<string, Work> => ({
      parent: many({ inputs: [1, 2, 3, 4], wanted: 1, tolerated: 3 }),
      kid: (context) => (quick && context.input === 2 ? 'quick' : kid.work(context)),
    });
    const first = await startWorker('w1', handlers(true));
    const runId = await launch();
    first.runs.calls.next('signal', { after: () => first.crash() });
    await world.clock.until(() => count(runId, 'node.resumed') === 1, 'enough are done');
    await world.clock.until(() => [...world.db.signals.values()].some(({ type }) => type === 'cancel'), 'one is told');
    await startWorker('w2', handlers(false));
    await world.untilStatus(runId, 'completed');
    expect((await resultOf(runId))?.output).toEqual([null, 'quick', null, null]);
    for (const { id } of childrenOf(runId)) await world.clock.until(() => world.run(id).finishedAt !== null, 'all have ended');
    expect(childrenOf(runId).map(({ status }) => status)).toEqual(['cancelled', 'completed', 'cancelled', 'cancelled']);
  });

  it('of which too many fail are given up; the next attempt runs only those anew that did not complete', async () => {
    const ran: JsonValue[] = [];
    const kid: Work = ({ input }) => {
      ran.push(input);
      if (input === 2 && ran.filter((seen) => seen === 2).length === 1) throw new Error('broken');
      return input;
    };
    const parent: Work = async (context) => {
      const outcomes = await context.runChildren('kids', { workflow: 'child', inputs: [1, 2, 3], concurrency: 1 });
      if (outcomes.some((outcome) => outcome?.status !== 'completed')) throw new Error('one has failed');
      return outcomes.map((outcome) => brief(outcome!));
    };
    await startWorker('w1', { parent, kid });
    const runId = await launch({ a: { type: 'parent', retry: { max_attempts: 2 } } });
    await world.untilStatus(runId, 'completed');
    expect(ran).toEqual([1, 2, 2, 3]);
    expect((await resultOf(runId))?.output).toEqual([1, 2, 3]);
  });

  it('in their hundreds start in batches, and cost their parent few claims', async () => {
    const inputs = Array.from({ length: 500 }, (_, index) => index);
    const worker = await startWorker('w1', { parent: many({ inputs }), kid: () => 1 }, { options: { maxOutputBytes: 100_000 } });
    await startWorker('w2', { parent: many({ inputs }), kid: () => 1 }, { options: { maxOutputBytes: 100_000 } });
    const runId = await launch();
    await world.untilStatus(runId, 'completed');
    expect(childrenOf(runId)).toHaveLength(500);
    const appends = worker.runs.calls.requests<{ starts?: unknown[] }>('append');
    expect(Math.max(...appends.map(({ starts }) => starts?.length ?? 0))).toBeLessThanOrEqual(100);
    expect(world.run(runId).epoch).toBeLessThan(20);
  });

  it('more than are allowed are refused', async () => {
    const inputs = Array.from({ length: 1_001 }, (_, index) => index);
    await startWorker('w1', { parent: many({ inputs }), kid: () => 1 });
    const runId = await launch();
    await world.untilStatus(runId, 'failed');
    expect((await resultOf(runId))?.error?.message).toContain('CHILD_MAX_COUNT allows 1000');
    expect(childrenOf(runId)).toEqual([]);
  });
});

it('a run that waits for a child says so, and names it', async () => {
  const kid = gate();
  await startWorker('w1', { parent: many({ inputs: [1, 2, 3], concurrency: 2 }), kid: kid.work });
  const runId = await launch();
  await world.clock.until(() => kid.entered.length === 2, 'two children run');
  await world.untilStatus(runId, 'waiting');
  const { inspector, explainer } = world.api('api');
  const run = world.run(runId);
  const why = await explainer.explain(run, await inspector.inspect(run));
  expect(why).toMatchObject({ code: 'waiting_for_child', nodeId: 'a', childRunId: kid.entered[0], childStatus: 'running' });
  expect(why.sentence).toContain(`waits for the child run ${kid.entered[0]} (running) and 1 more`);
  expect(why.sentence).toContain('(0 of 3 are completed, 0 failed)');
});
