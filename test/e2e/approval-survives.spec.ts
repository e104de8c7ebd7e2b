import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import type { JsonObject } from '@baton/core';
import { call, textOf } from '../support/client.js';
import { startCluster, type Cluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { journalViolations, type SeenEvent } from '../support/journal-checks.js';
import { startBaton, type BatonProcess } from '../support/processes.js';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ apis: 1, workers: 1 });
}, 60_000);
afterAll(() => cluster.stop());

const NODES: JsonObject[] = [
  { id: 'ask', type: 'approval', config: { title: 'Ship it?' } },
  {
    id: 'yes',
    type: 'echo',
    depends_on: ['ask'],
    when: 'nodes.ask.output.approved',
    config: { by: '${{ nodes.ask.output.by }}' },
  },
  { id: 'no', type: 'echo', depends_on: ['ask'], when: '!nodes.ask.output.approved' },
];

const statusOf = async ({ url }: BatonProcess, runId: string): Promise<unknown> =>
  (await call(url, 'GET', `/api/v1/runs/${runId}`)).body['status'];

it('a run that waits for a person outlives every process and all of Redis, and takes the branch of the decision', async () => {
  const [first] = cluster.apis;
  expect((await call(first!.url, 'POST', '/api/v1/workflows', { name: 'asks', nodes: NODES })).status).toBe(201);
  const runId = textOf((await call(first!.url, 'POST', '/api/v1/runs', { workflow: 'asks' })).body, 'run_id');
  await eventually(async () => (await statusOf(first!, runId)) === 'waiting', 'the run waits');

  await Promise.all([...cluster.apis, ...cluster.workers].map((process) => process.kill()));
  const redis = new Redis(cluster.redis.url);
  await redis.flushall();
  redis.disconnect();

  const api = await startBaton('api', cluster.env);
  cluster.apis.push(api);
  const why = await call(api.url, 'GET', `/api/v1/runs/${runId}/why`);
  expect(why.body).toMatchObject({ code: 'waiting_for_approval', approval_id: `${runId}.1.ask` });
  const open = (await call(api.url, 'GET', '/approvals')).body['items'] as JsonObject[];
  expect(open).toMatchObject([{ id: `${runId}.1.ask`, status: 'open' }]);
  expect((await call(api.url, 'POST', `/approvals/${runId}.1.ask/decide`, { decision: 'approve' })).status).toBe(200);
  const codeOf = async (): Promise<unknown> => (await call(api.url, 'GET', `/api/v1/runs/${runId}/why`)).body['code'];
  await eventually(async () => (await codeOf()) === 'no_worker', 'the lease of the dead worker has ended');

  await cluster.addWorker();
  await eventually(async () => (await statusOf(api, runId)) === 'completed', 'the run has ended', 20_000);
  expect((await call(api.url, 'GET', `/api/v1/runs/${runId}`)).body['output']).toEqual({ yes: { by: 'local' } });
  const { body } = await call(api.url, 'GET', `/api/v1/runs/${runId}/journal`);
  expect(journalViolations(runId, body['items'] as unknown as SeenEvent[])).toEqual([]);
}, 90_000);
