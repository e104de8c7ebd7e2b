import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BatonError } from './errors.js';
import { checkExpression, compileExpression, type ExpressionScope } from './expression.js';
import type { JsonValue } from './json.js';

const scope = (input: JsonValue, more: Partial<ExpressionScope> = {}): ExpressionScope => ({
  input,
  nodes: { draft: { output: { score: 7, tags: ['a', 'b'] }, status: 'completed', error: null } },
  run: { id: 'r1', task_id: null, tenant_id: 'default', workflow: 'flow' },
  ...more,
});

const valueOf = (text: string, input: JsonValue = null, more: Partial<ExpressionScope> = {}): JsonValue =>
  compileExpression(text).evaluate(scope(input, more));

const failureOf = (text: string, input: JsonValue = null): string => {
  try {
    valueOf(text, input);
  } catch (error) {
    if (error instanceof BatonError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'no failure';
};

describe('an expression', () => {
  it.each<[string, JsonValue, JsonValue]>([
    ['input.n + 1', { n: 1 }, 2],
    ['input.n / 2', { n: 1 }, 0.5],
    ['7 / 2', null, 3],
    ['input.n % 2 == 1', { n: 3 }, true],
    ['input.list[input.at] * 2', { list: [1, 2], at: 1 }, 4],
    ['"n=" + string(input.n)', { n: 4 }, 'n=4'],
    ['input.list.map(x, x * 2)', { list: [1, 2] }, [2, 4]],
    [
      'input.list.filter(x, x.ok && x.n in [1, 2]).map(x, {"n": x.n})',
      {
        list: [
          { ok: true, n: 2 },
          { ok: true, n: 3 },
        ],
      },
      [{ n: 2 }],
    ],
    ['input.list.exists(x, (x) == 2) || false', { list: [1, 2] }, true],
    ['input.list.exists_one(x, x > 1) ? "one" : "not"', { list: [1, 2, 3] }, 'not'],
    ['input.list.all(x, !(x < 0) && -x <= 0)', { list: [1] }, true],
    ['input.list.map(x, x > 1, x)', { list: [1, 2] }, [2]],
    ['input.list.join(", ")', { list: ['a', 1, true] }, 'a, 1, true'],
    ['input.list.map(x, x.name).join("-") + "."', { list: [{ name: 'a' }, { name: 'b' }] }, 'a-b.'],
    ['nodes.draft.output.score > 5 && nodes["draft"].status == "completed"', null, true],
    ['run.workflow + "/" + run.id', null, 'flow/r1'],
    ['input.?missing.orValue("none")', {}, 'none'],
    ['has(input.a) && !has(input.b)', { a: null }, true],
    ['input.list.filter(x, has(x.a)).size()', { list: [{ a: 1 }, { b: 1 }] }, 1],
    ['input == {"a": [1, 2]}', { a: [1, 2] }, true],
    ['timestamp("2026-01-02T03:04:05Z")', null, '2026-01-02T03:04:05.000Z'],
    ['duration("1h30m")', null, 5_400],
    ['input', { deep: [null, { a: 1 }] }, { deep: [null, { a: 1 }] }],
    ['{"a": [input.x, 1, null]}', { x: 'y' }, { a: ['y', 1, null] }],
    ['item == null && index == null && visit == 1 && last == null', null, true],
  ])('%s', (text, input, expected) => {
    expect(valueOf(text, input)).toEqual(expected);
  });

  it('sees the item of a map and the visit of a loop', () => {
    expect(valueOf('item.n + index', null, { item: { n: 1 }, index: 2 })).toBe(3);
    expect(valueOf('visit > 1 && last.done', null, { visit: 2, last: { done: true } })).toBe(true);
  });

  it('names the nodes that it needs', () => {
    const { nodeIds } = compileExpression(
      'nodes.a.output + nodes["b-1"].output.map(x, x + nodes.?c.output.orValue(0))[0] + nodes.a.output',
    );
    expect([...nodeIds]).toEqual(['a', 'b-1', 'c']);
  });

  it('tests a condition, and refuses what is neither true nor false', () => {
    expect(compileExpression('input.ok').test(scope({ ok: false }))).toBe(false);
    expect(() => compileExpression('input.ok').test(scope({ ok: 1 }))).toThrow(/must be true or false, not 1/);
  });

  it.each<[string, number, number, RegExp]>([
    ['1 +', 3, 3, /Unexpected token/],
    ['input.a + other', 10, 15, /`other` is unknown; there are input, nodes/],
    ['size(nodes) > 1', 5, 10, /name one node/],
    ['nodes[input.x].output', 0, 5, /name one node/],
    ['input.s.matches("(a+)+$")', 0, 25, /no function `matches`/],
    ['cel.bind(x, 1, x)', 0, 17, /no function `bind`/],
    ['input.list.map(x, cost_(x))', 18, 26, /no function `cost_`/],
    ['1 + "a"', 0, 7, /no such overload/],
    ['size(1)', 0, 7, /overload/],
  ])('%s is refused at its place', (text, start, end, message) => {
    const [problem] = checkExpression(text);
    expect(problem).toMatchObject({ start, end });
    expect(problem!.message).toMatch(message);
    expect(() => compileExpression(text)).toThrow(expect.objectContaining({ code: 'expression_invalid' }));
  });

  it.each(['x'.repeat(4_097), `${'('.repeat(2_000)}1${')'.repeat(2_000)}`, `1${' + 1'.repeat(1_020)}`])(
    'too long or too deep is refused, not tried (%#)',
    (text) => {
      expect(checkExpression(text)).toHaveLength(1);
    },
  );

  it.each([
    'input.constructor',
    'input.__proto__',
    'input["constructor"]',
    'nodes.draft.constructor',
    'input.toString',
    '[1].constructor',
    '"a".length',
    'nodes.__proto__.output',
  ])('reaches nothing but data: %s', (text) => {
    expect(failureOf(text, { a: 1 })).toMatch(/^expression_(failed|invalid): /);
  });

  it('makes no prototype of a key', () => {
    const made = valueOf('{"__proto__": {"polluted": true}, "a": 1}') as Record<string, JsonValue>;
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(Object.getPrototypeOf(made)).toBe(Object.prototype);
  });

  it('fails on a key that is missing, and says which', () => {
    expect(failureOf('input.a.b', { a: {} })).toBe('expression_failed: `input.a.b`: No such key: b');
  });

  it('takes a long sum beside a list', () => {
    expect(valueOf(`input.map(x, x${' + 1'.repeat(200)})`, [1])).toEqual([201]);
  });

  it.each([
    ['lists within lists', 'input.map(a, input.map(b, input.map(c, a + b + c)))', Array.from({ length: 200 }, () => 1)],
    ['text that doubles', `["aaaaaaaaaaaaaaaa"]${'.map(x, x + x)'.repeat(45)}`, null],
    ['lists that double', `[[1, 1]]${'.map(x, x + x)'.repeat(45)}`, null],
    ['work in an index', 'input[input.map(a, input.map(b, input.map(c, 1))).size()]', Array.from({ length: 200 }, () => 1)],
    [
      'comparisons of what is deep',
      'input.list.all(x, input.big == input.big)',
      { list: Array.from({ length: 1_000 }, () => 1), big: { deep: { list: Array.from({ length: 1_000 }, () => 1) } } },
    ],
    ['joins of joins', 'input.map(x, input.join(input.join("0123456789")))', Array.from({ length: 5_000 }, () => 'abcdefghij')],
    ['a search in a search', 'input.filter(x, x in input)', Array.from({ length: 2_000 }, (_, n) => n)],
    [
      'comparisons side by side',
      Array.from({ length: 60 }, () => 'input == input').join(' && '),
      Array.from({ length: 5_000 }, (_, n) => n),
    ],
    ['texts put together', Array.from({ length: 200 }, () => 'input').join(' + '), 'x'.repeat(1_000_000)],
    ['comparisons of all', 'input.all(x, input == input)', Array.from({ length: 2_000 }, () => [1, 2, 3])],
  ])('stops %s at its budget', (_what, text, input) => {
    const started = performance.now();
    expect(failureOf(text, input)).toMatch(/more work than one evaluation may do/);
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('bounds its result', () => {
    expect(failureOf(`[${Array.from({ length: 20 }, () => 'input').join(', ')}]`, 'x'.repeat(100_000))).toMatch(
      /the result has more than/,
    );
  });

  it('gives no number that JSON lacks', () => {
    expect(failureOf('1.0 / 0.0')).toMatch(/not a finite number/);
  });

  it('gives the same for the same scope, whatever was evaluated between', () => {
    const sum = compileExpression('input.map(x, x * 2).filter(x, x > 2).size()');
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 50 }), (list) => {
        expect(
          failureOf(
            'input.map(a, input.map(b, input.map(c, a)))',
            Array.from({ length: 100 }, () => 1),
          ),
        ).toMatch(/more work/);
        expect(sum.evaluate(scope(list))).toBe(list.filter((x) => x * 2 > 2).length);
      }),
      { numRuns: 10 },
    );
  });
});
