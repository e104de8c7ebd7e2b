// `npm run demo:wipe`: 1,000 runs in flight, all of Redis flushed under them, then Redis killed and started again. All 1,000 end. The exit code
// says so.
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { call, textOf } from '../support/client.js';
import { eventually } from '../support/eventually.js';
import { startCluster, type Cluster } from '../support/cluster.js';
import { journalViolations, type SeenEvent } from '../support/journal-checks.js';
import { publishChain } from '../support/workflows.js';
import { ProgressLine } from './progress-line.js';

const RUNS = 1_000;
const CALLERS = 20;
const NODES = 6;
const NODE_MS = 500;
/** Runs that have ended when Redis is killed. */
const KILL_AT = 400;
const REDIS_AWAY_MS = 2_000;
const PATIENCE_MS = 120_000;

/** Runs of a status, as an API counts them in SQL. */
async function countRuns(url: string, status: 'running' | 'completed'): Promise<number> {
  const metrics = await fetch(`${url}/metrics`).then((response) => response.text());
  return Number(new RegExp(`^baton_runs\\{status="${status}"\\} (\\d+)`, 'm').exec(metrics)?.[1] ?? 0);
}

async function startRuns(url: string, line: ProgressLine): Promise<string[]> {
  const runIds: string[] = [];
  let begun = 0;
  const callers = Array.from({ length: CALLERS }, async () => {
    while ((begun += 1) <= RUNS) {
      const { status, body } = await call(url, 'POST', '/api/v1/runs', { workflow: 'relay', input: {} });
      if (status !== 202) throw new Error(`A run was not accepted: ${status} ${JSON.stringify(body)}`);
      line.show(runIds.push(textOf(body, 'run_id')), 'accepted');
    }
  });
  await Promise.all(callers);
  return runIds;
}

/** Deletes every key, and returns how many there were. */
async function flush(cluster: Cluster): Promise<number> {
  const redis = new Redis(cluster.redis.url);
  const keys = await redis.dbsize();
  await redis.flushall();
  redis.disconnect();
  return keys;
}

async function untilCompleted(url: string, wanted: number, line: ProgressLine): Promise<void> {
  const givesUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    const completed = await countRuns(url, 'completed');
    line.show(completed, 'ended');
    if (completed >= wanted) return;
    if (performance.now() > givesUpAt) throw new Error(`Only ${completed} of ${RUNS} runs have ended`);
    await pause(100);
  }
}

async function findViolations(url: string, runIds: readonly string[]): Promise<string[]> {
  const violations: string[] = [];
  for (const runId of runIds) {
    const { body } = await call(url, 'GET', `/api/v1/runs/${runId}/journal?limit=1000`);
    const events = body['items'] as unknown as SeenEvent[];
    const completed = events.filter(({ type }) => type === 'node.completed').length;
    violations.push(...journalViolations(runId, events));
    if (completed !== NODES) violations.push(`${runId}: ${completed} of ${NODES} nodes have completed`);
  }
  return violations;
}

async function demonstrate(cluster: Cluster): Promise<boolean> {
  const url = cluster.apis[0]!.url;
  await publishChain(cluster.env['DATABASE_URL']!, 'relay', { nodes: NODES, delayMs: NODE_MS });
  const line = new ProgressLine(RUNS);
  const runIds = await startRuns(url, line);
  await Promise.all([cluster.addWorker(), cluster.addWorker()]);
  const inWork = await eventually(() => countRuns(url, 'running'), 'runs are in work');
  line.say(`${RUNS} runs are in flight, ${inWork} of them in work on two workers that have just started.`);
  line.say(`FLUSHALL: ${await flush(cluster)} keys of Redis are gone, the queue with them.`);
  await untilCompleted(url, KILL_AT, line);
  await cluster.killRedis();
  line.say(`Redis is killed (-9), and away for ${REDIS_AWAY_MS / 1_000} s.`);
  await pause(REDIS_AWAY_MS);
  await cluster.restartRedis();
  line.say('Redis is started again.');
  await untilCompleted(url, RUNS, line);
  const violations = await findViolations(url, runIds);
  line.say(
    violations.length === 0
      ? `All ${RUNS} runs have ended, each of their ${RUNS * NODES} nodes completed exactly once.`
      : `Broken journals:\n${violations.slice(0, 10).join('\n')}`,
  );
  return violations.length === 0;
}

process.stdout.write('Starting MariaDB, Redis and an API …\n');
const cluster = await startCluster({ apis: 1, workers: 0 });
try {
  process.exitCode = (await demonstrate(cluster)) ? 0 : 1;
} finally {
  await cluster.stop();
}
