import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from './json.js';
import { canonicalText, sourceText } from './source-text.js';

const SCHEMA: JsonObject = {
  type: 'object',
  required: ['name', 'nodes'],
  properties: {
    name: { type: 'string' },
    concurrency: { type: 'integer', default: 10 },
    nodes: {
      type: 'array',
      items: {
        type: 'object',
        required: ['id', 'type'],
        properties: {
          id: { type: 'string' },
          type: { type: 'string' },
          depends_on: { type: 'array', items: { type: 'string' }, default: [] },
          config: { type: 'object', additionalProperties: {}, default: {} },
          retry: {
            type: 'object',
            default: {},
            properties: { max_attempts: { default: 3 }, backoff: { default: 'exponential' } },
          },
        },
      },
    },
  },
};
const RETRY = { max_attempts: 3, backoff: 'exponential' };
const DEFINITION = {
  name: 'flow',
  concurrency: 10,
  nodes: [
    { id: 'a', type: 'echo', depends_on: [], config: {}, retry: RETRY },
    { id: 'b', type: 'echo', depends_on: ['a'], config: { x: null }, retry: { ...RETRY, max_attempts: 5 } },
  ],
};

describe('the text of a version', () => {
  it('is that of its author', () => {
    const source = { format: 'yaml' as const, text: '# mine\nname: flow' };
    expect(sourceText({ definition: DEFINITION, source }, SCHEMA)).toBe(source.text);
    const json = { format: 'json' as const, text: '{"name":"flow","nodes":[]}' };
    expect(sourceText({ definition: DEFINITION, source: json }, SCHEMA)).toBe('name: flow\nnodes: []\n');
  });

  it('is made of the canonical form where there is none, without what goes without saying', () => {
    const text = `name: flow
nodes:
  - id: a
    type: echo
  - id: b
    type: echo
    depends_on:
      - a
    config:
      x: null
    retry:
      max_attempts: 5
`;
    expect(sourceText({ definition: DEFINITION, source: null }, SCHEMA)).toBe(text);
    expect(canonicalText(DEFINITION, SCHEMA)).toBe(text);
  });
});
