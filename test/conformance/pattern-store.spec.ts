import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { PatternSpecSchema, type KeptPattern, type PatternSpec } from '@baton/core';
import { SqlPatternStore } from '@baton/storage';
import { DATABASE_KINDS, DatabaseBench } from '../support/databases.js';

const spec = (fields: Partial<PatternSpec> = {}): PatternSpec =>
  PatternSpecSchema.parse({
    ...{ name: 'debate', description: 'Für und wider 😀', example: { sides: ['for', 'against'] } },
    template: { nodes: [{ id: '<% item %>', type: 'echo', for_each: 'input.sides' }], output: 'for' },
    ...fields,
  });
const kept = (fields: Partial<KeptPattern> = {}): KeptPattern => ({
  ...spec(),
  ...{ tenantId: 'default', createdAt: 1_000, updatedAt: 1_000 },
  ...fields,
});

describe.each(DATABASE_KINDS)('PatternStore on %s', (kind) => {
  const bench = new DatabaseBench(kind);
  let patterns: SqlPatternStore;

  beforeEach(async () => {
    patterns = new SqlPatternStore(await (await bench.fresh()).open());
  });
  afterEach(() => bench.closeAll());
  afterAll(() => bench.stop());

  test('keeps a pattern whole, for its tenant alone', async () => {
    expect(await patterns.create(kept())).toBe(true);
    expect(await patterns.find('default', 'debate')).toEqual(kept());
    expect(await patterns.find('acme', 'debate')).toBeNull();
    expect(await patterns.find('default', 'Debate')).toBeNull();
  });

  test('gives a name once in a tenant, and says so again of the same pattern', async () => {
    await patterns.create(kept());
    expect(await patterns.create(kept())).toBe(true);
    expect(await patterns.create(kept({ description: 'another' }))).toBe(false);
    expect(await patterns.create(kept({ createdAt: 2_000 }))).toBe(false);
    expect(await patterns.create(kept({ tenantId: 'acme' }))).toBe(true);
  });

  test('replaces what there is, and only that', async () => {
    await patterns.create(kept());
    const next = spec({ description: 'shorter' });
    const replaced = { ...kept(next), updatedAt: 2_000 };
    expect(await patterns.replace('default', next, 2_000)).toEqual(replaced);
    expect(await patterns.find('default', 'debate')).toEqual(replaced);
    expect(await patterns.replace('acme', next, 2_000)).toBeNull();
  });

  test('removes one once', async () => {
    await patterns.create(kept());
    expect(await patterns.remove('acme', 'debate')).toBe(false);
    expect(await patterns.remove('default', 'debate')).toBe(true);
    expect(await patterns.remove('default', 'debate')).toBe(false);
    expect(await patterns.find('default', 'debate')).toBeNull();
  });

  test('lists by name, page by page', async () => {
    for (const name of ['c', 'a', 'b']) await patterns.create(kept({ name }));
    await patterns.create(kept({ name: 'z', tenantId: 'acme' }));
    const first = await patterns.list('default', { limit: 2 });
    expect(first.map(({ name }) => name)).toEqual(['a', 'b']);
    expect((await patterns.list('default', { afterName: 'b', limit: 2 })).map(({ name }) => name)).toEqual(['c']);
  });
});
