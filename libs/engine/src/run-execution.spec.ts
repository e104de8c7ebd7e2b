import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BatonError, type AppendRequest, type JsonValue, type NodeContext } from '@baton/core';
import {
  loseReply,
  refuse,
  World,
  type NodeSketch,
  type SimulatedWorker,
  type Work,
} from '../../../test/support/in-memory/index.js';

let world: World;

beforeEach(() => {
  world = new World();
});

afterEach(() => {
  expect(world.db.problems()).toEqual([]);
});

/** A run of these nodes in a worker with these handlers. */
async function start(
  nodes: Record<string, NodeSketch>,
  handlers: Record<string, Work>,
  settings: { options?: object; concurrency?: number; input?: JsonValue } = {},
) {
  const { options, input = null, ...definition } = settings;
  const workflow = await world.publish('flow', nodes, definition);
  const worker = await world.worker('w1', { handlers, ...(options !== undefined && { options }) }).start();
  const runId = await world.launch(workflow, input);
  return { worker, runId, workflow };
}

const appendsOf = (worker: SimulatedWorker): string[][] =>
  worker.runs.calls.requests<AppendRequest>('append').map(({ events }) => events.map(({ type }) => type));

/** A handler that waits until it is told what to return. */
function gate() {
  const { promise, resolve, reject } = Promise.withResolvers<JsonValue>();
  const entered: NodeContext[] = [];
  const work: Work = (context) => {
    entered.push(context);
    return promise;
  };
  return { work, entered, open: resolve, fail: reject };
}

const chain = (length: number): Record<string, NodeSketch> =>
  Object.fromEntries(Array.from({ length }, (_, index) => [`n${index}`, index === 0 ? {} : { depends_on: [`n${index - 1}`] }]));

const RETRY_IN_100_MS = { max_attempts: 3, backoff: 'fixed', initial_ms: 100, jitter: 0 };

describe('commits', () => {
  it('ends a one-step run in one commit', async () => {
    const { worker, runId } = await start({ only: {} }, { work: () => 'done' });
    await world.untilStatus(runId, 'completed');
    expect(appendsOf(worker)).toEqual([['run.claimed', 'node.started', 'node.completed', 'run.completed']]);
    expect(await worker.runs.findRun(runId)).toMatchObject({ output: 'done', status: 'completed', workerId: null, wakeAt: null });
  });

  it('costs one append a step in a chain', async () => {
    const { worker, runId } = await start(chain(10), { work: () => 1 });
    await world.untilStatus(runId, 'completed');
    const appends = appendsOf(worker);
    expect(appends).toHaveLength(10);
    expect(appends[0]).toEqual(['run.claimed', 'node.started', 'node.completed', 'node.started']);
    expect(appends[9]).toEqual(['node.completed', 'run.completed']);
  });

  it('starts a handler only when the outcomes that led to it are committed', async () => {
    const second = gate();
    const workflow = await world.publish('flow', { a: {}, b: { type: 'second', depends_on: ['a'] } });
    const worker = await world.worker('w1', { handlers: { work: () => 'of a', second: second.work } }).start();
    const commit = worker.runs.calls.hold('append');
    const runId = await world.launch(workflow);
    await world.clock.until(() => appendsOf(worker).length === 1, 'the append is on its way');
    await world.clock.settle();
    expect(second.entered).toHaveLength(0);
    commit();
    await world.clock.until(() => second.entered.length === 1, 'the second node runs');
    expect(world.story(runId)).toContain('node.completed a');
    expect(second.entered[0]!.outputs).toEqual({ a: 'of a' });
    second.open('of b');
    await world.untilStatus(runId, 'completed');
  });

  it('shares the next commit among outcomes that come while one is under way', async () => {
    const gates = { a: gate(), b: gate(), c: gate() };
    const { worker, runId } = await start(
      { a: {}, b: {}, c: {} },
      { work: (context) => gates[context.nodeId as 'a'].work(context) },
    );
    await world.clock.until(() => world.journal(runId).length === 5, 'the starts are journaled');
    const commit = worker.runs.calls.hold('append');
    gates.a.open(1);
    await world.clock.settle();
    gates.b.open(2);
    gates.c.open(3);
    await world.clock.settle();
    commit();
    await world.untilStatus(runId, 'completed');
    expect(appendsOf(worker).slice(1)).toEqual([['node.completed'], ['node.completed', 'node.completed', 'run.completed']]);
  });

  it('journals the start of a long node without waiting for its end', async () => {
    const long = gate();
    const { runId } = await start({ only: {} }, { work: long.work });
    await world.clock.until(() => world.journal(runId).length === 3, 'the start is journaled');
    expect(world.story(runId)).toEqual(['run.submitted', 'run.claimed', 'node.started only']);
    long.open(null);
    await world.untilStatus(runId, 'completed');
  });

  it('holds the limit on concurrent nodes', async () => {
    let inWork = 0;
    let most = 0;
    const { runId } = await start(
      Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`n${index}`, {}])),
      {
        work: async () => {
          inWork += 1;
          most = Math.max(most, inWork);
          await world.clock.sleep(10);
          inWork -= 1;
          return null;
        },
      },
      { concurrency: 2 },
    );
    await world.untilStatus(runId, 'completed');
    expect(most).toBe(2);
  });

  it('reads no journal for a fresh run', async () => {
    const { worker, runId } = await start({ only: {} }, { work: () => null });
    await world.untilStatus(runId, 'completed');
    expect(worker.runs.calls.requests('readJournal')).toEqual([]);
  });

  it('gives a handler the run, its input, its config and a key that names run, node and visit', async () => {
    const seen = gate();
    const { runId } = await start({ only: { config: { depth: 2 } } }, { work: seen.work }, { input: { question: 'why' } });
    await world.clock.until(() => seen.entered.length === 1, 'the node runs');
    expect(seen.entered[0]).toMatchObject({
      ...{ runId, taskId: null, tenantId: 'default', nodeId: 'only', visit: 1, attempt: 1 },
      ...{ idempotencyKey: `${runId}/only/1`, input: { question: 'why' }, config: { depth: 2 }, outputs: {} },
    });
    seen.open(null);
    await world.untilStatus(runId, 'completed');
  });
});

describe('steps', () => {
  it('replays finished steps after a crash, and runs none of them twice', async () => {
    const ran: string[] = [];
    const hang = gate();
    const stepper =
      (last: Work): Work =>
      async (context) => {
        const one = await context.step('one', () => ran.push('one'));
        const two = await context.step('two', () => ran.push('two'));
        await last(context);
        return [one, two];
      };
    const { worker, runId } = await start({ only: {} }, { work: stepper(hang.work) });
    await world.clock.until(() => hang.entered.length === 1, 'both steps are done');
    worker.crash();
    const rescuer = await world.worker('w2', { handlers: { work: stepper(() => null) } }).start();
    rescuer.waker.start();
    await world.untilStatus(runId, 'completed');
    await rescuer.waker.stop();
    expect(ran).toEqual(['one', 'two']);
    expect(await rescuer.runs.findRun(runId)).toMatchObject({ output: [1, 2], epoch: 2 });
    expect(
      world
        .journal(runId)
        .filter(({ type }) => type === 'node.started')
        .map(({ attempt }) => attempt),
    ).toEqual([1, 2]);
    expect(hang.entered[0]!.idempotencyKey).toBe(`${runId}/only/1`);
  });

  it('goes on after a step only when the step is committed', async () => {
    const after = gate();
    const { worker, runId } = await start(
      { only: {} },
      {
        work: async (context) => {
          await world.clock.sleep(10);
          await context.step('one', () => 1);
          return after.work(context);
        },
      },
    );
    await world.clock.until(() => world.journal(runId).length === 3, 'the start is journaled');
    const commit = worker.runs.calls.hold('append');
    await world.clock.advance(10);
    expect(appendsOf(worker).at(-1)).toEqual(['step.completed']);
    expect(after.entered).toHaveLength(0);
    commit();
    await world.clock.until(() => after.entered.length === 1, 'the handler goes on');
    after.open(null);
    await world.untilStatus(runId, 'completed');
  });

  it('replays the steps of a failed attempt in the next one', async () => {
    const ran: number[] = [];
    const { runId } = await start(
      { only: { retry: RETRY_IN_100_MS } },
      {
        work: async (context) => {
          const drawn = await context.step('draw', () => ran.push(context.attempt));
          if (context.attempt === 1) throw new Error('after the step');
          return drawn;
        },
      },
    );
    await world.untilStatus(runId, 'completed');
    expect(ran).toEqual([1]);
  });

  it('refuses a key that is in work', async () => {
    const { runId, worker } = await start(
      { only: { retry: { max_attempts: 1 } } },
      { work: (context) => Promise.all([context.step('same', () => 1), context.step('same', () => 2)]) },
    );
    await world.untilStatus(runId, 'failed');
    expect((await worker.runs.findRun(runId))!.error!.message).toContain('`same` is in work already');
  });

  it('runs different keys at the same time', async () => {
    const { runId, worker } = await start(
      { only: {} },
      { work: (context) => Promise.all([context.step('a', () => 1), context.step('b', () => 2)]) },
    );
    await world.untilStatus(runId, 'completed');
    expect(await worker.runs.findRun(runId)).toMatchObject({ output: [1, 2] });
  });

  it('journals nothing of a step that outlives its attempt, and survives its rejection', async () => {
    const late = Promise.withResolvers<number>();
    const next = gate();
    const { runId } = await start(
      { a: {}, b: { type: 'next', depends_on: ['a'] } },
      {
        work: (context) => {
          void context.step('late', () => late.promise);
          return 'returned early';
        },
        next: next.work,
      },
    );
    await world.clock.until(() => next.entered.length === 1, 'the next node runs');
    late.resolve(1);
    await world.clock.settle();
    next.open(null);
    await world.untilStatus(runId, 'completed');
    expect(world.story(runId)).not.toContain('step.completed a');
  });

  it('gives a live run what a replay would give', async () => {
    const { runId, worker } = await start(
      { only: {} },
      { work: (context) => context.step('date', () => ({ at: new Date(0), gone: undefined }) as unknown as JsonValue) },
    );
    await world.untilStatus(runId, 'completed');
    expect((await worker.runs.findRun(runId))!.output).toEqual({ at: '1970-01-01T00:00:00.000Z' });
  });
});

describe('failures', () => {
  it('retries with backoff, baton in hand, where the wait is short', async () => {
    const attempts: number[] = [];
    const { worker, runId } = await start(
      { only: { retry: { max_attempts: 3, backoff: 'exponential', initial_ms: 100, jitter: 0 } } },
      {
        work: (context) => {
          attempts.push(world.clock.now());
          if (context.attempt < 3) throw new Error('not yet');
          return 'at last';
        },
      },
    );
    await world.untilStatus(runId, 'completed');
    expect([attempts[1]! - attempts[0]!, attempts[2]! - attempts[1]!]).toEqual([100, 200]);
    expect(world.run(runId).epoch).toBe(1);
    expect(worker.told('runParked')).toEqual([]);
  });

  it('parks for a longer wait, and the waker brings the run back', async () => {
    const retry = { max_attempts: 2, backoff: 'fixed', initial_ms: 60_000, jitter: 0 };
    const { worker, runId } = await start(
      { only: { retry } },
      {
        work: (context) => {
          if (context.attempt === 1) throw new Error('not yet');
          return null;
        },
      },
    );
    const failedAt = world.clock.now();
    await world.untilStatus(runId, 'waiting');
    expect(world.run(runId)).toMatchObject({ wakeAt: failedAt + 60_000, workerId: null });
    expect(world.story(runId).at(-1)).toBe('run.waiting');
    expect(world.queueService.jobs.size).toBe(0);
    worker.waker.start();
    await world.untilStatus(runId, 'completed');
    await worker.waker.stop();
    expect(world.clock.now()).toBeGreaterThanOrEqual(failedAt + 60_000);
    expect(world.run(runId).epoch).toBe(2);
  });

  it('fails the run with the node that failed for good, and stops the others', async () => {
    const other = gate();
    const { worker, runId } = await start(
      { bad: { type: 'bad', retry: { max_attempts: 1 } }, other: {} },
      {
        bad: async () => {
          await world.clock.sleep(10);
          throw new BatonError('model_failed', 'no answer', { model: 'm' });
        },
        work: other.work,
      },
    );
    await world.untilStatus(runId, 'failed');
    expect((await worker.runs.findRun(runId))!.error).toEqual({
      ...{ code: 'model_failed', message: 'no answer', details: { model: 'm', node_id: 'bad' } },
    });
    expect(other.entered[0]!.signal.aborted).toBe(true);
  });

  it('does not retry what cannot get better', async () => {
    let calls = 0;
    const { runId } = await start(
      { only: {} },
      {
        work: () => {
          calls += 1;
          throw new BatonError('model_failed', 'no such model', {}, { retryable: false });
        },
      },
    );
    await world.untilStatus(runId, 'failed');
    expect(calls).toBe(1);
  });

  it('retries only after the errors that the node names', async () => {
    const codes = ['timeout', 'model_failed'] as const;
    let calls = 0;
    const { worker, runId } = await start(
      { only: { retry: { max_attempts: 5, initial_ms: 10, only: ['timeout'] } } },
      { work: () => Promise.reject(new BatonError(codes[calls++]!, 'no')) },
    );
    await world.untilStatus(runId, 'failed');
    expect(calls).toBe(2);
    expect((await worker.runs.findRun(runId))!.error).toMatchObject({ code: 'model_failed' });
  });

  it('ends an attempt at its time limit, though the handler ignores its signal', async () => {
    const stuck = gate();
    const { worker, runId } = await start({ only: { timeout: 2, retry: { max_attempts: 1 } } }, { work: stuck.work });
    await world.untilStatus(runId, 'failed');
    expect((await worker.runs.findRun(runId))!.error).toMatchObject({
      code: 'timeout',
      message: expect.stringContaining('2000 ms'),
    });
    expect(stuck.entered[0]!.signal.aborted).toBe(true);
  });

  it('leaves no timer behind when an attempt keeps its time limit', async () => {
    const { worker, runId } = await start({ only: { timeout: 60 } }, { work: () => null });
    await world.untilStatus(runId, 'completed');
    await worker.shutDown(0);
    await world.clock.settle();
    expect(world.clock.pending).toBe(0);
  });

  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  it.each([
    ['a function', () => undefined, 'node_failed'],
    ['a cycle', cycle, 'node_failed'],
    ['a BigInt', 1n, 'node_failed'],
    ['more than the limit', 'x'.repeat(2_000), 'payload_too_large'],
  ])('fails without a retry when the output is %s', async (_what, output, code) => {
    let calls = 0;
    const { worker, runId } = await start(
      { only: {} },
      {
        work: () => {
          calls += 1;
          return output as unknown as JsonValue;
        },
      },
    );
    await world.untilStatus(runId, 'failed');
    expect((await worker.runs.findRun(runId))!.error).toMatchObject({ code, details: { node_id: 'only' } });
    expect(calls).toBe(1);
  });

  it('takes nothing for null', async () => {
    const { worker, runId } = await start({ only: {} }, { work: () => undefined as unknown as JsonValue });
    await world.untilStatus(runId, 'completed');
    expect((await worker.runs.findRun(runId))!.output).toBeNull();
  });

  it('waits for room, without spinning, where a due retry finds the limit reached', async () => {
    const long = gate();
    const { worker, runId } = await start(
      { a: { type: 'flaky', retry: { ...RETRY_IN_100_MS, initial_ms: 10 } }, b: {} },
      {
        flaky: (context) => {
          if (context.attempt === 1) throw new Error('once');
          return null;
        },
        work: long.work,
      },
      { concurrency: 1 },
    );
    await world.clock.until(() => long.entered.length === 1, 'the long node runs in the place of the failed one');
    await world.clock.advance(100);
    const asked = world.clock.now();
    await world.clock.settle();
    expect(world.clock.now()).toBe(asked);
    expect(appendsOf(worker).length).toBeLessThan(4);
    long.open(null);
    await world.untilStatus(runId, 'completed');
  });
});

describe('signals', () => {
  const cancel = (runId: string): Promise<unknown> =>
    world.api('a1').runs.signal(runId, 'cancel', { reason: 'enough' }, world.clock.now());

  it('lets a cancel reach a running handler through its signal, by the bell', async () => {
    const long = gate();
    const { worker, runId } = await start({ only: {} }, { work: long.work });
    await world.clock.until(() => world.journal(runId).length === 3, 'the node runs');
    const { workerId } = (await cancel(runId)) as { workerId: string };
    worker.bell.ring([{ kind: 'inbox', runId, workerId }]);
    await world.untilStatus(runId, 'cancelled', 500);
    expect(long.entered[0]!.signal.aborted).toBe(true);
    expect(world.journal(runId).at(-1)).toMatchObject({ type: 'run.cancelled', payload: { reason: 'enough' } });
    expect(world.db.inboxOf(runId)).toEqual([]);
  });

  it('hears a cancel whose ring is lost at the next renewal of the lease', async () => {
    world.bellService.broken = 'silently';
    const long = gate();
    const { runId } = await start({ only: {} }, { work: long.work });
    await world.clock.until(() => world.journal(runId).length === 3, 'the node runs');
    await cancel(runId);
    await world.untilStatus(runId, 'cancelled', 1_500);
  });

  it('starts no node of a run that was cancelled, and rung, while it was loaded', async () => {
    const started: string[] = [];
    const worker = await world.worker('w9', { handlers: { work: ({ nodeId }) => (started.push(nodeId), null) } }).start();
    const loading = worker.workflows.calls.hold('findByDigest');
    const runId = await world.launch(await world.publish('late', { only: {} }));
    await world.clock.until(() => world.run(runId).workerId === 'w9', 'the claim');
    await world.api('a9').runs.signal(runId, 'cancel', { reason: 'enough' }, world.clock.now());
    worker.bell.ring([{ kind: 'inbox', runId, workerId: 'w9' }]);
    await world.clock.settle();
    loading();
    await world.untilStatus(runId, 'cancelled', 500);
    expect(started).toEqual([]);
  });

  it('starts no node of a run that was cancelled before it was claimed', async () => {
    const never = gate();
    const workflow = await world.publish('flow', { only: {} });
    const runId = await world.submit(workflow);
    await cancel(runId);
    await world.worker('w1', { handlers: { work: never.work } }).start();
    world.dispatch(runId);
    await world.untilStatus(runId, 'cancelled');
    expect(never.entered).toEqual([]);
  });

  it('goes on instead of parking when a signal waits in the inbox', async () => {
    const retry = { max_attempts: 2, backoff: 'fixed', initial_ms: 60_000, jitter: 0 };
    world.bellService.broken = 'silently';
    const workflow = await world.publish('flow', { only: { retry } });
    const worker = await world
      .worker('w1', {
        handlers: {
          work: () => {
            throw new Error('not yet');
          },
        },
      })
      .start();
    const runId = await world.submit(workflow);
    worker.runs.calls.next('append', {});
    worker.runs.calls.next('append', { before: async () => void (await cancel(runId)) });
    world.dispatch(runId);
    await world.untilStatus(runId, 'cancelled', 500);
    expect(world.story(runId)).not.toContain('run.waiting');
    expect(worker.runs.calls.requests<AppendRequest>('append').map(({ settle }) => settle?.kind)).toEqual([
      undefined,
      'park',
      'end',
    ]);
  });

  it('leaves a signal in the inbox until the event that answers it is committed', async () => {
    const long = gate();
    const { worker, runId } = await start({ only: {} }, { work: long.work });
    await world.clock.until(() => world.journal(runId).length === 3, 'the node runs');
    await cancel(runId);
    worker.runs.calls.next('append', refuse(new BatonError('storage_unavailable', 'away')));
    await world.clock.advance(1_100);
    expect(world.db.inboxOf(runId)).toHaveLength(1);
    worker.waker.start();
    await world.untilStatus(runId, 'cancelled');
    await worker.waker.stop();
  });

  it('acts on a cancel while the run is held open', async () => {
    const never = gate();
    const { runId } = await start({ only: {} }, { work: never.work }, { options: { holdMs: 60_000 } });
    await world.clock.until(() => world.run(runId).epoch === 1, 'the run is claimed');
    await cancel(runId);
    await world.untilStatus(runId, 'cancelled', 2_000);
    expect(never.entered).toEqual([]);
  });
});

describe('what comes during a commit', () => {
  /** A chain whose first outcome is on its way, with the start of the second node behind it. */
  async function committing(second: Work) {
    const workflow = await world.publish('flow', { a: {}, b: { type: 'second', depends_on: ['a'] } });
    const worker = await world.worker('w1', { handlers: { work: () => null, second } }).start();
    const commit = worker.runs.calls.hold('append');
    const runId = await world.launch(workflow);
    await world.clock.until(() => appendsOf(worker).length === 1, 'the append is on its way');
    return { worker, runId, commit };
  }

  it.each(['stop', 'cancel'])('keeps the next node from starting: %s', async (what) => {
    const never = gate();
    const { worker, runId, commit } = await committing(never.work);
    if (what === 'stop') worker.advancer.stopAll('lock_lost');
    else {
      await world.api('a1').runs.signal(runId, 'cancel', {}, world.clock.now());
      await world.clock.advance(1_000);
    }
    commit();
    await world.clock.until(() => worker.told(what === 'stop' ? 'runLetGo' : 'runEnded').length === 1, 'the run is over here');
    expect(never.entered).toEqual([]);
  });

  it('answers a signal once though it is read again before its answer is committed', async () => {
    const long = gate();
    const { worker, runId, commit } = await committing(long.work);
    commit();
    await world.clock.until(() => long.entered.length === 1, 'the second node runs');
    await world.clock.settle();
    const end = worker.runs.calls.hold('append');
    await world.api('a1').runs.signal(runId, 'cancel', {}, world.clock.now());
    await world.clock.advance(3_000);
    expect(worker.runs.calls.requests<string[]>('readSignals').length).toBeGreaterThan(2);
    end();
    await world.untilStatus(runId, 'cancelled');
    expect(worker.runs.calls.requests<AppendRequest>('append').at(-1)!.consumed).toHaveLength(1);
  });
});

describe('the fence', () => {
  it('aborts handlers and writes nothing more when an append is fenced', async () => {
    const gates = { a: gate(), b: gate() };
    const { worker, runId } = await start({ a: {}, b: {} }, { work: (context) => gates[context.nodeId as 'a'].work(context) });
    await world.clock.until(() => world.journal(runId).length === 4, 'both nodes run');
    world.run(runId).epoch += 1;
    gates.a.open(1);
    await world.clock.until(() => worker.told('runLetGo').length === 1, 'the run is let go');
    expect(worker.told('runLetGo')).toMatchObject([{ reason: 'fenced' }]);
    expect(gates.b.entered[0]!.signal.aborted).toBe(true);
    const written = world.journal(runId).length;
    const asked = appendsOf(worker).length;
    gates.b.open(2);
    await world.clock.advance(3_000);
    expect(world.journal(runId)).toHaveLength(written);
    expect(appendsOf(worker)).toHaveLength(asked);
  });

  it('lets go and hands back when the database does not answer, and another attempt follows', async () => {
    let calls = 0;
    const { worker, runId } = await start(
      { only: {} },
      {
        work: () => {
          calls += 1;
          return null;
        },
      },
    );
    worker.runs.calls.next('append', refuse(new BatonError('storage_unavailable', 'away')));
    await world.clock.until(() => worker.told('runLetGo').length === 1, 'the run is let go');
    expect(world.run(runId).workerId).toBe('w1');
    await world.clock.advance(1_000);
    expect(world.run(runId)).toMatchObject({ workerId: null, status: 'queued', unproductiveClaims: 0 });
    worker.waker.start();
    await world.untilStatus(runId, 'completed');
    await worker.waker.stop();
    expect(calls).toBe(2);
  });

  it('runs no finished node again when the reply to a commit is lost', async () => {
    const ran: string[] = [];
    const { worker, runId } = await start(chain(3), {
      work: ({ nodeId }) => {
        ran.push(nodeId);
        return null;
      },
    });
    worker.runs.calls.next('append', loseReply(new BatonError('storage_unavailable', 'lost')));
    worker.waker.start();
    await world.untilStatus(runId, 'completed');
    await worker.waker.stop();
    expect(ran).toEqual(['n0', 'n1', 'n2']);
  });
});

describe('the fence, with the last word', () => {
  const fenceAt = (worker: SimulatedWorker, runId: () => string, kind: string): void =>
    worker.runs.calls.every('append', {
      before: () => {
        if (worker.runs.calls.requests<AppendRequest>('append').at(-1)!.settle?.kind === kind) world.run(runId()).epoch += 1;
      },
    });

  it.each([
    ['park', 'waiting'],
    ['end', 'failed'],
    ['hand_back', 'queued'],
  ])('keeps a stale owner from its %s', async (kind, status) => {
    const workflow = await world.publish('flow', {
      a: { retry: { max_attempts: kind === 'park' ? 2 : 1, initial_ms: 60_000 }, ...(kind === 'hand_back' && { type: 'rare' }) },
    });
    const failing: Work = () => {
      throw new Error('no');
    };
    const worker = await world.worker('w1', { handlers: { work: failing } }).start();
    await world.worker('w2', { handlers: { rare: failing } }).keeper.start(() => false);
    let runId = '';
    fenceAt(worker, () => runId, kind);
    runId = await world.submit(workflow);
    world.dispatch(runId);
    await world.clock.until(() => worker.told('runLetGo').length === 1, 'the run is let go');
    expect(worker.told('runLetGo')).toMatchObject([{ reason: 'fenced' }]);
    expect(world.run(runId).status).not.toBe(status);
    expect([worker.told('runParked'), worker.told('runEnded')]).toEqual([[], []]);
  });
});

describe('node types', () => {
  it.each(['stop', 'cancel'])('acts on what comes while it asks who announces a type: %s', async (what) => {
    const workflow = await world.publish('flow', { odd: { type: 'rare' } });
    await world.worker('w2', { handlers: { rare: () => null } }).keeper.start(() => false);
    const worker = await world.worker('w1', { handlers: {} }).start();
    const answer = worker.registry.calls.hold('list');
    const runId = await world.launch(workflow);
    await world.clock.until(() => worker.registry.calls.requests('list').length === 2, 'the registry is asked');
    if (what === 'stop') worker.advancer.stopAll('lock_lost');
    else {
      await world.api('a1').runs.signal(runId, 'cancel', {}, world.clock.now());
      await world.clock.advance(1_000);
    }
    answer();
    await world.clock.until(() => worker.told('runLetGo').length + worker.told('runEnded').length === 1, 'the run is over here');
    expect(worker.told('runLetGo')).toMatchObject(what === 'stop' ? [{ reason: 'lock_lost' }] : []);
    expect(world.run(runId).status).toBe(what === 'stop' ? 'running' : 'cancelled');
  });

  it('skips a type that no worker announces, says why, and goes on', async () => {
    const { worker, runId } = await start(
      { odd: { type: 'unknown' }, last: { depends_on: ['odd'] } },
      { work: ({ outputs }) => outputs },
    );
    await world.untilStatus(runId, 'completed');
    expect(world.journal(runId).find(({ type }) => type === 'node.skipped')!.payload).toEqual({
      reason: 'no worker runs nodes of type unknown',
    });
    expect(await worker.runs.findRun(runId)).toMatchObject({ output: { odd: null } });
    expect(worker.told('nodeEnded')).toContainEqual(expect.objectContaining({ nodeId: 'odd', outcome: 'skipped' }));
  });

  it('hands back, uncounted, a run whose next type another live worker announces', async () => {
    const workflow = await world.publish('flow', { a: {}, b: { type: 'rare', depends_on: ['a'] } });
    const common = await world.worker('w1', { handlers: { work: () => 1 } }).start();
    const runId = await world.launch(workflow);
    const rare = world.worker('w2', { handlers: { rare: () => 2 } });
    await rare.keeper.start(() => false);
    await world.clock.until(() => common.told('runLetGo').length === 1, 'the run is handed back');
    expect(world.run(runId)).toMatchObject({ workerId: null, status: 'queued', unproductiveClaims: 0 });
    common.crash();
    await rare.start();
    rare.waker.start();
    await world.untilStatus(runId, 'completed');
    await rare.waker.stop();
    expect(world.story(runId)).not.toContain('node.skipped b');
  });

  it('dispatches a run that it leaves to others once it is due, and not before', async () => {
    const workflow = await world.publish('flow', { a: {}, b: { type: 'rare', depends_on: ['a'] } });
    const common = await world.worker('w1', { handlers: { work: () => 1 } }).start();
    const runId = await world.launch(workflow);
    const rare = world.worker('w2', { handlers: { rare: () => 2 } });
    await rare.keeper.start(() => false);
    await world.clock.until(() => common.told('runLetGo').length === 1, 'the run is handed back');
    await world.clock.advance(900);
    expect([...world.queueService.jobs]).toEqual([]);
    await rare.start();
    world.queueService.random = () => 0.99;
    await world.untilStatus(runId, 'completed', 300);
    expect([...common.told('claimRefused'), ...rare.told('claimRefused')]).toEqual([]);
  });

  it('leaves to the waker what is not due yet when it shuts down', async () => {
    const workflow = await world.publish('flow', { a: { type: 'rare' } });
    const common = await world.worker('w1', { handlers: { work: () => 1 } }).start();
    await world.worker('w2', { handlers: { rare: () => 2 } }).keeper.start(() => false);
    const runId = await world.launch(workflow);
    await world.clock.until(() => common.told('runLetGo').length === 1, 'the run is handed back');
    await common.shutDown(0);
    await world.clock.advance(2_000);
    expect([...world.queueService.jobs]).toEqual([]);
    expect(world.run(runId)).toMatchObject({ workerId: null, status: 'queued' });
  });

  it('does first what it can do itself', async () => {
    const own = gate();
    const workflow = await world.publish('flow', { rare: { type: 'rare' }, own: {} });
    await world.worker('w2', { handlers: { rare: () => 2 } }).keeper.start(() => false);
    const worker = await world.worker('w1', { handlers: { work: own.work } }).start();
    const runId = await world.launch(workflow);
    await world.clock.until(() => own.entered.length === 1, 'its own node runs');
    await world.clock.advance(2_000);
    expect(worker.told('runLetGo')).toEqual([]);
    own.open(1);
    await world.clock.until(() => worker.told('runLetGo').length === 1, 'the run is handed back');
    expect(own.entered[0]!.signal.aborted).toBe(false);
    expect(world.story(runId)).toContain('node.completed own');
  });
});
