import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { JsonObject, JsonValue } from '@baton/core';
import { startApi, type ApiServer } from '../support/api-server.js';
import { call, textOf } from '../support/client.js';
import { eventually } from '../support/eventually.js';
import { handbook } from '../support/handbook.js';
import { QdrantStandIn } from '../support/qdrant-stand-in/index.js';

const PATH = '/api/rag/config';
const QUESTION = 'How often does a worker renew its lease?';

describe('the retrieval configuration', () => {
  let standIn: QdrantStandIn;
  let api: ApiServer;

  beforeAll(async () => {
    standIn = await QdrantStandIn.start({ apiKey: 'a-key' });
  });
  afterAll(() => standIn.stop());
  beforeEach(async () => {
    standIn.reset();
    api = await startApi({ worker: true, env: { QDRANT_URL: standIn.url, QDRANT_API_KEY: 'a-key' } });
    await call(api.url, 'POST', '/api/ingest', { documents: handbook() });
  });
  afterEach(async () => {
    await api.close();
    expect(standIn.violations).toEqual([]);
  });

  const read = async (): Promise<JsonObject> => (await call(api.url, 'GET', PATH)).body;
  const settled = (): Promise<JsonObject> =>
    eventually(async () => {
      const body = await read();
      return body['status'] === 'reembedding' ? null : body;
    }, 'the re-embedding run has ended');

  it('shows the defaults under both of its paths', async () => {
    const { status, body } = await call(api.url, 'GET', '/api/v1/rag/config');
    expect([status, body]).toEqual([200, await read()]);
    expect(body).toMatchObject({
      ...{ collection: 'baton', model: 'local-hash-v1', dimensions: 512, chunk_size: 1_200, chunk_overlap: 150, top_k: 5 },
      ...{ revision: 0, status: 'active', next: null, reembed_run_id: null, error: null },
    });
  });

  it('changes the number of passages at once', async () => {
    const reply = await call(api.url, 'PUT', PATH, { revision: 0, top_k: 2 });
    expect([reply.status, reply.body]).toMatchObject([200, { top_k: 2, revision: 1, status: 'active' }]);
    const found = await call(api.url, 'POST', '/api/search', { query: QUESTION });
    expect(found.body['items']).toHaveLength(2);
  });

  it('embeds everything anew after a change of model or size, by a run, and finds the same answer', async () => {
    const search = async (): Promise<JsonObject[]> =>
      (await call(api.url, 'POST', '/api/search', { query: QUESTION })).body['items'] as JsonObject[];
    const [before] = await search();
    const first = await call(api.url, 'PUT', PATH, { revision: 0, dimensions: 1_024 });
    expect(first.status).toBe(202);
    const runId = textOf(first.body, 'reembed_run_id');
    expect(first.headers.get('location')).toBe(`/api/v1/runs/${runId}`);
    expect(await settled()).toMatchObject({ dimensions: 1_024, revision: 2, status: 'active', next: null });
    const { body: run } = await call(api.url, 'GET', `/api/v1/runs/${runId}`);
    expect(run).toMatchObject({ status: 'completed', output: { collection: 'baton_local-hash-v1_1024_1200-150', documents: 6 } });
    const [after] = await search();
    expect(after!['text']).toBe(before!['text']);

    const second = await call(api.url, 'PUT', PATH, { revision: 2, chunk_size: 300, chunk_overlap: 0, collection: 'fine' });
    expect(second.status).toBe(202);
    expect(await settled()).toMatchObject({ collection: 'fine', chunk_size: 300, revision: 4, status: 'active' });
    // The first one is that of all who have no configuration.
    expect([...standIn.collections.keys()]).toEqual(['baton_local-hash-v1_512_1200-150', 'fine_local-hash-v1_1024_300-0']);
    expect(standIn.collections.get('baton_local-hash-v1_512_1200-150')!.points.size).toBe(0);
    expect((await search())[0]!['text']).toContain('every second');
  });

  it('refuses a stale revision, unknown fields, and settings that nothing can fulfil', async () => {
    expect(await call(api.url, 'PUT', PATH, { revision: 4, top_k: 1 })).toMatchObject({
      status: 409,
      body: { code: 'stale_revision', revision: 0 },
    });
    const bodies: JsonValue[] = [
      { top_k: 1 },
      { revision: 0, topk: 1 },
      { revision: 0, collection: 'a/b' },
      { revision: 0, dimensions: 300 },
    ];
    for (const body of bodies) {
      expect(await call(api.url, 'PUT', PATH, body)).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    }
  });

  it('answers 503 to a search while Qdrant is away', async () => {
    standIn.failNext({ status: 503 });
    const reply = await call(api.url, 'POST', '/api/search', { query: QUESTION });
    expect(reply).toMatchObject({ status: 503, body: { code: 'vectors_unavailable' } });
    expect(reply.headers.get('retry-after')).toBe('1');
  });
});

describe('a change to a model service', () => {
  /** What the service says to a request; null: nothing, for ever. */
  let status: number | null;
  let service: Server;
  let api: ApiServer;

  beforeEach(async () => {
    service = createServer((_, response) => {
      if (status !== null)
        response.writeHead(status, { 'content-type': 'application/json' }).end('{"error":{"message":"no such model"}}');
    });
    service.listen(0, '127.0.0.1');
    await once(service, 'listening');
    const { port } = service.address() as AddressInfo;
    api = await startApi({ worker: true, env: { OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`, EMBEDDING_PROVIDER: 'local' } });
    await call(api.url, 'POST', '/api/ingest', { documents: handbook() });
  });
  afterEach(async () => {
    service.closeAllConnections();
    service.close();
    await api.close();
  });

  const change = (revision: number, body: JsonObject) => call(api.url, 'PUT', PATH, { revision, ...body });
  const hasStatus = (wanted: string): Promise<JsonObject> =>
    eventually(async () => {
      const { body } = await call(api.url, 'GET', PATH);
      return body['status'] === wanted ? body : null;
    }, `the status is ${wanted}`);
  const finds = async (): Promise<void> => {
    const { body } = await call(api.url, 'POST', '/api/search', { query: QUESTION });
    expect((body['items'] as JsonObject[])[0]!['text']).toContain('every second');
  };

  it('that does not have the model fails with the reason, and leaves searches as they were', async () => {
    status = 404;
    expect((await change(0, { model: 'none', dimensions: 8 })).status).toBe(202);
    const failed = await hasStatus('failed');
    expect(failed).toMatchObject({ model: 'local-hash-v1', next: { model: 'none' }, error: { code: 'model_failed' } });
    await finds();
    expect((await change(1, { dimensions: 256 })).status).toBe(202);
    expect(await hasStatus('active')).toMatchObject({ dimensions: 256, error: null });
    await finds();
  });

  it('that does not answer can be cancelled, and then stands in the way of nothing', async () => {
    status = null;
    const reply = await change(0, { model: 'slow', dimensions: 8 });
    await eventually(async () => (await connections(service)) > 0, 'the service is asked');
    expect(await change(1, { top_k: 3 })).toMatchObject({ status: 409, body: { code: 'reembedding' } });
    await call(api.url, 'POST', `/api/v1/runs/${textOf(reply.body, 'reembed_run_id')}/cancel`, {});
    expect(await hasStatus('failed')).toMatchObject({ model: 'local-hash-v1', error: null });
    await finds();
    const { body } = await call(api.url, 'POST', '/api/ingest', { text: 'Quokkas smile.' });
    expect(body).toMatchObject({ ingested: 1 });
    expect(await change(1, { top_k: 3 })).toMatchObject({ status: 200, body: { status: 'active', top_k: 3 } });
  });
});

function connections(server: Server): Promise<number> {
  return new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
  );
}

it('is changed by an admin only', async () => {
  const env = { API_TOKEN_OPERATOR: 'an-operator-token', API_TOKEN_ADMIN: 'an-administrator' };
  const api = await startApi({ env });
  const as = (token: string) => ({ authorization: `Bearer ${token}` });
  const body = { revision: 0, top_k: 3 };
  expect((await call(api.url, 'PUT', PATH, body, as(env.API_TOKEN_OPERATOR))).status).toBe(403);
  expect((await call(api.url, 'GET', PATH, undefined, as(env.API_TOKEN_OPERATOR))).status).toBe(200);
  expect((await call(api.url, 'PUT', PATH, body, as(env.API_TOKEN_ADMIN))).status).toBe(200);
  await api.close();
});
