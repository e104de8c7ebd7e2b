import { beforeEach, expect, test } from '@jest/globals';
import { BatonError, type Clock, type RunStore } from '@baton/core';
import { MemoryDocumentStore } from '../test/memory-document-store.js';
import { MemoryRagConfigStore, SETTINGS } from '../test/memory-rag-config-store.js';
import { MemoryBlobStore, MemoryUploadStore } from '../test/memory-uploads.js';
import { MemoryVectorStore } from '../test/memory-vector-store.js';
import { silentObserver } from './engine-observer.js';
import { IngestSweeper } from './ingest-sweep.js';
import { RagConfigs } from './rag-configs.js';
import { DocumentRemover } from './remove-document.js';

const clock = { now: () => 9_000_000 } as Clock;

class BreakableVectors extends MemoryVectorStore {
  broken = false;

  override removeDocument(...what: [string, string, string]): Promise<void> {
    if (this.broken) return Promise.reject(new BatonError('vectors_unavailable', 'gone'));
    return super.removeDocument(...what);
  }
}

let documents: MemoryDocumentStore;
let vectors: BreakableVectors;
let uploads: MemoryUploadStore;
let blobs: MemoryBlobStore;
let remover: DocumentRemover;
let sweeper: IngestSweeper;

beforeEach(async () => {
  documents = new MemoryDocumentStore();
  vectors = new BreakableVectors();
  uploads = new MemoryUploadStore();
  blobs = new MemoryBlobStore(uploads);
  const configs = new RagConfigs({ configs: new MemoryRagConfigStore(), runs: {} as RunStore, clock }, SETTINGS);
  remover = new DocumentRemover(documents, configs, vectors, clock);
  const parts = { remover, uploads, blobs, clock, observer: silentObserver, random: Math.random };
  sweeper = new IngestSweeper(parts, { intervalMs: 600_000, blobsSeen: 2 });
  for (const id of ['a', 'b']) {
    const document = { id, tenantId: 't', title: id, source: null, contentHash: id, mediaType: 'text/plain' };
    await documents.save({ ...document, bytes: 1, chunkCount: 1, createdAt: 1 }, id, []);
    for (const collection of await configs.collections('t')) {
      await vectors.prepare(collection);
      const point = { id: `${id}.0`, tenantId: 't', documentId: id, vector: Float32Array.of(1), payload: {} };
      await vectors.upsert(collection, [point]);
    }
  }
});

test('takes a document away with its vectors, for its tenant only', async () => {
  expect(await remover.remove('u', 'a')).toBe(false);
  expect(await remover.remove('t', 'a')).toBe(true);
  expect(await remover.remove('t', 'a')).toBe(false);
  expect([...vectors.points().keys()]).toEqual(['t/b.0']);
  expect((await documents.list('t', { limit: 9 })).map(({ id }) => id)).toEqual(['b']);
});

test('what was cut off is out of sight, and finished later', async () => {
  vectors.broken = true;
  await expect(remover.remove('t', 'a')).rejects.toMatchObject({ code: 'vectors_unavailable' });
  expect((await documents.list('t', { limit: 9 })).map(({ id }) => id)).toEqual(['b']);
  vectors.broken = false;
  expect(await sweeper.runOnce()).toEqual({ removals: 1, batches: 0, blobs: 0 });
  expect([...vectors.points().keys()]).toEqual(['t/b.0']);
  expect(await documents.listRemoved(9)).toEqual([]);
});

test('uploads that no run wants go with their payloads', async () => {
  const digest = await blobs.put('t', Buffer.from('x'));
  const upload = { tenantId: 't', runId: 'r', position: 0, name: null, title: null, mediaType: null, digest, bytes: 1 };
  await uploads.add([{ ...upload, refusal: null, createdAt: 1 }]);
  expect(await sweeper.runOnce()).toEqual({ removals: 0, batches: 0, blobs: 0 });
  uploads.abandoned = ['r'];
  expect(await sweeper.runOnce()).toEqual({ removals: 0, batches: 1, blobs: 1 });
  expect([uploads.rows.length, blobs.payloads.size]).toEqual([0, 0]);
});

test('blobs that nobody wants go some at a time', async () => {
  for (const payload of ['x', 'y', 'z']) await blobs.put('t', Buffer.from(payload));
  const left: number[] = [];
  for (let pass = 0; pass < 2; pass += 1) left.push((await sweeper.runOnce()).blobs);
  expect([left, blobs.payloads.size]).toEqual([[2, 1], 0]);
});
