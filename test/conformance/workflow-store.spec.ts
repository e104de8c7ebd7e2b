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
      ...{ digest: definitionDigest(definition('flow', 1)), definition: definition('flow', 1) },
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
    expect((await workflows.list('default')).map(({ name, version }) => `${name} ${version}`)).toEqual([
      'FLOW 1',
      'flow 2',
      'flow 1',
    ]);
  });
});
