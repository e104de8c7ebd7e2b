import { expect, it } from '@jest/globals';
import { detectFileType } from './file-type.js';

const kindOf = (text: string): string => detectFileType({ name: null, mediaType: null, bytes: Buffer.from(text) }).kind;

it('tells at once what begins with many comments', () => {
  const comments = '<!-- -->'.repeat(120);
  const startedAt = performance.now();
  expect([kindOf(`${comments}<html>`), kindOf(`${comments}x`)]).toEqual(['html', 'text']);
  expect(performance.now() - startedAt).toBeLessThan(500);
});
