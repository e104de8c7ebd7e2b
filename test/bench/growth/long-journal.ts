import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, SqlRunStore, type Database } from '@baton/storage';
import { createDatabase } from '../../support/create-database.js';
import { claimedRun, completed } from '../../support/run-requests.js';
import { startMariaDb } from '../../support/services.js';
import { quantile } from '../bench-client.js';

const LENGTHS = [10, 1_000, 50_000];
const APPENDS = 300;
const AT_ONCE = 1_000;

/** For each length of a run's journal the milliseconds of one more append to it. */
export async function measureAppends(store: 'mariadb' | 'sqlite'): Promise<{ events: number; p50Ms: number }[]> {
  const dir = await mkdtemp(join(tmpdir(), 'baton-growth-'));
  const server = store === 'mariadb' ? await startMariaDb() : null;
  try {
    const url = server === null ? `sqlite:${join(dir, 'growth.sqlite')}` : await createDatabase(server, 'growth');
    const database = await openDatabase({ url });
    await database.migrate();
    const figures: { events: number; p50Ms: number }[] = [];
    for (const events of LENGTHS) figures.push({ events, p50Ms: await measure(database, events) });
    await database.close();
    return figures;
  } finally {
    await server?.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function measure(database: Database, length: number): Promise<number> {
  const runs = new SqlRunStore(database);
  const { runId, epoch } = await claimedRun(runs);
  let baseSeq = 1;
  const append = async (count: number): Promise<void> => {
    const events = Array.from({ length: count }, (_, index) => completed(baseSeq + index));
    await runs.append({ runId, epoch, baseSeq, events });
    baseSeq += count;
  };
  for (let left = length - 1; left > 0; left -= AT_ONCE) await append(Math.min(AT_ONCE, left));
  const times: number[] = [];
  for (let time = 0; time < APPENDS; time += 1) {
    const startedAt = performance.now();
    await append(1);
    times.push(performance.now() - startedAt);
  }
  await runs.close();
  return quantile(
    times.toSorted((a, b) => a - b),
    0.5,
  );
}
