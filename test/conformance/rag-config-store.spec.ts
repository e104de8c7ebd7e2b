import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { RagConfig } from '@baton/core';
import { SqlRagConfigStore } from '@baton/storage';
import { DATABASE_KINDS, DatabaseBench, type FreshDatabase } from '../support/databases.js';
import { LOCAL_SETTINGS } from '../support/retrieval.js';

const config = (change: Partial<RagConfig> = {}): RagConfig => ({
  ...{ tenantId: 'default', revision: 0, active: LOCAL_SETTINGS, next: null, runId: null, leftovers: [], updatedAt: 1_000 },
  ...change,
});

describe.each(DATABASE_KINDS)('RagConfigStore on %s', (kind) => {
  const bench = new DatabaseBench(kind);
  let fresh: FreshDatabase;
  let configs: SqlRagConfigStore;

  beforeEach(async () => {
    fresh = await bench.fresh();
    configs = new SqlRagConfigStore(await fresh.open());
  });
  afterEach(() => bench.closeAll());
  afterAll(() => bench.stop());

  test('keeps one configuration a tenant, the first', async () => {
    expect(await configs.find('default')).toBeNull();
    expect(await configs.create(config())).toBe(true);
    expect(await configs.create(config({ revision: 7 }))).toBe(false);
    expect(await configs.find('default')).toEqual(config());
    expect(await configs.find('Default')).toBeNull();
  });

  test('replaces all of it, where the revision is the one that was read', async () => {
    await configs.create(config());
    const next = { ...LOCAL_SETTINGS, model: 'ü/😀', dimensions: 1_024 };
    const changed = config({ revision: 1, next, runId: 'run', leftovers: ['a', 'b'], updatedAt: 1_763_596_800_000 });
    expect(await configs.replace(changed, 3)).toBe(false);
    expect(await configs.find('default')).toEqual(config());
    expect(await configs.replace(changed, 0)).toBe(true);
    expect(await configs.find('default')).toEqual(changed);
    expect(await configs.replace(config({ tenantId: 'other' }), 0)).toBe(false);
  });

  test('takes a repeat of the same change for its own', async () => {
    await configs.create(config());
    const changed = config({ revision: 1, active: { ...LOCAL_SETTINGS, topK: 9 } });
    expect([await configs.replace(changed, 0), await configs.replace(changed, 0)]).toEqual([true, true]);
    expect(await configs.replace(config({ revision: 1 }), 0)).toBe(false);
  });

  test('lets one of many changes through, from many processes', async () => {
    await configs.create(config());
    const other = new SqlRagConfigStore(await fresh.open());
    const changes = Array.from({ length: 10 }, (_, index) => config({ revision: 1, updatedAt: index }));
    const outcomes = await Promise.all(changes.map((change, index) => (index % 2 === 0 ? configs : other).replace(change, 0)));
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    expect((await configs.find('default'))!.updatedAt).toBe(outcomes.indexOf(true));
  });

  test('lists those of all tenants', async () => {
    for (const tenantId of ['b', 'a']) await configs.create(config({ tenantId }));
    expect((await configs.list()).map(({ tenantId }) => tenantId)).toEqual(['a', 'b']);
  });
});
