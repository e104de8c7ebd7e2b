import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  BatonError,
  collectionName,
  Embedder,
  NO_USAGE,
  type CallMeter,
  type Clock,
  type EmbedOptions,
  type RagSettings,
  type RunStore,
  type Usage,
} from '@baton/core';
import { MemoryDocumentStore } from '../test/memory-document-store.js';
import { MemoryRagConfigStore, SETTINGS } from '../test/memory-rag-config-store.js';
import { MemoryVectorStore } from '../test/memory-vector-store.js';
import { VectorIndexer } from './index-documents.js';
import { DocumentIngestor, type IngestLimits, type NewDocument } from './ingest-documents.js';
import { RagConfigs } from './rag-configs.js';
import { DocumentRemover } from './remove-document.js';

const NOW = 1_700_000_000_000;
const clock = { now: () => NOW } as Clock;

/** Fails on texts that say so. */
class FakeEmbedder extends Embedder {
  readonly id = 'fake';
  readonly dimensions = 1;

  override quote(chars: number): Usage {
    return { ...NO_USAGE, modelCalls: 1, promptTokens: chars };
  }

  embed(texts: readonly string[], { meter }: EmbedOptions = {}): Promise<Float32Array[]> {
    meter?.count({ ...NO_USAGE, modelCalls: 1, promptTokens: texts.join('').length, model: 'fake' });
    if (texts.some((text) => text.includes('unembeddable'))) return Promise.reject(new BatonError('model_failed', 'no'));
    if (texts.some((text) => text.includes('bug'))) return Promise.reject(new TypeError('a bug'));
    return Promise.resolve(texts.map((text) => Float32Array.of(text.length)));
  }
}

const markdown = (text: string, more: Partial<NewDocument> = {}): NewDocument => ({ text, media_type: 'text/markdown', ...more });

let documents: MemoryDocumentStore;
let vectors: MemoryVectorStore;
let configs: MemoryRagConfigStore;
/** The re-embedding run is live. */
let isLive: boolean;

function ingestor({
  batchSize,
  settings,
  ...limits
}: IngestLimits & { batchSize?: number; settings?: Partial<RagSettings> } = {}) {
  const embedder = new FakeEmbedder();
  const runs = { findRun: () => Promise.resolve({ finishedAt: isLive ? null : NOW }) } as unknown as RunStore;
  const indexer = new VectorIndexer(documents, vectors, { open: () => embedder }, clock, { ...(batchSize && { batchSize }) });
  const reader = new RagConfigs({ configs, runs, clock }, { ...SETTINGS, ...settings });
  const remover = new DocumentRemover(documents, reader, vectors, clock);
  return new DocumentIngestor(documents, reader, indexer, remover, clock, limits);
}

beforeEach(() => {
  documents = new MemoryDocumentStore();
  vectors = new MemoryVectorStore();
  configs = new MemoryRagConfigStore();
  isLive = true;
});

test('keeps a document with its chunks, and their vectors with what a search gives back', async () => {
  const text = '# Guide\n\nIntro.\n\n## Locks\n\nThey expire.';
  const [outcome] = await ingestor().ingest('t', [markdown(text, { source: 'guide.md' })]);
  const [document] = await documents.list('t', { limit: 9 });
  expect(outcome).toEqual({
    kind: 'ingested',
    id: document!.id,
    title: 'Guide',
    source: 'guide.md',
    bytes: 39,
    chunks: 2,
    created: true,
  });
  expect(document).toEqual({
    id: document!.id,
    tenantId: 't',
    title: 'Guide',
    source: 'guide.md',
    contentHash: createHash('sha256').update(text).digest('hex'),
    mediaType: 'text/markdown',
    bytes: 39,
    chunkCount: 2,
    createdAt: NOW,
    indexedAt: NOW,
    removedAt: null,
  });
  expect(await documents.chunksOf(document!.id)).toEqual([
    { id: `${document!.id}.0`, documentId: document!.id, index: 0, text: 'Guide\n\nIntro.' },
    { id: `${document!.id}.1`, documentId: document!.id, index: 1, text: 'Guide > Locks\n\nThey expire.' },
  ]);
  expect(vectors.points().get(`t/${document!.id}.1`)).toEqual({
    id: `${document!.id}.1`,
    tenantId: 't',
    documentId: document!.id,
    vector: Float32Array.of(27),
    payload: { title: 'Guide', source: 'guide.md', index: 1, text: 'Guide > Locks\n\nThey expire.' },
  });
});

describe('the same text again', () => {
  test('is not kept twice, whatever its line ends, accents and marks', async () => {
    const [first] = await ingestor().ingest('t', [markdown('É one\ntwo')]);
    const outcomes = await ingestor().ingest('t', [markdown('\uFEFFE\u0301 one\r\ntwo \n'), markdown('É one\ntwo')]);
    expect(outcomes).toEqual([
      { ...first, created: false },
      { ...first, created: false },
    ]);
    expect(vectors.batches).toEqual([1]);
  });

  test('is a document of its own for another tenant', async () => {
    await ingestor().ingest('t', [markdown('one')]);
    expect(await ingestor().ingest('u', [markdown('one')])).toMatchObject([{ created: true }]);
  });

  test('gets its vectors now, where a crash left them incomplete', async () => {
    const text = ['one', 'two', 'three'].map((name) => `# ${name}\n\ntext`).join('\n\n');
    vectors.allowed = 1;
    await expect(ingestor({ batchSize: 1 }).ingest('t', [markdown(text)])).rejects.toMatchObject({ code: 'vectors_unavailable' });
    expect(await documents.list('t', { limit: 9 })).toMatchObject([{ indexedAt: null }]);
    vectors.allowed = Infinity;
    expect(await ingestor().ingest('t', [markdown(text)])).toMatchObject([{ created: false, chunks: 3 }]);
    expect(vectors.points().size).toBe(3);
    expect(await documents.list('t', { limit: 9 })).toMatchObject([{ indexedAt: NOW }]);
  });
});

test('a text that was on its way out comes back as a new document', async () => {
  const [first] = await ingestor().ingest('t', [markdown('one')]);
  await documents.markRemoved('t', (first as { id: string }).id, NOW);
  const [again] = await ingestor().ingest('t', [markdown('one')]);
  expect(again).toMatchObject({ created: true });
  expect(await documents.list('t', { limit: 9 })).toEqual([expect.objectContaining({ id: (again as { id: string }).id })]);
  expect([...vectors.points().values()].map(({ documentId }) => documentId)).toEqual([(again as { id: string }).id]);
});

test('who repeats an ingest under the same id learns that the document is his', async () => {
  const document = markdown('one', { id: 'mine' });
  expect(await ingestor().ingest('t', [document])).toMatchObject([{ id: 'mine', created: true }]);
  expect(await ingestor().ingest('t', [document])).toMatchObject([{ id: 'mine', created: true }]);
  expect(await ingestor().ingest('t', [markdown('one', { id: 'other' })])).toMatchObject([{ id: 'mine', created: false }]);
});

test('a vector store that was emptied is filled by ingesting again', async () => {
  await ingestor().ingest('t', [markdown('one')]);
  const before = new Map(vectors.points());
  vectors.points().clear();
  expect(await ingestor().ingest('t', [markdown('one')])).toMatchObject([{ created: false }]);
  expect(vectors.points()).toEqual(before);
});

describe('a document that cannot be taken', () => {
  test('leaves the others as they are', async () => {
    const outcomes = await ingestor({ maxDocumentBytes: 20 }).ingest('t', [
      markdown('fine'),
      markdown(' \n '),
      markdown('x'.repeat(21), { title: 'Big', source: 'big.md' }),
      markdown('unembeddable'),
      markdown('also fine'),
    ]);
    expect(outcomes).toEqual([
      expect.objectContaining({ kind: 'ingested', title: 'fine' }),
      { kind: 'refused', title: null, source: null, error: expect.objectContaining({ code: 'invalid_request' }) },
      { kind: 'refused', title: 'Big', source: 'big.md', error: expect.objectContaining({ code: 'payload_too_large' }) },
      { kind: 'refused', title: null, source: null, error: expect.objectContaining({ code: 'model_failed' }) },
      expect.objectContaining({ kind: 'ingested', title: 'also fine' }),
    ]);
  });

  test('bytes are counted, not characters', async () => {
    expect(await ingestor({ maxDocumentBytes: 5 }).ingest('t', [markdown('ééé')])).toMatchObject([{ kind: 'refused' }]);
  });

  test('falls into too many chunks', async () => {
    const text = ['a', 'b', 'c'].map((name) => `# ${name}\n`).join('');
    expect(await ingestor({ maxChunksPerDocument: 2 }).ingest('t', [markdown(text)])).toMatchObject([
      { kind: 'refused', error: { code: 'payload_too_large' } },
    ]);
  });

  test('a bug is no refusal', async () => {
    await expect(ingestor().ingest('t', [markdown('bug')])).rejects.toThrow(TypeError);
  });
});

test('too many documents in a call are refused before the first is kept', async () => {
  const call = ingestor({ maxDocumentsPerCall: 1 }).ingest('t', [markdown('a'), markdown('b')]);
  await expect(call).rejects.toMatchObject({ code: 'payload_too_large' });
  expect(await documents.list('t', { limit: 9 })).toEqual([]);
});

test('vectors are made and written in batches', async () => {
  const text = Array.from({ length: 5 }, (_, index) => `# ${index}\n\ntext`).join('\n');
  await ingestor({ batchSize: 2 }).ingest('t', [markdown(text)]);
  expect(vectors.batches).toEqual([2, 2, 1]);
});

test('chunks have the size asked for', async () => {
  const settings = { chunkSize: 100, chunkOverlap: 0 };
  const [outcome] = await ingestor({ settings }).ingest('t', [{ text: 'word '.repeat(50), media_type: 'text/plain' }]);
  expect(outcome).toMatchObject({ chunks: 3 });
});

test.each([
  ['the one given, in every chunk', { text: '# Heading\n\ntext', title: ' Given ' }, 'Given', 'Given > Heading\n\ntext'],
  ['the first heading', { text: '## Heading\n\ntext' }, 'Heading', 'Heading\n\ntext'],
  ['the first line, cut', { text: `${'x'.repeat(300)}\ntext` }, 'x'.repeat(200), `${'x'.repeat(300)}\ntext`],
])('the title is %s', async (_, document, title, chunk) => {
  const [outcome] = await ingestor().ingest('t', [markdown(document.text, document)]);
  expect(outcome).toMatchObject({ title });
  expect([...vectors.points().values()].map(({ payload }) => payload['text'])).toEqual([chunk]);
});

test('stops between two documents when it is told to', async () => {
  const call = ingestor().ingest('t', [markdown('a')], { signal: AbortSignal.abort(new Error('stop')) });
  await expect(call).rejects.toThrow('stop');
});

describe('while the documents are embedded anew', () => {
  const next = { ...SETTINGS, dimensions: 2, chunkSize: 100, chunkOverlap: 0 };
  beforeEach(async () => {
    const config = { tenantId: 't', revision: 1, active: SETTINGS, next, runId: 'run', leftovers: [], updatedAt: NOW };
    await configs.create(config);
  });

  test('a document lands in both collections, in each as its settings say', async () => {
    await ingestor().ingest('t', [markdown('word '.repeat(50))]);
    const counts = [SETTINGS, next].map((settings) => vectors.points(collectionName(settings)).size);
    expect(counts).toEqual([1, 3]);
    expect(await documents.list('t', { limit: 9 })).toMatchObject([{ chunkCount: 3 }]);
  });

  test('a run that has ended is built for no more', async () => {
    isLive = false;
    await ingestor().ingest('t', [markdown('one')]);
    expect(await vectors.list()).toEqual([collectionName(SETTINGS)]);
  });
});

test('the first document pins the settings: other defaults leave it where searches find it', async () => {
  await ingestor().ingest('t', [markdown('one')]);
  await ingestor({ settings: { chunkSize: 500 } }).ingest('t', [markdown('two')]);
  expect(await vectors.list()).toEqual([collectionName(SETTINGS)]);
});

describe('a budget', () => {
  let wanted: Usage[];
  const meter: CallMeter = { reserve: (usage) => Promise.resolve(void wanted.push(usage)), count: () => undefined };
  beforeEach(() => {
    wanted = [];
  });

  test('is asked for nothing where all vectors are there', async () => {
    await ingestor().ingest('t', [markdown('one')]);
    await ingestor().ingest('t', [markdown('one'), markdown('three')], { meter });
    vectors.points().clear();
    await ingestor().ingest('t', [markdown('one')], { meter });
    expect(wanted.map(({ modelCalls }) => modelCalls)).toEqual([0, 1, 1]);
  });

  test('that is used up is the fault of no document', async () => {
    const spent = new BatonError('budget_exceeded', 'no more', {}, { retryable: false });
    const call = ingestor().ingest('t', [markdown('one')], { meter: { ...meter, reserve: () => Promise.reject(spent) } });
    await expect(call).rejects.toBe(spent);
  });
});

test('what embedding is going to use is held before, of all that the text is embedded for, and what it uses is counted', async () => {
  const active = { ...SETTINGS, chunkSize: 100, chunkOverlap: 0 };
  const next = { ...active, chunkOverlap: 50 };
  await configs.create({ tenantId: 't', revision: 1, active, next, runId: 'r', leftovers: [], updatedAt: 1 });
  const seen: Usage[] = [];
  const counted: Usage[] = [];
  const meter: CallMeter = {
    reserve: (wanted) => {
      expect(vectors.batches).toEqual([]);
      return Promise.resolve(void seen.push(wanted));
    },
    count: (used) => void counted.push(used),
  };
  const text = 'word '.repeat(100).trim();
  await ingestor({ batchSize: 2 }).ingest('t', [{ text, media_type: 'text/plain' }], { meter });
  // 499 bytes, of which half are in two chunks of the next collection: three calls of two chunks for the one, five for the other.
  expect(seen).toEqual([{ ...NO_USAGE, modelCalls: 3 + 5, promptTokens: 499 + 998 }]);
  expect(counted).toHaveLength(vectors.batches.length);
  const sum = counted.reduce((tokens, { promptTokens }) => tokens + promptTokens, 0);
  expect(sum).toBeGreaterThan(499);
});
