import { describe, expect, it } from '@jest/globals';
import { inputSchema } from './input-schema.js';

const types = (...nodes: object[]) => {
  const { properties } = inputSchema({ nodes: nodes.map((node, index) => ({ id: `n${index}`, type: 'transform', ...node })) });
  return Object.fromEntries(
    Object.entries(properties as Record<string, { type: string }>).map(([name, { type }]) => [name, type]),
  );
};

describe('the input that a definition seems to take', () => {
  it('is told by its expressions and placeholders', () => {
    expect(
      types(
        { when: 'input.n >= 3 && input.ready == true' },
        { config: { value: { to: '${{ input.name }}, ${{ input.address.city }}' } } },
        { config: { items: 'input.orders' } },
        { config: { expression: 'input.people.map(p, p.name)' } },
        { config: { if: 'input.title.contains("x") || input.?note.orValue("") == ""' } },
      ),
    ).toEqual({
      n: 'number',
      ready: 'boolean',
      name: 'string',
      address: 'object',
      orders: 'array',
      people: 'array',
      title: 'string',
      note: 'object',
    });
  });

  it('is what the definition says of it, whatever the expressions use', () => {
    const declared = { type: 'object', properties: { sku: { type: 'string' } }, required: ['sku'] };
    const nodes = [{ id: 'a', type: 'transform', config: { expression: 'input.other' } }];
    expect(inputSchema({ nodes, input_schema: declared })).toEqual(declared);
  });

  it('has a question where agents are asked one', () => {
    expect(types({ type: 'agent', config: { role: 'draft' } })).toEqual({ question: 'string' });
    expect(types({ type: 'agent', input: 'Write a poem.' })).toEqual({});
  });

  it('is nothing where nothing is asked for', () => {
    expect(types({ config: { expression: 'nodes.a.output' } })).toEqual({});
  });
});
