import { describe, expect, it } from '@jest/globals';
import { applyOperations, readPatch, type PatchOperation } from './json-patch.js';
import type { JsonValue } from './json.js';

const BOUNDS = { maxOperations: 5, maxBytes: 2_000, maxDocumentBytes: 2_000 };
const DOCUMENT: { name: string; nodes: JsonValue[] } = {
  name: 'flow',
  nodes: [{ id: 'a' }, { id: 'b', config: { 'x/y': 1, '~z': [1, 2] } }],
};

const apply = (...operations: PatchOperation[]) => applyOperations(DOCUMENT, operations, BOUNDS);
const problemsOf = (patch: JsonValue) => readPatch(patch, BOUNDS).problems;

describe('operations', () => {
  it.each<[string, PatchOperation[], JsonValue]>([
    ['append', [{ op: 'add', path: '/nodes/-', value: 1 }], { ...DOCUMENT, nodes: [...DOCUMENT.nodes, 1] }],
    ['insert', [{ op: 'add', path: '/nodes/0', value: 1 }], { ...DOCUMENT, nodes: [1, ...DOCUMENT.nodes] }],
    [
      'add and replace members',
      [
        { op: 'add', path: '/new', value: 1 },
        { op: 'replace', path: '/new', value: 2 },
      ],
      { ...DOCUMENT, new: 2 },
    ],
    ['remove', [{ op: 'remove', path: '/nodes/0' }], { ...DOCUMENT, nodes: [DOCUMENT.nodes[1]!] }],
    ['move', [{ op: 'move', from: '/nodes/1', path: '/nodes/0' }], { ...DOCUMENT, nodes: DOCUMENT.nodes.toReversed() }],
    [
      'copy',
      [{ op: 'copy', from: '/nodes/0', path: '/nodes/-' }],
      { ...DOCUMENT, nodes: [...DOCUMENT.nodes, DOCUMENT.nodes[0]!] },
    ],
    ['test', [{ op: 'test', path: '/nodes/1/config', value: { '~z': [1, 2], 'x/y': 1 } }], DOCUMENT],
    [
      'reach escaped keys',
      [
        { op: 'test', path: '/nodes/1/config/x~1y', value: 1 },
        { op: 'test', path: '/nodes/1/config/~0z/1', value: 2 },
      ],
      DOCUMENT,
    ],
  ])('%s', (_, operations, expected) => {
    const before = structuredClone(DOCUMENT);
    expect(apply(...operations)).toEqual({ document: expected, problems: [] });
    expect(DOCUMENT).toEqual(before);
  });

  it.each<[string, PatchOperation[], string, string]>([
    ['a member that there is not', [{ op: 'remove', path: '/none' }], '/patch/0/path', 'no_target'],
    ['an index beyond the end', [{ op: 'add', path: '/nodes/3', value: 1 }], '/patch/0/path', 'no_target'],
    ['an index with zeros', [{ op: 'replace', path: '/nodes/01', value: 1 }], '/patch/0/path', 'no_target'],
    ['the length of a list', [{ op: 'replace', path: '/nodes/length', value: 0 }], '/patch/0/path', 'no_target'],
    ['a method of a list', [{ op: 'remove', path: '/nodes/map' }], '/patch/0/path', 'no_target'],
    ['what objects inherit', [{ op: 'remove', path: '/toString' }], '/patch/0/path', 'no_target'],
    ['a member of a text', [{ op: 'add', path: '/name/x', value: 1 }], '/patch/0/path', 'no_target'],
    ['what it copies from', [{ op: 'copy', from: '/none', path: '/x' }], '/patch/0/from', 'no_target'],
    ['the whole', [{ op: 'replace', path: '', value: {} }], '/patch/0/path', 'no_target'],
    ['a place within itself', [{ op: 'move', from: '/nodes', path: '/nodes/0/x' }], '/patch/0', 'no_target'],
    ['another value', [{ op: 'test', path: '/name', value: 'x' }], '/patch/0', 'test_failed'],
    [
      'nothing after the first',
      [
        { op: 'remove', path: '/nodes/1' },
        { op: 'remove', path: '/nodes/1' },
      ],
      '/patch/1/path',
      'no_target',
    ],
  ])('cannot reach %s', (_, operations, pointer, code) => {
    const { document, problems } = apply(...operations);
    expect(document).toBe(DOCUMENT);
    expect(problems).toEqual([{ pointer, code, message: expect.any(String), remedy: expect.any(String) }]);
  });

  it('cannot grow the document beyond its bound, however few they are', () => {
    const double: PatchOperation = { op: 'copy', from: '/nodes', path: '/nodes/-' };
    const { problems } = apply(...Array<PatchOperation>(20).fill(double));
    expect(problems).toEqual([
      expect.objectContaining({ code: 'limit_exceeded', message: 'the definition grows beyond 2000 bytes' }),
    ]);
  });
});

describe('a patch', () => {
  it('is read, without the members that its operations do not know', () => {
    const { operations, problems } = readPatch([{ op: 'remove', path: '/a', value: 1, note: 'x' }], BOUNDS);
    expect({ operations, problems }).toEqual({ operations: [{ op: 'remove', path: '/a' }], problems: [] });
  });

  it.each<[string, JsonValue, string, string]>([
    ['no list', { op: 'add' }, '/patch', 'schema'],
    ['empty', [], '/patch', 'schema'],
    ['of an unknown operation', [{ op: 'merge', path: '/a' }], '/patch/0/op', 'schema'],
    ['without a value', [{ op: 'add', path: '/a' }], '/patch/0/value', 'schema'],
    ['without a pointer', [{ op: 'remove', path: 'a' }], '/patch/0/path', 'schema'],
    ['with a bad escape', [{ op: 'remove', path: '/a~2' }], '/patch/0/path', 'schema'],
    ['to a prototype', [{ op: 'add', path: '/__proto__/x', value: 1 }], '/patch/0/path', 'forbidden_pointer'],
    ['to a constructor', [{ op: 'add', path: '/constructor/prototype/x', value: 1 }], '/patch/0/path', 'forbidden_pointer'],
    ['from a prototype', [{ op: 'copy', from: '/prototype', path: '/x' }], '/patch/0/from', 'forbidden_pointer'],
    [
      'with a prototype',
      [JSON.parse('{"op":"add","path":"/x","value":[{"__proto__":{"y":1}}]}')],
      '/patch/0',
      'forbidden_pointer',
    ],
    ['of too many operations', Array(6).fill({ op: 'remove', path: '/a' }), '/patch', 'limit_exceeded'],
    ['of too many bytes', [{ op: 'add', path: '/a', value: 'x'.repeat(2_000) }], '/patch', 'limit_exceeded'],
  ])('that is %s is refused', (_, patch, pointer, code) => {
    expect(problemsOf(patch)).toContainEqual(expect.objectContaining({ pointer, code, remedy: expect.stringMatching(/\w/) }));
  });

  it('that is nested without end is refused before anything walks it', () => {
    let value: JsonValue = 1;
    for (let depth = 0; depth < 50_000; depth += 1) value = [value];
    expect(problemsOf([{ op: 'add', path: '/x', value }])).toMatchObject([{ message: 'nested deeper than 64 levels' }]);
  });
});
