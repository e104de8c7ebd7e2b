import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { definitionDigest, WorkflowDefinitionSchema, type WorkflowDefinition } from '@baton/core';
import { SqlWorkflowStore } from '@baton/storage';
import { DATABASE_KINDS, DatabaseBench, type FreshDatabase } from '../support/databases.js';

function definition(name: string, concurrency: number): WorkflowDefinition {
  return WorkflowDefinitionSchema.parse({ name, concurrency, nodes: [{ id: 'a', type: 'echo' }] });
}

describe.each(DATABASE_KINDS)('WorkflowStore on %s', (kind) => {
  const bench = new DatabaseBench(kind);
  let fresh: FreshDatabase;
  let workflows: SqlWorkflowStore;

  beforeEach(async () => {
    fresh = await bench.fresh();
    workflows = new SqlWorkflowStore(await fresh.open());
  });
  afterEach(() => bench.closeAll());
  afterAll(() => bench.stop());

  test('keeps a definition as the next version, and an equal one once', async () => {
    const first = await workflows.publish('default', definition('flow', 1), 1_000);
    expect(first).toEqual({
      ...{ id: expect.any(String), tenantId: 'default', name: 'flow', version: 1, createdAt: 1_000 },
      ...{ digest: definitionDigest(definition('flow', 1)), definition: definition('flow', 1), source: null, archivedAt: null },
    });
    expect(await workflows.publish('default', definition('flow', 1), 2_000)).toEqual(first);
    const second = await workflows.publish('default', definition('flow', 2), 3_000);
    expect(second).toMatchObject({ id: first.id, version: 2 });
    // Back to the first content: the newest version differs, so it is a new one.
    expect(await workflows.publish('default', definition('flow', 1), 4_000)).toMatchObject({ version: 3, digest: first.digest });
    expect(await workflows.findByName('default', 'flow')).toMatchObject({ version: 3 });
    expect(await workflows.findByName('default', 'flow', 2)).toEqual(second);
    expect(await workflows.findByName('default', 'flow', 4)).toBeNull();
    expect(await workflows.findByDigest(second.digest)).toEqual(definition('flow', 2));
    expect(await workflows.findByDigest('nope')).toBeNull();
  });

  test('makes one version of one definition that many processes publish at once', async () => {
    const others = await Promise.all([1, 2, 3].map(async () => new SqlWorkflowStore(await fresh.open())));
    const published = await Promise.all(others.map((store) => store.publish('default', definition('flow', 1), 1)));
    expect(published.map(({ version }) => version)).toEqual([1, 1, 1]);
    expect(new Set(published.map(({ id }) => id)).size).toBe(1);
    const differing = await Promise.all(others.map((store, index) => store.publish('default', definition('flow', index + 2), 1)));
    expect(new Set(differing.map(({ version }) => version))).toEqual(new Set([2, 3, 4]));
  });

  test('keeps tenants and names apart', async () => {
    await workflows.publish('default', definition('flow', 1), 1);
    await workflows.publish('default', definition('FLOW', 1), 1);
    expect(await workflows.findByName('acme', 'flow')).toBeNull();
    expect(await workflows.publish('acme', definition('flow', 2), 1)).toMatchObject({ version: 1 });
    await workflows.publish('default', definition('flow', 3), 2);
    expect((await workflows.list('default', { limit: 10 })).map(({ name, version }) => `${name} ${version}`)).toEqual([
      'FLOW 1',
      'flow 2',
    ]);
  });

  test('finds a workflow by its id or by its name, newest or as asked', async () => {
    const first = await workflows.publish('default', definition('flow', 1), 1);
    const second = await workflows.publish('default', definition('flow', 2), 2);
    expect(await workflows.find('default', first.id)).toEqual(second);
    expect(await workflows.find('default', 'flow', 1)).toEqual(first);
    expect(await workflows.findById('default', first.id, 1)).toEqual(first);
    expect(await workflows.findById('default', first.id, 3)).toBeNull();
    expect(await workflows.findById('acme', first.id)).toBeNull();
    expect(await workflows.find('default', 'other')).toBeNull();
  });

  test('finds the newest version of a workflow without its content, by its id before any name', async () => {
    const { id } = await workflows.publish('default', definition('flow', 1), 1);
    const { definition: _definition, source: _source, ...newest } = await workflows.publish('default', definition('flow', 2), 2);
    // Its name is the id of the other.
    await workflows.publish('default', definition(id, 3), 3);
    expect([await workflows.findSummary('default', id), await workflows.findSummary('default', 'flow')]).toEqual([
      newest,
      newest,
    ]);
    expect([await workflows.findSummary('acme', id), await workflows.findSummary('default', 'FLOW')]).toEqual([null, null]);
    await workflows.archive('default', id, 7);
    expect(await workflows.findSummary('default', 'flow')).toEqual({ ...newest, archivedAt: 7 });
  });

  test('keeps the text of the author, whatever stands in it', async () => {
    const source = { format: 'yaml' as const, text: `# größer 🙂\nname: flow\n${'x'.repeat(100_000)}` };
    const { workflow, isNew } = await workflows.keep('default', { definition: definition('flow', 1), source }, 1);
    expect({ source: workflow.source, isNew }).toEqual({ source, isNew: true });
    expect((await workflows.findByName('default', 'flow'))!.source).toEqual(source);
    // The content is what counts: another text of it makes no version.
    const again = await workflows.keep('default', { definition: definition('flow', 1), source: null }, 2);
    expect(again).toEqual({ workflow, isNew: false });
  });

  test('makes no version of one that is not the newest any more', async () => {
    const keep = (size: number, base?: number) =>
      workflows.keep(
        'default',
        { definition: definition('flow', size), source: null, ...(base !== undefined && { base }) },
        size,
      );
    await expect(keep(1, 1)).rejects.toMatchObject({ code: 'stale_revision', context: { workflow: 'flow', version: 0 } });
    await keep(1, 0);
    await expect(keep(2, 0)).rejects.toMatchObject({ code: 'stale_revision', context: { version: 1 } });
    const rivals = await Promise.allSettled([2, 3, 4].map((size) => keep(size, 1)));
    expect(rivals.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
    const { definition: newest } = (await workflows.findByName('default', 'flow'))!;
    expect(newest).toEqual((await workflows.findByName('default', 'flow', 2))!.definition);
    // What is there already has been kept, whoever kept it.
    expect(await workflows.keep('default', { definition: newest, source: null, base: 1 }, 9)).toMatchObject({ isNew: false });
  });

  test('lists in pages by name, and versions newest first', async () => {
    for (const name of ['d', 'b', 'a', 'c']) await workflows.publish('default', definition(name, 1), 1);
    const { id } = await workflows.publish('default', definition('b', 2), 2);
    await workflows.publish('default', definition('b', 3), 3);
    const page = await workflows.list('default', { limit: 2 });
    expect(page.map(({ name, version }) => `${name} ${version}`)).toEqual(['a 1', 'b 3']);
    expect((await workflows.list('default', { limit: 2, afterName: 'b' })).map(({ name }) => name)).toEqual(['c', 'd']);
    const versions = await workflows.listVersions('default', id, { limit: 2 });
    expect(versions.map(({ version, createdAt }) => [version, createdAt])).toEqual([
      [3, 3],
      [2, 2],
    ]);
    expect((await workflows.listVersions('default', id, { limit: 2, before: 2 })).map(({ version }) => version)).toEqual([1]);
    expect(await workflows.listVersions('acme', id, { limit: 2 })).toEqual([]);
  });

  test('keeps definitions beside the versions, once each', async () => {
    await workflows.publish('default', definition('flow', 1), 1);
    const digest = await workflows.keepDefinition('default', definition('flow', 2), 2);
    expect(await workflows.keepDefinition('acme', definition('flow', 2), 3)).toBe(digest);
    expect(await workflows.findByDigest(digest)).toEqual(definition('flow', 2));
    expect(await workflows.findByName('default', 'flow')).toMatchObject({ version: 1 });
    // What is a version already may be kept too.
    expect(await workflows.findByDigest(await workflows.keepDefinition('default', definition('flow', 1), 4))).toEqual(
      definition('flow', 1),
    );
  });

  test('archives all versions of a workflow until one is published again', async () => {
    const { id } = await workflows.publish('default', definition('flow', 1), 1);
    await workflows.publish('default', definition('flow', 2), 2);
    await workflows.publish('default', definition('other', 1), 2);
    expect(await workflows.archive('acme', id, 3)).toBe(false);
    expect(await workflows.archive('default', id, 3)).toBe(true);
    expect(await workflows.archive('default', id, 9)).toBe(true);
    expect(await workflows.findByName('default', 'flow', 1)).toMatchObject({ archivedAt: 3 });
    expect((await workflows.list('default', { limit: 9 })).map(({ name }) => name)).toEqual(['other']);
    expect((await workflows.list('default', { limit: 9, archived: true })).map(({ name }) => name)).toEqual(['flow']);
    expect(await workflows.publish('default', definition('flow', 2), 4)).toMatchObject({ version: 2, archivedAt: null });
    expect(await workflows.findByName('default', 'flow', 1)).toMatchObject({ archivedAt: null });
    await workflows.archive('default', id, 5);
    expect(await workflows.publish('default', definition('flow', 3), 6)).toMatchObject({ version: 3, archivedAt: null });
    expect((await workflows.list('default', { limit: 9 })).map(({ name }) => name)).toEqual(['flow', 'other']);
  });
});
