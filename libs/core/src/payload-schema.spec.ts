import { expect, test } from '@jest/globals';
import type { JsonObject } from './json.js';
import { schemaProblem, schemaProblems } from './payload-schema.js';

/** The definitions of which each names the next one twice. */
const DOUBLING: JsonObject = Object.fromEntries(
  Array.from({ length: 20 }, (_, n) => [`d${n}`, { anyOf: [{ $ref: `#/$defs/d${n + 1}` }, { $ref: `#/$defs/d${n + 1}` }] }]),
);

test('says by JSON pointer what a payload has that its schema does not allow', () => {
  const schema: JsonObject = {
    type: 'object',
    properties: { 'a/b': { type: 'array', items: { type: 'integer', maximum: 5 } } },
    required: ['c'],
  };
  expect(schemaProblem(schema)).toBeNull();
  expect(schemaProblems(schema, { 'a/b': [5], c: null })).toEqual([]);
  expect(schemaProblems(schema, { 'a/b': [5, 6] })).toEqual([
    { pointer: '/payload', message: expect.stringContaining('"c"') },
    { pointer: '/payload/a~1b/1', message: expect.stringContaining('5') },
  ]);
});

test.each<[string, JsonObject]>([
  ['in a definition that is named like a keyword', { $ref: '#/$defs/const', $defs: { const: { pattern: '^(a+)+$' } } }],
  ['in a definition whose name is that of properties', { $ref: '#/$defs/properties', $defs: { properties: { pattern: 'a' } } }],
  ['of an older draft', { type: 'array', items: [{}], additionalItems: { pattern: 'a' } }],
])('refuses a regular expression %s, and holds no payload to it', (_, schema) => {
  expect(schemaProblem(schema)).toEqual(expect.any(String));
  expect(schemaProblems(schema, `${'a'.repeat(100)}!`)).toMatchObject([{ pointer: '/payload' }]);
});

test('refuses a schema that grows with each reference, and holds no payload to it', () => {
  const schema: JsonObject = { $ref: '#/$defs/d0', $defs: { ...DOUBLING, d20: { type: 'string' } } };
  expect(schemaProblem(schema)).toContain('parts');
  expect(schemaProblems(schema, 1)).toMatchObject([{ pointer: '/payload', message: expect.stringContaining('parts') }]);
});
