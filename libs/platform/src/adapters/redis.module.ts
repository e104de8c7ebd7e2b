import { Module, type DynamicModule } from '@nestjs/common';
import { becomesReady, redisConnection, type ConnectionKind } from '@baton/queue';
import type { Redis } from 'ioredis';
import { Closing } from '../closing.js';
import type { PlatformOptions } from '../platform-options.js';
import { rateLimited } from '../logging.js';

/** The connections that a process shares: short commands of queue and doorbell, the locks, the doorbell's subscription. */
export const QUEUE_REDIS = Symbol('QUEUE_REDIS');
export const LOCK_REDIS = Symbol('LOCK_REDIS');
export const DOORBELL_REDIS = Symbol('DOORBELL_REDIS');

/** What a start waits for a Redis at most. */
const READY_WITHIN_MS = 300;

/** Redis connections by purpose. They need no Redis to be made, and none of them ever waits without a bound. */
@Module({})
export class RedisModule {
  static forRoot(url: string, options: PlatformOptions): DynamicModule {
    const logger = rateLimited(options.logger);
    const connect = (kind: ConnectionKind) => async (closing: Closing) => {
      const { instanceId: instance, config } = options;
      const redis: Redis = redisConnection(url, kind, { instance, logger, commandTimeoutMs: config.redisCommandTimeoutMs });
      closing.add(`redis ${kind}`, () => redis.disconnect());
      // Only so that what starts at once finds it: a Redis that is away is waited for by nobody.
      await becomesReady(redis, READY_WITHIN_MS);
      return redis;
    };
    const connections = [
      { provide: QUEUE_REDIS, useFactory: connect('queue'), inject: [Closing] },
      { provide: LOCK_REDIS, useFactory: connect('lock'), inject: [Closing] },
      { provide: DOORBELL_REDIS, useFactory: connect('subscriber'), inject: [Closing] },
    ];
    return { module: RedisModule, providers: connections, exports: connections.map(({ provide }) => provide) };
  }
}
