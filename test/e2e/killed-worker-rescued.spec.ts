import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { call, textOf } from '../support/client.js';
import { startCluster, type Cluster } from '../support/cluster.js';
import { openEvents } from '../support/event-stream.js';
import { eventually } from '../support/eventually.js';
import { journalViolations, type SeenEvent } from '../support/journal-checks.js';
import { startBaton, type BatonProcess } from '../support/processes.js';
import type { Service } from '../support/services.js';
import { publishChain } from '../support/workflows.js';

/** Far above what it takes, and below the lease's TTL of 5 s. */
const MOVES_WITHIN_MS = 3_000;
const RUNS = 20;

const subscribers: Redis[] = [];

type SeenAt = SeenEvent & { at: string; payload: { worker_id?: string } };

async function journalOf(api: string, runId: string): Promise<SeenAt[]> {
  const { body } = await call(api, 'GET', `/api/v1/runs/${runId}/journal?limit=1000`);
  return body['items'] as unknown as SeenAt[];
}

async function startRuns(api: string, workflow: string): Promise<string[]> {
  const replies = await Promise.all(
    Array.from({ length: RUNS }, () => call(api, 'POST', '/api/v1/runs', { workflow, input: {} })),
  );
  return replies.map(({ body }) => textOf(body, 'run_id'));
}

async function newestRun(api: string): Promise<string | undefined> {
  const { body } = await call(api, 'GET', '/api/v1/runs');
  return (body['items'] as unknown as { id: string }[])[0]?.id;
}

/** What is rung from now on, as it goes through Redis. */
async function ringsOf(redis: Service): Promise<string[]> {
  const seen: string[] = [];
  const subscriber = new Redis(redis.url);
  subscriber.on('message', (_, text) => seen.push(text));
  await subscriber.subscribe('{baton}:doorbell');
  subscribers.push(subscriber);
  return seen;
}

const holds = (events: readonly SeenAt[]): boolean => events.some(({ type }) => type === 'node.started');

/** The claims after an instant, in milliseconds since then. */
function claimsAfter(events: readonly SeenAt[], instant: number): number[] {
  const claims = events.filter(({ type, at }) => type === 'run.claimed' && Date.parse(at) >= instant);
  return claims.map(({ at }) => Date.parse(at) - instant);
}

async function untilEnded(api: string, runIds: readonly string[]): Promise<void> {
  for (const runId of runIds) {
    const hasEnded = async (): Promise<boolean> =>
      (await call(api, 'GET', `/api/v1/runs/${runId}`)).body['status'] === 'completed';
    await eventually(hasEnded, `run ${runId} has ended`, 30_000);
  }
}

describe('the runs of a worker that is killed', () => {
  let cluster: Cluster | null = null;
  let standalone: BatonProcess | null = null;

  afterEach(async () => {
    for (const subscriber of subscribers.splice(0)) subscriber.disconnect();
    await Promise.all([cluster?.stop(), standalone?.kill()]);
    cluster = standalone = null;
  });

  it('move to another worker long before the lease of the dead one ends', async () => {
    cluster = await startCluster({ apis: 1, workers: 2 });
    const api = cluster.apis[0]!.url;
    await publishChain(cluster.env['DATABASE_URL']!, 'slow-chain', { nodes: 4, delayMs: 1_500 });
    const runIds = await startRuns(api, 'slow-chain');
    await eventually(
      async () => (await Promise.all(runIds.map((id) => journalOf(api, id)))).every(holds),
      'all runs are in work',
    );
    const victim = cluster.workers[0]!;
    const { body } = await call(api, 'GET', '/api/v1/workers');
    const workers = body['items'] as unknown as { id: string; pid: number }[];
    const { id: victimId } = workers.find(({ pid }) => pid === victim.child.pid)!;
    const before = await Promise.all(runIds.map((id) => journalOf(api, id)));
    const isItsRun = (events: readonly SeenAt[]): boolean =>
      events.some(({ type, payload }) => type === 'run.claimed' && payload.worker_id === victimId);
    const orphans = runIds.filter((_, index) => isItsRun(before[index]!));
    expect(orphans.length).toBeGreaterThan(0);

    const killedAt = Date.now();
    await victim.kill();
    await untilEnded(api, runIds);
    const journals = new Map(await Promise.all(runIds.map(async (id) => [id, await journalOf(api, id)] as const)));
    expect([...journals].flatMap(([id, events]) => journalViolations(id, events))).toEqual([]);
    const claims = orphans.flatMap((id) => claimsAfter(journals.get(id)!, killedAt));
    expect(claims).toHaveLength(orphans.length);
    expect(Math.max(...claims)).toBeLessThan(MOVES_WITHIN_MS);
    // Nobody else's runs were touched.
    expect(runIds.filter((id) => !orphans.includes(id)).flatMap((id) => claimsAfter(journals.get(id)!, killedAt))).toEqual([]);
  }, 90_000);

  it('are known to have ended by who waits for them, though it was killed before it rang', async () => {
    // Long enough that nobody learns of anything by looking for himself.
    cluster = await startCluster({ apis: 1, workers: 0, env: { DOORBELL_HEALTHY_POLL_MS: '60000' } });
    const api = cluster.apis[0]!.url;
    await cluster.addWorker({ WORKER_RUNS: 'false', WORKER_POOLS: 'none' });
    const victim = await cluster.addWorker({ FAULT_POINTS: 'advance.afterEnd:1' });
    await publishChain(cluster.env['DATABASE_URL']!, 'slow', { nodes: 1, delayMs: 1_500 });
    const rung = await ringsOf(cluster.redis);

    const killed = once(victim.child, 'exit').then(() => performance.now());
    const waiting = call(api, 'POST', '/api/v1/runs', { workflow: 'slow', input: {} }, { prefer: 'wait=30' });
    const answeredAt = waiting.then(() => performance.now());
    const runId = await eventually(async () => (await newestRun(api)) ?? null, 'the run is accepted');
    const stream = await openEvents(`${api}/api/v1/runs/${runId}/events`);
    const endedAt = stream.ended().then(() => performance.now());

    const since = await killed;
    expect(await waiting).toMatchObject({ status: 200, body: { status: 'completed' } });
    expect((await answeredAt) - since).toBeLessThan(MOVES_WITHIN_MS);
    expect((await endedAt) - since).toBeLessThan(MOVES_WITHIN_MS);
    expect(stream.text).toContain('run.completed');
    expect(rung.filter((text) => text.includes('"ended":true'))).toEqual([]);
    expect(rung.filter((text) => text.includes('"death"'))).toHaveLength(1);
  }, 90_000);

  it.each(['memory', 'bullmq'])(
    'go on at once when the embedded default is killed and started again (queue: %s)',
    async (queue) => {
      const dataDir = mkdtempSync(join(tmpdir(), 'baton-killed-'));
      const env = { DATA_DIR: dataDir, QUEUE: queue, OPENAI_API_KEY: '' };
      standalone = await startBaton('standalone', env);
      await publishChain(`sqlite:${join(dataDir, 'baton.sqlite')}`, 'slow-chain', { nodes: 3, delayMs: 1_500 });
      const runIds = await startRuns(standalone.url, 'slow-chain');
      const { url } = standalone;
      await eventually(
        async () => (await Promise.all(runIds.map((id) => journalOf(url, id)))).every(holds),
        'all runs are in work',
      );
      await standalone.kill();
      standalone = await startBaton('standalone', env);
      const readyAt = Date.now();
      const api = standalone.url;
      await untilEnded(api, runIds);
      for (const id of runIds) {
        const events = await journalOf(api, id);
        expect(journalViolations(id, events)).toEqual([]);
        const claimedAt = events.filter(({ type }) => type === 'run.claimed').map(({ at }) => Date.parse(at));
        expect(claimedAt).toHaveLength(2);
        expect(claimedAt[1]! - readyAt).toBeLessThan(MOVES_WITHIN_MS);
      }
      rmSync(dataDir, { recursive: true, force: true });
    },
    90_000,
  );
});
