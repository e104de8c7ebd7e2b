import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SystemClock } from '@baton/core';
import { FileObjectStore, ObjectBlobStore, type BlobObjectStore, type Database } from '@baton/storage';
import { BlobBench } from '../support/blob-stores.js';
import { DatabaseBench } from '../support/databases.js';

const NAME = 'ab12/cd/0123456789abcdef.fedcba';
const STOP = new Error('stop');
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
/** @param between is done after the first piece */
async function* piecesOf(texts: string[], between: () => unknown = () => null): AsyncGenerator<Uint8Array> {
  for (const [index, text] of texts.entries()) {
    if (index === 1) await between();
    yield bytesOf(text);
  }
}
const textOf = (bytes: Uint8Array | null): string | null => (bytes === null ? null : new TextDecoder().decode(bytes));

describe.each(['fs', 's3'] as const)('BlobObjectStore on %s', (place) => {
  const bench = new BlobBench(place);
  let objects: BlobObjectStore;

  beforeEach(async () => {
    await bench.fresh();
    objects = place === 'fs' ? new FileObjectStore(bench.directory) : bench.openS3();
  });
  afterAll(() => bench.stop());

  test('gives back what was written, and nothing where nothing is', async () => {
    expect(await objects.read(NAME)).toBeNull();
    await objects.write(NAME, bytesOf('one'));
    await Promise.all([objects.write(NAME, bytesOf('one')), objects.write(`${NAME}0`, bytesOf(''))]);
    expect(textOf(await objects.read(NAME))).toBe('one');
    expect(textOf(await objects.read(`${NAME}0`))).toBe('');
    await objects.remove(NAME);
    await objects.remove(NAME);
    expect(await objects.read(NAME)).toBeNull();
  });

  test('takes what comes in pieces, and gives it in pieces', async () => {
    const length = (content: AsyncIterable<Uint8Array>): Promise<number> =>
      Array.fromAsync(content, (piece) => piece.length).then((lengths) => lengths.reduce((sum, one) => sum + one, 0));
    expect(await objects.scan(NAME, length)).toBeNull();
    await objects.write(NAME, piecesOf(['one ', 'two']));
    expect(textOf(await objects.read(NAME))).toBe('one two');
    await objects.write(NAME, new Uint8Array(1_000_000));
    expect(await objects.scan(NAME, length)).toBe(1_000_000);
  });

  test('has nothing of what breaks off, or is given up', async () => {
    await objects.write(NAME, bytesOf('one'));
    const breaking = new AbortController();
    const broken = piecesOf(['two', 'three'], () => Promise.reject(new Error('no more')));
    await expect(objects.write(NAME, broken)).rejects.toThrow('no more');
    const given = piecesOf(['two', 'three'], () => breaking.abort(STOP));
    await expect(objects.write(NAME, given, breaking.signal)).rejects.toBe(STOP);
    await expect(objects.write(NAME, bytesOf('two'), breaking.signal)).rejects.toBe(STOP);
    await expect(objects.read(NAME, breaking.signal)).rejects.toBe(STOP);
    await expect(objects.scan(NAME, () => Promise.resolve(), breaking.signal)).rejects.toBe(STOP);
    expect(textOf(await objects.read(NAME))).toBe('one');
    expect(await bench.countObjects()).toBe(1);
    if (place === 'fs') expect(readdirSync(join(bench.directory, 'tmp'))).toEqual([]);
  });

  test('says that it gives up where a reader is cut off', async () => {
    await objects.write(NAME, new Uint8Array(1_000_000));
    const breaking = new AbortController();
    const reader = async (content: AsyncIterable<Uint8Array>): Promise<void> => {
      for await (const piece of content) if (piece.length > 0) breaking.abort(STOP);
    };
    await expect(objects.scan(NAME, reader, breaking.signal)).rejects.toBe(STOP);
  });
});

describe('the directory of blobs', () => {
  const bench = new BlobBench('fs');
  let objects: FileObjectStore;

  beforeEach(async () => {
    await bench.fresh();
    objects = new FileObjectStore(bench.directory);
  });
  afterAll(() => bench.stop());

  test.each(['../x', '/etc/passwd', 'a//b', 'a/../b', '.', 'A/b', 'a/', 'a\0b', 'a\\b'])(
    'is never left by way of %j',
    async (name) => {
      await expect(objects.write(name, bytesOf('x'))).rejects.toThrow('no name');
      await expect(objects.read(name)).rejects.toThrow('no name');
      await expect(objects.remove(name)).rejects.toThrow('no name');
    },
  );

  test('holds no half files, also where writing fails, and forgets those of the dead', async () => {
    mkdirSync(join(bench.directory, 'tmp'), { recursive: true });
    writeFileSync(join(bench.directory, 'tmp', 'dead'), 'ha');
    utimesSync(join(bench.directory, 'tmp', 'dead'), 1, 1);
    writeFileSync(join(bench.directory, 'tmp', 'alive'), 'ha');
    await objects.write(NAME, bytesOf('one'));
    mkdirSync(join(bench.directory, 'objects', 'ab12', 'cd', 'taken'));
    await expect(objects.write('ab12/cd/taken', bytesOf('x'))).rejects.toMatchObject({ code: 'storage_unavailable' });
    expect(readdirSync(join(bench.directory, 'tmp'))).toEqual(['alive']);
  });
});

describe('the bucket of blobs', () => {
  const bench = new BlobBench('s3');
  beforeAll(() => bench.fresh());
  afterAll(() => bench.stop());

  test('tries again what a service says when it is busy, cuts off, or does not say', async () => {
    const { standIn } = bench;
    if (standIn === null) return;
    const objects = bench.openS3({ timeoutMs: 300 });
    standIn.faults.push(503, 'reset', 'silence');
    await objects.write(NAME, bytesOf('one'));
    standIn.faults.push(500, 429);
    expect(textOf(await objects.read(NAME))).toBe('one');
    standIn.faults.push(503, 503, 503, 503);
    await expect(objects.read(NAME)).rejects.toMatchObject({
      code: 'storage_unavailable',
      message: expect.stringContaining('503'),
    });
  });

  test.each(['write', 'read'] as const)('gives up at once a %s that a service does not answer', async (work) => {
    const { standIn } = bench;
    if (standIn === null) return;
    const objects = bench.openS3({ timeoutMs: 600_000 });
    standIn.faults.push('silence');
    const stopping = new AbortController();
    const silent = standIn.untilSilence();
    const { signal } = stopping;
    const working = work === 'write' ? objects.write(NAME, bytesOf('x'), signal) : objects.read(NAME, signal);
    await silent;
    stopping.abort(STOP);
    await expect(working).rejects.toBe(STOP);
  });

  test('gives up at once the pause after which it would try again', async () => {
    const { standIn } = bench;
    if (standIn === null) return;
    const objects = bench.openS3({ retryMs: 600_000 });
    standIn.faults.push(503);
    const stopping = new AbortController();
    const { signal } = stopping;
    const listen = signal.addEventListener.bind(signal);
    // Only who pauses listens to the very signal.
    const pausing = new Promise<void>((resolve) => {
      signal.addEventListener = (...given: Parameters<typeof listen>) => {
        listen(...given);
        resolve();
      };
    });
    const reading = objects.read(NAME, signal);
    await pausing;
    stopping.abort(STOP);
    await expect(reading).rejects.toBe(STOP);
  });

  test.each([
    [{ secretAccessKey: 'another' }, 'SignatureDoesNotMatch'],
    [{ accessKeyId: 'nobody' }, 'InvalidAccessKeyId'],
    [{ region: 'us-east-1' }, 'AuthorizationHeaderMalformed'],
    [{ bucket: 'other' }, 'NoSuchBucket'],
  ])('says at once that %j is wrong', async (change, code) => {
    const { standIn } = bench;
    if (standIn === null) return;
    const before = standIn.requests;
    const objects = bench.openS3(change);
    const refused = { code: 'storage_unavailable', message: expect.stringContaining(code) };
    await expect(objects.read(NAME)).rejects.toMatchObject(refused);
    expect(standIn.requests - before).toBe(1);
    await expect(objects.write(NAME, bytesOf('x'))).rejects.toMatchObject(refused);
  });
});

describe('a payload whose object fails', () => {
  const databases = new DatabaseBench('sqlite memory');
  const bench = new BlobBench('fs');
  let database: Database;
  let failing: { write: number; remove: number };
  let blobs: ObjectBlobStore;

  beforeEach(async () => {
    database = await (await databases.fresh()).open();
    await bench.fresh();
    failing = { write: 0, remove: 0 };
    const inner = new FileObjectStore(bench.directory);
    const failOnce = (what: 'write' | 'remove'): void => {
      if (failing[what] === 0) return;
      failing[what] -= 1;
      throw new Error(`no ${what}`);
    };
    class FailingObjects extends FileObjectStore {
      override async write(...given: Parameters<FileObjectStore['write']>): Promise<void> {
        failOnce('write');
        await inner.write(...given);
      }
      override async remove(name: string): Promise<void> {
        failOnce('remove');
        await inner.remove(name);
      }
    }
    blobs = new ObjectBlobStore(database, new FailingObjects(bench.directory), new SystemClock());
  });
  afterAll(async () => {
    await databases.stop();
    await bench.stop();
  });

  test('is not there until it is written, by whoever tries again', async () => {
    failing.write = 1;
    await expect(blobs.put('default', bytesOf('late'))).rejects.toThrow('no write');
    const [{ digest }] = (await database.read<{ digest: string }>('SELECT digest FROM blobs')) as [{ digest: string }];
    expect(await blobs.has('default', digest)).toBe(false);
    expect(await blobs.get('default', digest)).toBeNull();
    expect(await blobs.put('default', bytesOf('late'))).toBe(digest);
    expect(textOf(await blobs.get('default', digest))).toBe('late');
    expect(await bench.countObjects()).toBe(1);
  });

  test('is not waited for by who has given up', async () => {
    const digest = await blobs.put('default', bytesOf('late'));
    await expect(blobs.get('default', digest, AbortSignal.abort(STOP))).rejects.toBe(STOP);
  });

  test('is found and removed where its writer or its remover has died', async () => {
    const digest = await blobs.put('default', bytesOf('gone'));
    failing.remove = 1;
    await expect(blobs.delete('default', digest)).rejects.toThrow('no remove');
    expect(await blobs.get('default', digest)).toBeNull();
    expect(await blobs.findUnused({ createdBefore: Date.now() + 1_000, after: null, limit: 9 })).toMatchObject({
      unused: [{ tenantId: 'default', digest }],
    });
    expect(await blobs.delete('default', digest)).toBe(true);
    expect(await bench.countObjects()).toBe(0);

    await blobs.put('default', bytesOf('gone'));
    failing.remove = 1;
    await expect(blobs.delete('default', digest)).rejects.toThrow('no remove');
    await blobs.put('default', bytesOf('gone'), { keepForMs: 60_000 });
    expect(textOf(await blobs.get('default', digest))).toBe('gone');
    expect(await bench.countObjects()).toBe(1);
  });
});
