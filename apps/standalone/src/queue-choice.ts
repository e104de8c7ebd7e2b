import { join } from 'node:path';
import { configError, type BatonLogger, type Config } from '@baton/platform';
import { hasRedisServer, startPrivateRedis, type PrivateRedis } from '@baton/queue';

/** The queue that `QUEUE=auto` stands for on this machine. */
export interface QueueChoice {
  config: Config;
  /** One line for the banner. */
  description: string;
  /** The Redis that was started as a child, if one was. */
  redis: PrivateRedis | null;
}

/**
 * `REDIS_URL` if there is one; else a private `redis-server` where one is installed; else the in-process queue.
 *
 * @throws BatonError `config_invalid` where BullMQ is asked for by name and there is no Redis to be had.
 */
export async function chooseQueue(
  config: Config,
  logger: BatonLogger,
  isInstalled: () => Promise<boolean> = hasRedisServer,
): Promise<QueueChoice> {
  if (config.queue === 'memory') return { config, description: 'in-process', redis: null };
  if (config.redisUrl !== null) {
    return { config: { ...config, queue: 'bullmq' }, description: `BullMQ on ${new URL(config.redisUrl).host}`, redis: null };
  }
  if (await isInstalled()) {
    const dir = join(config.dataDir, 'redis');
    const redis = await startPrivateRedis({ dir, logger });
    return {
      config: { ...config, queue: 'bullmq', redisUrl: redis.url },
      description: `BullMQ on a private Redis (${dir})`,
      redis,
    };
  }
  if (config.queue === 'bullmq') {
    const message = 'must be auto or memory while REDIS_URL is not set and there is no redis-server on the PATH';
    throw configError([{ pointer: 'QUEUE', message }]);
  }
  return { config: { ...config, queue: 'memory' }, description: 'in-process (no redis-server on the PATH)', redis: null };
}
