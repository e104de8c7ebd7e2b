import { describe, expect, it } from '@jest/globals';
import { diffLines } from './diff-lines.js';

const told = (before: string, after: string): string =>
  diffLines(before, after)
    .map(({ kind, text }) => `${{ same: ' ', added: '+', removed: '-' }[kind]}${text}`)
    .join('|');

describe('the difference of two texts', () => {
  it('keeps what they share, and shows what is gone before what is new', () => {
    expect(told('a\nb\nc\nd', 'a\nx\nc\ne\nd')).toBe(' a|-b|+x| c|+e| d');
    expect(told('a\na\nb', 'a\nb')).toBe(' a|-a| b');
    expect(told('same', 'same')).toBe(' same');
  });

  it('shows what was not there before, or is not any more', () => {
    expect([told('', 'a\nb'), told('a', ''), told('', '')]).toEqual(['+a|+b', '-a', '']);
  });
});
