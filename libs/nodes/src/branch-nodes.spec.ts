import { describe, expect, test } from '@jest/globals';
import type { JsonObject, JsonValue, NodeContext } from '@baton/core';
import { nodeContext } from '../test/node-context.js';
import { ConditionNode } from './condition-node.js';
import { SwitchNode } from './switch-node.js';
import { TransformNode } from './transform-node.js';

const INVALID = { code: 'workflow_invalid', options: { retryable: false } };

/** A context that remembers which nodes are skipped. */
function branching(config: JsonObject, input: JsonValue = {}): { context: NodeContext; skipped: string[] } {
  const skipped: string[] = [];
  return { context: nodeContext({ config, input, skip: (ids) => void skipped.push(...ids) }), skipped };
}

describe('transform', () => {
  const context = (config: JsonObject) => nodeContext({ config, outputs: { a: { list: [1, 2, 3] } } });

  test('gives the value of its config, or of its expression', async () => {
    expect(await new TransformNode().execute(context({ value: { n: 1 } }))).toEqual({ n: 1 });
    expect(await new TransformNode().execute(context({ value: null }))).toBeNull();
    const config = { expression: 'nodes.a.output.list.filter(n, n > 1.0)' };
    expect(await new TransformNode().execute(context(config))).toEqual([2, 3]);
  });

  test.each<JsonObject>([{}, { value: 1, expression: '1' }, { expression: '' }])('refuses %j', async (config) => {
    await expect(new TransformNode().execute(context(config))).rejects.toMatchObject(INVALID);
  });
});

describe('condition', () => {
  test.each<[JsonValue, boolean, string[]]>([
    ['input.n > 3.0', true, ['c']],
    ['input.n > 9.0', false, ['a']],
    [true, true, ['c']],
    [false, false, ['a']],
  ])('%j is %s and skips %j', async (condition, result, expected) => {
    const { context, skipped } = branching({ if: condition, then: ['a', 'both'], else: ['c', 'both'] }, { n: 5 });
    expect(await new ConditionNode().execute(context)).toEqual({ result });
    expect(skipped).toEqual(expected);
  });

  test('that is neither true nor false is an error, and skips nothing', async () => {
    const { context, skipped } = branching({ if: 'input.n', then: ['a'] }, { n: 5 });
    await expect(new ConditionNode().execute(context)).rejects.toMatchObject({
      code: 'expression_failed',
      options: { retryable: false },
    });
    expect(skipped).toEqual([]);
  });

  test.each<JsonObject>([{}, { if: 3 }, { if: 'true', then: 'a' }])('refuses %j', async (config) => {
    await expect(new ConditionNode().execute(branching(config).context)).rejects.toMatchObject(INVALID);
  });
});

describe('switch', () => {
  const cases = [
    { when: 'input.n > 3.0', then: ['big', 'shared'] },
    { when: 'input.n > 1.0', then: ['middle'] },
  ];

  test.each<[number, JsonObject, string[]]>([
    [5, { case: 0, taken: ['big', 'shared'] }, ['middle']],
    [2, { case: 1, taken: ['middle'] }, ['big', 'shared']],
    [0, { case: null, taken: ['shared'] }, ['big', 'middle']],
  ])('for %i takes the first case that fits', async (n, output, expected) => {
    const { context, skipped } = branching({ cases, default: ['shared'] }, { n });
    expect(await new SwitchNode().execute(context)).toEqual(output);
    expect(skipped).toEqual(expected);
  });

  test('compares JSON by its content', async () => {
    const equal = [
      { equals: { b: [2], a: 1 }, then: ['x'] },
      { equals: 'text', then: ['y'] },
    ];
    const take = async (value: JsonValue) => new SwitchNode().execute(branching({ value, cases: equal }).context);
    expect(await take({ a: 1, b: [2] })).toEqual({ case: 0, taken: ['x'] });
    expect(await take('text')).toEqual({ case: 1, taken: ['y'] });
    expect(await take(null)).toEqual({ case: null, taken: [] });
  });

  test.each<JsonObject>([
    { cases: [] },
    { cases: [{ equals: 1, then: ['a'] }] },
    { value: 1, cases: [{ equals: 1, when: 'true', then: ['a'] }] },
  ])('refuses %j', async (config) => {
    await expect(new SwitchNode().execute(branching(config).context)).rejects.toMatchObject(INVALID);
  });
});
