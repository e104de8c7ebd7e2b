import { createDatabase } from '../support/create-database.js';
import { startMariaDb, startRedis, type Service } from '../support/services.js';
import { ServerCounters, type Counters } from './counters.js';
import { cpuMs } from './measured-process.js';

/** What ends something that a stage has started. */
export type Closer = () => Promise<void> | void;

export interface FreshServers {
  redis: Service;
  mariadb: Service;
  /** Of an empty schema. */
  databaseUrl: string;
  counters: ServerCounters;
}

/** A Redis and a MariaDB of a stage's own, on which nothing has been done yet. */
export async function startServers(closers: Closer[]): Promise<FreshServers> {
  const redis = await startRedis();
  closers.push(() => redis.stop());
  const mariadb = await startMariaDb();
  closers.push(() => mariadb.stop());
  const databaseUrl = await createDatabase(mariadb, 'bench');
  const counters = await ServerCounters.connect(mariadb, redis);
  closers.push(() => counters.close());
  return { redis, mariadb, databaseUrl, counters };
}

/** Milliseconds on a CPU so far, by role. */
export function cpuByRole(pids: Readonly<Record<string, number>>): Counters {
  return Object.fromEntries(Object.entries(pids).map(([role, pid]) => [role, cpuMs(pid)]));
}

/** Ends what was started, the last first. */
export async function closeAll(closers: Closer[]): Promise<void> {
  for (const close of closers.splice(0).toReversed()) await close();
}
