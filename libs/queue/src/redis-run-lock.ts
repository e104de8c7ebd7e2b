import type { Redis } from 'ioredis';
import { RedisLockStore } from './redis-lock-store.js';
import { type RunLockOptions, TokenRunLock } from './token-run-lock.js';

/** The lock helper on Redis, over a connection of the kind `lock`: its command timeout bounds each answer. */
export class RedisRunLock extends TokenRunLock {
  constructor(redis: Redis, options: RunLockOptions = {}) {
    super(new RedisLockStore(redis), options);
  }
}
