import { afterAll, afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Chunk, DocumentInfo } from '@baton/core';
import { SqlDocumentStore, type Database } from '@baton/storage';
import { DATABASE_KINDS, DatabaseBench, type FreshDatabase } from '../support/databases.js';

function document(change: Partial<DocumentInfo> = {}): Omit<DocumentInfo, 'indexedAt' | 'removedAt'> {
  return {
    ...{ id: randomUUID(), tenantId: 'default', title: 'A page', source: 'docs/a.md', contentHash: randomUUID() },
    ...{ mediaType: 'text/markdown', bytes: 120, chunkCount: 2, createdAt: 1_000, ...change },
  };
}

function chunksFor(documentId: string, count: number): Chunk[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `${documentId}.${index}`,
    documentId,
    index,
    text: `part ${index} – ü 😀`,
  }));
}

describe.each(DATABASE_KINDS)('DocumentStore on %s', (kind) => {
  const bench = new DatabaseBench(kind);
  let fresh: FreshDatabase;
  let database: Database;
  let documents: SqlDocumentStore;

  beforeEach(async () => {
    fresh = await bench.fresh();
    database = await fresh.open();
    documents = new SqlDocumentStore(database);
  });
  afterEach(() => bench.closeAll());
  afterAll(() => bench.stop());

  test('keeps a document with its chunks, in order', async () => {
    const page = document({ chunkCount: 450 });
    expect(await documents.save(page, 'its text', chunksFor(page.id, 450))).toEqual({
      document: { ...page, indexedAt: null, removedAt: null },
      created: true,
    });
    expect(await documents.chunksOf(page.id)).toEqual(chunksFor(page.id, 450));
    await documents.markIndexed(page.id, 2_000, 451);
    expect(await documents.find('default', page.id)).toEqual({ ...page, indexedAt: 2_000, chunkCount: 451, removedAt: null });
    expect(await documents.find('acme', page.id)).toBeNull();
  });

  test('keeps equal content once in a tenant, from many processes', async () => {
    const other = new SqlDocumentStore(await fresh.open());
    const pages = Array.from({ length: 10 }, () => document({ contentHash: 'same' }));
    const saved = await Promise.all(
      pages.map((page, index) => (index % 2 === 0 ? documents : other).save(page, 'its text', chunksFor(page.id, 2))),
    );
    expect(saved.filter(({ created }) => created)).toHaveLength(1);
    const ids = new Set(saved.map((outcome) => outcome.document.id));
    expect(ids.size).toBe(1);
    const chunks = await Promise.all(pages.map(({ id }) => documents.chunksOf(id)));
    expect(chunks.flat()).toHaveLength(2);
    expect((await documents.save(document({ contentHash: 'same', tenantId: 'acme' }), '', [])).created).toBe(true);
  });

  test('makes no rows of the chunks of a text that is there already', async () => {
    const page = document();
    await documents.save(page, 'its text', chunksFor(page.id, 450));
    const made = jest.spyOn(database, 'insertStatement');
    const again = document({ contentHash: page.contentHash });
    expect(await documents.save(again, 'its text', chunksFor(again.id, 450))).toMatchObject({ document: page, created: false });
    expect(made.mock.calls.map(([table]) => table.options.name)).toEqual(['documents']);
  });

  test('keeps nothing of a document whose chunks cannot be kept', async () => {
    const page = document();
    const [chunk] = chunksFor(page.id, 1);
    await expect(documents.save(page, 'its text', [chunk!, chunk!])).rejects.toThrow(/duplicate|unique/i);
    expect(await documents.find('default', page.id)).toBeNull();
    expect(await documents.chunksOf(page.id)).toEqual([]);
  });

  test('lists newest first, page by page', async () => {
    for (const [index, createdAt] of [1, 2, 2, 3].entries())
      await documents.save(document({ id: `d${index}`, createdAt }), '', []);
    const first = await documents.list('default', { limit: 2 });
    const rest = await documents.list('default', { before: first.at(-1)!, limit: 9 });
    expect([...first, ...rest].map(({ id }) => id)).toEqual(['d3', 'd2', 'd1', 'd0']);
    expect(await documents.list('acme', { limit: 9 })).toEqual([]);
  });

  test('lists what begins with a title or a source, in its very letters', async () => {
    const pages = { a: ['Ünder_one', 'docs/a.md'], b: ['ünder two', 'docs/b.md'], c: ['Ünderxone', 'Docs/c.md'] };
    for (const [id, [title, source]] of Object.entries(pages))
      await documents.save(document({ id, title: title!, source: source! }), '', []);
    const ids = async (filter: { titlePrefix?: string; sourcePrefix?: string }): Promise<string[]> =>
      (await documents.list('default', { limit: 9, filter })).map(({ id }) => id).toSorted();
    expect(await ids({ titlePrefix: 'Ünder_' })).toEqual(['a']);
    expect(await ids({ titlePrefix: 'Ünder' })).toEqual(['a', 'c']);
    expect(await ids({ sourcePrefix: 'docs/' })).toEqual(['a', 'b']);
    expect(await ids({ sourcePrefix: 'docs/', titlePrefix: 'ü' })).toEqual(['b']);
  });

  test('a document that is to be removed counts as gone, and is not forgotten', async () => {
    const page = document();
    await documents.save(page, '', chunksFor(page.id, 1));
    expect(await documents.markRemoved('acme', page.id, 5)).toBeNull();
    expect(await documents.markRemoved('default', page.id, 5)).toMatchObject({ id: page.id, removedAt: 5 });
    expect(await documents.markRemoved('default', page.id, 6)).toMatchObject({ removedAt: 5 });
    expect(await documents.find('default', page.id)).toBeNull();
    expect(await documents.list('default', { limit: 9 })).toEqual([]);
    expect(await documents.markIndexed(page.id, 7, 1)).toBe(false);
    expect(await documents.listRemoved(9)).toEqual([expect.objectContaining({ id: page.id, indexedAt: null })]);
    expect((await documents.save(document({ contentHash: page.contentHash }), '', [])).document).toMatchObject({ removedAt: 5 });
    await documents.remove('default', page.id);
    expect(await documents.markRemoved('default', page.id, 8)).toBeNull();
    expect(await documents.listRemoved(9)).toEqual([]);
  });

  test('removes a document with its chunks, for its tenant only', async () => {
    const page = document();
    await documents.save(page, 'its text', chunksFor(page.id, 2));
    expect(await documents.remove('acme', page.id)).toBe(false);
    expect(await documents.chunksOf(page.id)).toHaveLength(2);
    expect(await documents.remove('default', page.id)).toBe(true);
    expect(await documents.remove('default', page.id)).toBe(false);
    expect(await documents.chunksOf(page.id)).toEqual([]);
  });

  test('keeps the text as it is, and lets it go with the document', async () => {
    const page = document();
    const text = 'ü 😀 \\ \' "\n'.repeat(30_000);
    await documents.save(page, text, chunksFor(page.id, 1));
    expect(await documents.textOf(page.id)).toBe(text);
    await documents.remove('acme', page.id);
    expect(await documents.textOf(page.id)).toBe(text);
    await documents.remove('default', page.id);
    expect(await documents.textOf(page.id)).toBeNull();
  });

  test('counts the chunks of a tenant, as its documents were embedded last', async () => {
    expect(await documents.countChunks('default')).toBe(0);
    const pages = [document({ chunkCount: 3 }), document({ chunkCount: 4 }), document({ chunkCount: 9, tenantId: 'acme' })];
    for (const page of pages) await documents.save(page, '', []);
    await documents.markIndexed(pages[0]!.id, 2_000, 5);
    expect([await documents.countChunks('default'), await documents.countChunks('acme')]).toEqual([9, 9]);
  });
});
