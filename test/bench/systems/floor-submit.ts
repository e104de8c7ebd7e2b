import { Redis } from 'ioredis';
import { createConnection } from 'mysql2/promise';
import { v7 as uuidv7 } from 'uuid';
import type { RunShape, StageAddress } from '../bench-client.js';
import { CommitGroup, FLOOR_TABLES, QUEUE_KEY } from './floor-schema.js';

export interface FloorSubmitter {
  /** Resolves when the run is committed; `known` hears of its id before. */
  submit(steps: number, shape: RunShape, known?: (id: string) => void): Promise<void>;
  close(): Promise<void>;
}

/** Submissions of one turn in one insert; then one list entry a run. */
export async function openFloor({ databaseUrl, redisUrl }: StageAddress): Promise<FloorSubmitter> {
  const sql = await createConnection(databaseUrl);
  for (const table of FLOOR_TABLES) await sql.query(table);
  const redis = new Redis(redisUrl);
  const submissions = new CommitGroup<{ id: string; steps: number; shape: RunShape }>(async (runs) => {
    await sql.query(`INSERT INTO run VALUES ${runs.map(({ id, steps }) => `('${id}',${steps},'queued','{}')`).join()}`);
    await redis.lpush(QUEUE_KEY, ...runs.map(({ id, steps, shape }) => `${id} ${steps} ${shape}`));
  });
  return {
    submit(steps, shape, known) {
      const id = uuidv7();
      known?.(id);
      return submissions.add({ id, steps, shape });
    },
    async close() {
      redis.disconnect();
      await sql.end();
    },
  };
}
