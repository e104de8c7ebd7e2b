import { beforeEach, expect, test } from '@jest/globals';
import { BatonError, TextExtractor, type CallMeter, type ExtractedText, type SourceFile, type Upload } from '@baton/core';
import { MemoryBlobStore, MemoryUploadStore } from '../test/memory-uploads.js';
import type { DocumentIngestor, IngestOutcome, NewDocument } from './ingest-documents.js';
import { StoredUploadIngestor } from './ingest-uploads.js';

const RUN = '0199a000-0000-7000-8000-000000000001';
const METER: CallMeter = { reserve: () => Promise.resolve(), count: () => undefined };
const OPTIONS = { signal: new AbortController().signal, meter: METER };

class FakeExtractor extends TextExtractor {
  extract({ bytes }: SourceFile): Promise<ExtractedText> {
    const text = Buffer.from(bytes).toString();
    if (text === 'broken') return Promise.reject(new BatonError('document_unreadable', 'x'.repeat(500)));
    if (text === 'slow') return Promise.reject(new BatonError('timeout', 'late'));
    if (text === 'bug') return Promise.reject(new TypeError('a bug'));
    return Promise.resolve({ text, mediaType: 'text/plain', title: text.startsWith('titled') ? 'Own title' : null });
  }
}

let uploads: MemoryUploadStore;
let blobs: MemoryBlobStore;
let asked: NewDocument[];
let outcome: (document: NewDocument) => IngestOutcome;
let counted: number;

const ingested = ({ id }: NewDocument, created = true): IngestOutcome => ({
  ...{ kind: 'ingested', id: id!, title: 'T', source: null, bytes: 1, chunks: 1, created },
});
const refused = (code: string, retryable?: boolean): IngestOutcome => ({
  ...{
    kind: 'refused',
    title: null,
    source: null,
    error: { code, message: 'no', ...(retryable !== undefined && { retryable }) },
  },
});

async function ingest(text: string | null, change: Partial<Upload> = {}) {
  const digest = text === null ? null : await blobs.put('t', Buffer.from(text));
  const upload: Upload = {
    ...{ tenantId: 't', runId: RUN, position: uploads.rows.length, name: 'a.txt', title: null, mediaType: null },
    ...{ digest, bytes: 1, refusal: null, createdAt: 1 },
    ...change,
  };
  await uploads.add([upload]);
  return await ingestor().ingest({ tenantId: 't', runId: RUN, position: upload.position }, OPTIONS);
}

function ingestor(): StoredUploadIngestor {
  const documents = {
    ingest: (_: string, [document]: [NewDocument], options: object) => {
      // Whoever ingests reserves and counts for the step of the upload.
      expect(options).toBe(OPTIONS);
      asked.push(document);
      return Promise.resolve([outcome(document)]);
    },
  };
  const parts = { uploads, blobs, extractor: new FakeExtractor(), ingestor: documents as unknown as DocumentIngestor };
  return new StoredUploadIngestor(parts, () => (counted += 1));
}

beforeEach(() => {
  uploads = new MemoryUploadStore();
  blobs = new MemoryBlobStore(uploads);
  asked = [];
  outcome = (document) => ingested(document);
  counted = 0;
});

test('the text of a file becomes a document under an id that no attempt changes', async () => {
  const first = await ingest('text', { name: 'docs/a.txt' });
  expect(first).toEqual({ status: 'ingested', id: asked[0]!.id, name: 'docs/a.txt' });
  expect(await ingestor().ingest({ tenantId: 't', runId: RUN, position: 0 }, OPTIONS)).toEqual(first);
  await ingest('other', { name: null, title: 'Given' });
  expect(asked).toEqual([
    { id: asked[0]!.id, text: 'text', media_type: 'text/plain', source: 'docs/a.txt' },
    asked[0],
    { id: expect.not.stringMatching(asked[0]!.id!), text: 'other', media_type: 'text/plain', title: 'Given' },
  ]);
  expect(counted).toBe(3);
});

test('the title is the one given, else the file’s own', async () => {
  await ingest('titled one', { title: 'Given' });
  await ingest('titled two');
  expect(asked.map(({ title }) => title)).toEqual(['Given', 'Own title']);
});

test('an equal text is a duplicate', async () => {
  outcome = () => ingested({ id: 'earlier', text: '', media_type: 'text/plain' }, false);
  expect(await ingest('text')).toEqual({ status: 'duplicate', id: 'earlier', name: 'a.txt' });
});

test('what is wrong with a file is its refusal, kept short', async () => {
  expect(await ingest('broken')).toEqual({
    ...{ status: 'refused', name: 'a.txt', code: 'document_unreadable', message: 'x'.repeat(200) },
  });
  expect(await ingest('slow')).toMatchObject({ status: 'refused', code: 'timeout' });
  expect(await ingest(null, { refusal: { code: 'payload_too_large', message: 'large' } })).toMatchObject({ message: 'large' });
  expect(await ingest('gone', { digest: 'unknown' })).toMatchObject({ status: 'refused', code: 'blob_damaged' });
  outcome = () => refused('payload_too_large');
  expect(await ingest('much')).toMatchObject({ status: 'refused', code: 'payload_too_large' });
  outcome = () => refused('model_failed', false);
  expect(await ingest('text')).toMatchObject({ status: 'refused', code: 'model_failed' });
  expect(counted).toBe(0);
});

test('what is not the fault of the file is thrown', async () => {
  await expect(ingest('bug')).rejects.toThrow(TypeError);
  outcome = () => refused('model_failed');
  await expect(ingest('text')).rejects.toMatchObject({ code: 'model_failed' });
});

test('the upload of another tenant or run is none', async () => {
  await ingest('text');
  for (const other of [
    { tenantId: 'u', runId: RUN, position: 0 },
    { tenantId: 't', runId: 'other', position: 0 },
    { tenantId: 't', runId: RUN, position: 1 },
  ]) {
    await expect(ingestor().ingest(other, OPTIONS)).rejects.toMatchObject({
      code: 'invalid_request',
      options: { retryable: false },
    });
  }
});

test('what is finished leaves nothing, as often as it is finished', async () => {
  await ingest('text');
  await ingest('broken');
  await ingestor().finish(RUN);
  await ingestor().finish(RUN);
  expect([uploads.rows.length, blobs.payloads.size]).toEqual([0, 0]);
});
