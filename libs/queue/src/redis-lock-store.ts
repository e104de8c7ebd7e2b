import type { Redis } from 'ioredis';
import { type LockEntry, type LockStore, LockStoreUnreachable, type RenewalResult } from './lock-store.js';
import { RedisScript } from './redis-script.js';
import { TurnGroup } from './turn-group.js';

/**
 * Takes each lock that is free, or has our value already: a command whose reply was lost must not lock us out.
 *
 * KEYS[1..n] the locks   ARGV[2i-1] our value of lock i   ARGV[2i] its TTL, ms
 * Result: for each lock the value that holds it now.
 */
const ACQUIRE = new RedisScript(`
local results = {}
for i, key in ipairs(KEYS) do
  local value, ttl = ARGV[2 * i - 1], ARGV[2 * i]
  results[i] = value
  if not redis.call('SET', key, value, 'NX', 'PX', ttl) then
    results[i] = redis.call('GET', key)
    if results[i] == value then redis.call('PEXPIRE', key, ttl) end
  end
end
return results
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
 * Frees each lock that has our value.
 *
 * KEYS[1..n] the locks   ARGV[1..n] our values
 * Result: for each lock 1 freed, 0 not ours.
 */
const RELEASE = new RedisScript(`
local results = {}
for i, key in ipairs(KEYS) do
  results[i] = 0
  if redis.call('GET', key) == ARGV[i] then results[i] = redis.call('DEL', key) end
end
return results
`);

/** Locks of one script call: a larger one would keep Redis from others for too long. */
const LOCKS_PER_CALL = 500;

/** Locks as plain Redis strings with a TTL. What one turn takes, or frees, is one script call. The bound of each call is the connection's. */
export class RedisLockStore implements LockStore {
  readonly method = 'redis';

  private readonly acquires = new TurnGroup<{ entry: LockEntry; ttlMs: number }, string>(LOCKS_PER_CALL, async (asked) => {
    const keys = asked.map(({ entry }) => entry.key);
    const args = asked.flatMap(({ entry, ttlMs }) => [entry.value, ttlMs]);
    return (await this.send(() => ACQUIRE.run(this.redis, keys, args))) as string[];
  });
  private readonly releases = new TurnGroup<LockEntry, number>(LOCKS_PER_CALL, async (entries) => {
    const keys = entries.map(({ key }) => key);
    const values = entries.map(({ value }) => value);
    return (await this.send(() => RELEASE.run(this.redis, keys, values))) as number[];
  });

  constructor(private readonly redis: Redis) {}

  acquire(entry: LockEntry, ttlMs: number): Promise<string> {
    return this.acquires.ask({ entry, ttlMs });
  }

  async swap(entry: LockEntry, seen: string, ttlMs: number): Promise<string> {
    return String(await this.send(() => SWAP.run(this.redis, [entry.key], [entry.value, seen, ttlMs])));
  }

  async renew(entries: readonly LockEntry[], ttlMs: number): Promise<RenewalResult[]> {
    const calls: Promise<RenewalResult[]>[] = [];
    for (let from = 0; from < entries.length; from += LOCKS_PER_CALL) {
      calls.push(this.renewBatch(entries.slice(from, from + LOCKS_PER_CALL), ttlMs));
    }
    return (await Promise.all(calls)).flat();
  }

  async release(entry: LockEntry): Promise<boolean> {
    return (await this.releases.ask(entry)) === 1;
  }

  read(key: string): Promise<string | null> {
    return this.send(() => this.redis.get(key));
  }

  /** A step of SCAN: Redis looks at about `limit` keys of its own, whatever they are, so a page may be empty long before the end. */
  async scan(prefix: string, after: string | null, limit: number): Promise<{ entries: LockEntry[]; next: string | null }> {
    const pattern = `${prefix.replaceAll(/[*?[\]\\]/g, String.raw`\$&`)}*:lock`;
    const [cursor, keys] = await this.send(() => this.redis.scan(after ?? '0', 'MATCH', pattern, 'COUNT', limit));
    const values = keys.length === 0 ? [] : await this.send(() => this.redis.mget(keys));
    const entries = keys.flatMap((key, index) => {
      const value = values[index] ?? null;
      return value === null ? [] : [{ key, value }];
    });
    return { entries, next: cursor === '0' ? null : cursor };
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
