import { Redis } from 'ioredis';
import { createConnection } from 'mysql2/promise';
import { v7 as uuidv7 } from 'uuid';
import type { BenchClient, StageAddress } from '../bench-client.js';
import { CommitGroup, ENDED_CHANNEL, FLOOR_TABLES, QUEUE_KEY } from './floor-schema.js';

/** Submissions of one turn in one insert; then one list entry a run; the end is heard from the commit that wrote it. */
export async function connect({ databaseUrl, redisUrl }: StageAddress): Promise<BenchClient> {
  const sql = await createConnection(databaseUrl);
  for (const table of FLOOR_TABLES) await sql.query(table);
  const redis = new Redis(redisUrl);
  const subscriber = new Redis(redisUrl);
  const ended = new Map<string, () => void>();
  await subscriber.subscribe(ENDED_CHANNEL);
  subscriber.on('message', (_channel, ids) => {
    for (const id of ids.split(',')) ended.get(id)?.();
  });

  const submissions = new CommitGroup<{ id: string; steps: number }>(async (runs) => {
    await sql.query(`INSERT INTO run VALUES ${runs.map(({ id, steps }) => `('${id}',${steps},'queued','{}')`).join()}`);
    await redis.lpush(QUEUE_KEY, ...runs.map(({ id, steps }) => `${id} ${steps}`));
  });

  return {
    async execute(steps) {
      const id = uuidv7();
      const end = new Promise<void>((resolve) => ended.set(id, resolve));
      await submissions.add({ id, steps });
      await end;
      ended.delete(id);
    },
    async close() {
      redis.disconnect();
      subscriber.disconnect();
      await sql.end();
    },
  };
}
