import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startCluster, type Cluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/services.js';
import { call } from '../support/client.js';

const TOKEN = 'a-viewer-token-of-the-tests';

describe('a worker process answers probes', () => {
  let cluster: Cluster;
  let url: string;

  beforeAll(async () => {
    const port = await freePort();
    cluster = await startCluster({ apis: 0, workers: 0, env: { API_TOKEN_VIEWER: TOKEN, WORKER_PORT: String(port) } });
    url = `http://127.0.0.1:${port}`;
    await cluster.addWorker();
  }, 60_000);
  afterAll(() => cluster.stop());

  it('lives, and is ready, without a token', async () => {
    expect(await call(url, 'GET', '/health')).toMatchObject({ status: 200, body: { status: 'ok' } });
    const ready = await call(url, 'GET', '/ready');
    expect(ready).toMatchObject({ status: 200, body: { status: 'ok', parts: { sql: { ok: true }, workers: { ok: true } } } });
  });

  it('gives its figures to a viewer, and nothing to anybody else', async () => {
    expect((await call(url, 'GET', '/metrics')).status).toBe(401);
    expect((await call(url, 'GET', '/nothing')).status).toBe(401);
    expect((await call(url, 'POST', '/ready')).status).toBe(405);
    const reply = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } });
    expect([reply.status, await reply.text()]).toEqual([200, expect.stringContaining('baton_lease_renewals_total')]);
  });

  it('says degraded while Redis is away', async () => {
    await cluster.killRedis();
    await eventually(async () => (await call(url, 'GET', '/ready')).body['status'] === 'degraded', 'readiness is degraded');
    await cluster.restartRedis();
    await eventually(async () => (await call(url, 'GET', '/ready')).body['status'] === 'ok', 'readiness is back', 20_000);
  }, 60_000);
});
