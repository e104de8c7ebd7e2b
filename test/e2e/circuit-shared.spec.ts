import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { call, textOf, type Reply } from '../support/client.js';
import { startCluster, type Cluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import type { SeenEvent } from '../support/journal-checks.js';

describe('the circuit of a target, at several workers', () => {
  let cluster: Cluster;
  let api: string;
  let server: Server;
  let origin: string;
  let hits = 0;
  let status = 503;

  beforeAll(async () => {
    server = createServer((_request, response) => {
      hits += 1;
      response.writeHead(status, { 'content-type': 'application/json' }).end('{"ok":true}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    cluster = await startCluster({ apis: 1, workers: 1, env: { HTTP_ALLOW: new URL(origin).host } });
    api = cluster.apis[0]!.url;
  }, 60_000);
  afterAll(async () => {
    await cluster.stop();
    server.close();
  });

  const definition = () => ({
    name: 'caller',
    circuit_breaker: { failure_threshold: 3, timeout: 5 },
    nodes: ['a', 'b', 'c'].map((id) => ({
      ...{ id, type: 'http', config: { url: `${origin}/${id}` } },
      retry: { max_attempts: 20, backoff: 'fixed', initial_ms: 100, jitter: 0 },
    })),
  });

  async function start(): Promise<string> {
    const reply = await call(api, 'POST', '/api/v1/runs', { workflow: 'caller', input: {} });
    return textOf(reply.body, 'run_id');
  }

  async function target(): Promise<Reply['body']> {
    const { body } = await call(api, 'GET', '/api/v1/health/targets');
    const items = body['items'] as Reply['body'][];
    return items.find((item) => item['target'] === origin) ?? {};
  }

  async function whyOf(runId: string): Promise<Reply['body']> {
    return (await call(api, 'GET', `/api/v1/runs/${runId}`)).body['why'] as Reply['body'];
  }

  async function refusals(runId: string): Promise<SeenEvent[]> {
    const { body } = await call(api, 'GET', `/api/v1/runs/${runId}/journal?limit=1000`);
    return (body['items'] as unknown as SeenEvent[]).filter((event) => JSON.stringify(event).includes('"circuit_open"'));
  }

  it('keeps the second worker from calling what the first one found dead, and lets one call try', async () => {
    expect((await call(api, 'POST', '/api/v1/workflows', definition())).status).toBe(201);
    const first = await start();
    await eventually(async () => (await target())['state'] === 'open', 'the circuit is open');
    expect(await target()).toMatchObject({ last_error: { message: expect.stringContaining('answered 503') } });
    await cluster.workers[0]!.kill();
    const before = hits;

    await cluster.addWorker();
    const second = await start();
    await eventually(async () => (await refusals(second)).length > 0, 'the second worker has refused a call', 20_000);
    await eventually(async () => (await whyOf(second))['code'] === 'circuit_open', 'the run says why it waits');
    expect(await whyOf(second)).toMatchObject({ target: origin });
    // At most one call in each five seconds has tried.
    expect(hits - before).toBeLessThanOrEqual(2);

    status = 200;
    for (const runId of [first, second]) {
      const ended = async () => (await call(api, 'GET', `/api/v1/runs/${runId}`)).body['status'] === 'completed';
      await eventually(ended, 'the run goes on when the target is back', 40_000);
    }
    await eventually(async () => (await target())['state'] === 'closed', 'the circuit is closed');
    await eventually(async () => ((await target())['window'] as { calls: number }).calls > 0, 'the calls are told', 20_000);
  }, 120_000);
});
