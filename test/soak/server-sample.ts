import { createConnection, type RowDataPacket } from 'mysql2/promise';
import type { Stage } from '../chaos/stage.js';

/** What the servers hold for Baton. */
export interface ServerSample {
  redisKeys: number;
  redisMb: number;
  redisClients: number;
  sqlConnections: number;
  /** Rows of what is not finished, by name. */
  rows: Record<string, number>;
}

/** What must be gone once every run has ended, each as a condition on its table. */
const UNFINISHED: Readonly<Record<string, string>> = {
  runs: 'runs WHERE finished_at IS NULL',
  'runs held': 'runs WHERE finished_at IS NOT NULL AND wake_at IS NOT NULL',
  signals: 'signals',
  pool_jobs: 'pool_jobs',
  run_places: 'run_places',
  checkpoints: 'checkpoints',
  'approvals open': "approvals WHERE status = 'open'",
  'revisions waiting': "revisions WHERE status = 'waiting'",
  'tasks with a live run': 'tasks WHERE live_run_id IS NOT NULL',
  dead_letters: 'dead_letters',
  audit_findings: 'audit_findings',
};

/** Keys that a queue has as long as it is there, however little is in it. */
const LASTING = /^(\{baton\}:[\w-]+:(meta|events|id|stalled-check|marker|takers)|baton:\{baton\}:[\w-]+:known)$/;

export async function sampleServers(stage: Stage): Promise<ServerSample> {
  const [redis, sql] = await Promise.all([sampleRedis(stage), sampleSql(stage)]);
  return { ...redis, ...sql };
}

/** What is there and should not be, once every run has ended. Empty: nothing. */
export async function findLeftOvers(stage: Pick<Stage, 'databaseUrl' | 'withRedis'>): Promise<string[]> {
  const { rows } = await sampleSql(stage);
  const keys = await stage.withRedis((redis) => redis.keys('*'));
  return [
    ...Object.entries(rows).flatMap(([name, count]) => (count === 0 ? [] : [`${count} rows: ${name}`])),
    ...keys.filter((key) => !LASTING.test(key)).map((key) => `Redis key ${key}`),
  ];
}

async function sampleRedis(stage: Stage): Promise<Pick<ServerSample, 'redisKeys' | 'redisMb' | 'redisClients'>> {
  return stage.withRedis(async (redis) => {
    const [keys, info] = [await redis.dbsize(), await redis.info()];
    const figure = (name: string): number => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1]);
    return { redisKeys: keys, redisMb: figure('used_memory') / 1_048_576, redisClients: figure('connected_clients') - 1 };
  });
}

async function sampleSql({ databaseUrl }: Pick<Stage, 'databaseUrl'>): Promise<Pick<ServerSample, 'sqlConnections' | 'rows'>> {
  const connection = await createConnection(databaseUrl);
  try {
    const counts = Object.values(UNFINISHED).map((condition) => `(SELECT COUNT(*) FROM ${condition})`);
    const [[found]] = await connection.query<RowDataPacket[]>({ sql: `SELECT ${counts.join(', ')}`, rowsAsArray: true });
    const [[status]] = await connection.query<RowDataPacket[]>(`SHOW STATUS LIKE 'Threads_connected'`);
    const rows = Object.fromEntries(Object.keys(UNFINISHED).map((name, index) => [name, Number(found![index])]));
    return { sqlConnections: Number(status!['Value']) - 1, rows };
  } finally {
    await connection.end();
  }
}
