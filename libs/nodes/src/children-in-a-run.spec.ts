import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { JsonObject, JsonValue, NodeHandler } from '@baton/core';
import { World, type NodeSketch, type Work } from '../../../test/support/in-memory/index.js';
import { ContinueAsNewNode } from './continue-as-new-node.js';
import { LoopNode } from './loop-node.js';
import { MapNode } from './map-node.js';
import { WorkflowNode } from './workflow-node.js';

let world: World;

beforeEach(async () => {
  world = new World();
  await world.publish('child', { c: { type: 'kid', retry: { max_attempts: 1 } } });
});

afterEach(() => {
  expect(world.db.problems()).toEqual([]);
});

async function start(nodes: Record<string, NodeSketch>, kid: Work, input: JsonValue = null) {
  const own = (type: string, work: Work): NodeHandler => ({ type, execute: async (context) => work(context) });
  const all: NodeHandler[] = [own('kid', kid), own('work', () => null), new ContinueAsNewNode(), new WorkflowNode()];
  const find = (type: string): NodeHandler | undefined => all.find((handler) => handler.type === type);
  all.push(new LoopNode(find), new MapNode({ find, clock: world.clock, random: () => 0 }, { maxItems: 100 }));
  const handlers = Object.fromEntries(
    all.map((handler): [string, Work] => [handler.type, (context) => handler.execute(context)]),
  );
  for (const id of ['w1', 'w2']) (await world.worker(id, { handlers }).start()).waker.start();
  const runId = await world.launch(await world.publish('flow', nodes), input);
  return { runId, result: async () => (await world.api('reader').runs.findRun(runId))! };
}

const childrenOf = (runId: string) => [...world.db.runs.values()].filter(({ parent }) => parent?.runId === runId);
const NUMBERS = { list: [1, 2, 3, 4, 5, 6] };
const overNumbers = (more: JsonObject = {}, retry: object = { max_attempts: 1 }): NodeSketch => ({
  type: 'map',
  retry,
  config: { items: 'input.list', concurrency: 2, body: { type: 'workflow', config: { workflow: 'child' } }, ...more },
});

describe('a node that is a workflow', () => {
  test('gives its input to the child, and has the child’s output', async () => {
    const node = { type: 'workflow', config: { workflow: 'child', input: { asked: '${{ input.q }}' } } };
    const { runId, result } = await start({ a: node }, ({ input }) => ({ answered: input }), { q: 'why' });
    await world.untilStatus(runId, 'completed');
    expect((await result()).output).toEqual({ answered: { asked: 'why' } });
  });

  test('gives its own input where its config has none, and runs the version that it names', async () => {
    await world.publish('child', { c: { type: 'work' } });
    const node = { type: 'workflow', config: { workflow: 'child', version: 1 }, input: 'mine' };
    const { runId, result } = await start({ a: node }, ({ input }) => input);
    await world.untilStatus(runId, 'completed');
    expect((await result()).output).toBe('mine');
  });

  test('goes on without a child that failed, where it says so', async () => {
    const node = { type: 'workflow', config: { workflow: 'child' }, on_error: 'continue', retry: { max_attempts: 1 } };
    const { runId } = await start({ a: node, b: { depends_on: ['a'] } }, () => Promise.reject(new Error('broken')));
    await world.untilStatus(runId, 'completed');
    expect(world.story(runId)).toContain('node.failed a');
  });

  test('in a loop has a child for each visit', async () => {
    const body = { type: 'workflow', config: { workflow: 'child', input: '${{ visit }}' } };
    const loop = { type: 'loop', config: { body, until: 'visit == 3', max_visits: 5 } };
    const { runId, result } = await start({ a: loop }, ({ input }) => input);
    await world.untilStatus(runId, 'completed');
    expect((await result()).output).toMatchObject({ visits: 3, output: 3 });
    expect(childrenOf(runId).map(({ input }) => input)).toEqual([1, 2, 3]);
  });
});

describe('a map over a workflow', () => {
  test('has a child for each item, some at once, and their outputs in order', async () => {
    let live = 0;
    let most = 0;
    const kid: Work = async ({ input }) => {
      most = Math.max(most, (live += 1));
      await world.clock.sleep(10);
      live -= 1;
      return Number(input) * 10;
    };
    const { runId, result } = await start({ all: overNumbers() }, kid, NUMBERS);
    await world.untilStatus(runId, 'completed');
    expect((await result()).output).toEqual({ items: [10, 20, 30, 40, 50, 60], failed: [] });
    expect(most).toBe(2);
    expect(childrenOf(runId).map(({ parent }) => parent!.index)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('fills the input of each child with its item', async () => {
    const body = {
      type: 'workflow',
      config: { workflow: '${{ input.which }}', input: { n: '${{ item }}', at: '${{ index }}' } },
    };
    const { runId, result } = await start({ all: overNumbers({ body }) }, ({ input }) => input, { ...NUMBERS, which: 'child' });
    await world.untilStatus(runId, 'completed');
    expect(((await result()).output as JsonObject)['items']).toContainEqual({ n: 3, at: 2 });
  });

  test('fails with the first child that fails, and ends the others; another attempt runs those that did not complete', async () => {
    const ran: JsonValue[] = [];
    const kid: Work = ({ input }) => {
      ran.push(input);
      if (input === 3 && ran.filter((seen) => seen === 3).length === 1) throw new Error('broken');
      return input;
    };
    const { runId, result } = await start({ all: overNumbers({ concurrency: 1 }, { max_attempts: 2 }) }, kid, NUMBERS);
    await world.untilStatus(runId, 'completed');
    expect(ran).toEqual([1, 2, 3, 3, 4, 5, 6]);
    expect((await result()).output).toEqual({ items: [1, 2, 3, 4, 5, 6], failed: [] });
  });

  test('goes on with what failed, where it says so', async () => {
    const kid: Work = ({ input }) => (Number(input) % 2 === 0 ? Promise.reject(new Error(`no ${Number(input)}`)) : input);
    const { runId, result } = await start({ all: overNumbers({ on_item_error: 'continue' }) }, kid, NUMBERS);
    await world.untilStatus(runId, 'completed');
    expect((await result()).output).toMatchObject({
      items: [1, 3, 5],
      failed: [{ index: 1, error: { message: 'no 2' } }, { index: 3 }, { index: 5 }],
    });
  });

  test.each([
    ['first', 1],
    [{ at_least: 3 }, 3],
  ])('that joins %j ends with enough children, and cancels the others', async (join, done) => {
    const kid: Work = ({ input, signal }) =>
      Number(input) <= done
        ? input
        : new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    const { runId, result } = await start({ all: overNumbers({ join, concurrency: 6 }) }, kid, NUMBERS);
    await world.untilStatus(runId, 'completed');
    expect(((await result()).output as JsonObject)['items']).toHaveLength(done);
    for (const { id } of childrenOf(runId)) await world.clock.until(() => world.run(id).finishedAt !== null, 'all have ended');
    expect(childrenOf(runId).filter(({ status }) => status === 'cancelled')).toHaveLength(6 - done);
  });

  test('fails once enough can never be done', async () => {
    const kid: Work = ({ input }) => (Number(input) > 2 ? Promise.reject(new Error('broken')) : input);
    const { runId, result } = await start({ all: overNumbers({ join: { at_least: 3 } }) }, kid, NUMBERS);
    await world.untilStatus(runId, 'failed');
    expect((await result()).error).toMatchObject({
      code: 'child_failed',
      message: expect.stringContaining('4 of 6 child runs have failed'),
    });
  });

  test('leaves time and tries to the child', async () => {
    const body = { type: 'workflow', config: { workflow: 'child' }, timeout: 5 };
    const { runId, result } = await start({ all: overNumbers({ body }) }, () => null, NUMBERS);
    await world.untilStatus(runId, 'failed');
    expect((await result()).error?.message).toContain('child runs have no `timeout`');
  });

  test('of nothing has no children', async () => {
    const { runId, result } = await start({ all: overNumbers() }, () => null, { list: [] });
    await world.untilStatus(runId, 'completed');
    expect((await result()).output).toEqual({ items: [], failed: [] });
    expect(childrenOf(runId)).toEqual([]);
  });
});

test('a run goes on as new where a node says so, and a branch that is not taken says nothing', async () => {
  const nodes: Record<string, NodeSketch> = {
    a: {},
    again: {
      type: 'continue_as_new',
      depends_on: ['a'],
      when: 'input.left > 0',
      config: { input: { left: '${{ input.left - 1.0 }}' } },
    },
  };
  const { runId } = await start(nodes, () => null, { left: 2 });
  await world.clock.until(() => world.db.runs.size === 3, 'it has gone on twice');
  const last = [...world.db.runs.keys()].at(-1)!;
  await world.untilStatus(last, 'completed');
  expect([...world.db.runs.values()].map(({ input }) => input)).toEqual([{ left: 2 }, { left: 1 }, { left: 0 }]);
  expect(world.run(runId).status).toBe('completed');
});

test('what is done in a body cannot end the run or wait for children among items', async () => {
  const inner = { type: 'loop', config: { body: { type: 'continue_as_new' }, until: 'true', max_visits: 1 } };
  const { runId, result } = await start({ a: inner }, () => null);
  await world.untilStatus(runId, 'failed');
  expect((await result()).error).toMatchObject({ code: 'workflow_invalid' });
});
