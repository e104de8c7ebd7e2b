import { expect, test } from '@jest/globals';
import { readChunkPayload, writeChunkPayload } from './chunk-payload.js';

test('reads what it wrote', () => {
  const payload = writeChunkPayload({ title: 'Locks', source: 'locks.md' }, { index: 3, text: 'They expire.' });
  expect(readChunkPayload(payload)).toEqual({ title: 'Locks', source: 'locks.md', index: 3, text: 'They expire.' });
});

test('what is missing or of another type is empty', () => {
  expect(readChunkPayload({ title: 1, source: 2, index: '3', text: null })).toEqual({
    title: '',
    source: null,
    index: 0,
    text: '',
  });
  expect(readChunkPayload({})).toEqual({ title: '', source: null, index: 0, text: '' });
});
