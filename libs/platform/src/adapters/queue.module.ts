import { BullModule, getQueueToken } from '@nestjs/bullmq';
import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { Doorbell, PoolQueue, RunLock, RunQueue, TokenFeed, WorkerPresence, type Logger } from '@baton/core';
import {
  BullPoolQueue,
  BullRunQueue,
  bullQueueOptions,
  MemoryDoorbell,
  MemoryPoolQueue,
  MemoryRunLock,
  MemoryRunQueue,
  MemoryTokenFeed,
  MemoryWorkerPresence,
  RedisDoorbell,
  RedisRunLock,
  RedisTokenFeed,
  RedisWorkerPresence,
  RUN_QUEUE,
  type LockEvent,
  type RunLockOptions,
} from '@baton/queue';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { Closing } from '../closing.js';
import { rateLimited } from '../logging.js';
import { Metrics } from '../metrics.js';
import type { PlatformOptions } from '../platform-options.js';
import { LOGGER } from '../tokens.js';
import { DOORBELL_REDIS, LOCK_REDIS, QUEUE_REDIS, RedisModule } from './redis.module.js';

const PORTS = [RunQueue, PoolQueue, RunLock, Doorbell, TokenFeed, WorkerPresence];

/** Moves runs: queue, lock and doorbell, on Redis or within the process. */
@Module({})
export class QueueModule {
  static forRoot(options: PlatformOptions): DynamicModule {
    const { queue, redisUrl } = options.config;
    if (queue === 'memory' || redisUrl === null) return { module: QueueModule, providers: inProcess(options), exports: PORTS };
    const redis = RedisModule.forRoot(redisUrl, options);
    const bull = BullModule.forRootAsync({
      imports: [redis],
      inject: [QUEUE_REDIS],
      useFactory: (connection: Redis) => ({ ...bullQueueOptions(connection), prefix: options.config.redisPrefix }),
    });
    const runs = BullModule.registerQueue({ name: RUN_QUEUE });
    return { module: QueueModule, imports: [redis, bull, runs], providers: onRedis(options), exports: [...PORTS, redis, runs] };
  }
}

function inProcess(options: PlatformOptions): Provider[] {
  return [
    { provide: RunQueue, useFactory: (log: Logger) => new MemoryRunQueue(log, options.config.queueFairness), inject: [LOGGER] },
    { provide: PoolQueue, useFactory: (log: Logger) => new MemoryPoolQueue(log), inject: [LOGGER] },
    {
      provide: RunLock,
      useFactory: (metrics: Metrics) => new MemoryRunLock(lockOptions(options, metrics, 'memory')),
      inject: [Metrics],
    },
    { provide: Doorbell, useClass: MemoryDoorbell },
    { provide: TokenFeed, useFactory: (log: Logger) => new MemoryTokenFeed(log), inject: [LOGGER] },
    { provide: WorkerPresence, useClass: MemoryWorkerPresence },
  ];
}

function onRedis(options: PlatformOptions): Provider[] {
  const { instanceId } = options;
  const {
    redisCommandTimeoutMs: commandTimeoutMs,
    redisPrefix,
    maxActiveRuns: maxActive,
    queueFairness: fairness,
  } = options.config;
  return [
    {
      provide: RunQueue,
      useFactory: (queue: Queue, redis: Redis) => new BullRunQueue(queue, redis, { commandTimeoutMs, maxActive, fairness }),
      inject: [getQueueToken(RUN_QUEUE), QUEUE_REDIS],
    },
    {
      provide: PoolQueue,
      useFactory: (redis: Redis, closing: Closing) => {
        const queue = new BullPoolQueue(redis, redisPrefix, { commandTimeoutMs });
        closing.add('pool queues', () => queue.close());
        return queue;
      },
      inject: [QUEUE_REDIS, Closing],
    },
    {
      provide: RunLock,
      useFactory: (redis: Redis, metrics: Metrics) => new RedisRunLock(redis, lockOptions(options, metrics, 'redis')),
      inject: [LOCK_REDIS, Metrics],
    },
    {
      provide: Doorbell,
      useFactory: (publisher: Redis, subscriber: Redis, log: Logger, closing: Closing) => {
        const doorbell = new RedisDoorbell(publisher, subscriber, {
          channel: `${redisPrefix}:doorbell`,
          logger: rateLimited(log),
        });
        closing.add('doorbell', () => doorbell.close());
        return doorbell;
      },
      inject: [QUEUE_REDIS, DOORBELL_REDIS, LOGGER, Closing],
    },
    {
      provide: TokenFeed,
      useFactory: (publisher: Redis, subscriber: Redis, log: Logger, closing: Closing) => {
        const feed = new RedisTokenFeed(publisher, subscriber, { prefix: `${redisPrefix}:tokens:`, logger: rateLimited(log) });
        closing.add('token feed', () => feed.close());
        return feed;
      },
      inject: [QUEUE_REDIS, DOORBELL_REDIS, LOGGER, Closing],
    },
    {
      provide: WorkerPresence,
      useFactory: (redis: Redis) => new RedisWorkerPresence(redis, instanceId),
      inject: [QUEUE_REDIS],
    },
  ];
}

function lockOptions({ config }: PlatformOptions, metrics: Metrics, method: RunLock['method']): RunLockOptions {
  return { prefix: config.lockPrefix, ttlMs: config.taskLockTtlMs, observer: (event) => countLock(metrics, event, method) };
}

/** Submissions are counted by what became of them, which SQL may decide; here the workers' locks are. */
function countLock(metrics: Metrics, { operation, outcome }: LockEvent, method: RunLock['method']): void {
  if (operation !== 'advance') return;
  if (outcome === 'acquired' || outcome === 'taken_over') metrics.countLockAcquired(operation, method);
  if (outcome === 'foreign') metrics.countLockConflict(operation, method);
}
