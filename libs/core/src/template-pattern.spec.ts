import { expect, test } from '@jest/globals';
import type { JsonObject } from './json.js';
import type { PatternSpec } from './pattern.js';
import { TemplatePattern } from './template-pattern.js';

const THOUSAND = Array.from({ length: 1_000 }, (_, index) => index);

function spec(nodes: JsonObject[], example: JsonObject = {}): PatternSpec {
  return { name: 'p', description: 'It.', parameters: { type: 'object' }, example, template: { nodes, output: 'a' } };
}

test('makes a node of each item, with what it knows of it', () => {
  const each = { id: 'n<% index %>', for_each: 'input.of', type: 'echo', config: { of: '<% item %>', asked: '${{ input.x }}' } };
  expect(TemplatePattern.read(spec([each], { of: ['a', 'b'] }))).toHaveProperty('pattern');
  expect(new TemplatePattern(spec([each])).expand({ of: ['a'] })).toEqual({
    expansion: { nodes: [{ id: 'n0', type: 'echo', config: { of: 'a', asked: '${{ input.x }}' } }], output: 'a' },
  });
});

test.each<[string, PatternSpec]>([
  ['nodes', spec(THOUSAND.map((n) => ({ id: `n${n}-<% index %>`, for_each: THOUSAND })))],
  ['values', spec([{ id: 'n<% index %>', for_each: THOUSAND, config: '<% input %>' }], { all: [THOUSAND, THOUSAND] })],
  ['text', spec([{ id: 'n<% index %>', for_each: THOUSAND, config: 'a<% input.x %>' }], { x: 'x'.repeat(100_000) })],
  [
    'work',
    spec([{ id: 'n<% index %>', for_each: THOUSAND, config: '<% input.of.filter(x, x > 5).size() %>' }], { of: THOUSAND }),
  ],
])('makes no more %s than it may', (_, made) => {
  expect(TemplatePattern.read(made)).toEqual({ problems: [{ pointer: '/example', message: expect.stringMatching(/more/) }] });
});
