import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AppendRequest, NodeContext } from '@baton/core';
import { World, type NodeSketch, type SimulatedWorker, type Work } from '../../../test/support/in-memory/index.js';

let world: World;

beforeEach(() => {
  world = new World();
});

afterEach(() => {
  expect(world.db.problems()).toEqual([]);
});

const LIMITS = { timeoutMs: 10_000, compensationMs: 5_000 };
const HOUR = 3_600_000;

async function startWorker(id: string, handlers: Record<string, Work>): Promise<SimulatedWorker> {
  const worker = await world.worker(id, { handlers, options: { limits: LIMITS } }).start();
  worker.waker.start();
  return worker;
}

async function start(nodes: Record<string, NodeSketch>, handlers: Record<string, Work>, settings = {}) {
  const workflow = await world.publish('flow', nodes, settings);
  const worker = await startWorker('w1', handlers);
  const startedAt = world.clock.now();
  const runId = await world.launch(workflow);
  return { worker, runId, startedAt, result: () => worker.runs.findRun(runId) };
}

const endless =
  (log: string[] = []): Work =>
  ({ nodeId, signal }: NodeContext) =>
    new Promise((_resolve, reject) =>
      signal.addEventListener('abort', () => {
        log.push(nodeId);
        reject(signal.reason as Error);
      }),
    );

describe('the timeout of a run', () => {
  it('ends it at its instant though a node is in work, which is told to stop', async () => {
    const aborted: string[] = [];
    const { runId, startedAt, result } = await start({ a: {} }, { work: endless(aborted) });
    await world.untilStatus(runId, 'failed');
    expect(world.clock.now() - startedAt).toBe(10_000);
    expect(aborted).toEqual(['a']);
    expect((await result())?.error).toMatchObject({ code: 'run_timeout', details: { nodes: ['a'] } });
  });

  it('does not count what the run was parked or paused for', async () => {
    const { runId, startedAt, result } = await start(
      { nap: { type: 'nap' }, a: { depends_on: ['nap'] } },
      {
        nap: async (context) =>
          context.waitFor('nap', { awaits: { kind: 'time' }, until: startedAtOf(context) + HOUR, reason: 'a nap' }),
        work: endless(),
      },
    );
    await world.clock.until(() => world.story(runId).includes('node.started a'), 'a is in work', 2 * HOUR);
    const api = world.api('api');
    await world.clock.advance(4_000);
    await api.runs.signal(runId, 'pause', {}, world.clock.now());
    await world.untilStatus(runId, 'paused');
    await world.clock.advance(HOUR);
    await api.runs.signal(runId, 'resume', {}, world.clock.now());
    await world.untilStatus(runId, 'failed', HOUR);
    expect((await result())?.error).toMatchObject({ code: 'run_timeout' });
    const parked = 2 * HOUR;
    expect(world.clock.now() - startedAt - parked).toBeGreaterThanOrEqual(10_000);
    expect(world.clock.now() - startedAt - parked).toBeLessThan(20_000);
  });

  /** The first claim of the run, which both visits of the handler agree on. */
  function startedAtOf({ runId }: NodeContext): number {
    return world.journal(runId)[0]!.at;
  }

  it('is the same at another worker after a crash: up to its last event counts what the dead one did', async () => {
    const { worker, runId } = await start(
      { a: {}, b: { depends_on: ['a'] } },
      {
        work: async ({ nodeId, signal }) => {
          await world.clock.sleep(nodeId === 'a' ? 6_000 : HOUR, signal);
          return nodeId;
        },
      },
    );
    await world.clock.until(() => world.story(runId).includes('node.started b'), 'b is in work');
    await world.clock.advance(1_000);
    worker.crash();
    const other = await startWorker('w2', { work: endless() });
    await world.clock.until(() => world.run(runId).workerId === 'w2', 'another worker has it');
    const takenOverAt = world.clock.now();
    await world.untilStatus(runId, 'failed');
    expect(world.clock.now() - takenOverAt).toBe(4_000);
    expect((await other.runs.findRun(runId))?.error).toMatchObject({ code: 'run_timeout' });
  });

  it('goes on counting where a park was refused because a signal had come', async () => {
    const { worker, runId, startedAt } = await start(
      { a: { type: 'ask' }, b: { depends_on: ['a'] } },
      {
        ask: (context) => context.waitFor('go', { awaits: { kind: 'event', name: 'go' }, until: null, reason: 'an event' }),
        work: endless(),
      },
    );
    const parks = (): number =>
      worker.runs.calls.requests<AppendRequest>('append').filter(({ settle }) => settle?.kind === 'park').length;
    worker.runs.calls.every('append', {
      before: async () => {
        if (parks() !== 1) return;
        worker.runs.calls.every('append', null);
        await world.api('api').runs.signal(runId, 'event', { name: 'go' }, world.clock.now());
      },
    });
    await world.clock.until(() => world.story(runId).includes('node.started b'), 'b is in work');
    expect(world.story(runId)).not.toContain('run.waiting');
    await world.untilStatus(runId, 'failed');
    expect(world.clock.now() - startedAt).toBe(10_000);
  });

  it('undoes what can be undone, within a time of its own', async () => {
    const undone: string[] = [];
    const { runId, startedAt, result } = await start(
      {
        a: { type: 'quick', compensate: { type: 'undo' } },
        b: { type: 'quick', depends_on: ['a'], compensate: { type: 'stuck', retry: { max_attempts: 1 } } },
        c: { depends_on: ['b'], on_error: 'compensate' },
      },
      {
        ...{ work: endless(), quick: ({ nodeId }) => nodeId, stuck: endless(undone) },
        undo: ({ nodeId }) => void undone.push(nodeId) as unknown as null,
      },
    );
    await world.untilStatus(runId, 'failed');
    expect(world.story(runId)).toEqual(
      expect.arrayContaining(['node.interrupted c', 'run.compensating', 'compensation.started b']),
    );
    expect(world.clock.now() - startedAt).toBe(15_000);
    expect(undone).toEqual(['b']);
    expect((await result())?.error).toMatchObject({
      code: 'run_timeout',
      details: { compensated: [], not_compensated: ['a', 'b'], compensation: 'timed out' },
    });
  });

  it('lets a retry go on where it was', async () => {
    let slow = true;
    const { runId, worker } = await start(
      { a: { type: 'quick' }, b: { depends_on: ['a'] } },
      {
        quick: ({ nodeId }) => nodeId,
        work: (context) => (slow ? endless()(context) : 'done'),
      },
    );
    await world.untilStatus(runId, 'failed');
    slow = false;
    const api = world.api('api');
    const { run } = await api.forker.retry('default', runId, null);
    await world.untilStatus(run.id, 'completed');
    expect(world.story(run.id)).not.toContain('node.started a');
    expect((await worker.runs.findRun(run.id))?.output).toBe('done');
  });
});

describe('visits', () => {
  it('end a loop that asks for one too many', async () => {
    const { runId, result } = await start(
      { a: {} },
      {
        work: (context) => {
          context.repeat();
          return context.visit;
        },
      },
      { limits: { visits: 3 } },
    );
    await world.untilStatus(runId, 'failed');
    expect(world.story(runId).filter((line) => line === 'node.started a')).toHaveLength(3);
    expect((await result())?.error).toMatchObject({ code: 'visits_exceeded', details: { visits: 3, node_id: 'a' } });
  });
});
