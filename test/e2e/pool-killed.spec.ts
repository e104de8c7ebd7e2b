import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import type { JsonObject } from '@baton/core';
import { EffectLedger } from '../chaos/effect-ledger.js';
import { call } from '../support/client.js';
import { startCluster, type Cluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { journalViolations } from '../support/journal-checks.js';
import { LiveRun } from '../support/live-run.js';

const ITEMS = 8;
const POOL = { WORKER_POOLS: 'gpu', WORKER_RUNS: 'false' };

/** Effects one after the other, each a step of a node that only workers of the pool execute. */
const NODES: JsonObject[] = [
  { id: 'before', type: 'echo' },
  {
    ...{ id: 'effects', type: 'map', pool: 'gpu', depends_on: ['before'], retry: { max_attempts: 1 } },
    config: {
      ...{ items: Array.from({ length: ITEMS }, (_, item) => item), concurrency: 1 },
      body: { type: 'effect', config: { delay_ms: 250 } },
    },
  },
  { id: 'after', type: 'transform', depends_on: ['effects'], config: { expression: 'size(nodes.effects.output.items)' } },
];

let ledger: EffectLedger;
let cluster: Cluster;

beforeAll(async () => {
  ledger = await EffectLedger.open();
  cluster = await startCluster({ apis: 1, workers: 1, env: { EFFECT_SINK_URL: ledger.url } });
}, 60_000);
afterAll(async () => {
  await cluster.stop();
  ledger.close();
});

const metric = async (pattern: RegExp): Promise<number> => {
  const text = await fetch(`${cluster.apis[0]!.url}/metrics`).then((response) => response.text());
  return Number(pattern.exec(text)?.[1] ?? Number.NaN);
};

it('a node of a pool waits for the first worker, outlives its death and an empty Redis, and repeats no finished step', async () => {
  const { url } = cluster.apis[0]!;
  expect((await call(url, 'POST', '/api/v1/workflows', { name: 'pooled', nodes: NODES })).status).toBe(201);
  const run = await LiveRun.start([url], 'pooled', null);
  await run.untilWhy('no_worker_for_pool');
  expect(await run.get('/why')).toMatchObject({ node_id: 'effects', pool: 'gpu', sentence: expect.stringContaining('gpu') });
  expect(await run.get()).toMatchObject({ status: 'waiting' });

  const dying = await cluster.addWorker(POOL);
  await run.untilWhy('waiting_for_pool');
  await eventually(() => ledger.effects.length >= 3, 'three steps are done', 20_000);
  expect((await run.get('/why'))['worker_id']).toBeDefined();
  expect(await metric(/^baton_pool_queue_depth\{pool="gpu",state="active"\} (\d+)/m)).toBe(1);
  const board = (await fetch(`${url}/admin/queues/api/queues`).then((response) => response.json())) as {
    queues: { name: string }[];
  };
  expect(board.queues.map(({ name }) => name).sort()).toEqual(['dead-letters', 'pool-gpu', 'runs']);
  await dying.kill();
  const redis = new Redis(cluster.redis.url);
  await redis.flushall();
  redis.disconnect();
  expect(ledger.effects.length).toBeLessThan(ITEMS);

  await cluster.addWorker(POOL);
  expect(await run.untilEnded(30_000)).toMatchObject({ status: 'completed', output: ITEMS });
  const journal = await run.journal();
  expect(journalViolations(run.id, journal)).toEqual([]);
  const ofNode = journal.filter(({ node_id: id }) => id === 'effects').map(({ type }) => type);
  expect(ofNode).toEqual(['node.dispatched', ...Array.from({ length: ITEMS }, () => 'step.completed'), 'node.completed']);
  const keys = new Set(ledger.effects.map(({ key }) => key));
  expect([...keys].sort()).toEqual(Array.from({ length: ITEMS }, (_, item) => `${run.id}/effects/1/${item}`));
  // Only what was in work at the kill may have come twice.
  expect(ledger.effects.length).toBeLessThanOrEqual(ITEMS + 1);
}, 90_000);

it('a pause reaches a node that is in work in a pool, and nothing of it is lost', async () => {
  const { url } = cluster.apis[0]!;
  const run = await LiveRun.start([url], 'pooled', null);
  const done = (): number => ledger.effects.filter(({ runId }) => runId === run.id).length;
  await eventually(() => done() >= 2, 'two steps are done', 20_000);
  expect((await run.post('/pause')).status).toBe(200);
  const atPause = done();
  await run.post('/resume');
  expect(await run.untilEnded(30_000)).toMatchObject({ status: 'completed', output: ITEMS });
  expect(atPause).toBeLessThan(ITEMS);
  expect(done()).toBeLessThanOrEqual(ITEMS + 1);
  expect((await run.journal()).filter(({ type }) => type === 'node.interrupted')).toHaveLength(1);
}, 60_000);

it('cancel ends a run whose node is in work in a pool, and stops the node', async () => {
  const { url } = cluster.apis[0]!;
  const run = await LiveRun.start([url], 'pooled', null);
  const done = (): number => ledger.effects.filter(({ runId }) => runId === run.id).length;
  await eventually(() => done() >= 2, 'two steps are done', 20_000);
  expect((await run.post('/cancel')).status).toBe(200);
  await run.untilStatus('cancelled');
  await eventually(
    async () => (await metric(/^baton_pool_queue_depth\{pool="gpu",state="active"\} (\d+)/m)) === 0,
    'the job has ended',
  );
  expect(done()).toBeLessThan(ITEMS);
}, 60_000);
