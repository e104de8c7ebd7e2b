import { describe, expect, test } from '@jest/globals';
import type { JsonObject, JsonValue } from './json.js';
import { compileJsonSchema, type JsonSchema } from './json-schema.js';

function compile(json: JsonObject, options?: { lenient: boolean }): JsonSchema {
  const compiled = compileJsonSchema(json, options);
  if ('problem' in compiled) throw new Error(compiled.problem);
  return compiled.schema;
}
const problemOf = (json: JsonObject): unknown => compileJsonSchema(json);

const PERSON: JsonObject = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 6 },
    age: { type: ['integer', 'null'], minimum: 18 },
    home: { $ref: '#/$defs/Address' },
    kind: { enum: ['a', 'b'] },
  },
  required: ['name', 'home', 'kind', 'age'],
  additionalProperties: false,
  $defs: { Address: { type: 'object', properties: { city: { type: 'string', format: 'city' } }, required: ['city'] } },
};

test('says everything that is wrong with a value, where', () => {
  const { check } = compile(PERSON);
  expect(check({ name: 'Marie C', age: null, home: { city: 'Paris' }, kind: 'b' })).toEqual([]);
  const problems = check({ name: 'Marie', age: 17.5, home: {}, more: 1 }).join('\n');
  expect(problems).toMatch(/\/name: .*short/);
  expect(problems).toMatch(/\/age: .*17\.5|\/age: /);
  expect(problems).toMatch(/\/home: .*city/);
  expect(problems).toContain('kind');
  expect(problems).toContain('more');
});

test.each<[string, JsonObject]>([
  ['an object with references', PERSON],
  ['a list', { type: 'array', minItems: 2, items: { type: 'number', exclusiveMinimum: 3 } }],
  ['a choice', { oneOf: [{ type: 'object', properties: { ok: { const: true } }, required: ['ok'] }, { type: 'null' }] }],
  ['parts', { allOf: [{ properties: { a: { type: 'integer' } }, required: ['a'] }, { required: ['b'] }], type: 'object' }],
  ['anything', {}],
])('has an example of %s that fits', (_, json) => {
  const { example, check } = compile(json);
  expect(example).toBeDefined();
  expect(check(example as JsonValue)).toEqual([]);
});

test('has no example where none is easily found', () => {
  expect(compile({ type: 'string', not: { const: 'text' } }).example).toBeUndefined();
});

describe('a schema that cannot be used', () => {
  test.each<[string, JsonObject, string]>([
    ['with a regular expression', { properties: { a: { pattern: '(a+)+$' } } }, '/properties/a/pattern'],
    ['that compares all with all', { uniqueItems: true }, 'uniqueItems'],
    ['that leads in a circle', { $defs: { a: { items: { $ref: '#/$defs/a' } } }, $ref: '#/$defs/a' }, 'circle'],
    ['that leads elsewhere', { $ref: 'https://example.org/schema' }, 'only references within'],
    ['that leads nowhere', { $ref: '#/$defs/none' }, 'there is no'],
    ['of no type', { type: 'text' }, 'no type of JSON'],
    ['with an identity', { $id: 'x' }, 'not supported'],
    ['with a word for a number', { minLength: 'long' }, 'not a number'],
    ['that is very long', { description: 'x'.repeat(70_000) }, 'characters'],
  ])('%s', (_, json, problem) => {
    expect(problemOf(json)).toEqual({ problem: expect.stringContaining(problem) });
  });

  test('that grows with each reference', () => {
    const $defs = Object.fromEntries(
      Array.from({ length: 30 }, (_, n) => [`d${n}`, { anyOf: [{ $ref: `#/$defs/d${n + 1}` }, { $ref: `#/$defs/d${n + 1}` }] }]),
    );
    expect(problemOf({ $defs: { ...$defs, d30: {} }, $ref: '#/$defs/d0' })).toEqual({
      problem: expect.stringContaining('more than 5000 parts'),
    });
  });
});

test('leaves out what another side checks, where it may', () => {
  const { check, json } = compile({ type: 'string', pattern: '^a' }, { lenient: true });
  expect([check('b'), json]).toEqual([[], { type: 'string' }]);
});

test('does not check what would take too long', () => {
  const { check } = compile({ items: { anyOf: Array.from({ length: 100 }, () => ({ type: 'string' })) } });
  expect(check(Array.from({ length: 30_000 }, () => 1))).toEqual(['it is too large to be checked']);
});
