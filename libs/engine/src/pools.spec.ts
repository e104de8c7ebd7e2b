import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { JsonObject, JsonValue, NodeContext, Why } from '@baton/core';
import {
  loseReply,
  refuse,
  World,
  type NodeSketch,
  type SimulatedWorker,
  type WorkerSettings,
  type Work,
} from '../../../test/support/in-memory/index.js';

let world: World;

beforeEach(() => {
  world = new World();
});

afterEach(() => {
  expect(world.db.problems()).toEqual([]);
  // Nothing of a run outlives it.
  for (const { runId } of world.db.poolJobs.values()) expect(world.run(runId).finishedAt).toBeNull();
});

const echo: Work = ({ input }) => input;
const endless: Work = () => new Promise<JsonValue>(() => undefined);
const out = (node: NodeSketch = {}): NodeSketch => ({ type: 'gpu-work', pool: 'gpu', ...node });

/** Starts a worker that keeps the actors going, too. */
async function startWorker(id: string, settings: WorkerSettings): Promise<SimulatedWorker> {
  const worker = await world.worker(id, settings).start();
  worker.waker.start();
  worker.rescuer.start();
  return worker;
}

/** A worker that advances runs and has no type of the pool. */
const runner = (id = 'runner', settings: Partial<WorkerSettings> = {}): Promise<SimulatedWorker> =>
  startWorker(id, { handlers: { work: echo }, ...settings });

/** A worker of the pool alone. */
const member = (id: string, work: Work): Promise<SimulatedWorker> =>
  startWorker(id, { handlers: { 'gpu-work': work }, pools: ['gpu'], takesRuns: false });

async function start(nodes: Record<string, NodeSketch>, input: JsonValue = 5): Promise<string> {
  return world.launch(await world.publish('flow', nodes), input);
}

const openJobs = () => [...world.db.poolJobs.values()];
const untilTaken = (by: string) =>
  world.clock.until(() => openJobs().some(({ workerId }) => workerId === by), `${by} has taken a job`);

async function why(runId: string): Promise<Why> {
  const api = world.api('asks');
  const run = await api.runs.findRun(runId);
  return api.explainer.explain(run!, await api.inspector.inspect(run!));
}

const tell = (runId: string, type: 'pause' | 'resume' | 'cancel') =>
  world.api('api').runs.signal(runId, type, {}, world.clock.now());

describe('a node of a pool', () => {
  it('is executed by a worker of the pool while its run is parked, and gives its output to the nodes after it', async () => {
    const seen: NodeContext[] = [];
    const work: Work = async (context) => {
      seen.push(context);
      await world.clock.sleep(20_000);
      return { doubled: Number(context.input) * 2, nested: context.evaluate('nodes.first.output + 1') };
    };
    const first = await runner();
    await member('m1', work);
    const runId = await start({
      first: {},
      a: out({ depends_on: ['first'], config: { text: 'is ${{ nodes.first.output }}' } }),
      last: { depends_on: ['a'], input: '${{ nodes.a.output }}' },
    });
    await world.untilStatus(runId, 'waiting');
    expect(first.advancer.heldRunIds).toEqual([]);
    await world.untilStatus(runId, 'completed');
    expect((await first.runs.findRun(runId))?.output).toEqual({ doubled: 10, nested: 6 });
    expect(seen[0]).toMatchObject({
      ...{ nodeId: 'a', visit: 1, attempt: 1, idempotencyKey: `${runId}/a/1`, outputs: { first: 5 }, config: { text: 'is 5' } },
    });
    expect(world.story(runId).filter((line) => line.endsWith(' a'))).toEqual(['node.dispatched a', 'node.completed a']);
  });

  it('takes a place among the nodes at once of its run', async () => {
    await runner();
    await member('m1', endless);
    const runId = await world.launch(await world.publish('flow', { a: out(), b: out(), c: {} }, { concurrency: 2 }));
    await world.clock.until(() => openJobs().length === 2, 'both are out');
    await world.clock.advance(10_000);
    expect(world.story(runId)).not.toContain('node.started c');
  });

  it('goes to the pool of its type where it names none, and where only workers of a pool have its type', async () => {
    await runner('routes', { routing: { routes: new Map([['work', 'net']]) } });
    await startWorker('m1', { handlers: { work: echo, rare: echo }, pools: ['net'], takesRuns: false });
    const runId = await start({ a: {}, b: { type: 'rare' } });
    await world.untilStatus(runId, 'completed');
    expect(
      world
        .story(runId)
        .filter((line) => line.startsWith('node.'))
        .toSorted(),
    ).toEqual([...['node.completed a', 'node.completed b', 'node.dispatched a', 'node.dispatched b']]);
  });

  it('is left to the worker of the pool that has its type, and skipped where none has', async () => {
    await runner();
    await startWorker('m1', { handlers: {}, pools: ['gpu'], takesRuns: false });
    const alone = await start({ a: out() });
    await world.untilStatus(alone, 'completed');
    expect(world.journal(alone).find(({ type }) => type === 'node.skipped')?.payload).toEqual({
      reason: 'no worker of the pool gpu runs nodes of type gpu-work',
    });
    await member('m2', echo);
    const runIds = await Promise.all([1, 2, 3].map(() => start({ a: out() })));
    for (const runId of runIds) {
      await world.untilStatus(runId, 'completed');
      expect(world.story(runId)).toContain('node.completed a');
    }
  });

  it('that holds a body is left to the worker of the pool that has the type of the body, too', async () => {
    await runner();
    const settings = { pools: ['gpu'], takesRuns: false, holders: ['gpu-work'] };
    await startWorker('m1', { ...settings, handlers: { 'gpu-work': () => 'm1' } });
    await startWorker('m2', { ...settings, handlers: { 'gpu-work': () => 'm2', rare: echo } });
    const body = (type: string): NodeSketch => out({ config: { body: { type, config: {} } } });
    const runIds = await Promise.all([1, 2, 3].map(() => start({ a: body('rare') })));
    for (const runId of runIds) {
      await world.untilStatus(runId, 'completed');
      expect((await world.api('api').runs.findRun(runId))?.output).toBe('m2');
    }
    const unknown = await start({ a: body('nobodys') });
    await world.untilStatus(unknown, 'completed');
    expect(world.story(unknown)).toContain('node.skipped a');
  });

  it('retries, skips branches, repeats and waits as anywhere', async () => {
    const work: Work = async (context) => {
      if (context.nodeId === 'retries' && context.attempt === 1) throw new Error('once');
      if (context.nodeId === 'skips') context.skip(['not-taken'], 'not this one');
      if (context.nodeId === 'repeats' && context.visit === 1) context.repeat();
      if (context.nodeId === 'waits') {
        await context.step('before', () => 1);
        return (await context.waitFor('w', { awaits: { kind: 'time' }, until: world.clock.now() + 60_000, reason: 'waits' }))
          .kind;
      }
      return `${context.nodeId} ${context.visit}.${context.attempt}`;
    };
    await runner();
    await member('m1', work);
    const runId = await start({
      retries: out(),
      skips: out(),
      'not-taken': out({ depends_on: ['skips'] }),
      repeats: out(),
      waits: out(),
    });
    await world.untilStatus(runId, 'completed');
    expect((await world.api('api').runs.findRun(runId))?.output).toEqual({
      ...{ retries: 'retries 1.2', repeats: 'repeats 2.1', waits: 'timeout' },
    });
    expect(world.story(runId).filter((line) => line.endsWith('waits'))).toEqual([
      ...['node.dispatched waits', 'step.completed waits', 'node.suspended waits', 'node.resumed waits'],
      ...['node.dispatched waits', 'node.completed waits'],
    ]);
  });

  it('waits until the next whole millisecond, whatever its handler says', async () => {
    const first = await runner();
    const until = world.clock.now() + 1_000.4;
    await member('m1', ({ waitFor }) => waitFor('w', { awaits: { kind: 'time' }, until, reason: 'waits' }).then(() => 'done'));
    const runId = await start({ a: out() });
    await world.untilStatus(runId, 'completed', 5_000);
    expect(world.journal(runId).find(({ type }) => type === 'node.suspended')!.payload).toMatchObject({
      wake_at: Math.ceil(until),
    });
    expect(first.told('trouble')).toEqual([]);
  });

  it('undoes where the run is advanced, not in the pool', async () => {
    await runner('runner', { handlers: { work: echo, undo: () => 'undone', bad: () => Promise.reject(new Error('bad')) } });
    await member('m1', (context) => (context.nodeId === 'slow' ? endless(context) : echo(context)));
    const runId = await start({
      a: out({ compensate: { type: 'undo' } }),
      slow: out(),
      b: { type: 'bad', depends_on: ['a'], on_error: 'compensate', retry: { max_attempts: 1 } },
    });
    await world.untilStatus(runId, 'failed');
    expect(world.story(runId)).toContain('compensation.completed a');
    // What was out was called back before anything was undone.
    const story = world.story(runId);
    expect(story.indexOf('node.interrupted slow')).toBe(story.indexOf('run.compensating') - 1);
  });
});

describe('a pool whose worker dies', () => {
  it('goes on with another, which does not repeat the finished steps; the attempt is the same', async () => {
    const log: string[] = [];
    const work =
      (by: string, dies: boolean): Work =>
      async (context) => {
        await world.clock.sleep(1_000);
        for (const step of ['one', 'two', 'three']) {
          await context.step(step, async () => {
            if (dies && step === 'three') return endless(context);
            log.push(`${by} ${step}`);
            return step;
          });
        }
        return context.attempt;
      };
    await runner();
    const dying = await member('m1', work('m1', true));
    const runId = await start({ a: out() });
    await world.clock.until(() => log.length === 2, 'two steps are done');
    await world.clock.settle();
    // The run is parked: nobody has journaled them.
    expect([world.run(runId).status, world.db.signals.size]).toEqual(['waiting', 2]);
    dying.crash();
    world.poolService.wipe();
    await member('m2', work('m2', false));
    await world.untilStatus(runId, 'completed');
    expect(log).toEqual(['m1 one', 'm1 two', 'm2 three']);
    expect((await world.api('api').runs.findRun(runId))?.output).toBe(1);
    expect(world.story(runId).filter((line) => line.startsWith('step.'))).toHaveLength(3);
  });

  it('gives the node up as poison when it kills worker after worker', async () => {
    await runner();
    const runId = await start({ a: out({ retry: { max_attempts: 5 } }) });
    for (const id of ['m1', 'm2', 'm3']) {
      const dying = await member(id, endless);
      await untilTaken(id);
      dying.crash();
    }
    await member('m4', echo);
    await world.untilStatus(runId, 'failed');
    expect((await world.api('api').runs.findRun(runId))?.error).toMatchObject({ code: 'poison_node', details: { takes: 3 } });
  });

  it('hears nothing of a worker that was thought dead: the outcome is applied once', async () => {
    const log: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    await runner();
    const stale = await member('m1', async (context) => {
      await promise;
      const step = context.step('late', () => void log.push('late step') as unknown as null);
      return step.then(() => 'stale');
    });
    const runId = await start({ a: out() });
    await untilTaken('m1');
    stale.registry.calls.every('renew', refuse(new Error('away')));
    stale.registry.calls.every('register', refuse(new Error('away')));
    stale.runs.calls.every('changePoolJob', { before: () => promise });
    await member('m2', () => 'fresh');
    await world.untilStatus(runId, 'completed');
    resolve();
    await world.clock.advance(10_000);
    expect((await world.api('api').runs.findRun(runId))?.output).toBe('fresh');
    expect(world.story(runId).filter((line) => line === 'node.completed a')).toHaveLength(1);
  });

  it('does not feel a take or an end that was not answered, done or not', async () => {
    await runner();
    const one = await member('m1', echo);
    for (const fault of [loseReply(new Error('no reply')), refuse(new Error('away'))]) {
      one.runs.calls.next('changePoolJob', fault);
      const taken = await start({ a: out() });
      await world.untilStatus(taken, 'completed', 20_000);
      one.runs.calls.next('changePoolJob', {});
      one.runs.calls.next('changePoolJob', fault);
      const ended = await start({ a: out() });
      await world.untilStatus(ended, 'completed', 20_000);
      expect(world.story(ended).filter((line) => line === 'node.completed a')).toHaveLength(1);
    }
    await world.clock.advance(10_000);
    expect(world.db.poolJobs.size).toBe(0);
  });

  it('gives back what is in work when it shuts down, and counts it as nothing', async () => {
    await runner();
    for (const id of ['m1', 'm2', 'm3', 'm4', 'm5']) {
      const leaving = await member(id, endless);
      const runId = world.db.runs.size === 0 ? await start({ a: out() }) : 'run-0001';
      await untilTaken(id);
      const left = leaving.shutDown(1_000);
      await world.clock.advance(2_000);
      await left;
      expect(world.run(runId).finishedAt).toBeNull();
    }
    await member('m6', echo);
    await world.untilStatus('run-0001', 'completed');
  });
});

describe('a run that no longer wants a node of a pool', () => {
  /** Notes how its signal ends it. */
  const listening =
    (log: string[]): Work =>
    (context) =>
      new Promise((_, reject) => {
        context.signal.addEventListener('abort', () => {
          log.push(`stopped at ${context.attempt}`);
          reject(context.signal.reason as Error);
        });
      });

  it.each(['rung', 'unrung'] as const)(
    'reaches into it when it is paused (%s), and sends it out again when it goes on',
    async (bell) => {
      const log: string[] = [];
      await runner();
      const first = await member('m1', listening(log));
      const runId = await start({ a: out() });
      await untilTaken('m1');
      if (bell === 'unrung') world.bellService.broken = 'silently';
      await tell(runId, 'pause');
      await world.untilStatus(runId, 'paused');
      await world.clock.until(() => log.length === 1, 'the node was stopped', bell === 'rung' ? 0 : 3_000);
      expect([openJobs(), first.told('trouble')]).toEqual([[], []]);
      await tell(runId, 'resume');
      await untilTaken('m1');
      expect(world.story(runId).filter((line) => line.endsWith(' a'))).toEqual([
        ...['node.dispatched a', 'node.interrupted a', 'node.dispatched a'],
      ]);
      await tell(runId, 'cancel');
      await world.untilStatus(runId, 'cancelled');
      await world.clock.until(() => log.length === 2, 'the node was stopped');
    },
  );

  it('drops an outcome that comes for an attempt that is over', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    await runner();
    const slow = await member('m1', echo);
    slow.runs.calls.next('changePoolJob', {});
    slow.runs.calls.next('changePoolJob', { before: () => promise });
    const runId = await start({ a: out() });
    await untilTaken('m1');
    await tell(runId, 'pause');
    await world.untilStatus(runId, 'paused');
    resolve();
    await world.clock.advance(5_000);
    expect([world.db.signals.size, world.story(runId).includes('node.completed a')]).toEqual([0, false]);
    await tell(runId, 'resume');
    await world.untilStatus(runId, 'completed');
  });
});

it('news of another dispatch than the one that is out, or that nobody can read, change nothing', async () => {
  const keeper = await runner();
  await member('m1', endless);
  const runId = await start({ a: out() });
  await untilTaken('m1');
  const news = { node_id: 'a', visit: 1, attempt: 1, dispatch: 99 };
  const outcome = { kind: 'completed', output: 'stale', skip: [], repeat: false };
  const step = { key: 'k', output: 1 };
  const steps = [
    { ...news, step },
    { ...news, step },
    { ...news, visit: 2, step: { ...step, key: 'other' } },
  ];
  const foreign: JsonObject[] = [{ ...news, outcome }, { ...news, node_id: 'nobody', outcome }, { surprise: 1 }];
  for (const payload of [...foreign, ...steps]) await world.api('api').runs.signal(runId, 'pool', payload, world.clock.now());
  await world.clock.advance(5_000);
  expect([world.db.signals.size, openJobs().length, world.story(runId).includes('node.completed a')]).toEqual([0, 1, false]);
  expect(keeper.told('trouble')).toMatchObject([{ what: 'pool signal', runId }]);
  // But a finished step of the visit is kept, whichever dispatch it was of.
  expect(world.story(runId).filter((line) => line === 'step.completed a')).toHaveLength(1);
});

describe('a pool without a worker', () => {
  it('says so, goes on with the first worker, and says who works', async () => {
    await runner();
    const runId = await start({ a: out() });
    await world.untilStatus(runId, 'waiting');
    expect(await why(runId)).toMatchObject({ code: 'no_worker_for_pool', nodeId: 'a', pool: 'gpu', until: expect.any(Number) });
    await member('m1', endless);
    await untilTaken('m1');
    expect(await why(runId)).toMatchObject({ code: 'waiting_for_pool', workerId: 'm1', pool: 'gpu' });
  });

  it('fails the attempt at its deadline, which is retried', async () => {
    await runner('runner', { routing: { queueMs: 30_000, timeoutMs: 10_000 } });
    const runId = await start({ a: out({ retry: { max_attempts: 2, initial_ms: 5_000, jitter: 0 } }) });
    const startedAt = world.clock.now();
    await world.untilStatus(runId, 'failed');
    expect(world.clock.now() - startedAt).toBeGreaterThanOrEqual(85_000);
    expect((await world.api('api').runs.findRun(runId))?.error).toMatchObject({
      code: 'pool_deadline',
      details: { pool: 'gpu' },
    });
    expect(world.story(runId).filter((line) => line.endsWith(' a'))).toEqual([
      ...['node.dispatched a', 'node.failed a', 'node.dispatched a', 'node.failed a'],
    ]);
  });

  it('stops the handler at the deadline, also where nobody advances the run', async () => {
    const reasons: unknown[] = [];
    const first = await runner('runner', { routing: { queueMs: 10_000, timeoutMs: 10_000 } });
    await member('m1', (context) => {
      context.signal.addEventListener('abort', () => reasons.push(context.signal.reason));
      return endless(context);
    });
    const runId = await start({ a: out({ retry: { max_attempts: 1 } }) });
    await untilTaken('m1');
    first.crash();
    await world.clock.advance(25_000);
    expect(reasons).toMatchObject([{ code: 'pool_deadline' }]);
    await runner('other');
    await world.untilStatus(runId, 'failed');
    expect((await world.api('api').runs.findRun(runId))?.error).toMatchObject({ code: 'pool_deadline' });
  });

  it('is found by nobody else: its jobs come again after Redis was wiped', async () => {
    await runner();
    const runIds = await Promise.all(Array.from({ length: 5 }, () => start({ a: out() })));
    for (const runId of runIds) await world.untilStatus(runId, 'waiting');
    world.poolService.wipe();
    await member('m1', echo);
    for (const runId of runIds) await world.untilStatus(runId, 'completed');
  });

  it('leaves it to the rescuer when the queue is away', async () => {
    await runner();
    world.poolService.reachable = false;
    const runId = await start({ a: out() });
    await world.untilStatus(runId, 'waiting');
    world.poolService.reachable = true;
    await member('m1', echo);
    await world.untilStatus(runId, 'completed');
  });
});

it('a long list of steps wakes a parked run now and then, so that its inbox stays small', async () => {
  const sizes: number[] = [];
  await runner();
  await member('m1', async (context) => {
    for (let step = 0; step < 200; step += 1) {
      await context.step(`s${step}`, () => step);
      sizes.push(world.db.signals.size);
      if (step % 70 === 69) await world.clock.sleep(10_000);
    }
    return null;
  });
  const runId = await start({ a: out() });
  await world.untilStatus(runId, 'completed');
  expect(Math.max(...sizes)).toBeLessThanOrEqual(80);
  expect(world.story(runId).filter((line) => line === 'step.completed a')).toHaveLength(200);
});
