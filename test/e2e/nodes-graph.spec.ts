import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject, SignalType } from '@baton/core';
import { openDatabase, SqlRunStore } from '@baton/storage';
import { startApi } from '../support/api-server.js';
import { call, textOf } from '../support/client.js';
import { startCluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { journalViolations, type SeenEvent } from '../support/journal-checks.js';

const ITEMS = Array.from({ length: 20 }, (_, index) => index + 1);
const AT_ONCE = 4;

/** Nobody is there: what goes through it has gone wrong. */
const PROXY = { HTTP_PROXY: 'http://127.0.0.1:1', http_proxy: 'http://127.0.0.1:1', NODE_USE_ENV_PROXY: '1' };

/** Where a scenario plays. */
interface Deployment {
  url: string;
  databaseUrl: string;
  /** Happens while half of the items are done. */
  disturb(): Promise<void>;
  /** How often the map is then begun. */
  starts: number;
  stop(): Promise<void>;
}

/** What the items call: it doubles numbers, slowly, and remembers under which key it was asked. */
class Doubler {
  readonly keys: string[] = [];
  private server: Server | null = null;

  async start(): Promise<number> {
    this.server = createServer((request, response) => {
      this.keys.push(String(request.headers['idempotency-key']));
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { n } = JSON.parse(Buffer.concat(chunks).toString()) as { n: number };
        setTimeout(() => response.setHeader('content-type', 'application/json').end(JSON.stringify({ double: n * 2 })), 50);
      });
    }).listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return (this.server.address() as AddressInfo).port;
  }

  stop(): void {
    this.server?.close();
    this.server?.closeAllConnections();
  }
}

function definition(port: number): JsonObject {
  const item = {
    method: 'POST',
    url: `http://127.0.0.1:${port}/double`,
    json: { n: '${{ item }}' },
    output: 'response.body.double',
  };
  return {
    name: 'all-kinds',
    nodes: [
      { id: 'many', type: 'condition', config: { if: 'size(input.items) > 10', then: ['each'], else: ['few'] } },
      { id: 'few', type: 'transform', depends_on: ['many'], config: { value: 'few' } },
      {
        ...{ id: 'each', type: 'map', depends_on: ['many'] },
        config: { items: 'input.items', concurrency: AT_ONCE, body: { type: 'http', config: item } },
      },
      {
        ...{ id: 'thrice', type: 'loop', depends_on: ['each', 'few'] },
        config: {
          body: { type: 'transform', config: { expression: '(last == null ? 0.0 : last) + visit' } },
          until: 'visit == 3',
          max_visits: 5,
        },
      },
      { id: 'paid', type: 'wait', depends_on: ['thrice'], config: { event: 'paid', seconds: 3_600 } },
      { id: 'agreed', type: 'approval', depends_on: ['paid'], config: { title: 'Ship it?' } },
      {
        ...{ id: 'shipped', type: 'transform', depends_on: ['agreed', 'each'], when: 'nodes.agreed.output.approved' },
        config: {
          value: {
            doubles: '${{ nodes.each.output.items }}',
            visits: '${{ nodes.thrice.output.visits }}',
            sum: '${{ nodes.thrice.output.output }}',
            paid: '${{ nodes.paid.output.payload }}',
          },
        },
      },
      {
        id: 'refunded',
        type: 'transform',
        depends_on: ['agreed'],
        when: '!nodes.agreed.output.approved',
        config: { value: 'refunded' },
      },
    ],
  };
}

const DEPLOYMENTS: [string, (httpAllow: string) => Promise<Deployment>][] = [
  [
    'in one process on SQLite',
    async (httpAllow) => {
      const api = await startApi({ worker: true, env: { HTTP_ALLOW: httpAllow } });
      const databaseUrl = `sqlite:${join(api.dir, 'baton.sqlite')}`;
      return { url: api.url, databaseUrl, disturb: () => Promise.resolve(), starts: 1, stop: () => api.close() };
    },
  ],
  [
    'in several processes on MariaDB and BullMQ, a worker of which is killed',
    async (httpAllow) => {
      const cluster = await startCluster({ apis: 1, workers: 1, env: { HTTP_ALLOW: httpAllow, ...PROXY } });
      const disturb = async (): Promise<void> => {
        await cluster.workers[0]!.kill();
        await cluster.addWorker();
      };
      return {
        url: cluster.apis[0]!.url,
        databaseUrl: cluster.env['DATABASE_URL']!,
        disturb,
        starts: 2,
        stop: () => cluster.stop(),
      };
    },
  ],
];

describe.each(DEPLOYMENTS)('a workflow of all kinds of nodes, %s', (_, deploy) => {
  const doubler = new Doubler();
  let deployment: Deployment;
  let port: number;

  beforeAll(async () => {
    port = await doubler.start();
    deployment = await deploy(`127.0.0.1:${port}`);
  }, 60_000);
  afterAll(async () => {
    await deployment.stop();
    doubler.stop();
  });

  const get = async (path: string): Promise<JsonObject> => (await call(deployment.url, 'GET', path)).body;

  async function signal(runId: string, type: SignalType, payload: JsonObject): Promise<void> {
    const database = await openDatabase({ url: deployment.databaseUrl });
    await new SqlRunStore(database).signal(runId, type, payload, Date.now());
    await database.close();
  }

  /** The node for which the run waits. */
  async function waitsFor(runId: string, nodeId: string): Promise<void> {
    const asked = async (): Promise<boolean> => {
      const events = (await get(`/api/v1/runs/${runId}/journal?limit=1000`))['items'] as unknown as SeenEvent[];
      return events.some(({ type, node_id: id }) => type === 'node.suspended' && id === nodeId);
    };
    await eventually(asked, `the run waits for ${nodeId}`, 30_000);
    await eventually(async () => (await get(`/api/v1/runs/${runId}`))['status'] === 'waiting', 'the run is parked');
  }

  it('takes its branch, calls out for each item, repeats, waits for an event and a decision, and ends', async () => {
    const published = await call(deployment.url, 'POST', '/api/v1/workflows', definition(port));
    expect([published.status, published.body['validation_report']]).toMatchObject([201, { errors: [], warnings: [] }]);
    const started = await call(deployment.url, 'POST', '/api/v1/runs', { workflow: 'all-kinds', input: { items: ITEMS } });
    const runId = textOf(started.body, 'run_id');

    await eventually(() => doubler.keys.length >= ITEMS.length / 2, 'half of the items are called', 20_000);
    await deployment.disturb();
    await waitsFor(runId, 'paid');
    await signal(runId, 'event', { name: 'paid', payload: { sum: 7 } });
    await waitsFor(runId, 'agreed');
    await signal(runId, 'decide', { node_id: 'agreed', decision: 'approve' });
    await eventually(async () => (await get(`/api/v1/runs/${runId}`))['status'] === 'completed', 'the run ends', 20_000);

    const run = await get(`/api/v1/runs/${runId}`);
    expect(run['output']).toEqual({ shipped: { doubles: ITEMS.map((n) => n * 2), visits: 3, sum: 6, paid: { sum: 7 } } });
    const events = (await get(`/api/v1/runs/${runId}/journal?limit=1000`))['items'] as unknown as SeenEvent[];
    expect(journalViolations(runId, events)).toEqual([]);
    const skipped = events.filter(({ type }) => type === 'node.skipped').map(({ node_id: id }) => id);
    expect(new Set(skipped)).toEqual(new Set(['few', 'refunded']));
    expect(events.filter(({ type, node_id: id }) => type === 'node.started' && id === 'each')).toHaveLength(deployment.starts);
    expect([...new Set(doubler.keys)].sort()).toEqual(ITEMS.map((_item, index) => `${runId}/each/1/${index}`).sort());
    expect(doubler.keys.length).toBeLessThanOrEqual(ITEMS.length + AT_ONCE);
  }, 120_000);
});
