import { beforeEach, expect, test } from '@jest/globals';
import {
  collectionName,
  Embedder,
  NO_USAGE,
  type CallMeter,
  type Clock,
  type EmbedOptions,
  type Embedders,
  type RunStore,
  type Usage,
} from '@baton/core';
import { MemoryRagConfigStore, SETTINGS } from '../test/memory-rag-config-store.js';
import { MemoryVectorStore } from '../test/memory-vector-store.js';
import { RagConfigs } from './rag-configs.js';
import { DocumentSearcher } from './search-documents.js';

class LengthEmbedder extends Embedder {
  readonly id = 'length';
  readonly dimensions = 1;
  embed = (texts: readonly string[]): Promise<Float32Array[]> =>
    Promise.resolve(texts.map((text) => Float32Array.of(text.length)));
}

const SOME_HIT = { id: 'd.2', documentId: 'd', score: 0.5, payload: { title: 'T', source: 's.md', index: 2, text: 'text' } };
const FOUND = { chunkId: 'd.2', documentId: 'd', title: 'T', source: 's.md', index: 2, text: 'text', score: 0.5 };
const collection = collectionName(SETTINGS);

let vectors: MemoryVectorStore;
let configs: MemoryRagConfigStore;
let reader: RagConfigs;
let searcher: DocumentSearcher;
const embedder = new LengthEmbedder();
const embedders: Embedders = { open: () => embedder };
beforeEach(() => {
  vectors = new MemoryVectorStore();
  vectors.hits = [SOME_HIT];
  configs = new MemoryRagConfigStore();
  reader = new RagConfigs({ configs, runs: {} as RunStore, clock: { now: () => 1 } as Clock }, SETTINGS);
  searcher = new DocumentSearcher(reader, vectors, embedders, { maxQueryChars: 10, maxHits: 20 });
});

test('gives the passages nearest to the query, within the tenant, as many as its configuration says', async () => {
  expect(await searcher.search('t', { query: ' When? ' })).toEqual([FOUND]);
  await searcher.search('t', { query: 'q', limit: 20, documentIds: ['d'] });
  expect(vectors.searches).toEqual([
    { collection, tenantId: 't', vector: Float32Array.of(5), limit: 5, documentIds: undefined },
    { collection, tenantId: 't', vector: Float32Array.of(1), limit: 20, documentIds: ['d'] },
  ]);
});

test('holds what its call is going to use before it makes it, and lets it be counted', async () => {
  const seen: unknown[] = [];
  const meter: CallMeter = {
    reserve: (wanted) => Promise.resolve(void seen.push(wanted)),
    count: () => undefined,
  };
  class PaidEmbedder extends LengthEmbedder {
    override quote = (chars: number): Usage => ({ ...NO_USAGE, modelCalls: 1, promptTokens: chars });
    override embed = (texts: readonly string[], options: EmbedOptions = {}): Promise<Float32Array[]> => {
      seen.push(options);
      return Promise.resolve(texts.map(() => Float32Array.of(1)));
    };
  }
  const paid = new PaidEmbedder();
  const { signal } = new AbortController();
  await new DocumentSearcher(reader, vectors, { open: () => paid }).search('t', { query: ' When? ' }, { signal, meter });
  expect(seen).toEqual([
    { ...NO_USAGE, modelCalls: 1, promptTokens: 5 },
    { signal, meter, tenantId: 't' },
  ]);
});

test('searches again where the collection was switched and dropped under it', async () => {
  const config = { tenantId: 't', revision: 1, active: SETTINGS, next: null, runId: 'r', leftovers: [], updatedAt: 1 };
  await configs.create(config);
  const active = { ...SETTINGS, chunkSize: 500 };
  const search = vectors.search.bind(vectors);
  vectors.search = async (name, query) => {
    if (name !== collection) return await search(name, query);
    await configs.replace({ ...config, active, revision: 2 }, 1);
    return [];
  };
  expect(await searcher.search('t', { query: 'q' })).toEqual([FOUND]);
  expect(vectors.searches).toMatchObject([{ collection: collectionName(active) }]);
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
  const plain = new DocumentSearcher(reader, vectors, embedders);
  await plain.search('t', { query: 'x'.repeat(10_000), limit: 100 });
  await expect(plain.search('t', { query: 'q', limit: 101 })).rejects.toMatchObject({ code: 'invalid_request' });
  await expect(plain.search('t', { query: 'x'.repeat(10_001) })).rejects.toMatchObject({ code: 'invalid_request' });
});
