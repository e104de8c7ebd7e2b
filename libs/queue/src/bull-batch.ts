import type { Redis } from 'ioredis';
import { WORKER_BLOCK_SECONDS } from './redis-connection.js';
import { RedisScript } from './redis-script.js';

// What BullMQ does with one job in a script call of its own, done for many jobs in one: a run that is one of many costs Redis a quarter of it.
// Keys and hashes are BullMQ's own, so that its queues, workers and boards see no difference, but no events are written: nobody reads them.
// Only the plain case is decided here; what is not plain is told, and left to BullMQ.

/** A job as it is stored; `options` as JSON, in BullMQ's spelling. */
export interface StoredJob {
  readonly name: string;
  readonly data: string;
  readonly options: string;
  readonly deduplicationId: string;
  /** The level of its turn; 0: it stands in the line of those that have none. */
  readonly level: number;
}

/** A job that a worker has taken. Its lock carries the token. */
export interface TakenJob {
  readonly id: string;
  readonly token: string;
  readonly data: string;
  /** Empty where it is not deduplicated. */
  readonly deduplicationId: string;
}

/** What BullMQ's queues and workers know of the names of their keys. */
export interface KeyNames {
  toKey(type: string): string;
}

/** The rest of a script: a worker that waits is told that jobs do, unless the queue is paused or its workers have all that they may. */
const RING = `
local function ring(isMore)
  local meta = redis.call('HMGET', KEYS[4], 'paused', 'concurrency')
  local isShut = meta[1] or meta[2] and redis.call('LLEN', KEYS[3]) >= tonumber(meta[2])
  if not isShut and isMore then redis.call('ZADD', KEYS[5], 0, '0') end
end
`;

/**
 * Adds jobs. One whose deduplication key is there already is not added: if that job waits, nothing is left to do.
 *
 * KEYS[1] wait   KEYS[2] prioritized   KEYS[3] active   KEYS[4] meta   KEYS[5] marker   KEYS[6] id   KEYS[7] pc
 * ARGV[1] what stands before a job's id   ARGV[2] now, ms   ARGV[3..]: of each job its deduplication id, name, data, options, level
 * Result: the positions, from 0, of the jobs whose deduplication is BullMQ's to decide.
 */
const ADD = new RedisScript(`${RING}
local left, standing, ranked = {}, {}, 0
local id = redis.call('INCRBY', KEYS[6], (#ARGV - 2) / 5) - (#ARGV - 2) / 5
for i = 3, #ARGV, 5 do
  id = id + 1
  local key = ARGV[1] .. 'de:' .. ARGV[i]
  local level = tonumber(ARGV[i + 4])
  if redis.call('SET', key, id, 'NX') then
    redis.call('HSET', ARGV[1] .. id, 'name', ARGV[i + 1], 'data', ARGV[i + 2], 'opts', ARGV[i + 3], 'timestamp', ARGV[2],
      'delay', 0, 'priority', level, 'deid', ARGV[i])
    if level == 0 then
      standing[#standing + 1] = id
    else
      ranked = ranked + 1
      redis.call('ZADD', KEYS[2], string.format('%.0f', level * 0x100000000 + redis.call('INCR', KEYS[7]) % 0x100000000), id)
    end
  else
    local known = redis.call('HMGET', ARGV[1] .. redis.call('GET', key), 'timestamp', 'processedOn')
    if not known[1] or known[2] then left[#left + 1] = (i - 3) / 5 end
  end
end
if #standing > 0 then redis.call('LPUSH', KEYS[1], unpack(standing)) end
ring(#standing + ranked > 0)
return left
`);

/**
 * Takes the first of the jobs that wait: the share of one of the workers that have asked lately, so that a crowd that comes at once is spread over
 * those that are idle.
 *
 * KEYS[1..5] as above   KEYS[6] pc   KEYS[7] the workers, by when they last asked
 * ARGV[1] what stands before a job's id   ARGV[2] how many at most   ARGV[3] how many are not worth sharing   ARGV[4] now, ms
 * ARGV[5] who takes them   ARGV[6] the token of their locks   ARGV[7] for how long these last, ms   ARGV[8] how long ago is lately, ms
 * Result: of each job its id, data and deduplication id.
 */
const TAKE = new RedisScript(`${RING}
redis.call('ZADD', KEYS[7], ARGV[4], ARGV[5])
redis.call('ZREMRANGEBYSCORE', KEYS[7], '-inf', ARGV[4] - ARGV[8])
local meta = redis.call('HMGET', KEYS[4], 'paused', 'concurrency')
local free = meta[2] and tonumber(meta[2]) - redis.call('LLEN', KEYS[3]) or math.huge
local standing, ranked = redis.call('LLEN', KEYS[1]), redis.call('ZCARD', KEYS[2])
local share = math.max(tonumber(ARGV[3]), math.ceil((standing + ranked) / redis.call('ZCARD', KEYS[7])))
local room = math.min(tonumber(ARGV[2]), free, share)
if meta[1] or room <= 0 then return {} end
local jobs = {}
if standing > 0 then
  local first = redis.call('LRANGE', KEYS[1], -room, -1)
  redis.call('LTRIM', KEYS[1], 0, -1 - #first)
  for i = #first, 1, -1 do jobs[#jobs + 1] = first[i] end
end
if #jobs < room and ranked > 0 then
  local first = redis.call('ZPOPMIN', KEYS[2], room - #jobs)
  for i = 1, #first, 2 do jobs[#jobs + 1] = first[i] end
  if ranked == #first / 2 then redis.call('DEL', KEYS[6]) end
end
local taken, active = {}, {}
for _, job in ipairs(jobs) do
  local key = ARGV[1] .. job
  local hash = redis.call('HMGET', key, 'data', 'deid')
  if hash[1] then
    redis.call('SET', key .. ':lock', ARGV[6], 'PX', ARGV[7])
    redis.call('HSET', key, 'processedOn', ARGV[4], 'pb', ARGV[5], 'ats', 1)
    active[#active + 1] = job
    taken[#taken + 1] = job
    taken[#taken + 1] = hash[1]
    taken[#taken + 1] = hash[2] or ''
  end
end
if #active > 0 then redis.call('LPUSH', KEYS[3], unpack(active)) end
if standing + ranked > #jobs then ring(true) end
return taken
`);

/**
 * Ends jobs that are done. One that is not ours any more is left as it is.
 *
 * KEYS[1..5] as above   KEYS[6] stalled
 * ARGV[1] what stands before a job's id   ARGV[2..]: of each job its id, token, deduplication id
 * Result: the positions, from 0, of the jobs that were woken up meanwhile, which BullMQ has to end.
 */
const FINISH = new RedisScript(`${RING}
local left, ended = {}, {}
for i = 2, #ARGV, 3 do
  local id, prefix = ARGV[i], ARGV[1]
  local key, deduplication = prefix .. id, prefix .. 'de:' .. ARGV[i + 2]
  local held = redis.call('MGET', key .. ':lock', deduplication)
  if held[1] == ARGV[i + 1] then
    if ARGV[i + 2] ~= '' and redis.call('EXISTS', prefix .. 'dn:' .. ARGV[i + 2]) == 1 then
      left[#left + 1] = (i - 2) / 3
    else
      redis.call('LREM', KEYS[3], -1, id)
      if held[2] == id then
        redis.call('DEL', key, key .. ':lock', deduplication)
      else
        redis.call('DEL', key, key .. ':lock')
      end
      ended[#ended + 1] = id
    end
  end
end
if #ended > 0 then
  redis.call('SREM', KEYS[6], unpack(ended))
  ring(redis.call('EXISTS', KEYS[1], KEYS[2]) > 0)
end
return left
`);

/** Jobs of one script call: a larger one would keep Redis from others for too long. */
export const JOBS_PER_CALL = 500;

const FEW_JOBS = 4;
/** An idle worker asks at the end of each blocking read. */
const LATELY_MS = 3_000 * WORKER_BLOCK_SECONDS;
const SHARED_KEYS = ['wait', 'prioritized', 'active', 'meta', 'marker'];

function keysOf(names: KeyNames, ...more: string[]): string[] {
  return [...SHARED_KEYS, ...more].map((type) => names.toKey(type));
}

/** Adds jobs in order. Returns the positions of those that are not: BullMQ must decide. */
export async function addJobs(redis: Redis, names: KeyNames, jobs: readonly StoredJob[]): Promise<number[]> {
  const args = jobs.flatMap(({ deduplicationId, name, data, options, level }) => [deduplicationId, name, data, options, level]);
  return (await ADD.run(redis, keysOf(names, 'id', 'pc'), [names.toKey(''), Date.now(), ...args])) as number[];
}

/** Takes at most so many jobs. Where others wait besides, a worker that waits for them is told. */
export async function takeJobs(
  redis: Redis,
  names: KeyNames,
  { room, worker, token, lockMs }: { room: number; worker: string; token: string; lockMs: number },
): Promise<TakenJob[]> {
  const most = Math.min(room, JOBS_PER_CALL);
  const args = [names.toKey(''), most, FEW_JOBS, Date.now(), worker, token, lockMs, LATELY_MS];
  const fields = (await TAKE.run(redis, keysOf(names, 'pc', 'takers'), args)) as string[];
  const jobs: TakenJob[] = [];
  for (let at = 0; at < fields.length; at += 3)
    jobs.push({ id: fields[at]!, token, data: fields[at + 1]!, deduplicationId: fields[at + 2]! });
  return jobs;
}

/** Ends jobs. Returns the positions of those that have been woken up meanwhile, which are not ended: BullMQ must. */
export async function finishJobs(redis: Redis, names: KeyNames, jobs: readonly TakenJob[]): Promise<number[]> {
  const args = jobs.flatMap(({ id, token, deduplicationId }) => [id, token, deduplicationId]);
  return (await FINISH.run(redis, keysOf(names, 'stalled'), [names.toKey(''), ...args])) as number[];
}
