import { expect, test } from '@jest/globals';
import { SystemClock, type JsonObject, type JsonValue } from '@baton/core';
import { nodeContext, Waiting } from '../test/node-context.js';
import { LoopNode } from './loop-node.js';
import { TransformNode } from './transform-node.js';
import { WaitNode } from './wait-node.js';

const handlers = new Map([new TransformNode(), new WaitNode(new SystemClock())].map((handler) => [handler.type, handler]));
const loop = new LoopNode((type) => handlers.get(type));
const COUNT: JsonObject = {
  body: {
    type: 'transform',
    config: { expression: '(last == null ? 0.0 : last.n) + 1 == 1.0 ? {"n": 1} : {"n": last.n + visit}' },
  },
  until: 'last.n >= 6.0',
  max_visits: 5,
};

/** Visits the node as the engine does, until it is not repeated. */
async function play(config: JsonObject): Promise<{ outputs: JsonValue[]; keys: string[] }> {
  const outputs: JsonValue[] = [];
  const keys: string[] = [];
  for (let visit = 1, again = true; again; visit += 1) {
    again = false;
    const last = outputs.at(-1) ?? null;
    const context = nodeContext({ config, visit, last, idempotencyKey: `run/node/${visit}`, repeat: () => void (again = true) });
    outputs.push(await loop.execute(context));
    keys.push(context.idempotencyKey);
  }
  return { outputs, keys };
}

test('repeats its body, with the output of the one before, until the condition holds', async () => {
  const { outputs, keys } = await play(COUNT);
  expect(outputs).toEqual([
    { output: { n: 1 }, visits: 1, done: false },
    { output: { n: 3 }, visits: 2, done: false },
    { output: { n: 6 }, visits: 3, done: true },
  ]);
  expect(new Set(keys).size).toBe(3);
});

test('fails when the condition never holds, unless it is told to go on', async () => {
  await expect(play({ ...COUNT, max_visits: 2 })).rejects.toMatchObject({ code: 'node_failed', options: { retryable: false } });
  const { outputs } = await play({ ...COUNT, max_visits: 2, on_limit: 'continue' });
  expect(outputs.at(-1)).toEqual({ output: { n: 3 }, visits: 2, done: false });
});

test('its body may wait', async () => {
  const config = { body: { type: 'wait', config: { event: 'tick' } }, until: 'last.payload == "stop"', max_visits: 9 };
  await expect(loop.execute(nodeContext({ config }))).rejects.toBeInstanceOf(Waiting);
});

test.each<JsonObject>([{}, { ...COUNT, max_visits: 0 }, { ...COUNT, until: true }, { ...COUNT, body: { type: 'x', retry: {} } }])(
  'refuses %j',
  async (config) => {
    await expect(loop.execute(nodeContext({ config }))).rejects.toMatchObject({ code: 'workflow_invalid' });
  },
);
