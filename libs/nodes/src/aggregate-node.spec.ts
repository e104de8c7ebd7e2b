import { expect, test } from '@jest/globals';
import type { JsonObject, JsonValue } from '@baton/core';
import { nodeContext } from '../test/node-context.js';
import { AggregateNode } from './aggregate-node.js';

const join = (outputs: JsonObject, config: JsonObject = {}): Promise<JsonValue> =>
  new AggregateNode().execute(nodeContext({ outputs, config }));

test.each<[JsonObject, JsonObject, JsonValue]>([
  [{}, { b: 1, a: { x: 2 }, skipped: null }, { items: [1, { x: 2 }] }],
  [{ mode: 'list' }, {}, { items: [] }],
  [{ mode: 'object' }, { b: 1, skipped: null }, { b: 1, skipped: null }],
  [{ mode: 'first' }, { skipped: null, b: 0, a: 1 }, 0],
  [{ mode: 'first' }, { skipped: null }, null],
  [{ mode: 'concat' }, { a: [1], b: [[2], 3], c: 4 }, [1, [2], 3, 4]],
  [{ mode: 'concat' }, { a: 'one', skipped: null, b: 'two' }, 'one\n\ntwo'],
  [{ mode: 'concat' }, {}, []],
])('%j joins %j', async (config, outputs, expected) => {
  expect(await join(outputs, config)).toEqual(expected);
});

test('an unknown mode cannot be tried again', async () => {
  await expect(async () => join({}, { mode: 'shuffle' })).rejects.toMatchObject({
    code: 'workflow_invalid',
    options: { retryable: false },
  });
});
