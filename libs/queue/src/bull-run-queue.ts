import { BatonError, type Dispatch, type QueueDepth, type QueuedDispatch, RunQueue } from '@baton/core';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { addJobs, JOBS_PER_CALL } from './bull-batch.js';
import { deduplicationId, parseDispatch, RUN_JOB, type RunJobData, runJobOptions, storedJobOptions } from './bull-options.js';
import { RedisScript } from './redis-script.js';
import { RedisTurns } from './redis-turns.js';
import { TurnGroup } from './turn-group.js';
import { type Fairness } from './turns.js';
import { within } from './within.js';

export interface BullRunQueueOptions {
  /** Bound of each call to Redis, ms. Default 2000. */
  commandTimeoutMs?: number;
  /** A job that a worker took so long ago, ms, of a run that nobody has claimed since, counts as missing: its worker died. Default 3000. */
  takenForMs?: number;
  /** What a job is called and carries. Default: a run's. */
  job?: JobForm;
  /** Jobs that all workers together have in work at once; none: as many as they take. */
  maxActive?: number;
  /** Whether tenants take turns and priorities count. Default `auto`. */
  fairness?: Fairness;
}

/** What a job is called and carries on the wire. */
export interface JobForm {
  readonly name: string;
  dataOf(dispatch: Dispatch): object;
}

const RUN_JOB_FORM: JobForm = { name: RUN_JOB, dataOf: jobData };

/**
 * Finds deduplication keys without a job: absent, of a job whose hash is gone, of one that was taken too long ago, or of one that waits in a list
 * which is gone: a Redis that is allowed to drop keys drops them one by one.
 *
 * KEYS[1..n-2] the deduplication keys   KEYS[n-1] the list of jobs that wait   KEYS[n] the set of those that wait for their turns
 * ARGV[1] what BullMQ puts before a job's id
 * ARGV[2] the instant, ms, before which it was taken too long ago
 * Result: the positions, from 1, of the missing ones.
 */
const FIND_MISSING = new RedisScript(`
local missing = {}
local nothingWaits = redis.call('EXISTS', KEYS[#KEYS - 1]) == 0
local function waits(job, level)
  if tonumber(level) == 0 then return not nothingWaits end
  return redis.call('ZSCORE', KEYS[#KEYS], job) or not nothingWaits
end
for i = 1, #KEYS - 2 do
  local job = redis.call('GET', KEYS[i])
  local hash = job and redis.call('HMGET', ARGV[1] .. job, 'timestamp', 'processedOn', 'priority')
  local taken = hash and tonumber(hash[2])
  local isThere = hash and hash[1] and (taken and taken >= tonumber(ARGV[2]) or not taken and waits(job, hash[3]))
  if not isThere then missing[#missing + 1] = i end
end
return missing
`);

/**
 * Finds the jobs in work that workers of these names have taken.
 *
 * KEYS[1] the list of jobs in work   ARGV[1] what BullMQ puts before a job's id   ARGV[2..n] the names
 * Result: the data of the jobs.
 */
const FIND_TAKEN = new RedisScript(`
local wanted = {}
for i = 2, #ARGV do wanted[ARGV[i]] = true end
local taken = {}
for _, job in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  local hash = redis.call('HMGET', ARGV[1] .. job, 'pb', 'data')
  if hash[1] and hash[2] and wanted[hash[1]] then taken[#taken + 1] = hash[2] end
end
return taken
`);

/** {@link RunQueue} on BullMQ. Everything rejects with `queue_unavailable` when Redis does not answer in time. */
export class BullRunQueue extends RunQueue {
  readonly kind = 'bullmq';
  private readonly commandTimeoutMs: number;
  private readonly takenForMs: number;
  private readonly job: JobForm;
  private readonly maxActive: number | null;
  private readonly turns: RedisTurns;
  /** What one turn of the event loop enqueues is one script call. */
  private readonly adds = new TurnGroup<QueuedDispatch, void>(JOBS_PER_CALL, async (dispatches) => {
    await this.bounded(() => this.addJobs(dispatches));
    return [];
  });
  /** Whether this process has told Redis of it. */
  private isMaxActiveSet = false;

  /** @param queue made with `bullQueueOptions(redis)`  @param redis a connection of the kind `queue` */
  constructor(
    private readonly queue: Queue,
    private readonly redis: Redis,
    options: BullRunQueueOptions = {},
  ) {
    super();
    this.commandTimeoutMs = options.commandTimeoutMs ?? 2_000;
    this.takenForMs = options.takenForMs ?? 3_000;
    this.job = options.job ?? RUN_JOB_FORM;
    this.maxActive = options.maxActive ?? null;
    this.turns = new RedisTurns(redis, options.fairness ?? 'auto', {
      waiting: queue.toKey('prioritized'),
      turns: `baton:${queue.qualifiedName}:turns`,
      fair: `baton:${queue.qualifiedName}:fair`,
    });
    // The connection logs its own errors; without a listener, BullMQ would print them.
    queue.on('error', () => undefined);
  }

  async enqueue(dispatches: readonly QueuedDispatch[]): Promise<void> {
    // BullMQ would wait for the connection.
    if (this.redis.status !== 'ready') throw unavailable();
    await Promise.all(dispatches.map((dispatch) => this.adds.ask(dispatch)));
  }

  async findMissing(dispatches: readonly Dispatch[]): Promise<Dispatch[]> {
    const missing: Dispatch[] = [];
    const takenBefore = Date.now() - this.takenForMs;
    for (const batch of batches(dispatches)) {
      const keys = batch.map((dispatch) => this.queue.toKey(`de:${deduplicationId(dispatch)}`));
      keys.push(this.queue.toKey('wait'), this.queue.toKey('prioritized'));
      const positions = await this.bounded(() => FIND_MISSING.run(this.redis, keys, [this.queue.toKey(''), String(takenBefore)]));
      const found = new Set(positions as number[]);
      missing.push(...batch.filter((_, index) => found.has(index + 1)));
    }
    return missing;
  }

  async findTaken(workerIds: readonly string[]): Promise<Dispatch[]> {
    const args = [this.queue.toKey(''), ...workerIds];
    const taken = await this.bounded(() => FIND_TAKEN.run(this.redis, [this.queue.toKey('active')], args));
    return (taken as string[]).map((data) => parseDispatch(JSON.parse(data)));
  }

  async takeWipeNotice(): Promise<boolean> {
    const marker = `baton:${this.queue.qualifiedName}:known`;
    const isWiped = (await this.bounded(() => this.redis.set(marker, new Date().toISOString(), 'NX'))) === 'OK';
    if (isWiped) this.isMaxActiveSet = false;
    // Tried again at the next call: the notice must not be lost with it.
    if (!this.isMaxActiveSet) await this.limitActive().catch(() => undefined);
    return isWiped;
  }

  async depth(): Promise<QueueDepth> {
    const counts = await this.bounded(() => this.queue.getJobCounts('wait', 'prioritized', 'active', 'delayed', 'failed'));
    return {
      waiting: (counts.wait ?? 0) + (counts.prioritized ?? 0),
      active: counts.active ?? 0,
      delayed: counts.delayed ?? 0,
      failed: counts.failed ?? 0,
    };
  }

  /** By Redis' own word: it may drop keys under a policy other than `noeviction`, and refuses writes when its memory is used up. */
  async findTrouble(): Promise<string | null> {
    const info = await this.bounded(() => this.redis.info('memory'));
    const valueOf = (field: string): string => new RegExp(`^${field}:(\\S*)`, 'm').exec(info)?.[1] ?? '';
    const [used, most, policy] = [Number(valueOf('used_memory')), Number(valueOf('maxmemory')), valueOf('maxmemory_policy')];
    if (!(most > 0)) return null;
    if (policy !== 'noeviction') return `Redis may drop keys: its maxmemory-policy is ${policy}, and should be noeviction`;
    return used >= most ? 'Redis is out of memory and refuses writes' : null;
  }

  async ping(): Promise<boolean> {
    try {
      return (await this.bounded(() => this.redis.ping())) === 'PONG';
    } catch {
      return false;
    }
  }

  /** BullMQ keeps the bound beside the queue, for all its workers: it is gone with a wipe. */
  private async limitActive(): Promise<void> {
    const { maxActive } = this;
    if (maxActive !== null) await this.bounded(() => this.queue.setGlobalConcurrency(maxActive));
    this.isMaxActiveSet = true;
  }

  private async addJobs(dispatches: readonly QueuedDispatch[]): Promise<void> {
    const levels = await this.turns.levelsOf(dispatches);
    const { name } = this.job;
    const jobs = dispatches.map((dispatch, index) => ({
      ...{ name, data: JSON.stringify(this.job.dataOf(dispatch)), deduplicationId: deduplicationId(dispatch) },
      ...{ options: storedJobOptions(dispatch, levels[index]!), level: levels[index] ?? 0 },
    }));
    const left = await addJobs(this.redis, this.queue, jobs);
    const add = (at: number) =>
      this.queue.add(name, this.job.dataOf(dispatches[at]!), runJobOptions(dispatches[at]!, levels[at]!));
    await Promise.all(left.map(add));
  }

  private async bounded<T>(command: () => Promise<T>): Promise<T> {
    // BullMQ would wait for the connection.
    if (this.redis.status !== 'ready') throw unavailable();
    try {
      return await within(command(), this.commandTimeoutMs, unavailable);
    } catch (error) {
      throw error instanceof BatonError ? error : unavailable(error);
    }
  }
}

function jobData({ runId, taskId, generation, claims }: Dispatch): RunJobData {
  return { run_id: runId, task_id: taskId, generation, ...(claims !== undefined && { claims }) };
}

function* batches<D extends Dispatch>(dispatches: readonly D[]): Generator<readonly D[]> {
  for (let from = 0; from < dispatches.length; from += JOBS_PER_CALL) yield dispatches.slice(from, from + JOBS_PER_CALL);
}

function unavailable(cause?: unknown): BatonError {
  return new BatonError('queue_unavailable', 'Redis did not answer in time', {}, { cause });
}
