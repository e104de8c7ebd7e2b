import { expect, it } from '@jest/globals';
import { World, type NodeSketch } from '../../../test/support/in-memory/index.js';

// The budget of docs/performance.md: what a run asks of the store, whatever its handlers do.

it.each([
  [1, { claim: 1, append: 1 }],
  [10, { claim: 1, append: 10 }],
])('a run of %i steps in a row is one claim, and one append a step', async (steps, budget) => {
  const world = new World();
  const worker = await world.worker('w1', { handlers: { work: () => null } }).start();
  const chain: Record<string, NodeSketch> = {};
  for (let n = 0; n < steps; n += 1) chain[`n${n}`] = n === 0 ? {} : { depends_on: [`n${n - 1}`] };
  const runId = await world.launch(await world.publish('chain', chain));
  await world.untilStatus(runId, 'completed');
  const calls: Record<string, number> = {};
  for (const { operation } of worker.runs.calls.log) calls[operation] = (calls[operation] ?? 0) + 1;
  expect(calls).toEqual(budget);
  // Submitted, claimed, ended; started and completed for each node.
  expect(world.journal(runId)).toHaveLength(3 + 2 * steps);
});
