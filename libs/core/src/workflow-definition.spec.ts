import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { JsonValue } from './json.js';
import { canonicalJson, definitionDigest, NameSchema, WorkflowDefinitionSchema } from './workflow-definition.js';

/** The same value with the keys of every object the other way round. */
function reversed(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, reversed(inner)]),
  );
}

const json = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.parse(JSON.stringify(value)) as JsonValue);

describe('canonicalJson', () => {
  it('is JSON of the same value', () => {
    fc.assert(fc.property(json, (value) => expect(JSON.parse(canonicalJson(value))).toEqual(value)));
  });

  it('does not depend on the order of keys', () => {
    fc.assert(fc.property(json, (value) => expect(canonicalJson(reversed(value))).toBe(canonicalJson(value))));
  });

  it('keeps the order of arrays and orders keys at every depth', () => {
    expect(canonicalJson({ b: [2, { d: null, c: true }, 1], a: 'x' })).toBe('{"a":"x","b":[2,{"c":true,"d":null},1]}');
  });
});

describe('definitionDigest', () => {
  const definition = (more: object) =>
    WorkflowDefinitionSchema.parse({ name: 'flow', nodes: [{ id: 'a', type: 'work', ...more }] });

  it('is one for one content, however it is written', () => {
    expect(definitionDigest(definition({ config: { x: 1, y: 2 } }))).toBe(
      definitionDigest(definition({ config: { y: 2, x: 1 } })),
    );
    expect(definitionDigest(definition({}))).toBe(definitionDigest(definition({ depends_on: [], retry: {} })));
    expect(definitionDigest(definition({}))).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is another for another content', () => {
    expect(definitionDigest(definition({ config: { x: 1 } }))).not.toBe(definitionDigest(definition({ config: { x: 2 } })));
  });
});

describe('the schema', () => {
  it.each(['a', 'A-1_b.c', '0', 'x'.repeat(64)])('takes the name %s', (name) =>
    expect(NameSchema.safeParse(name).success).toBe(true),
  );

  it.each(['', '-a', 'a b', 'a/b', 'ä', 'x'.repeat(65), 'a\n'])('refuses the name %j', (name) =>
    expect(NameSchema.safeParse(name).success).toBe(false),
  );

  it.each([
    ['no nodes', { nodes: [] }],
    ['an unknown field', { nodes: [{ id: 'a', type: 'work', depend_on: [] }] }],
    ['a time limit of nothing', { nodes: [{ id: 'a', type: 'work', timeout: 0 }] }],
    ['no room for a node', { concurrency: 0, nodes: [{ id: 'a', type: 'work' }] }],
    ['more jitter than delay', { nodes: [{ id: 'a', type: 'work', retry: { jitter: 1.1 } }] }],
  ])('refuses %s', (_what, fields) => {
    expect(WorkflowDefinitionSchema.safeParse({ name: 'flow', ...fields }).success).toBe(false);
  });
});
