import { describe, expect, it } from '@jest/globals';
import { configProblems } from './config-problems.js';
import { nodesOf } from './definition.js';
import type { JsonObject } from './json.js';

const WAIT: JsonObject = {
  type: 'object',
  properties: { seconds: { type: 'number', minimum: 0 }, event: { type: 'string' } },
  additionalProperties: false,
};
const TRANSFORM: JsonObject = {
  anyOf: [
    { type: 'object', properties: { value: {} }, required: ['value'], additionalProperties: false },
    { type: 'object', properties: { expression: { type: 'string' } }, required: ['expression'], additionalProperties: false },
  ],
};
const nodeTypes = new Map<string, { description: string; config: JsonObject }>([
  ['wait', { description: '', config: WAIT }],
  ['transform', { description: '', config: TRANSFORM }],
]);

function told(type: string, config: JsonObject): string[] {
  const nodes = nodesOf({ nodes: [{ id: 'a', type, config }] });
  return configProblems(nodes, { nodeTypes }).map(({ pointer, message }) => `${pointer} ${message}`);
}

describe('what a handler would refuse in a config', () => {
  it('is told at the field', () => {
    expect(told('wait', { seconds: -1 })).toEqual(['/nodes/0/config/seconds wait: -1 is less than 0']);
    expect(told('wait', { secnds: 1 })).toEqual(['/nodes/0/config/secnds wait: there is no such field']);
    expect(told('wait', { seconds: 1 })).toEqual([]);
  });

  it('leaves out what a placeholder may make right', () => {
    expect(told('wait', { seconds: '${{ input.seconds }}' })).toEqual([]);
  });

  it('tells of the alternative that fits best', () => {
    expect(told('transform', { expression: 3 })).toEqual([
      '/nodes/0/config/expression transform: the type "number" is invalid. Expected "string"',
    ]);
    expect(told('transform', { expression: 'input' })).toEqual([]);
  });

  it('says nothing of types that nobody has described', () => {
    expect(told('resize', { anything: true })).toEqual([]);
  });
});
