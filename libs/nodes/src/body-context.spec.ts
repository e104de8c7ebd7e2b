import { expect, test } from '@jest/globals';
import type { NodeContext, StepOptions } from '@baton/core';
import { bodiesOf, bodyContext } from './body-context.js';
import { LoopNode } from './loop-node.js';

test('the body in a config is found, valid or not', () => {
  const body = { type: 'http', config: { url: 'https://a.test' }, retry: { max_attempts: 2 } };
  expect(bodiesOf({ items: [], body })).toEqual([{ type: 'http', config: { url: 'https://a.test' } }]);
  expect(bodiesOf({ body: { type: 'echo' } })).toEqual([{ type: 'echo', config: {} }]);
  expect([bodiesOf({}), bodiesOf({ body: 'echo' }), bodiesOf({ body: { type: 7 } })]).toEqual([[], [], []]);
  expect(new LoopNode(() => undefined).bodies({ body })).toHaveLength(1);
});

test('the last step of a body is not that of its node, and is counted as any', async () => {
  const seen: [string, StepOptions<null>][] = [];
  const context = {
    ...{ signal: new AbortController().signal, render: () => ({}) },
    step: (key: string, _: unknown, options: StepOptions<null>) => Promise.resolve(seen.push([key, options])),
  } as unknown as NodeContext;
  const body = bodyContext(context, { config: {}, input: null, extras: {}, steps: 'item', key: null, mayWait: false });
  const usage = (): null => null;
  const spent = (): null => null;
  await body.step('model', () => null, { usage, spent, isLast: () => true });
  expect(seen).toEqual([['item/model', { usage, spent }]]);
});
