import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { call, textOf } from '../support/client.js';
import { startCluster, type Cluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { publishChain } from '../support/workflows.js';

const GRACE_MS = 1_000;
/** The grace, what SQL and Redis may be waited for while runs are given back, and what each part may take to close. */
const ENDS_WITHIN_MS = 30_000;

let cluster: Cluster;
const proxies: TcpProxy[] = [];

beforeAll(async () => {
  cluster = await startCluster({ apis: 1, workers: 0 });
}, 60_000);
afterAll(async () => {
  await cluster.stop();
  await Promise.all(proxies.map((proxy) => proxy.close()));
});

async function led(url: string): Promise<string> {
  const proxy = await TcpProxy.start(Number(new URL(url).port));
  proxies.push(proxy);
  return proxy.through(url);
}

it('a worker ends by itself on SIGTERM though every link to SQL and Redis is half-open, and its run goes on elsewhere', async () => {
  const { url } = cluster.apis[0]!;
  const { DATABASE_URL: database, REDIS_URL: redis } = cluster.env;
  await publishChain(database!, 'slow', { nodes: 3, delayMs: 2_000 });
  const links = { DATABASE_URL: await led(database!), REDIS_URL: await led(redis!) };
  const worker = await cluster.addWorker({ ...links, SHUTDOWN_GRACE_MS: String(GRACE_MS) });
  const started = await call(url, 'POST', '/api/v1/runs', { workflow: 'slow', input: {} });
  const runId = textOf(started.body, 'run_id');
  const statusOf = async (): Promise<unknown> => (await call(url, 'GET', `/api/v1/runs/${runId}`)).body['status'];
  await eventually(async () => (await statusOf()) === 'running', 'the run is in work', 20_000);
  for (const proxy of proxies) proxy.swallow();
  const toldAt = performance.now();
  expect(await worker.terminate()).toBe(0);
  expect(performance.now() - toldAt).toBeLessThan(ENDS_WITHIN_MS);
  await cluster.addWorker();
  await eventually(async () => (await statusOf()) === 'completed', 'the run has ended', 40_000);
}, 150_000);
