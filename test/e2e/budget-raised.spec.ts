import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { JsonObject } from '@baton/core';
import { isSettled } from '../support/budget-holds.js';
import { call, textOf } from '../support/client.js';
import { startCluster, type Cluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';

const RUNS = 6;

const ASKING: JsonObject = {
  name: 'asking',
  nodes: [{ id: 'ask', type: 'agent', config: { role: 'clerk', instructions: 'Say how long.', max_tokens: 50 } }],
};

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ apis: 2, workers: 1, env: {} });
}, 90_000);
afterAll(() => cluster.stop());

it('the runs of a tenant that wait for its budget go on once it is raised, though the API dies with the answer', async () => {
  const [first, second] = cluster.apis.map(({ url }) => url) as [string, string];
  const raise = (url: string, calls: number) => call(url, 'PUT', '/api/v1/budget', { day: { model_calls: calls } });
  const itemsOf = async (path: string): Promise<JsonObject[]> => (await call(second, 'GET', path)).body['items'] as JsonObject[];
  const inStatus = async (status: string): Promise<number> => (await itemsOf(`/api/v1/runs?status=${status}`)).length;
  await raise(first, 2);
  expect((await call(first, 'POST', '/api/v1/workflows', ASKING)).status).toBe(201);
  for (let run = 0; run < RUNS; run += 1) {
    expect((await call(first, 'POST', '/api/v1/runs', { workflow: 'asking', input: { question: 'How long?' } })).status).toBe(
      202,
    );
  }
  await eventually(async () => (await inStatus('waiting')) === RUNS - 2, 'all but two wait', 30_000);
  expect(await inStatus('completed')).toBe(2);

  await raise(first, 3);
  await eventually(async () => (await inStatus('completed')) === 3, 'one goes on', 30_000);
  const [granted] = await itemsOf('/api/v1/approvals?status=decided');
  expect(granted).toMatchObject({
    kind: 'budget',
    decision: 'approve',
    decided_by: 'baton',
    comment: expect.stringContaining('room'),
  });
  expect([await inStatus('waiting'), (await itemsOf('/api/v1/approvals')).length]).toEqual([3, 3]);

  // Nobody is there who could wake them when it is raised, and who has raised it is gone.
  await cluster.workers[0]!.kill();
  expect((await raise(first, 100)).status).toBe(200);
  await cluster.apis[0]!.kill();
  await cluster.addWorker();
  await eventually(async () => (await inStatus('completed')) === RUNS, 'all have gone on', 60_000);
  expect(await itemsOf('/api/v1/approvals')).toEqual([]);
  const decided = await itemsOf('/api/v1/approvals?status=decided');
  expect(new Set(decided.map((approval) => textOf(approval, 'run_id'))).size).toBe(RUNS - 2);
  const used = { amount: 'model_calls', limit: 100, used: RUNS, held: 0 };
  await eventually(async () => isSettled((await call(second, 'GET', '/api/v1/budget')).body), 'settled', 30_000);
  expect((await call(second, 'GET', '/api/v1/budget')).body).toMatchObject({ periods: [{ period: 'day', amounts: [used] }] });
}, 180_000);
