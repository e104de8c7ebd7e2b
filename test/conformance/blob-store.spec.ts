import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import type { BlobKey, BlobStore, Clock } from '@baton/core';
import { SqlBlobStore, SqlUploadStore, type Database } from '@baton/storage';
import { BlobBench } from '../support/blob-stores.js';
import { DATABASE_KINDS, DatabaseBench, type FreshDatabase } from '../support/databases.js';
import { uploadFor } from '../support/uploads.js';

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The rows are the same wherever the bytes are: one database of each dialect is enough for those outside. */
const KINDS = [
  ...DATABASE_KINDS.map((kind) => ({ kind, place: 'sql' as const })),
  ...(['fs', 's3'] as const).map((place) => ({ kind: 'sqlite memory' as const, place })),
  { kind: 'mariadb' as const, place: 'fs' as const },
];

describe.each(KINDS)('BlobStore in $place with $kind', ({ kind, place }) => {
  const bench = new DatabaseBench(kind);
  const places = new BlobBench(place);
  let fresh: FreshDatabase;
  let database: Database;
  let blobs: BlobStore;

  beforeEach(async () => {
    fresh = await bench.fresh();
    database = await fresh.open();
    await places.fresh();
    blobs = places.open(database);
  });
  afterEach(() => bench.closeAll());
  afterAll(async () => {
    await bench.stop();
    await places.stop();
  });

  test('gives back what was put, of any size', async () => {
    const sizes = [0, 1, 1_048_576, 3_500_000];
    for (const bytes of sizes.flatMap((size) => [randomBytes(size), Buffer.alloc(size, 'ab')])) {
      const digest = await blobs.put('default', bytes);
      expect(digest).toBe(digestOf(bytes));
      expect(Buffer.from((await blobs.get('default', digest))!).equals(bytes)).toBe(true);
      expect(await blobs.has('default', digest)).toBe(true);
    }
  });

  test('keeps equal bytes once in a tenant, from many processes, and tenants apart', async () => {
    const other = places.open(await fresh.open());
    const bytes = randomBytes(1_500_000);
    const puts = Array.from({ length: 8 }, (_, index) => (index % 2 === 0 ? blobs : other).put('default', bytes));
    expect(new Set(await Promise.all(puts)).size).toBe(1);
    const [counted] = await database.read<{ parts: number }>('SELECT COUNT(*) AS parts FROM blob_parts');
    expect(counted!.parts).toBe(place === 'sql' ? 2 : 0);
    const objects = await places.countObjects();
    if (objects !== null) expect(objects).toBe(place === 'sql' ? 0 : 1);
    expect(await blobs.has('acme', digestOf(bytes))).toBe(false);
    expect(await blobs.get('acme', digestOf(bytes))).toBeNull();
  });

  test('takes no more than its limit', async () => {
    const small = places.open(database, { maxBytes: 10 });
    await expect(small.put('default', randomBytes(11))).rejects.toMatchObject({ code: 'payload_too_large' });
  });

  test('says so when what it kept is damaged', async () => {
    const digests = [];
    for (const bytes of [Buffer.from('payload'), Buffer.alloc(5_000, 'payload')]) digests.push(await blobs.put('default', bytes));
    if (!(await places.damage(database))) return;
    for (const digest of digests) await expect(blobs.get('default', digest)).rejects.toMatchObject({ code: 'blob_damaged' });
  });

  test('deletes what nothing refers to, as often as one likes', async () => {
    const digest = await blobs.put('default', Buffer.from('one'));
    await blobs.put('acme', Buffer.from('one'));
    expect(await blobs.delete('default', digest)).toBe(true);
    expect(await blobs.delete('default', digest)).toBe(true);
    expect(await blobs.get('default', digest)).toBeNull();
    expect(await blobs.has('acme', digest)).toBe(true);
    const objects = await places.countObjects();
    if (objects !== null) expect(objects).toBe(place === 'sql' ? 0 : 1);
    await blobs.put('default', Buffer.from('one'));
    expect(Buffer.from((await blobs.get('default', digest))!).toString()).toBe('one');
  });

  test('keeps what an upload or a run refers to', async () => {
    const uploads = new SqlUploadStore(database);
    const upload = uploadFor({ digest: digestOf(Buffer.from('file')) });
    await uploads.add([upload]);
    await blobs.put('default', Buffer.from('file'));
    expect(await blobs.delete('default', upload.digest!)).toBe(false);
    expect(await blobs.findUnused({ createdBefore: Date.now() + 1_000, after: null, limit: 9 })).toMatchObject({ unused: [] });
    await uploads.remove(upload.runId);
    const unused = [{ tenantId: 'default', digest: upload.digest }];
    expect(await blobs.findUnused({ createdBefore: Date.now() + 1_000, after: null, limit: 9 })).toMatchObject({ unused });
    expect(await blobs.findUnused({ createdBefore: 0, after: null, limit: 9 })).toMatchObject({ unused: [] });
    const values = ['default', upload.digest, 'run'];
    await database.write({ sql: 'INSERT INTO blob_references (tenant_id, digest, run_id) VALUES (?, ?, ?)', values });
    expect(await blobs.delete('default', upload.digest!)).toBe(false);
    await database.write({ sql: 'DELETE FROM blob_references', values: [] });
    expect(await blobs.delete('default', upload.digest!)).toBe(true);
  });

  test('finds what nothing refers to page by page', async () => {
    const texts = ['a', 'b', 'c', 'd', 'e'];
    const digests = await Promise.all(texts.map((text) => blobs.put('default', Buffer.from(text))));
    const other = await blobs.put('other', Buffer.from('a'));
    const uploads = new SqlUploadStore(database);
    await uploads.add([uploadFor({ digest: digests[0]! })]);
    const found: string[] = [];
    let after: BlobKey | null = null;
    let pages = 0;
    do {
      const page = await blobs.findUnused({ createdBefore: Date.now() + 1_000, after, limit: 2 });
      found.push(...page.unused.map(({ tenantId, digest }) => `${tenantId} ${digest}`));
      after = page.next;
      pages += 1;
    } while (after !== null);
    const expected = [...digests.slice(1).map((digest) => `default ${digest}`), `other ${other}`];
    expect(found).toEqual(expected.toSorted((a, b) => (a < b ? -1 : 1)));
    expect(pages).toBe(4);
  });

  test('keeps what is to be kept for a while, though nothing refers to it yet', async () => {
    let now = 1_000_000;
    const clock = { now: () => now } as Clock;
    const timed = places.open(database, { clock });
    const digest = await timed.put('default', Buffer.from('soon'));
    await timed.put('default', Buffer.from('soon'), { keepForMs: 500 });
    await timed.put('default', Buffer.from('soon'), { keepForMs: 100 });
    now += 499;
    expect(await timed.delete('default', digest)).toBe(false);
    expect(await timed.findUnused({ createdBefore: now + 1, after: null, limit: 9 })).toMatchObject({ unused: [] });
    now += 1;
    expect(await timed.findUnused({ createdBefore: now + 1, after: null, limit: 9 })).toMatchObject({
      unused: [{ tenantId: 'default', digest }],
    });
    expect(await timed.delete('default', digest)).toBe(true);
    expect(await timed.get('default', digest)).toBeNull();
  });

  test('is put whole, and stays, however puts and deletes cross', async () => {
    const other = places.open(await fresh.open());
    const bytes = Buffer.alloc(2_000, 'crossing');
    const digest = digestOf(bytes);
    for (let round = 0; round < 5; round += 1) {
      await Promise.all([
        blobs.put('default', bytes, { keepForMs: 60_000 }),
        ...[blobs.delete('default', digest), other.put('default', bytes), other.delete('default', digest)],
      ]);
      expect(Buffer.from((await other.get('default', digest))!).equals(bytes)).toBe(true);
      await database.write({ sql: 'UPDATE blobs SET kept_until = 0', values: [] });
    }
    expect(await blobs.delete('default', digest)).toBe(true);
    const objects = await places.countObjects();
    if (objects !== null) expect(objects).toBe(0);
  });

  test('still has what the database kept before it', async () => {
    const digest = await new SqlBlobStore(database, { now: () => 0 } as Clock).put('default', Buffer.from('old'));
    expect(Buffer.from((await blobs.get('default', digest))!).toString()).toBe('old');
    expect(await blobs.put('default', Buffer.from('old'))).toBe(digest);
    expect(await blobs.delete('default', digest)).toBe(true);
    expect(await blobs.has('default', digest)).toBe(false);
  });
});
