import type { QueuedDispatch } from '@baton/core';
import type { Redis } from 'ioredis';
import { RedisScript } from './redis-script.js';
import { TurnGroup } from './turn-group.js';
import { type Fairness, isPlain, turnOf } from './turns.js';

/** BullMQ's largest priority. */
const MAX_LEVEL = 2 ** 21 - 1;
/** A present beyond this is set back to 1, with all that waits: a queue that is never empty would run out of levels. */
const SET_BACK_AT = 2 ** 20;
/** How long `auto` stays fair after the last run that asked for it. */
const FAIR_FOR_MS = 24 * 3_600_000;
/** How often `auto` looks whether another process has been asked. */
const LOOK_EVERY_MS = 1_000;

const DISPATCHES_PER_CALL = 500;

/**
 * Gives each job the level of its turn: `lag` levels after the present, or `step` after the one before it in its line. The present is the level
 * of the first job that waits; where none does, everybody begins anew.
 *
 * KEYS[1] the jobs that wait for their turns, as BullMQ scores them   KEYS[2] the clocks of the lines   KEYS[3] the sign that turns are taken
 * ARGV[1] how long it stands, ms   ARGV[2] whether to set it   ARGV[3] the present that is set back   ARGV[4] the largest level
 * ARGV[3i+2] the line of job i   ARGV[3i+3] its step   ARGV[3i+4] its lag
 * Result: the levels.
 */
const TAKE_TURNS = new RedisScript(`
local LEVEL = 0x100000000
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
local present = first[2] and math.floor(tonumber(first[2]) / LEVEL) or 0
if not first[2] then redis.call('DEL', KEYS[2]) end
if ARGV[2] == '1' then redis.call('SET', KEYS[3], '1', 'PX', ARGV[1]) end
if present > tonumber(ARGV[3]) then
  local back = present - 1
  local jobs = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
  for i = 1, #jobs, 2 do
    redis.call('ZADD', KEYS[1], string.format('%.0f', tonumber(jobs[i + 1]) - back * LEVEL), jobs[i])
  end
  local clocks = redis.call('HGETALL', KEYS[2])
  for i = 1, #clocks, 2 do
    local clock = tonumber(clocks[i + 1]) - back
    if clock > 1 then redis.call('HSET', KEYS[2], clocks[i], clock) else redis.call('HDEL', KEYS[2], clocks[i]) end
  end
  present = 1
end
local levels = {}
for i = 5, #ARGV, 3 do
  local clock = tonumber(redis.call('HGET', KEYS[2], ARGV[i]) or 0)
  clock = math.max(present + tonumber(ARGV[i + 2]), clock) + tonumber(ARGV[i + 1])
  redis.call('HSET', KEYS[2], ARGV[i], clock)
  levels[#levels + 1] = math.min(math.ceil(clock), tonumber(ARGV[4]))
end
return levels
`);

/** The turns of all processes that enqueue into one queue of BullMQ: start-time fair queueing by the priorities of jobs. */
export class RedisTurns {
  private isFair: boolean;
  private lookedAt = -Infinity;
  private readonly levels = new TurnGroup<QueuedDispatch, number>(DISPATCHES_PER_CALL, async (dispatches) => {
    const turns = dispatches.map(turnOf);
    const asks = dispatches.every(isPlain) ? 0 : 1;
    const args = [FAIR_FOR_MS, asks, SET_BACK_AT, MAX_LEVEL, ...turns.flatMap(({ line, step, lag }) => [line, step, lag])];
    const { waiting, turns: clocks, fair } = this.keys;
    return (await TAKE_TURNS.run(this.redis, [waiting, clocks, fair], args)) as number[];
  });

  constructor(
    private readonly redis: Redis,
    private readonly fairness: Fairness,
    private readonly keys: Readonly<Record<'waiting' | 'turns' | 'fair', string>>,
  ) {
    this.isFair = fairness === 'on';
  }

  /** The priorities of the jobs, in order; null: none. Before all that have one, BullMQ takes those that have none. */
  async levelsOf(dispatches: readonly QueuedDispatch[]): Promise<readonly (number | null)[]> {
    if (this.fairness === 'off') return dispatches.map(() => null);
    if (this.fairness === 'auto') this.look(!dispatches.every(isPlain));
    if (!this.isFair) return dispatches.map(() => null);
    return Promise.all(dispatches.map((dispatch) => this.levels.ask(dispatch)));
  }

  /** Nobody waits for the look: what is enqueued before its answer goes first in, first out. */
  private look(isAsked: boolean): void {
    this.isFair ||= isAsked;
    const now = performance.now();
    if (now - this.lookedAt < LOOK_EVERY_MS) return;
    this.lookedAt = now;
    if (isAsked) return;
    this.redis.exists(this.keys.fair).then(
      (found) => (this.isFair = found === 1),
      () => undefined,
    );
  }
}
