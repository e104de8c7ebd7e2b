import type { StageAddress } from '../bench-client.js';

/** The environment of every Baton process here: the defaults but for the concurrency, which all systems have alike, and the log level. */
export function batonEnvironment(
  { databaseUrl, redisUrl, dir }: StageAddress,
  queue: 'bullmq' | 'memory',
): Record<string, string> {
  return {
    ...{ DATABASE_URL: databaseUrl, DATA_DIR: dir, QUEUE: queue, WORKER_CONCURRENCY: '200', LOG_LEVEL: 'warn' },
    ...(queue === 'bullmq' && { REDIS_URL: redisUrl }),
  };
}
