import type { Redis } from 'ioredis';
import { type LockEntry, type LockStore, LockStoreUnreachable, type RenewalResult } from './lock-store.js';
import { RedisScript } from './redis-script.js';

/**
 * Takes a free lock, or one that has our value already: a command whose reply was lost must not lock us out.
 *
 * KEYS[1] the lock   ARGV[1] our value   ARGV[2] TTL, ms
 * Result: the value that holds the lock now.
 */
const ACQUIRE = new RedisScript(`
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] then return held end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return ARGV[1]
`);

/**
 * Takes a lock from exactly the value that was seen, or a lock that has been freed since.
 *
 * KEYS[1] the lock   ARGV[1] our value   ARGV[2] the value seen   ARGV[3] TTL, ms
 * Result: the value that holds the lock now.
 */
const SWAP = new RedisScript(`
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] and held ~= ARGV[2] then return held end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return ARGV[1]
`);

/**
 * Extends each lock that still has our value.
 *
 * KEYS[1..n] the locks   ARGV[1] TTL, ms   ARGV[2..n+1] our values
 * Result: for each lock 1 extended, 0 absent, -1 another's.
 */
const RENEW = new RedisScript(`
local results = {}
for i, key in ipairs(KEYS) do
  local held = redis.call('GET', key)
  if not held then
    results[i] = 0
  elseif held == ARGV[i + 1] then
    redis.call('PEXPIRE', key, ARGV[1])
    results[i] = 1
  else
    results[i] = -1
  end
end
return results
`);

/**
 * Frees a lock that has our value.
 *
 * KEYS[1] the lock   ARGV[1] our value
 * Result: 1 freed, 0 not ours.
 */
const RELEASE = new RedisScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`);

/** Locks of one script call: a larger one would keep Redis from others for too long. */
const RENEWALS_PER_CALL = 500;

/** Locks as plain Redis strings with a TTL. The bound of each command is the connection's. */
export class RedisLockStore implements LockStore {
  readonly method = 'redis';

  constructor(private readonly redis: Redis) {}

  async acquire(entry: LockEntry, ttlMs: number): Promise<string> {
    return String(await this.send(() => ACQUIRE.run(this.redis, [entry.key], [entry.value, ttlMs])));
  }

  async swap(entry: LockEntry, seen: string, ttlMs: number): Promise<string> {
    return String(await this.send(() => SWAP.run(this.redis, [entry.key], [entry.value, seen, ttlMs])));
  }

  async renew(entries: readonly LockEntry[], ttlMs: number): Promise<RenewalResult[]> {
    const calls: Promise<RenewalResult[]>[] = [];
    for (let from = 0; from < entries.length; from += RENEWALS_PER_CALL) {
      calls.push(this.renewBatch(entries.slice(from, from + RENEWALS_PER_CALL), ttlMs));
    }
    return (await Promise.all(calls)).flat();
  }

  async release(entry: LockEntry): Promise<void> {
    await this.send(() => RELEASE.run(this.redis, [entry.key], [entry.value]));
  }

  read(key: string): Promise<string | null> {
    return this.send(() => this.redis.get(key));
  }

  private async renewBatch(entries: readonly LockEntry[], ttlMs: number): Promise<RenewalResult[]> {
    const keys = entries.map(({ key }) => key);
    const values = entries.map(({ value }) => value);
    const codes = await this.send(() => RENEW.run(this.redis, keys, [ttlMs, ...values]));
    return Array.from(codes as number[], (code) => (code === 1 ? 'extended' : code === 0 ? 'absent' : 'foreign'));
  }

  private async send<T>(command: () => Promise<T>): Promise<T> {
    if (this.redis.status !== 'ready') throw new LockStoreUnreachable(false);
    try {
      return await command();
    } catch (cause) {
      throw new LockStoreUnreachable(true, { cause });
    }
  }
}
