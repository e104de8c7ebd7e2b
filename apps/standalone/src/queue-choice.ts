import { join } from 'node:path';
import type { BatonLogger, Config } from '@baton/platform';
import { hasRedisServer, startPrivateRedis, type PrivateRedis } from '@baton/queue';

/** The queue that `QUEUE=auto` stands for on this machine. */
export interface QueueChoice {
  config: Config;
  /** One line for the banner. */
  description: string;
  /** The Redis that was started as a child, if one was. */
  redis: PrivateRedis | null;
}

/** `REDIS_URL` if there is one; else a private `redis-server` where one is installed; else the in-process queue. */
export async function chooseQueue(config: Config, logger: BatonLogger): Promise<QueueChoice> {
  if (config.queue === 'memory') return { config, description: 'in-process', redis: null };
  if (config.redisUrl !== null) {
    return { config: { ...config, queue: 'bullmq' }, description: `BullMQ on ${new URL(config.redisUrl).host}`, redis: null };
  }
  if (await hasRedisServer()) {
    const dir = join(config.dataDir, 'redis');
    const redis = await startPrivateRedis({ dir, logger });
    return {
      config: { ...config, queue: 'bullmq', redisUrl: redis.url },
      description: `BullMQ on a private Redis (${dir})`,
      redis,
    };
  }
  return { config: { ...config, queue: 'memory' }, description: 'in-process (no redis-server on the PATH)', redis: null };
}
