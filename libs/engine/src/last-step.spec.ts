import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { StepUsage } from '@baton/core';
import { World, type SimulatedWorker, type Work } from '../../../test/support/in-memory/index.js';

let world: World;

beforeEach(() => {
  world = new World();
});

afterEach(() => {
  expect(world.db.problems()).toEqual([]);
});

const usage = (): StepUsage => {
  return { modelCalls: 1, promptTokens: 7, completionTokens: 3, costMicros: 5, model: 'local/m', agent: 'writer' };
};

async function start(work: Work): Promise<{ worker: SimulatedWorker; runId: string }> {
  const workflow = await world.publish('flow', { a: {}, b: { depends_on: ['a'] } });
  const worker = await world.worker('w1', { handlers: { work } }).start();
  worker.waker.start();
  return { worker, runId: await world.launch(workflow, null) };
}

const appendsOf = (worker: SimulatedWorker): number =>
  worker.runs.calls.log.filter(({ operation }) => operation === 'append').length;

it('of a node costs no commit of its own: it goes with the end of its node', async () => {
  const { worker, runId } = await start(({ step }) => step('ask', () => 'answer', { usage, isLast: () => true }));
  await world.untilStatus(runId, 'completed');
  expect(appendsOf(worker)).toBe(2);
  const ofNodes = world.story(runId).filter((line) => / [ab]$/.test(line));
  expect(ofNodes).toEqual(
    ['a', 'b'].flatMap((id) => ['node.started', 'step.completed', 'node.completed'].map((type) => `${type} ${id}`)),
  );
});

it('that is not the last of its node, for what came of it, is committed before the node goes on', async () => {
  const isLast = (answer: string): boolean => answer === 'the end';
  const seen: number[] = [];
  const { runId } = await start(async ({ step, nodeId }) => {
    const said = await step('ask', () => 'call this', { usage, isLast });
    seen.push(world.story(runId).filter((line) => line === `step.completed ${nodeId}`).length);
    return said;
  });
  await world.untilStatus(runId, 'completed');
  expect(seen).toEqual([1, 1]);
});

it('is journaled soon, though its node does not end', async () => {
  const { worker, runId } = await start(async ({ step }) => {
    // By then nothing else is to be written.
    await world.clock.sleep(10);
    await step('ask', () => 'answer', { usage, isLast: () => true });
    return new Promise<never>(() => undefined);
  });
  await world.clock.until(() => world.story(runId).includes('step.completed a'), 'the step is journaled');
  worker.crash();
  const calls: string[] = [];
  const rescuer = await world
    .worker('w2', {
      handlers: { work: ({ step, nodeId }) => step('ask', () => calls.push(nodeId) && 'again', { usage, isLast: () => true }) },
    })
    .start();
  rescuer.waker.start();
  await world.untilStatus(runId, 'completed');
  expect(calls).toEqual(['b']);
});
