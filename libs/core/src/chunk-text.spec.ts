import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { chunkText } from './chunk-text.js';

const plain = (text: string, targetChars: number, overlapChars = 0): string[] =>
  chunkText(text, { mediaType: 'text/plain', targetChars, overlapChars });
const letters = (text: string): string => text.replaceAll(/\s/g, '');

describe('plain text', () => {
  test('a short text is one chunk as it is', () => {
    expect(plain('One.\n\nTwo.', 100)).toEqual(['One.\n\nTwo.']);
  });

  test('is cut at paragraphs first', () => {
    const paragraphs = ['A'.repeat(60), 'B'.repeat(60), 'C'.repeat(30)];
    expect(plain(paragraphs.join('\n\n'), 100)).toEqual([paragraphs[0], `${paragraphs[1]}\n\n${paragraphs[2]}`]);
  });

  test('is cut at sentences where a paragraph is too long, its wrapped lines joined', () => {
    const sentence = (name: string): string => `${name} ${'word '.repeat(9)}ends here.`;
    const text = `${sentence('One')} ${sentence('Two')}\n${sentence('Three')}`;
    expect(plain(text, 130)).toEqual([`${sentence('One')} ${sentence('Two')}`, sentence('Three')]);
  });

  test('is cut at words where a sentence is too long, and anywhere where a word is, but never within a character', () => {
    expect(plain('abcde '.repeat(30).trim(), 100).map((chunk) => chunk.length)).toEqual([95, 83]);
    expect(plain('😀'.repeat(75), 101)).toEqual(['😀'.repeat(50), '😀'.repeat(25)]);
  });

  test('a blank text has no chunk', () => {
    expect(plain(' \n\n ', 100)).toEqual([]);
  });

  test('with a title, every chunk begins with it', () => {
    const chunks = chunkText(`${'a '.repeat(60)}\n\nb`, { mediaType: 'text/plain', title: 'Title', targetChars: 100 });
    expect(chunks.every((chunk) => chunk.startsWith('Title\n\n'))).toBe(true);
  });
});

describe('overlap', () => {
  const [first, second] = ['First sentence here. Last one.', 'x'.repeat(75)];

  test('a chunk begins with the last whole sentences of the one before', () => {
    expect(plain(`${first}\n\n${second}`, 100, 20)).toEqual([first, `Last one.\n\n${second}`]);
  });

  test('less where it would not fit, none where no sentence is short enough', () => {
    expect(plain(`${first}\n\n${'x'.repeat(95)}`, 100, 20)).toEqual([first, 'x'.repeat(95)]);
    expect(plain(`${first}\n\n${second}`, 100, 5)).toEqual([first, second]);
  });

  test('none from lists and tables', () => {
    const list = '- One. Two.\n- Three. Four.';
    expect(plain(`${list}\n\n${second}`, 100, 20)).toEqual([list, second]);
  });
});

describe('Markdown', () => {
  const markdown = (text: string, more: { title?: string; targetChars?: number; overlapChars?: number } = {}): string[] =>
    chunkText(text, { mediaType: 'text/markdown', ...more });

  test('each section is a chunk of its own that begins with its headings', () => {
    expect(markdown('# Guide\nIntro.\n## Locks\nThey expire.')).toEqual(['Guide\n\nIntro.', 'Guide > Locks\n\nThey expire.']);
  });

  test('a title of its own leads the headings, once', () => {
    expect(markdown('# Guide\nIntro.', { title: 'Baton' })).toEqual(['Baton > Guide\n\nIntro.']);
    expect(markdown('# Guide\nIntro.', { title: 'Guide' })).toEqual(['Guide\n\nIntro.']);
  });

  test('a heading without text is a chunk', () => {
    expect(markdown('# Only a heading')).toEqual(['Only a heading']);
  });

  test('code, lists and tables are cut at lines', () => {
    const row = (name: string): string => `| ${name} | ${'cell '.repeat(8)}|`;
    const table = ['a', 'b', 'c'].map(row);
    expect(markdown(table.join('\n'), { targetChars: 100 })).toEqual([`${table[0]}\n${table[1]}`, table[2]]);
  });

  test('a long line of blanks in code leaves nothing behind', () => {
    expect(markdown(`~~~\n${' '.repeat(150)}\n~~~`, { targetChars: 100 })).toEqual(['~~~\n~~~']);
  });

  test('blank lines of code without end leave nothing behind', () => {
    const text = `\`\`\`\ncode\n${'\n'.repeat(300)}more\n\`\`\`\n\nProse.`;
    const chunks = markdown(text, { targetChars: 100, overlapChars: 50 });
    expect(chunks.map((chunk) => chunk.trim())).toEqual(['```\ncode', 'more\n```\n\nProse.']);
  });

  test('headings take half of a chunk at most', () => {
    const chunks = markdown(`# ${'h'.repeat(190)}\ntext`, { targetChars: 100 });
    expect(chunks).toEqual([`${'h'.repeat(50)}\n\ntext`]);
  });
});

describe('for any text', () => {
  const word = fc.string({
    minLength: 1,
    maxLength: 150,
    unit: fc.constantFrom('a', 'B', '1', '.', '!', '-', '|', '`', '#', '>', ' ', '😀'),
  });
  const text = fc
    .array(fc.tuple(word, fc.constantFrom(' ', '\n', '\n\n')), { maxLength: 60 })
    .map((parts) => parts.flat().join(''));

  test('nothing is lost and no chunk is too long', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 100, max: 400 }), (value, targetChars) => {
        const chunks = plain(value, targetChars);
        expect(letters(chunks.join(''))).toBe(letters(value));
        expect(chunks.every((chunk) => chunk !== '' && chunk.length <= targetChars)).toBe(true);
      }),
    );
  });

  test('Markdown with headings and overlap keeps the limit, and text that is not blank has a chunk', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 100, max: 400 }), (value, targetChars) => {
        const chunks = chunkText(value, { mediaType: 'text/markdown', title: 'T', targetChars, overlapChars: 50 });
        expect(chunks.every((chunk) => chunk.length <= targetChars)).toBe(true);
        expect(chunks.length > 0).toBe(value.trim() !== '');
      }),
    );
  });
});

test('long runs of blanks are cut in no time', () => {
  expect(plain(`a${' '.repeat(500_000)}b`, 100)).toEqual(['a b']);
});
