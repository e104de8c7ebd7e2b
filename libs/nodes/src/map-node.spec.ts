import { describe, expect, test } from '@jest/globals';
import {
  BatonError,
  NodeHandler,
  rateLimited,
  SystemClock,
  type JsonObject,
  type JsonValue,
  type NodeContext,
} from '@baton/core';
import { nodeContext } from '../test/node-context.js';
import { EchoNode } from './echo-node.js';
import { MapNode } from './map-node.js';
import { WaitNode } from './wait-node.js';

/** Does what the test says, and remembers the contexts that it got. */
class Work extends NodeHandler {
  readonly type = 'work';
  readonly contexts: NodeContext[] = [];

  constructor(private readonly work: (context: NodeContext) => Promise<JsonValue> | JsonValue) {
    super();
  }

  async execute(context: NodeContext): Promise<JsonValue> {
    this.contexts.push(context);
    return this.work(context);
  }
}

function mapOver(...handlers: NodeHandler[]): MapNode {
  const byType = new Map(handlers.map((handler) => [handler.type, handler]));
  const map: MapNode = new MapNode(
    { find: (type) => (type === 'map' ? map : byType.get(type)), clock: new SystemClock(), random: () => 0 },
    { maxItems: 100 },
  );
  return map;
}

const config = (more: JsonObject = {}, body: JsonObject = {}): JsonObject => ({
  items: 'input.list',
  body: { type: 'work', ...body },
  ...more,
});
const run = (work: Work, more?: JsonObject, list: JsonValue = [1, 2, 3], steps?: Map<string, JsonValue>) =>
  mapOver(work).execute(nodeContext({ config: config(more), input: { list } }, steps));
const failOn = (...bad: JsonValue[]) =>
  new Work(({ input }) => {
    if (bad.includes(input)) throw new BatonError('model_failed', `no ${JSON.stringify(input)}`, {}, { retryable: false });
    return input;
  });

describe('the items of a map', () => {
  test('give their outputs in the order of the list, whichever ends first', async () => {
    const gates = new Map([1, 2, 3].map((n) => [n, Promise.withResolvers<JsonValue>()]));
    const running = run(new Work(({ input }) => gates.get(input as number)!.promise));
    for (const n of [3, 1, 2]) gates.get(n)!.resolve(n * 10);
    expect(await running).toEqual({ items: [10, 20, 30], failed: [] });
  });

  test('have a config, an input, a key and steps of their own', async () => {
    const steps = new Map<string, JsonValue>();
    const work = new Work((context) => context.step('call', () => context.evaluate('item * 2 + index')));
    const body = { config: { text: '${{ index }}: ${{ item }} of ${{ input.list }}' } };
    const context = nodeContext({ config: config({}, body), input: { list: [5, 6] } }, steps);
    expect(await mapOver(new Work(() => null), work).execute(context)).toEqual({ items: [10, 13], failed: [] });
    expect(work.contexts.map(({ input, config: filled, idempotencyKey }) => [input, filled, idempotencyKey])).toEqual([
      [5, { text: '0: 5 of [5,6]' }, 'run/node/1/0'],
      [6, { text: '1: 6 of [5,6]' }, 'run/node/1/1'],
    ]);
    expect([...steps.keys()].sort()).toEqual(['item:0', 'item:0/call', 'item:1', 'item:1/call']);
  });

  test('may be a list as it stands, or none at all', async () => {
    const echo = mapOver(new EchoNode());
    const of = (items: JsonValue) => echo.execute(nodeContext({ config: { items, body: { type: 'echo' } } }));
    expect(await of(['a', 'b'])).toEqual({ items: ['a', 'b'], failed: [] });
    expect(await of([])).toEqual({ items: [], failed: [] });
  });

  test('are as many at once as allowed', async () => {
    let inWork = 0;
    let most = 0;
    const work = new Work(async () => {
      most = Math.max(most, (inWork += 1));
      await new Promise((resolve) => setImmediate(resolve));
      inWork -= 1;
      return null;
    });
    await run(work, { concurrency: 2 }, [1, 2, 3, 4, 5, 6]);
    expect([most, work.contexts.length]).toEqual([2, 6]);
  });

  test('may be maps themselves, with the inner item in scope', async () => {
    const body = {
      type: 'map',
      config: { items: 'item', body: { type: 'work', config: { n: '${{ item }}', i: '${{ index }}' } } },
    };
    const work = new Work(({ config: filled }) => filled);
    const output = await mapOver(work).execute(nodeContext({ config: { items: [[1], [2, 3]], body } }));
    expect(output).toEqual({
      items: [
        { items: [{ n: 1, i: 0 }], failed: [] },
        {
          items: [
            { n: 2, i: 0 },
            { n: 3, i: 1 },
          ],
          failed: [],
        },
      ],
      failed: [],
    });
    expect(work.contexts.map(({ idempotencyKey }) => idempotencyKey).sort()).toEqual([
      'run/node/1/0/0',
      'run/node/1/1/0',
      'run/node/1/1/1',
    ]);
  });

  test('leave what stands in a body of their own to that', async () => {
    const inner = { type: 'echo', config: { name: '${{ item.name }}' } };
    const body = { type: 'map', config: { items: 'item', body: inner } };
    const output = mapOver(new EchoNode()).execute(nodeContext({ config: { items: [[{ name: 'Ada' }]], body } }));
    expect(await output).toEqual({ items: [{ items: [{ name: 'Ada' }], failed: [] }], failed: [] });
  });

  test('that are done are not run again', async () => {
    const steps = new Map<string, JsonValue>();
    const first = failOn(2);
    await expect(run(first, { concurrency: 1 }, [1, 2, 3], steps)).rejects.toThrow('no 2');
    const second = failOn();
    expect(await run(second, {}, [1, 2, 3], steps)).toEqual({ items: [1, 2, 3], failed: [] });
    expect(second.contexts.map(({ input }) => input)).toEqual([2, 3]);
  });

  test.each<[string, JsonObject, JsonValue]>([
    ['no list', {}, 'text'],
    ['more than allowed', {}, Array.from({ length: 101 }, () => 0)],
    ['fewer than must be done', { join: { at_least: 4 } }, [1, 2, 3]],
    ['none where one must be done', { join: 'first' }, []],
  ])('%s: an error for which no retry helps', async (_, more, list) => {
    await expect(run(failOn(), more, list)).rejects.toMatchObject({ code: 'node_failed', options: { retryable: false } });
  });
});

describe('an item that fails', () => {
  test('fails the map, and stops the others', async () => {
    const aborted: JsonValue[] = [];
    const work = new Work(async ({ input, signal }) => {
      if (input === 2) throw new Error('broken');
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      aborted.push(input);
      return null;
    });
    await expect(run(work)).rejects.toThrow('broken');
    await new Promise((resolve) => setImmediate(resolve));
    expect(aborted).toEqual([1, 3]);
  });

  test('is one of the results where the map goes on', async () => {
    expect(await run(failOn(2), { on_item_error: 'continue' })).toEqual({
      items: [1, 3],
      failed: [{ index: 1, error: { code: 'model_failed', message: 'no 2', retryable: false } }],
    });
  });

  test('is tried again by the policy of the body', async () => {
    let tries = 0;
    const work = new Work(() => {
      tries += 1;
      if (tries < 3) throw new Error('not yet');
      return 'done';
    });
    const body = { retry: { max_attempts: 3, initial_ms: 1, jitter: 0 } };
    const map = mapOver(work).execute(nodeContext({ config: config({}, body), input: { list: [1] } }));
    expect(await map).toEqual({ items: ['done'], failed: [] });
    expect(work.contexts.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  });

  test('is not tried again after an error that the policy excepts', async () => {
    let calls = 0;
    const work = new Work(() => {
      calls += 1;
      throw new BatonError('model_failed', 'no');
    });
    const body = { retry: { max_attempts: 3, initial_ms: 1, except: ['model_failed'] } };
    const map = mapOver(work).execute(nodeContext({ config: config({}, body), input: { list: [1] } }));
    await expect(map).rejects.toMatchObject({ code: 'model_failed' });
    expect(calls).toBe(1);
  });

  test('since its target is not to be called makes the map wait, whatever it survives, and takes no try', async () => {
    let calls = 0;
    const refused = new BatonError('circuit_open', 'stopped', {}, { retryable: true, retryAfterSeconds: 30 });
    const work = new Work(() => {
      calls += 1;
      throw refused;
    });
    const body = { retry: { max_attempts: 5, initial_ms: 1 } };
    const map = mapOver(work).execute(nodeContext({ config: config({ on_item_error: 'continue' }, body), input: { list: [1] } }));
    await expect(map).rejects.toBe(refused);
    expect(calls).toBe(1);
  });

  test('whose turn comes soon waits for it by itself, and takes no try', async () => {
    const calls: JsonValue[] = [];
    const work = new Work(({ input }) => {
      calls.push(input);
      if (calls.length === 1) throw rateLimited('h', '1 in 1 s', 5);
      return input;
    });
    expect(await run(work, { body: { type: 'work', retry: { max_attempts: 1 } }, concurrency: 1 }, [1, 2])).toEqual({
      ...{ items: [1, 2], failed: [] },
    });
    expect(calls).toEqual([1, 1, 2]);
  });

  test('whose turn is far off makes the map wait', async () => {
    const later = rateLimited('h', '1 in 1 h', 61_000);
    const work = new Work(() => {
      throw later;
    });
    await expect(run(work, { on_item_error: 'continue' }, [1])).rejects.toBe(later);
  });

  test('takes no longer than it may, also where it ignores its signal', async () => {
    const work = new Work(() => new Promise(() => undefined));
    const more = { on_item_error: 'continue', body: { type: 'work', timeout: 0.01 } };
    expect(await run(work, more, [1])).toMatchObject({ items: [], failed: [{ index: 0, error: { code: 'timeout' } }] });
  });
});

describe('a join', () => {
  /** Items that fail when negative, and hang when zero. */
  const work = () =>
    new Work(({ input, signal }) => {
      if (input === 0) return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
      if (Number(input) < 0) throw new Error(`no ${JSON.stringify(input)}`);
      return input;
    });

  test.each<[JsonValue, JsonValue[], JsonValue[]]>([
    ['first', [-1, 0, 5, 6], [5]],
    [{ at_least: 2 }, [5, 0, -1, 6, 0], [5, 6]],
  ])('%j of %j gives up the others once enough are done', async (join, list, expected) => {
    const handler = work();
    const output = (await run(handler, { join }, list)) as { items: JsonValue[] };
    expect(output.items.slice(0, expected.length)).toEqual(expected);
    expect(handler.contexts.every(({ signal }) => signal.aborted)).toBe(true);
  });

  test('begins no item once enough are done', async () => {
    const handler = work();
    expect(await run(handler, { join: 'first', concurrency: 1 }, [5, 6])).toEqual({ items: [5], failed: [] });
    expect(handler.contexts).toHaveLength(1);
  });

  test('fails as soon as it cannot be reached, and no retry helps', async () => {
    await expect(run(work(), { join: { at_least: 2 }, concurrency: 1 }, [5, -1, -2])).rejects.toMatchObject({
      message: '2 of 3 items have failed, 2 had to be done: no -2',
      options: { retryable: false },
    });
  });
});

describe('a body', () => {
  test('cannot wait, and cannot be of an unknown type', async () => {
    const of = (body: JsonObject) =>
      mapOver(new WaitNode(new SystemClock())).execute(nodeContext({ config: { items: [1], body } }));
    await expect(of({ type: 'wait', config: { event: 'go' } })).rejects.toMatchObject({
      code: 'workflow_invalid',
      message: 'The body of a map cannot wait (node `node`).',
    });
    await expect(of({ type: 'nowhere' })).rejects.toMatchObject({ code: 'workflow_invalid', options: { retryable: false } });
  });

  test('cannot repeat itself', async () => {
    const work = new Work((context) => {
      context.repeat();
      return null;
    });
    await expect(run(work)).rejects.toThrow('cannot repeat itself');
  });
});
