import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { BatonError } from '@baton/core';
import { World } from '../../../test/support/in-memory/index.js';

let world: World;

beforeEach(() => {
  world = new World();
});

afterEach(() => {
  expect(world.db.problems()).toEqual([]);
});

/** A node that fails once, asking for a pause, and then succeeds; the instants of its attempts. */
async function attemptsOf(retryAfterSeconds: number, initialMs: number): Promise<{ startedAt: number[]; runId: string }> {
  const startedAt: number[] = [];
  const retry = { max_attempts: 2, backoff: 'fixed', initial_ms: initialMs, jitter: 0 };
  const workflow = await world.publish('flow', { only: { retry } });
  const work = ({ attempt }: { attempt: number }): null => {
    startedAt.push(world.clock.now());
    if (attempt === 1) throw new BatonError('model_failed', 'busy', {}, { retryable: true, retryAfterSeconds });
    return null;
  };
  const worker = await world.worker('w1', { handlers: { work } }).start();
  worker.waker.start();
  const runId = await world.launch(workflow);
  await world.untilStatus(runId, 'completed');
  await worker.waker.stop();
  return { startedAt, runId };
}

it('waits for as long as the failure asks for, baton in hand where that is short', async () => {
  const { startedAt, runId } = await attemptsOf(1.5, 100);
  expect(startedAt[1]! - startedAt[0]!).toBe(1_500);
  expect(world.story(runId)).not.toContain('run.waiting');
});

it('parks where the failure asks for a long pause', async () => {
  const { startedAt, runId } = await attemptsOf(60, 100);
  expect(startedAt[1]! - startedAt[0]!).toBeGreaterThanOrEqual(60_000);
  expect(world.story(runId)).toContain('run.waiting');
  const failure = world.journal(runId).find(({ type }) => type === 'node.failed')!;
  expect(failure.payload).toMatchObject({ error: { retry_after_ms: 60_000 }, retry_at: startedAt[0]! + 60_000 });
});

it('does not shorten the backoff of the node', async () => {
  const { startedAt } = await attemptsOf(0.1, 1_000);
  expect(startedAt[1]! - startedAt[0]!).toBe(1_000);
});
