import { Redis } from 'ioredis';
import { createConnection } from 'mysql2/promise';
import type { RunShape, StageAddress } from '../bench-client.js';
import { CommitGroup, ENDED_CHANNEL, QUEUE_KEY } from './floor-schema.js';

/** The worker process: `floor-worker.js <address as JSON>`. */
const { databaseUrl, redisUrl } = JSON.parse(process.argv[2]!) as StageAddress;

const CONCURRENCY = 200;
const sql = await createConnection({ uri: databaseUrl, multipleStatements: true });
const redis = new Redis(redisUrl);
const popper = new Redis(redisUrl);
let active = 0;
let roomMade = (): void => undefined;

const journal = new CommitGroup<{ id: string; seq: number; output: string; last: boolean }>(async (results) => {
  const rows = results.map(({ id, seq, output }) => `('${id}',${seq},'step.completed','${output}')`);
  const ends = results.filter(({ last }) => last).map(({ id }) => id);
  const insert = `INSERT INTO journal VALUES ${rows.join()}`;
  if (ends.length === 0) {
    await sql.query(insert);
    return;
  }
  await sql.query(`BEGIN; ${insert}; UPDATE run SET status='completed' WHERE id IN ('${ends.join("','")}'); COMMIT`);
  void redis.publish(ENDED_CHANNEL, ends.join());
});

async function work(entry: string): Promise<void> {
  const [id, count, shape] = entry.split(' ') as [string, string, RunShape];
  const steps = Number(count);
  const step = async (i: number, last: boolean): Promise<void> => {
    const output = await Promise.resolve({ i });
    await journal.add({ id, seq: i, output: JSON.stringify(output), last });
  };
  if (shape === 'fan') {
    await Promise.all(Array.from({ length: steps }, (_, index) => step(index + 1, false)));
    await step(steps + 1, true);
  } else for (let i = 1; i <= steps; i++) await step(i, i === steps);
  active--;
  roomMade();
}

for (;;) {
  if (active >= CONCURRENCY) await new Promise<void>((resolve) => (roomMade = resolve));
  const popped = await popper.blmpop(0, 1, QUEUE_KEY, 'RIGHT', 'COUNT', CONCURRENCY - active);
  for (const entry of popped?.[1] ?? []) {
    active++;
    void work(entry);
  }
}
