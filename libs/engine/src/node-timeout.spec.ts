import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { World, type NodeSketch, type Work } from '../../../test/support/in-memory/index.js';

let world: World;
let calls: number;

beforeEach(() => {
  world = new World();
  calls = 0;
});

afterEach(() => {
  expect(world.db.problems()).toEqual([]);
});

const RETRY = { max_attempts: 10, backoff: 'fixed', initial_ms: 5_000, jitter: 0 };

/** Works for so long, and fails. */
const failAfter =
  (ms: number): Work =>
  async ({ signal }) => {
    calls += 1;
    await world.clock.sleep(ms, signal);
    throw new Error('no');
  };

async function launch(handlers: Record<string, Work>, node: NodeSketch): Promise<string> {
  const worker = await world.worker('w1', { handlers }).start();
  worker.waker.start();
  return world.launch(await world.publish('flow', { a: node }));
}

const resultOf = (runId: string) => world.api('reader').runs.findRun(runId);

describe('the time of all attempts of a node', () => {
  it('ends the attempt in which it is used up, and no other follows; pauses between them are not counted', async () => {
    const runId = await launch({ work: failAfter(300) }, { total_timeout: 1, retry: RETRY });
    await world.untilStatus(runId, 'failed', 60_000);
    expect(calls).toBe(4);
    expect((await resultOf(runId))?.error).toMatchObject({
      code: 'timeout',
      retryable: false,
      message: expect.stringMatching(/1000 ms in all/),
    });
    const [last, ...others] = world
      .journal(runId)
      .filter(({ type }) => type === 'node.failed' || type === 'node.started')
      .map(({ at }) => at)
      .reverse();
    expect(last! - others[0]!).toBe(100);
  });

  it.each([
    [0.4, 1, 'The attempt took longer than 400 ms'],
    [0.9, 1, 'longer than 1000 ms in all'],
  ])('stands beside that of one attempt: %d s of %d s', async (timeout, total, message) => {
    const retry = { ...RETRY, max_attempts: 2 };
    const runId = await launch({ work: failAfter(600) }, { timeout, total_timeout: total, retry });
    await world.untilStatus(runId, 'failed', 60_000);
    expect(calls).toBe(2);
    expect((await resultOf(runId))?.error?.message).toContain(message);
  });

  it.each([
    [200, 'completed'],
    [400, 'failed'],
  ] as const)('does not run while the node waits: %i ms before and after it leave it %s', async (ms, status) => {
    const work: Work = async ({ step, waitFor, signal }) => {
      await step('before', () => world.clock.sleep(ms, signal).then(() => null));
      const wait = { awaits: { kind: 'time' as const }, until: 3_600_000 + world.clock.now(), reason: 'waits' };
      await waitFor('hour', wait);
      await world.clock.sleep(ms, signal);
      return 'done';
    };
    const runId = await launch({ work }, { total_timeout: 0.7 });
    await world.untilStatus(runId, status, 4_000_000);
  });

  it('is used up by what died with its worker as well', async () => {
    const work: Work = async ({ step, signal }) => {
      calls += 1;
      await step('half', () => world.clock.sleep(600, signal).then(() => null));
      await world.clock.sleep(600, signal);
      return null;
    };
    const first = await world.worker('w1', { handlers: { work } }).start();
    const runId = await world.launch(await world.publish('flow', { a: { total_timeout: 1 } }));
    await world.clock.until(() => world.story(runId).includes('step.completed a'), 'its step is done');
    first.crash();
    const second = await world.worker('w2', { handlers: { work } }).start();
    second.waker.start();
    await world.untilStatus(runId, 'failed', 60_000);
    expect(calls).toBe(2);
    expect((await resultOf(runId))?.error).toMatchObject({ code: 'timeout', retryable: false });
  });

  it('runs from the dispatch to a pool on', async () => {
    const runId = await launch({ work: failAfter(0) }, { pool: 'gpu', total_timeout: 3, retry: RETRY });
    const began = world.clock.now();
    await world.untilStatus(runId, 'failed', 60_000);
    expect(world.clock.now() - began).toBeLessThan(5_000);
    expect((await resultOf(runId))?.error).toMatchObject({ code: 'timeout', retryable: false });
  });

  it('begins anew with each visit', async () => {
    const work: Work = async ({ visit, attempt, repeat, signal }) => {
      await world.clock.sleep(300, signal);
      if (attempt === 1) throw new Error('no');
      if (visit < 3) repeat();
      return visit;
    };
    const runId = await launch({ work }, { total_timeout: 0.8, retry: RETRY });
    await world.untilStatus(runId, 'completed', 60_000);
    expect((await resultOf(runId))?.output).toBe(3);
  });
});
