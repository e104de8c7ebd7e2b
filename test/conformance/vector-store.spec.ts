import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { type VectorPoint, type VectorStore } from '@baton/core';
import { QdrantVectorStore, SqliteVectorStore } from '@baton/vectors';
import { QdrantStandIn } from '../support/qdrant-stand-in/index.js';
import { spawnBound } from '../support/services.js';

/** A place for vectors: opened twice, it is the same one. */
interface Place {
  open(): VectorStore;
  remove(): void;
}

/** Where one kind of store keeps vectors. */
interface Adapter {
  name: string;
  persistent: boolean;
  start?(): Promise<void>;
  makePlace(): Place;
  /** What went wrong behind the store's back. */
  violations?(): readonly string[];
  stop?(): Promise<void>;
}

const folder = (): string => mkdtempSync(join(tmpdir(), 'baton-vectors-'));
/** Closes a store that holds something open. */
const close = (store: VectorStore): void => {
  if (store instanceof SqliteVectorStore) store.close();
};

const sqliteFile: Adapter = {
  name: 'sqlite-vec in a file',
  persistent: true,
  makePlace() {
    const dir = folder();
    return {
      open: () => new SqliteVectorStore({ path: join(dir, 'deep/vectors.db'), batchSize: 7 }),
      remove: () => rmSync(dir, { recursive: true }),
    };
  },
};

const sqliteMemory: Adapter = {
  name: 'sqlite-vec in memory',
  persistent: false,
  makePlace: () => ({ open: () => new SqliteVectorStore({ path: ':memory:' }), remove: () => undefined }),
};

function qdrantOverStandIn(): Adapter {
  let standIn: QdrantStandIn;
  return {
    name: 'Qdrant, over the stand-in that checks every request and answer',
    persistent: true,
    start: async () => void (standIn = await QdrantStandIn.start({ apiKey: 'a-key' })),
    makePlace() {
      standIn.reset();
      return { open: () => new QdrantVectorStore({ url: standIn.url, apiKey: 'a-key', batchSize: 64 }), remove: () => undefined };
    },
    violations: () => standIn.violations,
    stop: () => standIn.stop(),
  };
}

/** The real thing, where `QDRANT_URL` names one. */
const realQdrant = (url: string): Adapter => ({
  name: `Qdrant at ${new URL(url).host}`,
  persistent: true,
  makePlace: () => ({
    open: () => new QdrantVectorStore({ url, apiKey: process.env['QDRANT_API_KEY'] ?? null }),
    remove: () => undefined,
  }),
});

const { QDRANT_URL: realUrl } = process.env;
const ADAPTERS: Adapter[] = [
  ...[sqliteFile, sqliteMemory, qdrantOverStandIn()],
  ...(realUrl === undefined || realUrl === '' ? [] : [realQdrant(realUrl)]),
];

const unit = (angle: number): Float32Array => Float32Array.of(Math.cos(angle), Math.sin(angle), 0);
const point = (id: string, angle: number, more: Partial<VectorPoint> = {}): VectorPoint => ({
  id,
  tenantId: 'default',
  documentId: 'doc',
  vector: unit(angle),
  payload: { text: `text of ${id}` },
  ...more,
});
/** No other test, also of another run on the same server, has it. */
const freshName = (): string => `test_${randomUUID()}`;
const ids = (hits: readonly { id: string }[]): string[] => hits.map(({ id }) => id);

describe.each(ADAPTERS)('vector store: $name', (adapter) => {
  let place: Place;
  let store: VectorStore;
  let c: string;

  beforeAll(() => adapter.start?.());
  afterAll(() => adapter.stop?.());
  beforeEach(async () => {
    c = freshName();
    place = adapter.makePlace();
    store = place.open();
    await store.prepare(c, 3);
  });
  afterEach(async () => {
    await store.drop(c);
    close(store);
    place.remove();
    expect(adapter.violations?.() ?? []).toEqual([]);
  });

  const search = (angle: number, limit: number, more: { tenantId?: string; documentIds?: string[] } = {}) =>
    store.search(c, { tenantId: 'default', vector: unit(angle), limit, ...more });

  test('gives the nearest points, best first, with cosine scores and payloads', async () => {
    await store.upsert(c, [point('far', Math.PI), point('right', Math.PI / 2), point('near', 0.1), point('same', 0)]);
    const hits = await search(0, 3);
    expect(ids(hits)).toEqual(['same', 'near', 'right']);
    expect(hits[0]).toEqual({ id: 'same', documentId: 'doc', score: expect.closeTo(1, 5), payload: { text: 'text of same' } });
    expect(hits[1]!.score).toBeCloseTo(Math.cos(0.1), 5);
    expect(hits[2]!.score).toBeCloseTo(0, 5);
  });

  test('compares directions, not lengths', async () => {
    await store.upsert(c, [point('long', 0.2, { vector: unit(0.2).map((value) => value * 40) }), point('short', 0.3)]);
    const hits = await search(0, 2);
    expect(ids(hits)).toEqual(['long', 'short']);
    expect(hits[0]!.score).toBeCloseTo(Math.cos(0.2), 5);
  });

  test('settles ties by id, also where the limit cuts through them', async () => {
    const tied = Array.from({ length: 40 }, (_, index) => point(`t${String(index).padStart(2, '0')}`, 0.5));
    const [even, odd] = [0, 1].map((rest) => tied.filter((_, index) => index % 2 === rest));
    await store.upsert(c, [...odd!, point('best', 0), ...even!.toReversed()]);
    expect(ids(await search(0, 4))).toEqual(['best', 't00', 't01', 't02']);
  });

  test('replaces by id, vector, document and payload', async () => {
    await store.upsert(c, [point('a', 0), point('b', 1)]);
    await store.upsert(c, [point('a', 3, { documentId: 'other', payload: { text: 'new' } })]);
    const hits = await search(0, 5);
    expect(ids(hits)).toEqual(['b', 'a']);
    expect(hits[1]).toMatchObject({ documentId: 'other', payload: { text: 'new' }, score: expect.closeTo(Math.cos(3), 5) });
    expect(await store.count(c, 'default')).toBe(2);
  });

  test('a repeated id within one call counts once, the last one', async () => {
    await store.upsert(c, [point('a', 0, { payload: { text: 'first' } }), point('a', 1, { payload: { text: 'last' } })]);
    expect(await search(1, 5)).toEqual([{ id: 'a', documentId: 'doc', score: expect.closeTo(1, 5), payload: { text: 'last' } }]);
  });

  test('keeps tenants apart, also where they use one id', async () => {
    await store.upsert(c, [point('a', 0, { payload: { of: 'one' } })]);
    await store.upsert(c, [point('a', 1, { tenantId: 'two', payload: { of: 'two' } })]);
    expect((await search(0, 5)).map(({ payload }) => payload)).toEqual([{ of: 'one' }]);
    expect((await search(0, 5, { tenantId: 'two' })).map(({ payload }) => payload)).toEqual([{ of: 'two' }]);
    await store.removeDocument(c, 'two', 'doc');
    expect([await store.count(c, 'default'), await store.count(c, 'two')]).toEqual([1, 0]);
  });

  test('searches in the documents named only', async () => {
    const points = ['x', 'y', 'z'].flatMap((documentId, d) =>
      [0, 1, 2].map((n) => point(`${documentId}${n}`, d / 10 + n, { documentId })),
    );
    await store.upsert(c, points);
    expect(ids(await search(0, 4, { documentIds: ['y', 'z', 'unknown', 'y'] }))).toEqual(['y0', 'z0', 'y1', 'z1']);
    expect(await search(0, 4, { documentIds: [] })).toEqual([]);
  });

  test('removes a document with all of its points, and takes it in again', async () => {
    await store.upsert(c, [point('a', 0, { documentId: 'gone' }), point('b', 0.1, { documentId: 'gone' }), point('c', 1)]);
    expect(
      await Promise.all([store.count(c, 'default', 'gone'), store.count(c, 'default'), store.count(c, 'two', 'gone')]),
    ).toEqual([2, 3, 0]);
    await store.removeDocument(c, 'default', 'gone');
    expect(await store.count(c, 'default', 'gone')).toBe(0);
    expect(ids(await search(0, 5))).toEqual(['c']);
    await store.upsert(c, [point('a', 0, { documentId: 'gone' })]);
    expect(ids(await search(0, 5))).toEqual(['a', 'c']);
  });

  test('takes large batches', async () => {
    await store.upsert(
      c,
      Array.from({ length: 700 }, (_, index) => point(`p${index}`, index / 700)),
    );
    expect(await store.count(c, 'default')).toBe(700);
    expect(ids(await search(350 / 700, 1))).toEqual(['p350']);
  });

  test('an empty store has nothing to give, and no limit gives nothing', async () => {
    expect(await search(0, 5)).toEqual([]);
    await store.upsert(c, []);
    await store.upsert(c, [point('a', 0)]);
    expect(await search(0, 0)).toEqual([]);
  });

  test('agrees with a plain scan over chance vectors', async () => {
    let state = 7;
    const chance = (): number => ((state = (state * 48_271) % 2_147_483_647) / 2_147_483_647) * 2 - 1;
    const points = Array.from({ length: 300 }, (_, index) =>
      point(`p${index}`, 0, { vector: Float32Array.of(chance(), chance(), chance()) }),
    );
    await store.upsert(c, points);
    const cosine = (a: Float32Array, b: Float32Array): number =>
      a.reduce((sum, value, at) => sum + value * b[at]!, 0) / (Math.hypot(...a) * Math.hypot(...b));
    for (let round = 0; round < 20; round += 1) {
      const vector = Float32Array.of(chance(), chance(), chance());
      const expected = points.toSorted((a, b) => cosine(b.vector, vector) - cosine(a.vector, vector)).slice(0, 10);
      expect(ids(await store.search(c, { tenantId: 'default', vector, limit: 10 }))).toEqual(ids(expected));
    }
  });

  test('refuses vectors that cannot be compared, and keeps nothing of their call', async () => {
    await expect(store.upsert(c, [point('a', 0), point('b', 0, { vector: Float32Array.of(1, 0) })])).rejects.toMatchObject({
      name: 'BatonError',
    });
    await expect(store.upsert(c, [point('z', 0, { vector: Float32Array.of(0, 0, 0) })])).rejects.toMatchObject({
      name: 'BatonError',
    });
    await expect(store.upsert(c, [point('n', 0, { vector: Float32Array.of(NaN, 0, 0) })])).rejects.toMatchObject({
      name: 'BatonError',
    });
    await expect(store.search(c, { tenantId: 'default', vector: Float32Array.of(1), limit: 1 })).rejects.toMatchObject({
      name: 'BatonError',
    });
    expect(await store.count(c, 'default')).toBe(0);
  });

  test('answers a ping', async () => {
    expect(await store.ping()).toBe(true);
  });

  test('is prepared again with the same size only', async () => {
    await store.upsert(c, [point('a', 0)]);
    await store.prepare(c, 3);
    expect(await store.count(c, 'default')).toBe(1);
    const other = place.open();
    const refused = (adapter.persistent ? other : store).prepare(c, 4);
    await expect(refused).rejects.toMatchObject({ code: 'config_invalid', context: { collection: c, stored: 3, wanted: 4 } });
    close(other);
  });

  test('keeps collections apart, also of other sizes', async () => {
    const other = freshName();
    await store.prepare(other, 2);
    await store.upsert(c, [point('a', 0)]);
    await store.upsert(other, [point('a', 0, { vector: Float32Array.of(0, 1), payload: { of: 'other' } })]);
    const found = await store.search(other, { tenantId: 'default', vector: Float32Array.of(0, 2), limit: 5 });
    expect(found).toEqual([{ id: 'a', documentId: 'doc', score: expect.closeTo(1, 5), payload: { of: 'other' } }]);
    expect(await search(0, 5)).toMatchObject([{ payload: { text: 'text of a' } }]);
    expect((await store.list()).filter((name) => name === c || name === other)).toEqual([c, other].toSorted());
    await store.drop(other);
    expect(await store.count(c, 'default')).toBe(1);
    expect((await store.list()).includes(other)).toBe(false);
  });

  test('a collection that is not there reads as an empty one, and takes nothing before it is prepared', async () => {
    const absent = freshName();
    expect(await store.search(absent, { tenantId: 'default', vector: unit(0), limit: 5 })).toEqual([]);
    expect(await store.count(absent, 'default', 'doc')).toBe(0);
    await store.removeDocument(absent, 'default', 'doc');
    await store.removeTenant(absent, 'default');
    await store.drop(absent);
    await expect(store.upsert(absent, [point('a', 0)])).rejects.toMatchObject({ code: 'internal' });
    expect((await store.list()).includes(absent)).toBe(false);
  });

  test('is made anew after it was dropped, also in another size', async () => {
    await store.upsert(c, [point('a', 0)]);
    await store.drop(c);
    await expect(store.upsert(c, [point('a', 0)])).rejects.toMatchObject({ code: 'internal' });
    await store.prepare(c, 2);
    expect(await store.count(c, 'default')).toBe(0);
    await store.upsert(c, [point('a', 0, { vector: Float32Array.of(1, 0) })]);
    expect(await store.count(c, 'default')).toBe(1);
  });

  test('removes all points of a tenant, and none of another', async () => {
    await store.upsert(c, [point('a', 0), point('b', 1, { documentId: 'other' }), point('a', 0, { tenantId: 'two' })]);
    await store.removeTenant(c, 'default');
    expect([await store.count(c, 'default'), await store.count(c, 'two')]).toEqual([0, 1]);
    expect(await search(0, 5)).toEqual([]);
  });
});

describe.each(ADAPTERS.filter(({ persistent }) => persistent))('vector store that outlives its process: $name', (adapter) => {
  beforeAll(() => adapter.start?.());
  afterAll(() => adapter.stop?.());

  test('holds what an earlier one wrote, and shows one what the other writes', async () => {
    const place = adapter.makePlace();
    const c = freshName();
    const [first, second] = [place.open(), place.open()];
    await Promise.all([first.prepare(c, 3), second.prepare(c, 3)]);
    await first.upsert(c, [point('a', 0)]);
    await second.upsert(c, [point('b', 0.1)]);
    close(first);
    const third = place.open();
    for (const store of [second, third]) {
      expect(ids(await store.search(c, { tenantId: 'default', vector: unit(0), limit: 5 }))).toEqual(['a', 'b']);
    }
    await third.drop(c);
    [second, third].forEach(close);
    place.remove();
    expect(adapter.violations?.() ?? []).toEqual([]);
  });

  test('notices that another one has dropped a collection and made it again', async () => {
    const place = adapter.makePlace();
    const c = freshName();
    const [first, second] = [place.open(), place.open()];
    await first.prepare(c, 3);
    await first.upsert(c, [point('a', 0)]);
    expect(await second.count(c, 'default')).toBe(1);
    await first.drop(c);
    expect(await second.count(c, 'default')).toBe(0);
    await expect(second.upsert(c, [point('b', 0)])).rejects.toMatchObject({ code: 'internal' });
    await first.prepare(c, 3);
    await second.upsert(c, [point('b', 0)]);
    expect(ids(await first.search(c, { tenantId: 'default', vector: unit(0), limit: 5 }))).toEqual(['b']);
    await first.drop(c);
    [first, second].forEach(close);
    place.remove();
    expect(adapter.violations?.() ?? []).toEqual([]);
  });
});

describe('a file of sqlite-vec, shared', () => {
  let dir: string;
  let path: string;
  beforeEach(() => {
    dir = folder();
    path = join(dir, 'vectors.db');
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  test('is made and written by several processes at once', async () => {
    const hooks = new URL('../support/typescript-hooks.ts', import.meta.url);
    const writer = new URL('../support/vector-writer.ts', import.meta.url);
    const script = ['--import', hooks.href, fileURLToPath(writer)];
    const writers = ['a', 'b', 'c'].map((prefix) =>
      spawnBound(process.execPath, [...script, path, prefix, '400'], { stdio: ['pipe', 'pipe', 'inherit'] }),
    );
    await Promise.all(writers.map(({ stdout }) => once(stdout!, 'data')));
    const exits = Promise.all(writers.map(async (child) => ((await once(child, 'exit')) as [number])[0]));
    writers.forEach(({ stdin }) => stdin!.write('go\n'));
    expect(await exits).toEqual([0, 0, 0]);
    const store = new SqliteVectorStore({ path });
    await store.prepare('c', 3);
    expect(await store.count('c', 'default')).toBe(1_200);
    expect(ids(await store.search('c', { tenantId: 'default', vector: unit(7), limit: 3 }))).toEqual(['a7', 'b7', 'c7']);
    store.close();
  }, 20_000);

  test('waits for the write of another, without holding up its own process, and with a bound', async () => {
    const store = new SqliteVectorStore({ path, busyTimeoutMs: 60 });
    await store.prepare('c', 3);
    const other = new Database(path);
    other.exec('BEGIN IMMEDIATE');
    await expect(store.upsert('c', [point('a', 0)])).rejects.toMatchObject({ code: 'storage_unavailable' });
    const waiting = store.upsert('c', [point('b', 0)]);
    other.exec('COMMIT');
    await waiting;
    expect(await store.count('c', 'default')).toBe(1);
    other.close();
    store.close();
  });

  test('does not answer a ping once it is closed', async () => {
    const store = new SqliteVectorStore({ path });
    expect(await store.ping()).toBe(true);
    store.close();
    expect(await store.ping()).toBe(false);
  });
});
