import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash, randomUUID } from 'node:crypto';
import { SystemClock, type ArtifactDraft } from '@baton/core';
import { SqlArtifactStore, SqlBlobStore } from '@baton/storage';
import { DATABASE_KINDS, DatabaseBench } from '../support/databases.js';

const CONTENT = Buffer.from('# Findings');

function draftOf(change: Partial<ArtifactDraft> = {}): ArtifactDraft {
  return {
    ...{ tenantId: 'default', runId: randomUUID(), nodeId: 'write', key: '1/report', name: 'Übersicht.md' },
    ...{ mediaType: 'text/markdown', content: CONTENT },
    ...change,
  };
}

describe.each(DATABASE_KINDS)('ArtifactStore on %s', (kind) => {
  const bench = new DatabaseBench(kind);
  let blobs: SqlBlobStore;
  let artifacts: SqlArtifactStore;

  beforeEach(async () => {
    const database = await (await bench.fresh()).open();
    const clock = new SystemClock();
    blobs = new SqlBlobStore(database, clock);
    artifacts = new SqlArtifactStore(database, blobs, clock);
  });
  afterEach(() => bench.closeAll());
  afterAll(() => bench.stop());

  test('keeps an artifact and gives back its bytes', async () => {
    const draft = draftOf();
    const kept = await artifacts.keep(draft);
    const { tenantId, runId, nodeId, name, mediaType } = draft;
    const digest = createHash('sha256').update(CONTENT).digest('hex');
    expect(kept).toMatchObject({ tenantId, runId, nodeId, name, mediaType, digest, bytes: CONTENT.length });
    expect(await artifacts.find('default', kept.id)).toEqual(kept);
    expect(Buffer.from(await artifacts.read(kept)).equals(CONTENT)).toBe(true);
  });

  test('keeps the same work once, also of many at once, and other work apart', async () => {
    const draft = draftOf();
    const tries = await Promise.all([1, 2, 3].map((n) => artifacts.keep({ ...draft, content: Buffer.from(`try ${n}`) })));
    expect(new Set(tries.map(({ id }) => id)).size).toBe(1);
    expect(await artifacts.list({ tenantId: 'default', runId: draft.runId, limit: 9 })).toHaveLength(1);
    const [kept] = tries;
    expect((await artifacts.find('default', kept!.id))!.digest).toBe((await artifacts.keep(draft)).digest);
    for (const other of [{ key: '2/report' }, { nodeId: null }, { name: 'b.md' }, { runId: 'r' }, { tenantId: 'acme' }])
      expect((await artifacts.keep({ ...draft, ...other })).id).not.toBe(kept!.id);
  });

  test('lists the newest first, page by page, of one tenant or one run', async () => {
    const runId = randomUUID();
    const made = [];
    for (let n = 0; n < 5; n += 1) made.push(await artifacts.keep(draftOf({ runId, name: `${n}.md` })));
    const other = await artifacts.keep(draftOf());
    await artifacts.keep(draftOf({ runId, tenantId: 'acme' }));
    const seen = [];
    let before: { createdAt: number; id: string } | undefined;
    for (;;) {
      const page = await artifacts.list({ tenantId: 'default', runId, limit: 2, ...(before !== undefined && { before }) });
      if (page.length === 0) break;
      seen.push(...page);
      before = page.at(-1)!;
    }
    const newestFirst = made.toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1));
    expect(seen).toEqual(newestFirst);
    const all = await artifacts.list({ tenantId: 'default', limit: 99 });
    expect(all.map(({ id }) => id).toSorted()).toEqual([...made, other].map(({ id }) => id).toSorted());
  });

  test('keeps its payload for as long as there is the row, and shows it to no other tenant', async () => {
    const kept = await artifacts.keep(draftOf());
    expect(await artifacts.find('acme', kept.id)).toBeNull();
    expect(await blobs.delete('default', kept.digest)).toBe(false);
    expect(await blobs.findUnused({ createdBefore: Date.now() + 9e9, after: null, limit: 9 })).toMatchObject({ unused: [] });
    await expect(artifacts.read({ tenantId: 'acme', digest: kept.digest })).rejects.toMatchObject({ code: 'blob_damaged' });
  });

  test('refuses what no file may be called, and what is no media type', async () => {
    const names = ['', '..', 'a/b', 'a\\b', 'a\nb', 'x'.repeat(201)].map((name) => ({ name }));
    const types = ['pdf', 'text/html\r\nx: y', ''].map((mediaType) => ({ mediaType }));
    for (const change of [...names, ...types])
      await expect(artifacts.keep(draftOf(change))).rejects.toMatchObject({ code: 'invalid_request' });
  });
});
