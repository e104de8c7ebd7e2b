import { describe, expect, it } from '@jest/globals';
import { pointerRange, readYaml } from './yaml-text.js';

const TEXT = `name: flow
nodes:
  - id: a
    type: echo
  - { id: b, type: nothing, depends_on: [c] }
`;

describe('a definition as text', () => {
  it.each([
    ['/name', 'flow'],
    ['/nodes/0', 'id: a'],
    ['/nodes/0/type', 'echo'],
    ['/nodes/1/type', 'nothing'],
    ['/nodes/1/depends_on', 'depends_on'],
    ['/nodes/1/depends_on/0', 'c'],
    ['/nodes/0/config/role', 'id: a'],
    ['/nodes', 'nodes'],
    ['', 'name: flow'],
  ])('shows %s at `%s`', (pointer, shown) => {
    const { from, to } = pointerRange(readYaml(TEXT).document, pointer);
    expect(TEXT.slice(from, to)).toBe(shown);
  });

  it('says where it is no YAML', () => {
    const { json, faults } = readYaml('name: flow\nnodes: [\n');
    expect(json).toBeUndefined();
    expect(faults[0]!.from).toBeGreaterThan(10);
    expect(readYaml('a: 1\na: 2').faults).toHaveLength(1);
    expect(readYaml('a: *b').faults).toHaveLength(1);
  });
});
