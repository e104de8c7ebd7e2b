import { expect, test } from '@jest/globals';
import type { Chunk, DocumentInfo } from '@baton/core';
import { MemoryRagConfigStore, SETTINGS } from '../test/memory-rag-config-store.js';
import { cutDocument, titleOf } from './cut-document.js';
import { DocumentPassages } from './document-passages.js';
import { RagConfigs } from './rag-configs.js';

const TEXT = ['One. ', 'Two. ', 'Three. '].map((sentence) => sentence.repeat(15).trim()).join('\n\n');
const DOCUMENT = { id: 'd', tenantId: 't', title: 'Numbers', mediaType: 'text/plain' } as DocumentInfo;

const reader = (chunkSize: number, text: string | null, kept: Chunk[] = []) =>
  new DocumentPassages(
    { textOf: () => Promise.resolve(text), chunksOf: () => Promise.resolve(kept) },
    new RagConfigs(
      { configs: new MemoryRagConfigStore(), runs: {} as never, clock: { now: () => 1 } as never },
      { ...SETTINGS, chunkSize, chunkOverlap: 0 },
    ),
  );

test('cuts a document as the searches of its tenant do now', async () => {
  const all = await reader(120, TEXT).read(DOCUMENT, { from: 0, limit: 100 });
  expect(all.map(({ id, index }) => [id, index])).toEqual([0, 1, 2].map((index) => [`d.${index}`, index]));
  expect(all.map(({ text }) => text.split('\n\n')[1]!.slice(0, 4))).toEqual(['One.', 'Two.', 'Thre']);
  expect(await reader(1_200, TEXT).read(DOCUMENT, { from: 0, limit: 100 })).toHaveLength(1);
});

test('reads on from a position, and nothing behind the last one', async () => {
  const read = async (from: number, limit: number) =>
    (await reader(120, TEXT).read(DOCUMENT, { from, limit })).map(({ index }) => index);
  expect(await read(1, 1)).toEqual([1]);
  expect(await read(1, 9)).toEqual([1, 2]);
  expect(await read(3, 9)).toEqual([]);
});

test('a title that is cut is the one that comes back from the database', () => {
  const line = `${'a'.repeat(199)}😀 and so on`;
  const title = titleOf(undefined, line);
  expect(title).toBe('a'.repeat(199));
  expect(cutDocument({ ...DOCUMENT, title: Buffer.from(title).toString() }, line, SETTINGS).map(({ text }) => text)).toEqual([
    line,
  ]);
  expect(titleOf('half \ud83d', line)).toBe('half \ufffd');
});

test('gives what was kept of a document without a text', async () => {
  const kept = [{ id: 'd.0', documentId: 'd', index: 0, text: 'as it was' }];
  expect(await reader(120, null, kept).read(DOCUMENT, { from: 0, limit: 9 })).toEqual(kept);
});
