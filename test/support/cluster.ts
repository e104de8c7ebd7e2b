import { createDatabase } from './create-database.js';
import { startBaton, type BatonProcess } from './processes.js';
import { startMariaDb, startRedis, type Service } from './services.js';

/** APIs and workers in processes of their own, over a private MariaDB and Redis. */
export interface Cluster {
  readonly apis: BatonProcess[];
  readonly workers: BatonProcess[];
  readonly mariadb: Service;
  readonly redis: Service;
  readonly env: Record<string, string>;
  addWorker(env?: Record<string, string>): Promise<BatonProcess>;
  /** Kills Redis and waits until it is gone; its data stay. */
  killRedis(): Promise<void>;
  /** Starts Redis again on the same port with the same data. */
  restartRedis(): Promise<void>;
  stop(): Promise<void>;
}

/** A busy machine makes an API late, which is not what clusters are tested for. */
const NEVER_LATE = { MAX_EVENT_LOOP_DELAY_MS: '0' };

export interface ClusterOptions {
  apis: number;
  workers: number;
  env?: Record<string, string>;
}

export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const [mariadb, redis] = await Promise.all([startMariaDb(), startRedis()]);
  const env = { DATABASE_URL: await createDatabase(mariadb), REDIS_URL: redis.url, ...NEVER_LATE, ...options.env };
  const cluster: Cluster = {
    apis: [],
    workers: [],
    mariadb,
    redis,
    env,
    async addWorker(extra = {}) {
      const worker = await startBaton('worker', { ...env, ...extra });
      cluster.workers.push(worker);
      return worker;
    },
    async killRedis() {
      const gone = new Promise((resolve) => this.redis.child.once('exit', resolve));
      this.redis.child.kill('SIGKILL');
      await gone;
    },
    async restartRedis() {
      const { dir, port } = this.redis;
      Object.assign(cluster, { redis: await startRedis({ dir, port }) });
    },
    async stop() {
      await Promise.all([...cluster.apis, ...cluster.workers].map((process) => process.kill()));
      await Promise.all([cluster.redis.stop(), mariadb.stop()]);
    },
  };
  try {
    cluster.apis.push(...(await Promise.all(Array.from({ length: options.apis }, () => startBaton('api', env)))));
    await Promise.all(Array.from({ length: options.workers }, () => cluster.addWorker()));
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  return cluster;
}
