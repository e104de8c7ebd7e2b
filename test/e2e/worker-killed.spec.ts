import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openDatabase } from '@baton/storage';
import { call, textOf } from '../support/client.js';
import { startCluster, type Cluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { journalViolations, type SeenEvent } from '../support/journal-checks.js';
import { publishChain } from '../support/workflows.js';

describe('a worker that is killed', () => {
  let cluster: Cluster;
  let api: string;

  beforeAll(async () => {
    cluster = await startCluster({ apis: 1, workers: 1, env: { WORKER_CONCURRENCY: '50' } });
    api = cluster.apis[0]!.url;
  }, 60_000);
  afterAll(() => cluster.stop());

  async function journalOf(runId: string): Promise<SeenEvent[]> {
    const { body } = await call(api, 'GET', `/api/v1/runs/${runId}/journal?limit=1000`);
    return body['items'] as unknown as SeenEvent[];
  }

  async function startRun(workflow: string): Promise<string> {
    const reply = await call(api, 'POST', '/api/v1/runs', { workflow, input: {} });
    expect(reply.status).toBe(202);
    return textOf(reply.body, 'run_id');
  }

  const completedNodes = (events: readonly SeenEvent[]): (string | null)[] =>
    events.filter((event) => event.type === 'node.completed').map((event) => event.node_id);

  it('leaves a run that the next worker takes up at the node where it was', async () => {
    await publishChain(cluster.env['DATABASE_URL']!, 'slow-chain', { nodes: 5, delayMs: 400 });
    const runId = await startRun('slow-chain');
    await eventually(async () => completedNodes(await journalOf(runId)).length >= 2, 'two nodes have completed');
    await cluster.workers[0]!.kill();
    const before = await journalOf(runId);
    expect(completedNodes(before).length).toBeLessThan(5);

    await cluster.addWorker();
    await eventually(
      async () => (await call(api, 'GET', `/api/v1/runs/${runId}`)).body['status'] === 'completed',
      'the run has ended',
      20_000,
    );

    const after = await journalOf(runId);
    expect(after.slice(0, before.length)).toEqual(before);
    expect(journalViolations(runId, after)).toEqual([]);
    expect(completedNodes(after)).toEqual(['n1', 'n2', 'n3', 'n4', 'n5']);
    expect(after.filter((event) => event.type === 'run.claimed').map((event) => event.epoch)).toEqual([1, 2]);
  }, 60_000);

  it('loses none of 1,000 runs through three kills and a flush of Redis, and runs no finished node twice', async () => {
    await publishChain(cluster.env['DATABASE_URL']!, 'chain', { nodes: 4, delayMs: 20 });
    const { Redis } = await import('ioredis');
    const redis = new Redis(cluster.redis.url);
    const total = 1_000;
    const runIds: string[] = [];
    const submitters = Array.from({ length: 20 }, async () => {
      while (runIds.length < total) {
        const slot = runIds.push('') - 1;
        runIds[slot] = await startRun('chain');
      }
    });
    const database = await openDatabase({ url: cluster.env['DATABASE_URL']!, poolSize: 1 });
    const finished = async (): Promise<number> => {
      const [row] = await database.read<{ n: number | string }>('SELECT COUNT(*) AS n FROM runs WHERE status = ?', ['completed']);
      return Number(row!.n);
    };
    const kills = [150, 350, 650];
    for (const [round, threshold] of kills.entries()) {
      await eventually(async () => (await finished()) >= threshold, `${threshold} runs have ended`, 60_000);
      await cluster.workers.at(-1)!.kill();
      if (round === 1) await redis.flushall();
      await cluster.addWorker();
    }
    redis.disconnect();
    await Promise.all(submitters);
    // One more completed run stands there from the test before.
    await eventually(async () => (await finished()) >= total + 1, 'all runs have ended', 60_000);
    await database.close();

    const violations: string[] = [];
    let recovered = 0;
    for (const runId of runIds) {
      const events = await journalOf(runId);
      violations.push(...journalViolations(runId, events));
      if (events.filter((event) => event.type === 'run.claimed').length > 1) recovered += 1;
      if (completedNodes(events).length !== 4) violations.push(`${runId}: ${completedNodes(events).length} nodes completed`);
    }
    expect(violations).toEqual([]);
    // The kills did hit: at least one run a kill had to be taken up by another worker.
    expect(recovered).toBeGreaterThanOrEqual(kills.length);
  }, 180_000);
});
