import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { closedCircuit, type Circuit, type CircuitStore, type TargetCalls } from '@baton/core';
import { SqlCircuitStore } from '@baton/storage';
import { DATABASE_KINDS, DatabaseBench, type DatabaseKind } from '../support/databases.js';
import { CircuitTables, MemoryCircuitStore } from '../support/in-memory/index.js';

const MINUTE = 60_000;
const KEY = { tenantId: 'default', target: 'https://a.test' };

const open: Circuit = {
  ...closedCircuit(KEY),
  ...{ failures: 5, openedAt: 1_000, openUntil: 31_000, probe: { token: 'p', until: 61_000 } },
  ...{ lastError: 'Größe — 503', failedAt: 1_000, changedAt: 1_000 },
};

function calls(target: string, minuteAt: number, more: Partial<TargetCalls> = {}): TargetCalls {
  return { tenantId: 'default', target, minuteAt, calls: 1, failures: 0, totalMs: 10, maxMs: 10, ...more };
}

describe.each([...DATABASE_KINDS, 'memory'] as const)('CircuitStore on %s', (kind: DatabaseKind | 'memory') => {
  const bench = kind === 'memory' ? null : new DatabaseBench(kind);
  let circuits: CircuitStore;

  beforeEach(async () => {
    circuits =
      bench === null ? new MemoryCircuitStore(new CircuitTables()) : new SqlCircuitStore(await (await bench.fresh()).open());
  });
  afterEach(() => bench?.closeAll());
  afterAll(() => bench?.stop());

  test('gives back what it was given, and knows nothing of other tenants and spellings', async () => {
    expect(await circuits.find(KEY)).toBeNull();
    expect(await circuits.replace(open)).toBe(true);
    expect(await circuits.find(KEY)).toEqual({ ...open, revision: 1 });
    expect(await circuits.find({ ...KEY, tenantId: 'other' })).toBeNull();
    expect(await circuits.find({ ...KEY, target: 'https://A.test' })).toBeNull();
    const closed = { ...open, failures: 0, openedAt: null, openUntil: null, probe: null, changedAt: 2_000, revision: 1 };
    expect(await circuits.replace(closed)).toBe(true);
    expect(await circuits.find(KEY)).toEqual({ ...closed, revision: 2 });
  });

  test('lets one of many change a revision, the first one too', async () => {
    for (const revision of [0, 1]) {
      const wins = await Promise.all(
        [1, 2, 3, 4, 5].map((failures) => circuits.replace({ ...closedCircuit(KEY), failures, revision })),
      );
      expect(wins.filter((won) => won)).toHaveLength(1);
      const winner = wins.indexOf(true) + 1;
      expect(await circuits.find(KEY)).toMatchObject({ failures: winner, revision: revision + 1 });
    }
    expect(await circuits.replace({ ...closedCircuit({ ...KEY, target: 'gone' }), revision: 3 })).toBe(false);
  });

  test('lists those in trouble, of all tenants, the last change first', async () => {
    const failing = (target: string, failures: number, changedAt: number, tenantId = 'default') =>
      circuits.replace({ ...closedCircuit({ tenantId, target }), failures, changedAt });
    await failing('well', 0, 9);
    await failing('first', 1, 1);
    await failing('third', 7, 3);
    await failing('second', 2, 2, 'other');
    expect((await circuits.listTroubled(10)).map(({ target }) => target)).toEqual(['third', 'second', 'first']);
    expect(await circuits.listTroubled(1)).toMatchObject([{ target: 'third', failures: 7, revision: 1 }]);
  });

  test('adds up the calls of all workers, from an instant on', async () => {
    await circuits.addCalls([calls('a', 0, { failures: 1 }), calls('a', MINUTE), calls('b', MINUTE)]);
    await circuits.addCalls([calls('a', MINUTE, { calls: 3, failures: 2, totalMs: 90.4, maxMs: 50 })]);
    await circuits.addCalls([calls('a', MINUTE, { tenantId: 'other', calls: 100 })]);
    await circuits.addCalls([]);
    const page = { tenantId: 'default', limit: 10 };
    expect(await circuits.list({ ...page, since: MINUTE })).toEqual([
      expect.objectContaining({ calls: 4, failures: 2, maxMs: 50 }),
      { circuit: closedCircuit({ tenantId: 'default', target: 'b' }), calls: 1, failures: 0, averageMs: 10, maxMs: 10 },
    ]);
    const [a] = await circuits.list({ ...page, since: MINUTE, targets: ['a', 'c'] });
    expect(a?.averageMs).toBeCloseTo(25, 0);
    expect(await circuits.list({ ...page, since: 0, targets: ['a'] })).toMatchObject([{ calls: 5, failures: 3 }]);
    expect(await circuits.list({ ...page, since: 0, targets: [] })).toEqual([]);
    expect(await circuits.list({ ...page, since: 2 * MINUTE })).toEqual([]);
  });

  test('adds more calls than one statement holds', async () => {
    const many = Array.from({ length: 450 }, (_, n) => calls(`t${String(n).padStart(3, '0')}`, 0));
    await circuits.addCalls(many);
    expect(await circuits.list({ tenantId: 'default', since: 0, limit: 1_000 })).toHaveLength(450);
  });

  test('lists targets by name, page by page, with their circuit though nobody calls them', async () => {
    await circuits.replace(open);
    await circuits.addCalls([calls('https://b.test', 0), calls('https://c.test', 0)]);
    const page = { tenantId: 'default', since: 0 };
    const first = await circuits.list({ ...page, limit: 2 });
    expect(first.map(({ circuit }) => circuit.target)).toEqual(['https://a.test', 'https://b.test']);
    expect(first[0]).toEqual({ circuit: { ...open, revision: 1 }, calls: 0, failures: 0, averageMs: null, maxMs: null });
    const second = await circuits.list({ ...page, limit: 2, after: 'https://b.test' });
    expect(second.map(({ circuit }) => circuit.target)).toEqual(['https://c.test']);
  });

  test('forgets old calls and circuits that are well again', async () => {
    await circuits.replace(open);
    await circuits.replace({ ...closedCircuit({ ...KEY, target: 'well' }), changedAt: 1_000 });
    await circuits.replace({ ...closedCircuit({ ...KEY, target: 'well of late' }), changedAt: 90_000 });
    await circuits.addCalls([calls('a', 0), calls('b', MINUTE)]);
    await circuits.forget(MINUTE);
    const left = await circuits.list({ tenantId: 'default', since: 0, limit: 10 });
    expect(left.map(({ circuit }) => circuit.target)).toEqual(['b', 'https://a.test', 'well of late']);
  });
});
