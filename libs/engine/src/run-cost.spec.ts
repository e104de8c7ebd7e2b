import { expect, it } from '@jest/globals';
import { World, type NodeSketch } from '../../../test/support/in-memory/index.js';

// The budget of docs/performance.md: what a run asks of the store, whatever its handlers do.

/** Executes one run, and counts what it asks of the store; its events. */
async function costOf(
  nodes: Record<string, NodeSketch>,
  concurrency: number,
): Promise<{ calls: Record<string, number>; events: number }> {
  const world = new World();
  const worker = await world.worker('w1', { handlers: { work: () => null } }).start();
  const runId = await world.launch(await world.publish('flow', nodes, { concurrency }));
  await world.untilStatus(runId, 'completed');
  const calls: Record<string, number> = {};
  for (const { operation } of worker.runs.calls.log) calls[operation] = (calls[operation] ?? 0) + 1;
  return { calls, events: world.journal(runId).length };
}

it.each([
  [1, { claim: 1, append: 1 }],
  [10, { claim: 1, append: 10 }],
])('a run of %i steps in a row is one claim, and one append a step', async (steps, budget) => {
  const chain: Record<string, NodeSketch> = {};
  for (let n = 0; n < steps; n += 1) chain[`n${n}`] = n === 0 ? {} : { depends_on: [`n${n - 1}`] };
  const { calls, events } = await costOf(chain, 10);
  expect(calls).toEqual(budget);
  // Submitted, claimed, ended; started and completed for each node.
  expect(events).toBe(3 + 2 * steps);
});

it('a hundred steps at once, and one that joins them, are one claim and few appends', async () => {
  const parallel = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`n${n}`, {}]));
  const { calls, events } = await costOf({ ...parallel, join: { depends_on: Object.keys(parallel) } }, 100);
  expect(calls).toEqual({ claim: 1, append: 2 });
  expect(events).toBe(3 + 2 * 101);
});
