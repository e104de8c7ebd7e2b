import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { JsonObject } from '@baton/core';
import { call } from '../support/client.js';
import { startCluster, type Cluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { LiveRun } from '../support/live-run.js';

const RUNS = 4;
const VISITS = 60;
const LIMIT = 10_000;

/** Asks a model again and again. */
const LOOPING: JsonObject = {
  name: 'looping',
  nodes: [
    {
      id: 'again',
      type: 'loop',
      config: {
        ...{ until: `visit >= ${VISITS}`, max_visits: 100 },
        body: { type: 'agent', config: { role: 'clerk', instructions: 'Say how long.', max_tokens: 50 } },
      },
    },
  ],
};

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ apis: 1, workers: 2, env: {} });
}, 60_000);
afterAll(() => cluster.stop());

interface Standing {
  used: number;
  held: number;
}

it('the budget of a tenant counts every call that is journaled once, though its worker is killed', async () => {
  const { url } = cluster.apis[0]!;
  expect((await call(url, 'PUT', '/api/v1/budget', { month: { model_calls: LIMIT } })).status).toBe(200);
  expect((await call(url, 'POST', '/api/v1/workflows', LOOPING)).status).toBe(201);
  const standing = async (): Promise<Standing> => {
    const { body } = await call(url, 'GET', '/api/v1/budget');
    const [month] = body['periods'] as unknown as [{ amounts: [Standing] }];
    return month.amounts[0];
  };
  const runs = await Promise.all(Array.from({ length: RUNS }, () => LiveRun.start([url], 'looping', { question: 'How long?' })));
  await eventually(async () => (await standing()).used >= RUNS * 3, 'calls are made', 30_000);
  await cluster.workers[0]!.kill();
  for (const run of runs) expect(await run.untilEnded(60_000)).toMatchObject({ status: 'completed' });
  // The sweeper of the worker that lives ends what the other one held.
  await eventually(async () => (await standing()).held === 0, 'nothing is held', 60_000);
  const { body: usage } = await call(url, 'GET', '/api/v1/usage?group_by=');
  expect((usage['total'] as JsonObject)['model_calls']).toBe(RUNS * VISITS);
  expect((await standing()).used).toBe(RUNS * VISITS);
}, 180_000);
