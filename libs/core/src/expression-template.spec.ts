import { describe, expect, it } from '@jest/globals';
import type { ExpressionScope } from './expression.js';
import { checkTemplate, compileTemplate } from './expression-template.js';
import type { JsonValue } from './json.js';

const scope: ExpressionScope = {
  input: { name: 'Ada', n: 3, none: null, list: [1, 2] },
  nodes: { a: { output: { x: 1 }, status: 'completed', error: null } },
  run: { id: 'r1', task_id: null, tenant_id: 'default', workflow: 'flow' },
};

describe('a template', () => {
  it.each<[JsonValue, JsonValue]>([
    ['${{ input.n }}', 3],
    [' ${{ input.n }}', ' 3'],
    ['${{input.list}}', [1, 2]],
    [
      'Hello ${{ input.name }}, ${{ input.n + 1 }} of ${{ input.list }} and ${{ nodes.a.output }}',
      'Hello Ada, 4 of [1,2] and {"x":1}',
    ],
    ['${{ input.none }}', null],
    [
      ['${{ input.none }}', 'plain', 1],
      [null, 'plain', 1],
    ],
    [
      { a: { b: ['${{ input.n }}'] }, c: true },
      { a: { b: [3] }, c: true },
    ],
    ['${{ {"a": {"b": input.n}} }}', { a: { b: 3 } }],
    ['${{ "}}" }}-${{ "x" }}', '}}-x'],
    ['$ { { no } }', '$ { { no } }'],
  ])('%j', (template, expected) => {
    expect(compileTemplate(template).evaluate(scope)).toEqual(expected);
  });

  it('without placeholders is what it was', () => {
    const json = { a: ['b', { c: null }] };
    const template = compileTemplate(json);
    expect(template.isConstant).toBe(true);
    expect(template.evaluate(scope)).toBe(json);
  });

  it('leaves the keys named as they stand, at the top only', () => {
    const template = compileTemplate({ body: { x: '${{ item }}' }, inner: { body: '${{ input.n }}' } }, { verbatim: ['body'] });
    expect(template.evaluate(scope)).toEqual({ body: { x: '${{ item }}' }, inner: { body: 3 } });
  });

  it('makes no prototype of a key', () => {
    const template = compileTemplate(JSON.parse('{"__proto__": "${{ input }}"}') as JsonValue);
    expect(Object.getPrototypeOf(template.evaluate(scope))).toBe(Object.prototype);
  });

  it('does and writes no more with all its placeholders than it may', () => {
    const list = Array.from({ length: 20_000 }, (_, index) => index);
    const many = { ...scope, input: { list, text: 'x'.repeat(1_000_000) } };
    const failure = expect.objectContaining({ code: 'expression_failed', message: expect.stringContaining('more') });
    const filters = Array.from({ length: 20 }, () => '${{ input.list.filter(x, x > 5).size() }}');
    expect(() => compileTemplate(filters).evaluate(many)).toThrow(failure);
    expect(() => compileTemplate('a${{ input.text }}'.repeat(100)).evaluate(many)).toThrow(failure);
    expect(compileTemplate(filters.slice(0, 2)).evaluate(many)).toEqual([19_994, 19_994]);
  });

  it('tells every problem, by pointer and place in the text', () => {
    const { problems, references } = checkTemplate({
      'a/b': 'x ${{ 1 + }} y ${{ other }}',
      list: ['${{ nodes.a.output }}', '${{ input'],
    });
    expect(problems).toMatchObject([
      { pointer: '/a~1b', start: 9, end: 9 },
      { pointer: '/a~1b', start: 19, end: 24, message: expect.stringMatching(/`other` is unknown/) },
      { pointer: '/list/1', start: 0, message: '`${{` without `}}`' },
    ]);
    expect(references).toEqual([{ pointer: '/list/0', nodeIds: ['a'] }]);
  });

  it('names each node once, and throws the first problem', () => {
    expect(compileTemplate(['${{ nodes.a.output }}', '${{ nodes.a.status + nodes.b.status }}']).nodeIds).toEqual(['a', 'b']);
    expect(() => compileTemplate({ k: '${{ ( }}' })).toThrow(
      expect.objectContaining({ code: 'expression_invalid', context: expect.objectContaining({ pointer: '/k' }) }),
    );
  });

  it('holds a bounded number of placeholders', () => {
    expect(checkTemplate(Array.from({ length: 501 }, () => '${{ 1 }}')).problems).toHaveLength(1);
  });
});
