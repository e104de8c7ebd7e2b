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

test.each<[string, (inner: JsonObject) => JsonObject]>([
  ['lists', (items) => ({ type: 'array', minItems: 3, items })],
  ['objects', (a) => ({ type: 'object', properties: { a }, required: ['a', 'a', 'a'] })],
])('looks no further for an example of %s within each other than it may', (_, around) => {
  let json: JsonObject = { type: 'string' };
  for (let depth = 0; depth < 9; depth += 1) json = around(json);
  expect(compile(json).example).toBeUndefined();
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
    ['whose rules are of an older draft', { dependencies: { a: { properties: { a: { pattern: '(a+)+$' } } } } }, 'dependencies'],
    ['that names what cannot be read', { id: 'http://[' }, 'leads nowhere'],
    ['with a reference that is none', { $ref: '#/%' }, 'there is no'],
    ['that is very long', { description: 'x'.repeat(70_000) }, 'characters'],
  ])('%s', (_, json, problem) => {
    expect(problemOf(json)).toEqual({ problem: expect.stringContaining(problem) });
  });

  test('that compares more with each reference', () => {
    const $defs = { names: { enum: Array.from({ length: 5_000 }, (_, n) => n) } };
    const properties = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`p${n}`, { $ref: '#/$defs/names' }]));
    expect(problemOf({ $defs, properties })).toEqual({ problem: expect.stringContaining('more than 5000 parts') });
  });

  test.each<[string, JsonObject]>([
    ['remarks', { description: 'x'.repeat(30_000) }],
    ['names', { properties: { ['x'.repeat(30_000)]: true } }],
  ])('whose %s are repeated by each reference', (_, told) => {
    const properties = Object.fromEntries(Array.from({ length: 10 }, (_unused, n) => [`p${n}`, { $ref: '#/$defs/told' }]));
    expect(problemOf({ $defs: { told }, properties })).toEqual({
      problem: expect.stringContaining('more than 262144 characters'),
    });
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
  const older = { dependencies: { a: { pattern: '^a' } }, additionalItems: { pattern: '^a' } };
  expect(compile({ type: 'object', ...older }, { lenient: true }).json).toEqual({ type: 'object' });
  const { check, json } = compile({ type: 'string', pattern: '^a' }, { lenient: true });
  expect([check('b'), json]).toEqual([[], { type: 'string' }]);
});

test('does not check what would take too long', () => {
  const { check } = compile({ items: { anyOf: Array.from({ length: 100 }, () => ({ type: 'string' })) } });
  expect(check(Array.from({ length: 30_000 }, () => 1))).toEqual(['it is too large to be checked']);
  const named = compile({ items: { enum: Array.from({ length: 10_000 }, (_, n) => n) } });
  expect(named.check(Array.from({ length: 30_000 }, () => -1))).toEqual(['it is too large to be checked']);
  const long = compile({ allOf: Array.from({ length: 100 }, () => ({ maxLength: 1 })) });
  expect(long.check('x'.repeat(6_000_000))).toEqual(['it is too large to be checked']);
});
