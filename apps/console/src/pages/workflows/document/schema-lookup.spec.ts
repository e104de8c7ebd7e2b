import { describe, expect, it } from '@jest/globals';
import { placeAt, placeOfLine } from './cursor-path.js';
import { offeredKeys, offeredValues, type DefinitionSchemas, type Schema } from './schema-lookup.js';
import { readLoosely } from './yaml-text.js';

const SCHEMAS: DefinitionSchemas = {
  workflow: {
    type: 'object',
    properties: {
      name: { type: 'string' },
      output: { type: 'string' },
      nodes: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            id: { type: 'string', description: 'Who it is.' },
            type: { type: 'string' },
            depends_on: { type: 'array', items: { type: 'string' } },
            on_error: { enum: ['fail', 'continue'] },
            config: { type: 'object', additionalProperties: { $ref: '#/$defs/json' } },
          },
        },
      },
    },
    $defs: { json: { anyOf: [{ type: 'string' }, { type: 'object' }] } },
  },
  nodeTypes: new Map<string, { description: string; config: Schema }>([
    ['wait', { description: 'Waits.', config: { type: 'object', properties: { seconds: { type: 'number' } } } }],
    ['echo', { description: '', config: { type: 'object' } }],
  ]),
};

/** What is offered where `|` stands. */
function offered(marked: string): string[] | null {
  const position = marked.indexOf('|');
  const text = marked.replace('|', '');
  const place = placeAt(text, position);
  if (place === null) return null;
  const json = readLoosely(text);
  const keys = place.kind === 'entry' ? offeredKeys(SCHEMAS, json, place.path) : [];
  return [...keys, ...offeredValues(SCHEMAS, json, place.path)].map(({ label }) => label);
}

const FIELDS = ['id', 'type', 'depends_on', 'on_error', 'config'];

describe('what an editor offers', () => {
  it.each<[string, string, string[] | null]>([
    ['the fields of a definition', '|', ['name', 'output', 'nodes']],
    ['the fields of a node, in its first line', 'nodes:\n  - |', FIELDS],
    ['the fields of a node, half typed', 'name: a\nnodes:\n  - id: a\n    ty|', FIELDS],
    ['the fields of a node whose list is not indented', 'nodes:\n- id: a\n  type: echo\n- id: b\n  |', FIELDS],
    ['the fields of a definition, after the nodes', 'nodes:\n  - id: a\n|', ['name', 'output', 'nodes']],
    ['the types of nodes', 'nodes:\n  - id: a\n    type: |', ['wait', 'echo']],
    ['the values of an enum', 'nodes:\n  - id: a\n    on_error: f|', ['fail', 'continue']],
    [
      'the config of the type beside it',
      'nodes:\n  - id: b\n    type: echo\n  - id: a\n    type: wait\n    config:\n      |',
      ['seconds'],
    ],
    ['nothing of a config that nobody knows', 'nodes:\n  - id: a\n    type: echo\n    config:\n      |', []],
    ['the nodes that it may come after', 'nodes:\n  - id: a\n  - id: b\n    depends_on:\n      - |', ['a', 'b']],
    ['the node that gives the output', 'nodes:\n  - id: a\noutput: |', ['a']],
    ['nothing in a comment', 'nodes: # |', null],
    ['nothing in brackets', 'nodes: [{ |', null],
  ])('offers %s', (_what, marked, labels) => {
    expect(offered(marked)).toEqual(labels);
  });

  it('finds the field that the mouse is over', () => {
    const text = 'nodes:\n  - id: first\n    type: wait\n';
    expect(placeOfLine(text, text.indexOf('first') + 2)).toEqual({ path: ['nodes', 0, 'id'], key: 'id' });
    expect(placeOfLine(text, text.indexOf('type'))).toEqual({ path: ['nodes', 0, 'type'], key: 'type' });
    expect(placeOfLine('# note', 3)).toBeNull();
  });
});
