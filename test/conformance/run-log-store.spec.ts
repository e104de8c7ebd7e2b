import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { KeptLine, LogLine, LogQuery, RunLogStore } from '@baton/core';
import { SqlRunLogStore } from '@baton/storage';
import { DATABASE_KINDS, DatabaseBench } from '../support/databases.js';
import { MemoryDatabase, MemoryRunLogStore, VirtualClock } from '../support/in-memory/index.js';

const AT = 1_700_000_000_000;
const ALL: LogQuery = { tenantId: 'default', runId: 'r', after: 0, limit: 100 };

function line(message: string, change: Partial<LogLine> = {}): LogLine {
  return {
    ...{
      runId: 'r',
      tenantId: 'default',
      nodeId: 'n',
      visit: 1,
      attempt: 1,
      level: 'info',
      at: AT,
      message,
      fields: null,
      bytes: 10,
    },
    ...change,
  };
}

function conform(open: () => Promise<{ store: RunLogStore; others: RunLogStore; close(): Promise<void> }>): void {
  let stores: Awaited<ReturnType<typeof open>>;
  let store: RunLogStore;

  beforeEach(async () => {
    stores = await open();
    store = stores.store;
  });
  afterEach(() => stores.close());

  const messages = async (query: Partial<LogQuery> = {}) =>
    (await store.read({ ...ALL, ...query })).map(({ message }) => message);

  test('gives back what was said, as it was said', async () => {
    const said = [
      line('Zeile 😀 with \u0000 and \\ and \'"'),
      line('x'.repeat(4_000), {
        ...{ nodeId: 'N', visit: 3, attempt: 2, level: 'error', at: AT + 1, bytes: 4_000 },
        fields: { url: 'https://a.example/?q=1', list: [1, null, { deep: 'ß' }] },
      }),
      line('empty fields', { level: 'debug', fields: {} }),
    ];
    await store.append(said);
    const kept = await stores.others.read(ALL);
    expect(kept).toEqual(said.map((one) => ({ ...one, n: expect.any(Number) })));
  });

  test('numbers lines in their order, and goes on after a number', async () => {
    await store.append(Array.from({ length: 5 }, (_, index) => line(`a${index}`)));
    await stores.others.append([line('b0'), line('other run', { runId: 'R' })]);
    await store.append([]);
    await store.append([line('a5')]);
    const all = await store.read(ALL);
    expect(all.map(({ message }) => message)).toEqual(['a0', 'a1', 'a2', 'a3', 'a4', 'b0', 'a5']);
    const numbers = all.map(({ n }) => n);
    expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
    const read: KeptLine[] = [];
    for (let page = await store.read({ ...ALL, limit: 3 }); page.length > 0;) {
      read.push(...page);
      page = await store.read({ ...ALL, limit: 3, after: page.at(-1)!.n });
    }
    expect(read).toEqual(all);
  });

  test('picks a node, and lines that are as serious or more', async () => {
    await store.append([
      line('d', { level: 'debug' }),
      line('i', { nodeId: 'm' }),
      line('w', { level: 'warn' }),
      line('e', { level: 'error', nodeId: 'm' }),
    ]);
    expect(await messages({ nodeId: 'n' })).toEqual(['d', 'w']);
    expect(await messages({ nodeId: 'M' })).toEqual([]);
    expect(await messages({ level: 'debug' })).toEqual(['d', 'i', 'w', 'e']);
    expect(await messages({ level: 'warn' })).toEqual(['w', 'e']);
    expect(await messages({ level: 'error', nodeId: 'n' })).toEqual([]);
  });

  test('keeps tenants and runs apart', async () => {
    await store.append([line('mine'), line('theirs', { tenantId: 'acme' }), line('of another', { runId: 'q' })]);
    expect(await messages()).toEqual(['mine']);
    expect(await messages({ tenantId: 'acme' })).toEqual(['theirs']);
  });

  test('says how much of a run it has', async () => {
    await store.append([line('a', { bytes: 7 }), line('b', { bytes: 30 }), line('c', { runId: 'q', bytes: 1 })]);
    expect(await store.sizes(['r', 'q', 'none'])).toEqual(
      new Map([
        ['r', { lines: 2, bytes: 37 }],
        ['q', { lines: 1, bytes: 1 }],
      ]),
    );
    expect(await store.sizes([])).toEqual(new Map());
  });

  test('takes hundreds of lines at once', async () => {
    await Promise.all([store, stores.others].map((one) => one.append(Array.from({ length: 500 }, () => line('one of many')))));
    expect((await store.sizes(['r'])).get('r')).toEqual({ lines: 1_000, bytes: 10_000 });
  });
}

describe.each(DATABASE_KINDS)('RunLogStore on %s', (kind) => {
  const bench = new DatabaseBench(kind);
  afterAll(() => bench.stop());

  conform(async () => {
    const fresh = await bench.fresh();
    const [store, others] = [new SqlRunLogStore(await fresh.open()), new SqlRunLogStore(await fresh.open())];
    return { store, others, close: () => bench.closeAll() };
  });
});

describe('the RunLogStore of tests', () => {
  conform(async () => {
    const db = new MemoryDatabase(new VirtualClock());
    return { store: new MemoryRunLogStore(db), others: new MemoryRunLogStore(db), close: async () => undefined };
  });
});
