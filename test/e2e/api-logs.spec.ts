import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonObject, JsonValue } from '@baton/core';
import { startApi, type ApiServer } from '../support/api-server.js';
import { call, textOf } from '../support/client.js';
import { eventually } from '../support/eventually.js';

const SECRET = 'a-secret-of-the-operator';

describe('the logs of runs', () => {
  let target: Server;
  let api: ApiServer;
  let runId: string;
  let origin: string;

  const get = async (path: string): Promise<JsonObject> => (await call(api.url, 'GET', path)).body;
  const itemsOf = async (query = ''): Promise<JsonObject[]> =>
    (await get(`/api/v1/runs/${runId}/logs${query}`))['items'] as JsonObject[];

  beforeAll(async () => {
    target = createServer((_request, response) => void response.writeHead(response.req.url === '/ok' ? 200 : 404).end('no'));
    await new Promise<void>((resolve) => void target.listen(0, '127.0.0.1', resolve));
    const { port } = target.address() as AddressInfo;
    origin = `http://127.0.0.1:${port}`;
    const env = {
      HTTP_ALLOW: `127.0.0.1:${port}`,
      OPERATOR_KEY: SECRET,
      HTTP_SECRETS: JSON.stringify({ key: { env: 'OPERATOR_KEY', hosts: ['127.0.0.1'], plain_http: true } }),
      RUN_LOG_FLUSH_MS: '10',
    };
    api = await startApi({ worker: true, env });
    const http = (url: string): JsonValue => ({ url, method: 'GET' });
    const nodes: JsonObject[] = [
      { id: 'good', type: 'http', config: http(`${origin}/ok`) },
      { id: 'bad', type: 'http', depends_on: ['good'], config: http(`${origin}/${SECRET}`) },
    ];
    expect((await call(api.url, 'POST', '/api/v1/workflows', { name: 'calls', nodes })).status).toBe(201);
    runId = textOf((await call(api.url, 'POST', '/api/v1/runs', { workflow: 'calls' })).body, 'run_id');
    await eventually(async () => (await get(`/api/v1/runs/${runId}`))['status'] === 'failed', 'a failed run', 25_000);
    await eventually(async () => (await itemsOf()).length === 3, 'three lines', 25_000);
  }, 60_000);
  afterAll(async () => {
    await api.close();
    target.close();
  });

  it('say what nodes did and why one failed, without the secrets that the operator keeps', async () => {
    const items = await itemsOf();
    const { host } = new URL(origin);
    expect(items).toMatchObject([
      {
        level: 'info',
        node_id: 'good',
        visit: 1,
        attempt: 1,
        message: `GET ${host} answered 200`,
        fields: { host, status: 200 },
      },
      { level: 'warn', node_id: 'bad', message: `GET ${host} answered 404` },
      {
        level: 'error',
        node_id: 'bad',
        message: `Failed: GET ${origin}/[secret] answered 404.`,
        fields: { code: 'http_failed' },
      },
    ]);
    expect(JSON.stringify(items)).not.toContain(SECRET);
  });

  it('are read from a line on, of a node, and by how serious they are', async () => {
    const [first, second, third] = (await itemsOf()).map(({ n }) => Number(n));
    expect(await get(`/api/v1/runs/${runId}/logs?limit=2`)).toMatchObject({
      items: [{ n: first }, { n: second }],
      next_after: second,
    });
    expect(await get(`/api/v1/runs/${runId}/logs?limit=2&after=${second}`)).toMatchObject({
      items: [{ n: third }],
      next_after: null,
    });
    expect((await itemsOf('?node=bad')).map(({ n }) => n)).toEqual([second, third]);
    expect((await itemsOf('?level=error')).map(({ n }) => n)).toEqual([third]);
    expect(await itemsOf('?node=good&level=warn')).toEqual([]);
  });

  it.each([
    ['/api/v1/runs/none/logs', 404, 'run_not_found'],
    ['?level=loud', 400, 'invalid_request'],
    ['?after=-1', 400, 'invalid_request'],
    ['?limit=5000', 400, 'invalid_request'],
  ])('%s is %i %s', async (query, status, code) => {
    const path = query.startsWith('?') ? `/api/v1/runs/${runId}/logs${query}` : query;
    const reply = await call(api.url, 'GET', path);
    expect([reply.status, reply.body['code']]).toEqual([status, code]);
  });

  it('are not needed to see in the list why a run has failed', async () => {
    const listed = async (query: string) => ((await get(`/api/v1/runs?${query}`))['items'] as JsonObject[])[0]!;
    expect(await listed('why=true')).toMatchObject({
      ...{ id: runId, status: 'failed' },
      error: { code: 'http_failed', message: expect.stringContaining('answered 404') },
    });
    expect(await listed('limit=1')).not.toHaveProperty('error');
  });
});
