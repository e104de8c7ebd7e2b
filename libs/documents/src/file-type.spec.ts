import { expect, it } from '@jest/globals';
import { detectFileType } from './file-type.js';

const kindOf = (text: string): string => detectFileType({ name: null, mediaType: null, bytes: Buffer.from(text) }).kind;

it('takes a text that speaks of the head of a PDF for a text, and a PDF after other bytes for a PDF', () => {
  expect(kindOf('A PDF begins with `%PDF-1.7`.')).toBe('text');
  expect(kindOf('%PDF-1.7 cut off')).toBe('pdf');
  expect(kindOf('before\n%PDF-1.7\n\0\x01')).toBe('pdf');
});

it('tells at once what begins with many comments', () => {
  const comments = '<!-- -->'.repeat(120);
  const startedAt = performance.now();
  expect([kindOf(`${comments}<html>`), kindOf(`${comments}x`)]).toEqual(['html', 'text']);
  expect(performance.now() - startedAt).toBeLessThan(500);
});
