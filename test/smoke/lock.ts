// `npm run smoke:lock`: two posts at once for one task, over two APIs and two workers on real MariaDB and Redis: exactly one acquires the task,
// exactly one is refused. Told by the responses, the sentinels, the lock history and the metrics; the exit code says it.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { call, createTask } from '../support/client.js';
import { startCluster, type Cluster } from '../support/cluster.js';

const HOLD_SECONDS = 2;

interface Outcome {
  acquired: number;
  conflicts: number;
}

async function countMetric(cluster: Cluster, name: string): Promise<number> {
  const pages = await Promise.all(cluster.apis.map((api) => fetch(`${api.url}/metrics`).then((response) => response.text())));
  const line = new RegExp(`^${name}\\{[^}]*operation="submit"[^}]*\\} (\\d+)`, 'gm');
  return pages.flatMap((page) => [...page.matchAll(line)]).reduce((sum, match) => sum + Number(match[1]), 0);
}

function countLines(file: string, taskId: string, marker: string): number {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line.includes(`id=${taskId}`) && line.includes(marker)).length;
}

async function observe(cluster: Cluster, sentinels: string): Promise<Record<string, Outcome>> {
  const taskId = await createTask(cluster.apis[0]!.url, 'Lock smoke test');
  const replies = await Promise.all(
    cluster.apis.map((api) => call(api.url, 'POST', '/run-agents', { id: taskId, title: 'Lock smoke test' })),
  );
  const statuses = replies.map((reply) => reply.status);
  const history = await call(cluster.apis[0]!.url, 'GET', `/api/tasks/${taskId}/locks`);
  const submissions = (history.body['items'] as { operation: string; event: string }[]).filter(
    (lock) => lock.operation === 'submit',
  );
  return {
    responses: {
      acquired: statuses.filter((status) => status === 202).length,
      conflicts: statuses.filter((status) => status === 409).length,
    },
    sentinels: {
      acquired: countLines(join(sentinels, 'run_agents_lock_acquired.log'), taskId, 'LOCK_ACQUIRED'),
      conflicts: countLines(join(sentinels, 'run_agents_lock_conflict.log'), taskId, 'LOCK_CONFLICT'),
    },
    'lock history': {
      acquired: submissions.filter((lock) => lock.event === 'acquired').length,
      conflicts: submissions.filter((lock) => lock.event === 'conflict').length,
    },
    metrics: {
      acquired: await countMetric(cluster, 'baton_lock_acquired_total'),
      conflicts: await countMetric(cluster, 'baton_lock_conflicts_total'),
    },
  };
}

const sentinels = mkdtempSync(join(tmpdir(), 'baton-sentinels-'));
console.log('Starting two APIs and two workers on MariaDB and Redis…');
const cluster = await startCluster({
  apis: 2,
  workers: 2,
  env: { SENTINEL_DIR: sentinels, TEST_HOLD_SECONDS: String(HOLD_SECONDS) },
});
try {
  const seen = await observe(cluster, sentinels);
  for (const [source, { acquired, conflicts }] of Object.entries(seen)) {
    const isRight = acquired === 1 && conflicts === 1;
    console.log(`${isRight ? 'ok  ' : 'FAIL'} ${source}: ${acquired} acquired, ${conflicts} conflict`);
    if (!isRight) process.exitCode = 1;
  }
  console.log(process.exitCode === 1 ? 'FAIL' : 'PASS: exactly one acquired, exactly one conflict');
} finally {
  await cluster.stop();
  rmSync(sentinels, { recursive: true, force: true });
}
