import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { JsonObject, JsonValue, NodeHandler } from '@baton/core';
import { World, type NodeSketch, type SimulatedWorker, type Work } from '../../../test/support/in-memory/index.js';
import { ConditionNode } from './condition-node.js';
import { LoopNode } from './loop-node.js';
import { MapNode } from './map-node.js';
import { SwitchNode } from './switch-node.js';
import { TransformNode } from './transform-node.js';
import { WaitNode } from './wait-node.js';

let world: World;

beforeEach(() => {
  world = new World();
});

afterEach(() => {
  expect(world.db.problems()).toEqual([]);
});

/** A worker with the nodes of this folder, and `work` as the test has it. */
async function startWorker(id: string, work: Work): Promise<SimulatedWorker> {
  const own: NodeHandler = { type: 'work', execute: async (context) => work(context) };
  const all: NodeHandler[] = [own, new ConditionNode(), new SwitchNode(), new TransformNode(), new WaitNode(world.clock)];
  const find = (type: string): NodeHandler | undefined => all.find((handler) => handler.type === type);
  all.push(new LoopNode(find), new MapNode({ find, clock: world.clock, random: () => 0 }, { maxItems: 100 }));
  const handlers = Object.fromEntries(
    all.map((handler): [string, Work] => [handler.type, (context) => handler.execute(context)]),
  );
  const worker = await world.worker(id, { handlers }).start();
  worker.waker.start();
  return worker;
}

async function start(nodes: Record<string, NodeSketch>, work: Work, input: JsonValue = null) {
  const workflow = await world.publish('flow', nodes);
  const worker = await startWorker('w1', work);
  const runId = await world.launch(workflow, input);
  return { worker, runId, output: async () => (await worker.runs.findRun(runId))?.output };
}

const NUMBERS = { list: [1, 2, 3, 4, 5, 6] };
const overNumbers = (more: JsonObject = {}): NodeSketch => ({
  type: 'map',
  config: { items: 'input.list', concurrency: 2, body: { type: 'work' }, ...more },
});
const count = (runId: string, line: string): number => world.story(runId).filter((one) => one === line).length;

describe('a map', () => {
  test('whose worker dies in the middle runs only those items again that are not done, under the same keys', async () => {
    const ran: string[] = [];
    const done = new Set<JsonValue>();
    let hang = true;
    const work: Work = ({ input, idempotencyKey }) => {
      ran.push(`${idempotencyKey.split('/').slice(1).join('/')} ${JSON.stringify(input)}`);
      if (hang && Number(input) > 3) return new Promise(() => undefined);
      done.add(input);
      return Number(input) * 10;
    };
    const { worker, runId } = await start({ all: overNumbers() }, work, NUMBERS);
    await world.clock.until(() => count(runId, 'step.completed all') === 3, 'three items are done');
    await world.clock.until(() => ran.length === 5, 'two more are in work');
    worker.crash();
    hang = false;
    const rescuer = await startWorker('w2', work);
    await world.untilStatus(runId, 'completed');
    expect(ran).toEqual(['all/1/0 1', 'all/1/1 2', 'all/1/2 3', 'all/1/3 4', 'all/1/4 5', 'all/1/3 4', 'all/1/4 5', 'all/1/5 6']);
    expect((await rescuer.runs.findRun(runId))?.output).toEqual({ items: [10, 20, 30, 40, 50, 60], failed: [] });
    expect(count(runId, 'step.completed all')).toBe(6);
  });

  test('that fails is tried again as a node, with the items that were done', async () => {
    const ran: JsonValue[] = [];
    const work: Work = ({ input, attempt }) => {
      ran.push(input);
      if (input === 4 && attempt === 1) throw new Error('not yet');
      return input;
    };
    const retry = { max_attempts: 2, backoff: 'fixed', initial_ms: 10, jitter: 0 };
    const { runId, output } = await start({ all: { ...overNumbers({ concurrency: 1 }), retry } }, work, NUMBERS);
    await world.untilStatus(runId, 'completed');
    expect(ran).toEqual([1, 2, 3, 4, 4, 5, 6]);
    expect(await output()).toEqual({ items: [1, 2, 3, 4, 5, 6], failed: [] });
  });

  test('leaves an item that takes too long, and tries it again in its time', async () => {
    const tries: number[] = [];
    const work: Work = () => {
      tries.push(world.clock.now());
      return tries.length === 1 ? new Promise(() => undefined) : 'done';
    };
    const retry = { max_attempts: 2, backoff: 'fixed', initial_ms: 500, jitter: 0 };
    const body = { type: 'work', timeout: 2, retry };
    const { runId, output } = await start({ all: overNumbers({ items: [1], body }) }, work);
    await world.untilStatus(runId, 'completed');
    expect(tries[1]! - tries[0]!).toBe(2_500);
    expect(await output()).toEqual({ items: ['done'], failed: [] });
  });

  test('stops its items when the run is cancelled', async () => {
    const aborted: JsonValue[] = [];
    const work: Work = ({ input, signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          aborted.push(input);
          reject(signal.reason as Error);
        });
      });
    const { runId } = await start({ all: overNumbers() }, work, NUMBERS);
    await world.clock.until(() => count(runId, 'node.started all') === 1, 'the map runs');
    await world.api('api').runs.signal(runId, 'cancel', {}, world.clock.now());
    await world.untilStatus(runId, 'cancelled');
    expect(aborted).toEqual([1, 2]);
  });

  test('is undone by another map over what it gave, each item once though the worker dies', async () => {
    const undone: JsonValue[] = [];
    let hang = true;
    const work: Work = ({ nodeId, input, idempotencyKey }) => {
      if (nodeId === 'fails') throw new Error('broken');
      if (!idempotencyKey.includes('/undo')) return Number(input) * 10;
      if (hang && input === 40) return new Promise(() => undefined);
      undone.push(`${idempotencyKey.split('/').slice(1).join('/')} ${JSON.stringify(input)}`);
      return null;
    };
    const undo = { type: 'map', config: { items: 'nodes.all.output.items', concurrency: 1, body: { type: 'work' } } };
    const { worker, runId } = await start(
      {
        all: { ...overNumbers(), compensate: undo },
        fails: { depends_on: ['all'], on_error: 'compensate', retry: { max_attempts: 1 } },
      },
      work,
      NUMBERS,
    );
    await world.clock.until(() => count(runId, 'step.completed all') === 9, 'three items are undone');
    worker.crash();
    hang = false;
    const rescuer = await startWorker('w2', work);
    await world.untilStatus(runId, 'failed');
    expect(undone).toEqual([10, 20, 30, 40, 50, 60].map((n, index) => `all/1/undo/${index} ${n}`));
    expect((await rescuer.runs.findRun(runId))?.error?.details).toMatchObject({ compensated: ['all'], not_compensated: [] });
  });
});

describe('a loop', () => {
  const nodes = (more: JsonObject = {}): Record<string, NodeSketch> => ({
    loop: {
      type: 'loop',
      config: {
        body: { type: 'work', config: { visit: '${{ visit }}', last: '${{ last }}' } },
        until: 'last >= 30.0',
        max_visits: 10,
        ...more,
      },
    },
  });

  test('is one visit for each execution, and goes on at another worker where it was', async () => {
    const ran: JsonValue[] = [];
    let hang = true;
    const work: Work = ({ config, visit, idempotencyKey }) => {
      ran.push([config['visit']!, config['last']!, idempotencyKey.split('/').at(-1)!]);
      return hang && visit === 2 ? new Promise(() => undefined) : visit * 10;
    };
    const { worker, runId } = await start(nodes(), work);
    await world.clock.until(() => ran.length === 2, 'the second visit is in work');
    await world.clock.until(() => count(runId, 'node.repeated loop') === 1, 'the first visit is journaled');
    worker.crash();
    hang = false;
    const rescuer = await startWorker('w2', work);
    await world.untilStatus(runId, 'completed');
    expect(ran).toEqual([
      [1, null, '1'],
      [2, 10, '2'],
      [2, 10, '2'],
      [3, 20, '3'],
    ]);
    expect((await rescuer.runs.findRun(runId))?.output).toEqual({ output: 30, visits: 3, done: true });
  });

  test('waits in its body, once a visit, and parks the run meanwhile', async () => {
    const body = { type: 'wait', config: { event: 'tick' } };
    const { runId, output } = await start(nodes({ body, until: 'last.payload == "stop"' }), () => null);
    for (const payload of ['go on', 'stop']) {
      await world.untilStatus(runId, 'waiting');
      await world.api('api').runs.signal(runId, 'event', { name: 'tick', payload }, world.clock.now());
      await world.clock.until(() => count(runId, 'signal.received') === (payload === 'stop' ? 2 : 1), 'the event has come');
    }
    await world.untilStatus(runId, 'completed');
    expect(await output()).toEqual({ output: { timed_out: false, payload: 'stop' }, visits: 2, done: true });
  });

  test('may hold a map: the items of each visit have keys of their own', async () => {
    const keys = new Set<string>();
    const work: Work = ({ idempotencyKey }) => {
      keys.add(idempotencyKey.split('/').slice(1).join('/'));
      return 1;
    };
    const body = { type: 'map', config: { items: [1, 2], body: { type: 'work' } } };
    const { runId } = await start(nodes({ body, until: 'visit == 2' }), work);
    await world.untilStatus(runId, 'completed');
    expect([...keys].sort()).toEqual(['loop/1/0', 'loop/1/1', 'loop/2/0', 'loop/2/1']);
  });
});

describe('branches', () => {
  test('of a condition and a switch are taken or skipped with all that hangs on them', async () => {
    const { runId, output } = await start(
      {
        rich: { type: 'condition', config: { if: 'input.sum > 100', then: ['ask'], else: ['pay'] } },
        ask: { depends_on: ['rich'] },
        after_ask: { depends_on: ['ask'] },
        pay: { depends_on: ['rich'] },
        how: {
          type: 'switch',
          depends_on: ['pay'],
          config: {
            value: '${{ input.how }}',
            cases: [
              { equals: 'card', then: ['card'] },
              { equals: 'bill', then: ['bill'] },
            ],
            default: ['cash'],
          },
        },
        card: { depends_on: ['how'] },
        bill: { depends_on: ['how'] },
        cash: { depends_on: ['how'] },
        end: { type: 'transform', depends_on: ['card', 'bill', 'cash'], config: { value: '${{ nodes.bill.output }}' } },
      },
      ({ nodeId }) => nodeId,
      { sum: 50, how: 'bill' },
    );
    await world.untilStatus(runId, 'completed');
    const skipped = world.story(runId).filter((line) => line.startsWith('node.skipped'));
    expect(skipped.sort()).toEqual(['ask', 'after_ask', 'card', 'cash'].map((id) => `node.skipped ${id}`).sort());
    expect(await output()).toEqual({ end: 'bill' });
  });
});
