import { describe, expect, it } from '@jest/globals';
import { diffLines, foldSame } from './text-diff.js';

const signs = { same: ' ', added: '+', removed: '-' };
const shown = (before: string, after: string): string[] => diffLines(before, after).map(({ kind, text }) => signs[kind] + text);

describe('the diff of two texts', () => {
  it('tells the fewest lines', () => {
    expect(shown('a\nb\nc', 'a\nx\nc\nd')).toEqual([' a', '-b', '+x', ' c', '+d']);
    expect(shown('a\nb\nc\na\nb\nb\na', 'c\nb\na\nb\na\nc').filter((line) => !line.startsWith(' '))).toHaveLength(5);
    expect(shown('a', 'a')).toEqual([' a']);
    expect(shown('', 'a')).toEqual(['-', '+a']);
  });

  it('makes one text of the other, whatever they are', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const text = (offset: number): string =>
        Array.from({ length: (seed * 7 + offset) % 12 }, (_, index) => 'abc'[(seed * (index + offset) + index * index) % 3]).join(
          '\n',
        );
      const [before, after] = [text(0), text(5)];
      const lines = diffLines(before, after);
      const side = (kind: 'added' | 'removed'): string =>
        lines
          .filter((line) => line.kind === 'same' || line.kind === kind)
          .map((line) => line.text)
          .join('\n');
      expect([side('removed'), side('added')]).toEqual([before, after]);
    }
  });

  it('numbers the lines of both sides', () => {
    expect(diffLines('a\nb', 'b').map(({ before, after }) => [before, after])).toEqual([
      [1, null],
      [2, 1],
    ]);
  });

  it('puts away what is the same', () => {
    const before = Array.from({ length: 30 }, (_, index) => `line ${index}`);
    const after = before.map((line, index) => (index === 15 ? 'changed' : line));
    const folded = foldSame(diffLines(before.join('\n'), after.join('\n')), 2);
    expect(folded.map((part) => (part.kind === 'gap' ? part.lines.length : part.text))).toEqual([
      ...[13, 'line 13', 'line 14', 'line 15', 'changed', 'line 16', 'line 17', 12],
    ]);
  });
});
