import { beforeEach, expect, test } from '@jest/globals';
import { Embedder, VectorStore, type VectorHit } from '@baton/core';
import { DocumentSearcher } from './search-documents.js';

type Search = Parameters<VectorStore['search']>[0];

class FakeVectors extends VectorStore {
  readonly kind = 'fake';
  readonly searches: Search[] = [];

  search(query: Search): Promise<VectorHit[]> {
    this.searches.push(query);
    const payload = { title: 'T', source: 's.md', index: 2, text: 'text' };
    return Promise.resolve([{ id: 'd.2', documentId: 'd', score: 0.5, payload }]);
  }
  prepare = (): Promise<void> => Promise.resolve();
  upsert = (): Promise<void> => Promise.resolve();
  removeDocument = (): Promise<void> => Promise.resolve();
  count = (): Promise<number> => Promise.resolve(1);
  ping = (): Promise<boolean> => Promise.resolve(true);
}

class LengthEmbedder extends Embedder {
  readonly id = 'length';
  readonly dimensions = 1;
  embed = (texts: readonly string[]): Promise<Float32Array[]> =>
    Promise.resolve(texts.map((text) => Float32Array.of(text.length)));
}

let vectors: FakeVectors;
let searcher: DocumentSearcher;
beforeEach(() => {
  vectors = new FakeVectors();
  searcher = new DocumentSearcher(vectors, new LengthEmbedder(), { maxQueryChars: 10, maxHits: 20 });
});

test('gives the passages nearest to the query, within the tenant', async () => {
  expect(await searcher.search('t', { query: ' When? ' })).toEqual([
    { chunkId: 'd.2', documentId: 'd', title: 'T', source: 's.md', index: 2, text: 'text', score: 0.5 },
  ]);
  await searcher.search('t', { query: 'q', limit: 20, documentIds: ['d'] });
  expect(vectors.searches).toEqual([
    { tenantId: 't', vector: Float32Array.of(5), limit: 5, documentIds: undefined },
    { tenantId: 't', vector: Float32Array.of(1), limit: 20, documentIds: ['d'] },
  ]);
});

test.each([
  ['an empty query', { query: ' ' }, '/query'],
  ['a query too long', { query: 'x'.repeat(11) }, '/query'],
  ['no hits', { query: 'q', limit: 0 }, '/limit'],
  ['too many hits', { query: 'q', limit: 21 }, '/limit'],
  ['half a hit', { query: 'q', limit: 1.5 }, '/limit'],
])('%s is refused, with a pointer', async (_, request, pointer) => {
  await expect(searcher.search('t', request)).rejects.toMatchObject({
    code: 'invalid_request',
    options: { problems: [{ pointer }] },
  });
  expect(vectors.searches).toEqual([]);
});

test('the limits have defaults', async () => {
  const plain = new DocumentSearcher(vectors, new LengthEmbedder());
  await plain.search('t', { query: 'x'.repeat(4_000), limit: 100 });
  await expect(plain.search('t', { query: 'q', limit: 101 })).rejects.toMatchObject({ code: 'invalid_request' });
  await expect(plain.search('t', { query: 'x'.repeat(4_001) })).rejects.toMatchObject({ code: 'invalid_request' });
});
