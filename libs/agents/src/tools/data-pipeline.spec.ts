import { describe, expect, test } from '@jest/globals';
import type { JsonValue } from '@baton/core';
import { PipelineError, runPipeline } from './data-pipeline.js';
import { PipelineArguments } from './pipeline-step.js';

const run = { id: 'run', task_id: null, tenant_id: 'default', workflow: 'flow' };
const SOURCES: Record<string, JsonValue> = {
  'input.flights': [
    { to: 'Rome', price: 90, stops: [] },
    { to: 'Oslo', price: 40, stops: ['Riga'] },
    { to: 'Rome', price: 60, stops: ['Bari', 'Pisa'] },
  ],
  'nodes.towns.output': [
    { name: 'Rome', country: 'Italy' },
    { name: 'Nice', country: 'France' },
  ],
  'input.one': 1,
};
const evaluate = (expression: string): JsonValue => SOURCES[expression] ?? null;

function pipe(steps: JsonValue[], source: object = { from: 'input.flights' }): Promise<JsonValue[]> {
  const args = PipelineArguments.parse({ ...source, steps });
  return runPipeline(args, { scope: { input: { limit: 70 }, run }, evaluate }, new AbortController().signal);
}

test('does one step after the other', async () => {
  const rows = await pipe([
    { op: 'filter', where: 'item.price < input.limit' },
    { op: 'sort', by: 'item.price', descending: true },
    { op: 'map', to: { town: 'item.to', cents: 'item.price * 100', place: 'index' } },
    { op: 'limit', count: 1, offset: 1 },
  ]);
  expect(rows).toEqual([{ town: 'Oslo', cents: 4_000, place: 1 }]);
});

test.each<[string, JsonValue, JsonValue]>([
  [
    'groups',
    {
      op: 'aggregate',
      group_by: { to: 'item.to' },
      values: { n: { fn: 'count' }, least: { fn: 'min', of: 'item.price' }, mean: { fn: 'avg', of: 'item.price' } },
    },
    [
      { to: 'Rome', n: 2, least: 60, mean: 75 },
      { to: 'Oslo', n: 1, least: 40, mean: 40 },
    ],
  ],
  ['sums up all', { op: 'aggregate', values: { sum: { fn: 'sum', of: 'item.price' } } }, [{ sum: 190 }]],
  [
    'joins',
    { op: 'join', with: { from: 'nodes.towns.output' }, left: 'item.to', right: 'item.name', as: 'town' },
    [
      { to: 'Rome', price: 90, stops: [], town: { name: 'Rome', country: 'Italy' } },
      { to: 'Rome', price: 60, stops: ['Bari', 'Pisa'], town: { name: 'Rome', country: 'Italy' } },
    ],
  ],
  ['flattens', { op: 'flatten', of: 'item.stops' }, ['Riga', 'Bari', 'Pisa']],
  ['picks', { op: 'pick', fields: ['to', 'none'] }, expect.arrayContaining([{ to: 'Oslo', none: null }]) as unknown as JsonValue],
  [
    'deduplicates',
    { op: 'distinct', by: 'item.to' },
    [expect.objectContaining({ price: 90 }), expect.objectContaining({ price: 40 })] as unknown as JsonValue,
  ],
  ['makes values of rows', { op: 'map', to: 'item.price' }, [90, 40, 60]],
])('%s', async (_, step, rows) => {
  expect(await pipe([step])).toEqual(rows);
});

test('keeps rows without a match where it is to, and nothing is one group of none', async () => {
  const join = { op: 'join', with: { rows: [{ k: 'Oslo' }] }, left: 'item.to', right: 'item.k', keep_unmatched: true };
  expect(await pipe([join, { op: 'map', to: 'item.match != null' }])).toEqual([false, true, false]);
  expect(await pipe([{ op: 'aggregate', values: { n: { fn: 'count' } } }], { rows: [] })).toEqual([{ n: 0 }]);
});

test('sorts numbers by size, text by its characters, and nothing last', async () => {
  const rows = [10, null, 'b', 9, 'B', true];
  expect(await pipe([{ op: 'sort', by: 'item' }], { rows })).toEqual([true, 9, 10, 'B', 'b', null]);
});

describe('says which step cannot be done, and why', () => {
  test.each<[string, JsonValue[], object | undefined, RegExp]>([
    ['no condition', [{ op: 'filter', where: 'item.price' }], undefined, /^step 1 \(filter\): .*true or false, not 90/],
    [
      'a field that is not there',
      [
        { op: 'limit', count: 2 },
        { op: 'sort', by: 'item.none' },
      ],
      undefined,
      /^step 2 \(sort\): .*none/,
    ],
    ['no expression', [{ op: 'map', to: 'item.' }], undefined, /^step 1 \(map\)/],
    ['a sum of text', [{ op: 'aggregate', values: { s: { fn: 'sum', of: 'item.to' } } }], undefined, /"Rome" is not a number/],
    ['no list', [], { from: 'input.one' }, /^the source: `input.one` does not give a list/],
    ['a node in the expression of a row', [{ op: 'filter', where: 'nodes.a.output == 1' }], undefined, /names a node/],
    ['a row without fields', [{ op: 'pick', fields: ['a'] }], { rows: [1] }, /the row 1 has no fields/],
    [
      'too many rows',
      [{ op: 'join', with: { rows: Array.from({ length: 101 }, () => 1) }, left: '1', right: '1' }],
      { rows: Array.from({ length: 101 }, () => ({})) },
      /more than 10000 rows/,
    ],
    [
      'too much work',
      Array.from({ length: 20 }, () => ({ op: 'map', to: 'item' })),
      { from: 'many' },
      /more than 100000 evaluations/,
    ],
  ])('%s', async (_, steps, source, message) => {
    SOURCES['many'] = Array.from({ length: 10_000 }, () => 1);
    const refused = pipe(steps, source);
    await expect(refused).rejects.toBeInstanceOf(PipelineError);
    await expect(refused).rejects.toThrow(message);
  });
});

test('ends when it is told to', async () => {
  const args = PipelineArguments.parse({ from: 'many', steps: Array.from({ length: 9 }, () => ({ op: 'map', to: 'item + 1' })) });
  SOURCES['many'] = Array.from({ length: 10_000 }, () => 1);
  const abortion = new AbortController();
  const running = runPipeline(args, { scope: { input: null, run }, evaluate }, abortion.signal);
  abortion.abort(new Error('enough'));
  await expect(running).rejects.toThrow('enough');
});
