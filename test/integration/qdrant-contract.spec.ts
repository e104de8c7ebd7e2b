import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { VectorPoint } from '@baton/core';
import { QdrantVectorStore } from '@baton/vectors';
import { QdrantStandIn } from '../support/qdrant-stand-in/index.js';

const KEY = 'secret-key-of-qdrant';
let standIn: QdrantStandIn;
let store: QdrantVectorStore;
beforeAll(async () => {
  standIn = await QdrantStandIn.start({ apiKey: KEY });
});
afterAll(() => standIn.stop());
beforeEach(async () => {
  standIn.reset();
  store = new QdrantVectorStore({ url: standIn.url, apiKey: KEY, batchSize: 2 });
  await store.prepare('c', 2);
});

const point = (id: string): VectorPoint => ({
  id,
  tenantId: 'default',
  documentId: 'doc',
  vector: Float32Array.of(1, 0),
  payload: { text: id },
});
const query = { tenantId: 'default', vector: Float32Array.of(1, 0), limit: 3 };

async function send(method: string, path: string, body?: object): Promise<number> {
  const response = await fetch(standIn.url + path, {
    method,
    headers: { 'api-key': KEY, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return response.status;
}

describe('the stand-in', () => {
  test.each<[string, string, string, object | undefined, RegExp]>([
    [
      'an id that is none',
      'PUT',
      '/points?wait=true',
      { points: [{ id: 'd.0', vector: [1, 0] }] },
      /points\/0\/id must match format "uuid"/,
    ],
    ['a vector of text', 'PUT', '/points?wait=true', { points: [{ id: 1, vector: ['a', 'b'] }] }, /vector\/0 must be number/],
    [
      'a field that is not known',
      'POST',
      '/points/query',
      { query: [1, 0], with_paylod: true },
      /must NOT have additional properties \("with_paylod"\)/,
    ],
    ['a limit of nothing', 'POST', '/points/query', { query: [1, 0], limit: 0 }, /limit must be >= 1/],
    ['a condition that is none', 'POST', '/points/count', { filter: { must: [{ field: 'tenant_id' }] } }, /filter\/must\/0/],
    [
      'the same document twice',
      'POST',
      '/points/count',
      { filter: { must: [{ key: 'document_id', match: { any: ['a', 'a'] } }] } },
      /must NOT have duplicate items/,
    ],
    ['a parameter that is not known', 'PUT', '/points?await=true', { points: [] }, /`await` is not described/],
    ['a parameter of another type', 'PUT', '/points?wait=maybe', { points: [] }, /query wait must be boolean/],
    ['no body', 'POST', '/points/query', undefined, /has no body/],
    [
      'a filter without an index',
      'POST',
      '/points/count',
      { filter: { must: [{ key: 'title', match: { value: 'x' } }] } },
      /no index/,
    ],
    ['a path that is none', 'POST', '/points/find', {}, /is no operation/],
  ])('catches %s', async (_, method, path, body, problem) => {
    expect(standIn.violations).toEqual([]);
    expect(await send(method, `/collections/c${path}`, body)).toBe(400);
    expect(standIn.violations.join('\n')).toMatch(problem);
  });

  test('shows a write that was not waited for later only', async () => {
    const body = { points: [{ id: 1, vector: [1, 0], payload: { tenant_id: 'default' } }] };
    expect(await send('PUT', '/collections/c/points', body)).toBe(200);
    expect(await store.count('c', 'default')).toBe(0);
  });
});

describe('the adapter', () => {
  afterEach(() => expect(standIn.violations).toEqual([]));

  test('sets a collection up with indexes, also where another died before it had made them', async () => {
    expect(standIn.collections.get('c')!.indexes).toMatchObject({
      tenant_id: { params: { type: 'keyword', is_tenant: true } },
      document_id: { params: { type: 'keyword' } },
    });
    await send('PUT', '/collections/half', { vectors: { size: 2, distance: 'Cosine' } });
    await store.prepare('half', 2);
    expect(Object.keys(standIn.collections.get('half')!.indexes)).toEqual(['tenant_id', 'document_id']);
  });

  test('is one of many that set a collection up at once', async () => {
    await Promise.all(Array.from({ length: 5 }, () => store.prepare('d', 2)));
    expect(standIn.collections.get('d')!.size).toBe(2);
  });

  test('writes in batches, under ids that are the same each time', async () => {
    await store.upsert('c', ['a', 'b', 'c', 'd', 'e'].map(point));
    const first = [...standIn.collections.get('c')!.points.keys()];
    expect(standIn.requests.filter((request) => request === 'PUT /collections/c/points')).toHaveLength(3);
    await store.upsert('c', ['a', 'b', 'c', 'd', 'e'].map(point));
    expect([...standIn.collections.get('c')!.points.keys()]).toEqual(first);
  });

  test.each<[string, { status: number; headers?: Record<string, string> }, object]>([
    ['a server that is starting', { status: 503 }, { options: { retryable: true, retryAfterSeconds: 1 } }],
    ['too many requests', { status: 429, headers: { 'retry-after': '7' } }, { options: { retryable: true } }],
    ['a key that is refused', { status: 401 }, { options: { retryable: false }, remedy: 'Check QDRANT_API_KEY.' }],
  ])('says of %s that the vectors are not to be had', async (_, fault, expected) => {
    standIn.failNext(fault);
    await expect(store.search('c', query)).rejects.toMatchObject({ code: 'vectors_unavailable', ...expected });
    expect(await store.search('c', query)).toEqual([]);
  });

  test('waits for an answer no longer than its bound', async () => {
    const impatient = new QdrantVectorStore({ url: standIn.url, apiKey: KEY, timeoutMs: 100 });
    standIn.failNext({ status: null });
    await expect(impatient.search('c', query)).rejects.toMatchObject({
      code: 'vectors_unavailable',
      message: expect.stringContaining('in time'),
      options: { retryable: true },
    });
  });

  test('says what Qdrant has against a request, and that trying again is of no use', async () => {
    const other = new QdrantVectorStore({ url: standIn.url, apiKey: KEY });
    const wrong = other.search('c', { ...query, vector: Float32Array.of(1, 0, 0) });
    await expect(wrong).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('expected dim: 2, got 3'),
      options: { retryable: false },
    });
  });

  test('has no errors that show the key', async () => {
    const refused = new QdrantVectorStore({ url: standIn.url, apiKey: `${KEY}-wrong` });
    const error: unknown = await refused.list().catch((thrown: unknown) => thrown);
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(KEY);
    expect(await refused.ping()).toBe(false);
  });

  test('does not answer a ping where there is no server', async () => {
    const nowhere = new QdrantVectorStore({ url: 'http://127.0.0.1:1', timeoutMs: 500 });
    expect(await nowhere.ping()).toBe(false);
    await expect(nowhere.count('c', 'default')).rejects.toMatchObject({ code: 'vectors_unavailable' });
  });
});
