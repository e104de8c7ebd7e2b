import {
  KEPT_TURN_MS,
  type RateClaim,
  RateLimiter,
  SystemClock,
  type Clock,
  type Turn,
  type TurnRequest,
  unitMs,
} from '@baton/core';
import type { Redis } from 'ioredis';
import { MemoryRateLimiter } from './memory-rate-limiter.js';
import { RedisScript } from './redis-script.js';

/**
 * Gives a call the next turn under all its limits, or the one that is kept for it. Each limit is a string: when all that was taken of it is paid
 * off, in ms on Redis's clock. What is paid off expires.
 *
 * KEYS[1] the turn of the ticket   KEYS[2..n+1] the limits
 * ARGV[1] longest wait in place, ms   ARGV[2] longest wait, ms   ARGV[3] how late a kept turn may be, ms
 * ARGV[3i+1] ms of one unit of limit i   ARGV[3i+2] its burst   ARGV[3i+3] the cost
 * Result: {1, wait in ms, the limit waited for} for a turn; {0, ms until there may be one, the limit} where it would be too far off.
 */
const TAKE = new RedisScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local kept = redis.call('GET', KEYS[1])
if kept then
  local wait = math.max(0, tonumber(kept) - now)
  if wait <= tonumber(ARGV[1]) then redis.call('DEL', KEYS[1]) end
  return {1, math.ceil(wait), 0}
end
local wait, limit, paid = 0, 1, {}
for i = 2, #KEYS do
  local unit, burst, cost = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i])
  local from = math.max(tonumber(redis.call('GET', KEYS[i]) or 0), now)
  local at = from + (math.min(cost, burst) - burst) * unit
  paid[i] = from + cost * unit
  if at - now > wait then
    wait = at - now
    limit = i - 1
  end
end
if wait > tonumber(ARGV[2]) then return {0, math.ceil(wait - ARGV[2]), limit} end
for i = 2, #KEYS do
  redis.call('SET', KEYS[i], string.format('%.3f', paid[i]), 'PX', math.ceil(paid[i] - now) + 1)
end
if wait > tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], string.format('%.3f', now + wait), 'PX', math.ceil(wait) + ARGV[3])
end
return {1, math.ceil(wait), limit}
`);

/**
 * Takes a little more of limits, or gives some back.
 *
 * KEYS[1..n] the limits   ARGV[i] ms to add to limit i
 */
const SETTLE = new RedisScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
for i, key in ipairs(KEYS) do
  local paid = math.max(tonumber(redis.call('GET', key) or 0), now) + tonumber(ARGV[i])
  if paid > now then
    redis.call('SET', key, string.format('%.3f', paid), 'PX', math.ceil(paid - now) + 1)
  else
    redis.call('DEL', key)
  end
end
`);

/** So long after a failure Redis is not asked again. */
const PAUSE_MS = 1_000;

export interface RedisRateLimiterOptions {
  prefix: string;
  /** What this process allows itself of each limit while Redis is away, 0 to 1: one by the number of processes keeps the whole. */
  shareWithoutRedis: number;
}

/**
 * Rate limits that all processes share, on Redis's clock: one script call for each turn. While Redis is away each process goes by a share of the
 * limits by itself, so that calls neither stop nor exceed them.
 */
export class RedisRateLimiter extends RateLimiter {
  private readonly alone: RateLimiter;
  private askAgainAt = -Infinity;

  constructor(
    private readonly redis: Redis,
    private readonly options: RedisRateLimiterOptions,
    private readonly clock: Clock = new SystemClock(),
  ) {
    super();
    this.alone = new MemoryRateLimiter(clock);
  }

  async take(request: TurnRequest): Promise<Turn> {
    const { ticket, claims, inPlaceMs, maxWaitMs } = request;
    const keys = [this.key(`turn/${ticket}`), ...claims.map(({ key }) => this.key(key))];
    const limits = claims.flatMap(({ limit, cost }) => [unitMs(limit), limit.burst, cost]);
    const answer = await this.ask(() => TAKE.run(this.redis, keys, [inPlaceMs, maxWaitMs, KEPT_TURN_MS, ...limits]));
    if (answer === null) return this.alone.take({ ...request, claims: claims.map((claim) => this.shareOf(claim)) });
    const [given, ms, claim] = answer as [number, number, number];
    return given === 1 ? { kind: 'turn', waitMs: ms, claim: claim - 1 } : { kind: 'full', retryAfterMs: ms, claim: claim - 1 };
  }

  async settle(claims: readonly RateClaim[]): Promise<void> {
    const keys = claims.map(({ key }) => this.key(key));
    const more = claims.map(({ limit, cost }) => cost * unitMs(limit));
    const answer = await this.ask(async () => {
      await SETTLE.run(this.redis, keys, more);
      return true;
    });
    if (answer === null) await this.alone.settle(claims.map((claim) => this.shareOf(claim)));
  }

  /** Null: Redis cannot be asked. */
  private async ask<T>(command: () => Promise<T>): Promise<T | null> {
    if (this.redis.status !== 'ready' || this.clock.monotonic() < this.askAgainAt) return null;
    try {
      return await command();
    } catch {
      this.askAgainAt = this.clock.monotonic() + PAUSE_MS;
      return null;
    }
  }

  private shareOf(claim: RateClaim): RateClaim {
    const share = this.options.shareWithoutRedis;
    const { amount, perMs, burst } = claim.limit;
    return { ...claim, limit: { amount: amount * share, perMs, burst: Math.max(1, Math.floor(burst * share)) } };
  }

  private key(name: string): string {
    return `${this.options.prefix}:rate:${name}`;
  }
}
