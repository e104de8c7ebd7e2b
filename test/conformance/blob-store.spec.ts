import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { SystemClock } from '@baton/core';
import { SqlBlobStore, SqlUploadStore, type Database } from '@baton/storage';
import { DATABASE_KINDS, DatabaseBench, type FreshDatabase } from '../support/databases.js';
import { uploadFor } from '../support/uploads.js';

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe.each(DATABASE_KINDS)('BlobStore on %s', (kind) => {
  const bench = new DatabaseBench(kind);
  let fresh: FreshDatabase;
  let database: Database;
  let blobs: SqlBlobStore;

  const open = (own: Database, maxBytes?: number): SqlBlobStore => new SqlBlobStore(own, new SystemClock(), { maxBytes });

  beforeEach(async () => {
    fresh = await bench.fresh();
    database = await fresh.open();
    blobs = open(database);
  });
  afterEach(() => bench.closeAll());
  afterAll(() => bench.stop());

  test.each([0, 1, 1_048_576, 3_500_000])('gives back the %d bytes that were put', async (size) => {
    const bytes = randomBytes(size);
    const digest = await blobs.put('default', bytes);
    expect(digest).toBe(digestOf(bytes));
    expect(Buffer.from((await blobs.get('default', digest))!).equals(bytes)).toBe(true);
    expect(await blobs.has('default', digest)).toBe(true);
  });

  test('keeps equal bytes once in a tenant, from many processes, and tenants apart', async () => {
    const other = open(await fresh.open());
    const bytes = randomBytes(1_500_000);
    const puts = Array.from({ length: 8 }, (_, index) => (index % 2 === 0 ? blobs : other).put('default', bytes));
    expect(new Set(await Promise.all(puts)).size).toBe(1);
    const [{ parts }] = (await database.read<{ parts: number }>('SELECT COUNT(*) AS parts FROM blob_parts')) as [
      { parts: number },
    ];
    expect(parts).toBe(2);
    expect(await blobs.has('acme', digestOf(bytes))).toBe(false);
    expect(await blobs.get('acme', digestOf(bytes))).toBeNull();
  });

  test('takes no more than its limit', async () => {
    await expect(open(database, 10).put('default', randomBytes(11))).rejects.toMatchObject({ code: 'payload_too_large' });
  });

  test('says so when what it kept is damaged', async () => {
    const digest = await blobs.put('default', Buffer.from('payload'));
    await database.write({ sql: 'UPDATE blob_parts SET content = ?', values: [Buffer.from('Payload')] });
    await expect(blobs.get('default', digest)).rejects.toMatchObject({ code: 'blob_damaged' });
  });

  test('deletes what nothing refers to, as often as one likes', async () => {
    const digest = await blobs.put('default', Buffer.from('one'));
    await blobs.put('acme', Buffer.from('one'));
    expect(await blobs.delete('default', digest)).toBe(true);
    expect(await blobs.delete('default', digest)).toBe(true);
    expect(await blobs.get('default', digest)).toBeNull();
    expect(await blobs.has('acme', digest)).toBe(true);
    await blobs.put('default', Buffer.from('one'));
    expect(Buffer.from((await blobs.get('default', digest))!).toString()).toBe('one');
  });

  test('keeps what an upload refers to', async () => {
    const uploads = new SqlUploadStore(database);
    const upload = uploadFor({ digest: digestOf(Buffer.from('file')) });
    await uploads.add([upload]);
    await blobs.put('default', Buffer.from('file'));
    expect(await blobs.delete('default', upload.digest!)).toBe(false);
    expect(await blobs.findUnused(Date.now() + 1_000, 9)).toEqual([]);
    await uploads.remove(upload.runId);
    expect(await blobs.findUnused(Date.now() + 1_000, 9)).toEqual([{ tenantId: 'default', digest: upload.digest }]);
    expect(await blobs.findUnused(0, 9)).toEqual([]);
    expect(await blobs.delete('default', upload.digest!)).toBe(true);
  });
});
