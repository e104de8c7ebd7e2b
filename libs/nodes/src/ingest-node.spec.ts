import { expect, test } from '@jest/globals';
import { UploadIngestor, type JsonValue, type UploadOutcome } from '@baton/core';
import { nodeContext } from '../test/node-context.js';
import { IngestNode } from './ingest-node.js';

/** Breaks at one file, if told to. */
class FakeUploads extends UploadIngestor {
  readonly calls: number[] = [];
  readonly finished: string[] = [];
  inWork = 0;
  most = 0;

  constructor(private readonly breaksAt = -1) {
    super();
  }

  async ingest({ position }: { position: number }): Promise<UploadOutcome> {
    this.calls.push(position);
    this.inWork += 1;
    this.most = Math.max(this.most, this.inWork);
    await new Promise((resolve) => setImmediate(resolve));
    this.inWork -= 1;
    if (position === this.breaksAt) throw new Error('broken');
    const name = `${position}.txt`;
    if (position % 10 === 1) return { status: 'refused', name, code: 'document_empty', message: 'empty' };
    return { status: position % 10 === 2 ? 'duplicate' : 'ingested', id: String(position), name };
  }

  finish(runId: string): Promise<void> {
    this.finished.push(runId);
    return Promise.resolve();
  }
}

const inputOf = (files: unknown) => ({ input: { files, bytes: 1 } as JsonValue });

test('ingests each file once, a few at a time, and says what became of them', async () => {
  const uploads = new FakeUploads();
  const output = await new IngestNode(uploads).execute(nodeContext(inputOf(20)));
  const refused = [1, 11].map((position) => ({ name: `${position}.txt`, code: 'document_empty', message: 'empty' }));
  expect(output).toEqual({ files: 20, ingested: 16, duplicates: 2, refused, refused_count: 2 });
  expect(uploads.calls.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, position) => position));
  expect(uploads.most).toBe(4);
  expect(uploads.finished).toEqual(['run']);
});

test('goes on where a failure has left it', async () => {
  const steps = new Map<string, JsonValue>();
  const broken = new FakeUploads(7);
  await expect(new IngestNode(broken).execute(nodeContext(inputOf(20), steps))).rejects.toThrow('broken');
  expect(broken.calls.length).toBeLessThan(20);
  expect(broken.finished).toEqual([]);
  const done = steps.size;
  const uploads = new FakeUploads();
  expect(await new IngestNode(uploads).execute(nodeContext(inputOf(20), steps))).toMatchObject({ files: 20, ingested: 16 });
  expect(uploads.calls).toHaveLength(20 - done);
});

test('names a bounded number of bad files, and counts all', async () => {
  const output = await new IngestNode(new FakeUploads()).execute(nodeContext(inputOf(6_000)));
  expect(output).toMatchObject({ refused_count: 600 });
  expect(output['refused']).toHaveLength(500);
});

test.each([undefined, 0, 1.5, 'all'])('an input of %p files is refused for good', async (files) => {
  const call = new IngestNode(new FakeUploads()).execute(nodeContext(inputOf(files)));
  await expect(call).rejects.toMatchObject({ code: 'invalid_request', options: { retryable: false } });
});
