import { expect, test } from '@jest/globals';
import { bodiesOf } from './body-context.js';
import { LoopNode } from './loop-node.js';

test('the body in a config is found, valid or not', () => {
  const body = { type: 'http', config: { url: 'https://a.test' }, retry: { max_attempts: 2 } };
  expect(bodiesOf({ items: [], body })).toEqual([{ type: 'http', config: { url: 'https://a.test' } }]);
  expect(bodiesOf({ body: { type: 'echo' } })).toEqual([{ type: 'echo', config: {} }]);
  expect([bodiesOf({}), bodiesOf({ body: 'echo' }), bodiesOf({ body: { type: 7 } })]).toEqual([[], [], []]);
  expect(new LoopNode(() => undefined).bodies({ body })).toHaveLength(1);
});
