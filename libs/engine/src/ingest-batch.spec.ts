import { beforeEach, expect, test } from '@jest/globals';
import { BatonError, type Clock, type WorkflowStore } from '@baton/core';
import { MemoryBlobStore, MemoryUploadStore } from '../test/memory-uploads.js';
import { UploadIntake, type BatchLimits, type UploadBatch } from './ingest-batch.js';
import type { RunStarter, StartWorkflowRun } from './start-run.js';

const NOW = 1_700_000_000_000;

let uploads: MemoryUploadStore;
let blobs: MemoryBlobStore;
let started: StartWorkflowRun[];
/** What the starter answers instead of the run that was asked for. */
let answer: { id: string } | Error | null;

function open(limits: Partial<BatchLimits> = {}): UploadBatch {
  const workflows = { findByName: (_: string, name: string) => Promise.resolve(name === 'ingest' ? { id: 'w' } : null) };
  const starter = {
    startWorkflowRun(request: StartWorkflowRun) {
      started.push(request);
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer ?? { id: request.runId });
    },
  };
  const parts = {
    ...{ uploads, blobs, clock: { now: () => NOW } as Clock },
    ...{ workflows: workflows as unknown as WorkflowStore, starter: starter as unknown as RunStarter },
  };
  return new UploadIntake(parts, { maxFiles: 3, maxFileBytes: 10, maxBatchBytes: 25, ...limits }, 'ingest').open('t');
}

const file = (text: string, name: string | null = 'a.txt') => ({ name, mediaType: 'text/plain', bytes: Buffer.from(text) });

beforeEach(() => {
  uploads = new MemoryUploadStore();
  blobs = new MemoryBlobStore(uploads);
  started = [];
  answer = null;
});

test('files stand with their payloads under the id of the run that is started for them', async () => {
  const batch = open();
  await batch.add(file('one'));
  await batch.add(file('x'.repeat(11), 'large.txt'));
  const run = await batch.accept(null);
  expect(started).toMatchObject([{ tenantId: 't', runId: run.id, input: { files: 2, bytes: 14 } }]);
  expect(uploads.rows).toMatchObject([
    { runId: run.id, position: 0, name: 'a.txt', bytes: 3, refusal: null, createdAt: NOW },
    { runId: run.id, position: 1, name: 'large.txt', digest: null, refusal: { code: 'payload_too_large' } },
  ]);
  expect(await blobs.get('t', uploads.rows[0]!.digest!)).toEqual(Buffer.from('one'));
  expect(blobs.payloads.size).toBe(1);
});

test('a batch is empty, has too many files or too many bytes', async () => {
  await expect(open().accept(null)).rejects.toMatchObject({ code: 'invalid_request' });
  const many = open();
  for (const text of ['1', '2', '3']) await many.add(file(text));
  await expect(many.add(file('4'))).rejects.toMatchObject({ code: 'payload_too_large' });
  const large = open({ maxBatchBytes: 5 });
  await large.add(file('123'));
  await expect(large.add(file('456'))).rejects.toMatchObject({ code: 'payload_too_large' });
});

test('what was sent before under the same key is forgotten', async () => {
  const batch = open();
  await batch.add(file('one'));
  answer = { id: 'earlier' };
  expect(await batch.accept({ key: 'k', requestDigest: batch.digest })).toEqual({ id: 'earlier' });
  expect(uploads.rows).toEqual([]);
  expect(blobs.payloads.size).toBe(0);
});

test('the digest is of names and contents, in order', async () => {
  const digests = await Promise.all(
    [
      [file('a'), file('b')],
      [file('b'), file('a')],
      [file('a', 'x'), file('b')],
      [file('a'), file('b')],
    ].map(async (files) => {
      const batch = open();
      for (const each of files) await batch.add(each);
      return batch.digest;
    }),
  );
  expect(digests[3]).toBe(digests[0]);
  expect(new Set(digests).size).toBe(3);
});

test('an answer that was lost leaves the files to the run that may be there', async () => {
  const batch = open();
  await batch.add(file('one'));
  expect(batch.isHandedOver).toBe(false);
  answer = new BatonError('storage_unavailable', 'gone');
  await expect(batch.accept(null)).rejects.toMatchObject({ code: 'storage_unavailable' });
  expect(batch.isHandedOver).toBe(true);
  expect(uploads.rows).toHaveLength(1);
});
