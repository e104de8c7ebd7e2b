import { BatonError, type Dispatch } from '@baton/core';
import type { JobsOptions, QueueOptions, WorkerOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { WORKER_BLOCK_SECONDS } from './redis-connection.js';

/** The queue of runs. */
export const RUN_QUEUE = 'runs';

/** The name of every job in it. */
export const RUN_JOB = 'run';

/** What a job carries on the wire: nothing but who is meant. */
export interface RunJobData {
  run_id: string;
  task_id: string | null;
  generation: number;
}

const runJobData = z.object({
  run_id: z.string().min(1),
  task_id: z.string().min(1).nullable(),
  generation: z.int().min(0),
  claims: z.int().min(1).optional(),
});

/** Reads a job's data. @throws BatonError `invalid_request`: then the job is not ours, and fails where operators see it. */
export function parseDispatch(data: unknown): Dispatch {
  const parsed = runJobData.safeParse(data);
  if (!parsed.success) throw new BatonError('invalid_request', 'The job carries no run', {}, { cause: parsed.error });
  const { run_id: runId, task_id: taskId, generation, claims } = parsed.data;
  return { runId, taskId, generation, ...(claims !== undefined && { claims }) };
}

/** Under what a dispatch is deduplicated. */
export function deduplicationId(dispatch: Pick<Dispatch, 'runId' | 'generation'>): string {
  return `${dispatch.runId}.${dispatch.generation}`;
}

/** Failed jobs that operators can look at; a failed job means a defect or an outage, never a failed run. */
const FAILED_JOBS_KEPT = 200;

const DEDUPLICATION = { keepLastIfActive: true };
const COMMON_OPTIONS = {
  // Attempts are counted in the journal.
  attempts: 1,
  removeOnComplete: true,
  removeOnFail: { count: FAILED_JOBS_KEPT },
  stackTraceLimit: 3,
};
const [DEDUPLICATION_TEXT, COMMON_TEXT] = [DEDUPLICATION, COMMON_OPTIONS].map((options) => JSON.stringify(options).slice(1));

/**
 * How a dispatch becomes a job. BullMQ keeps the deduplication key without a TTL for as long as the job lives, and deletes it with the job's
 * end, done or failed. An add while the job waits changes nothing; one while it is active is kept aside, and becomes a fresh job in the very
 * script that ends the active one. So at most one job waits and one wake-up is remembered, and nothing stays behind that would swallow an add.
 *
 * @param level of its turn; null: before all that have one, first in first out
 */
export function runJobOptions(dispatch: Dispatch, level: number | null): JobsOptions {
  return {
    ...(level !== null && { priority: level }),
    deduplication: { id: deduplicationId(dispatch), ...DEDUPLICATION },
    ...COMMON_OPTIONS,
  };
}

/** The same as BullMQ stores it: text that all jobs have in common, around the two values that differ. */
export function storedJobOptions(dispatch: Dispatch, level: number | null): string {
  const priority = level === null ? '' : `"priority":${level},`;
  return `{${priority}"de":{"id":${JSON.stringify(deduplicationId(dispatch))},${DEDUPLICATION_TEXT},${COMMON_TEXT}`;
}

/**
 * Options of the producing `Queue`, over a connection of the kind `queue`.
 *
 * The version check is off: BullMQ makes it once, and a connection that breaks in that instant would leave the queue useless for ever.
 */
export function bullQueueOptions(connection: Redis): QueueOptions {
  return { connection, skipVersionCheck: true, streams: { events: { maxLen: 100 } } };
}

/** For how long a job is its worker's without renewal. */
export const LOCK_MS = 15_000;

/**
 * Options of a BullMQ `Worker`, over a connection of the kind `worker`.
 *
 * A dead worker's runs are found by its SQL lease and dispatched again under a new generation; BullMQ's stalled check is the second net, for
 * jobs whose worker died before it claimed. It must neither be hasty (a job that looks stalled because the event loop was blocked runs again,
 * and is turned away by the lease or the epoch) nor ever fail a run: the claims in SQL tell poison from bad luck, so stalls are not limited.
 */
export function bullWorkerOptions(connection: Redis, { id, concurrency }: { id: string; concurrency: number }): WorkerOptions {
  return {
    connection,
    concurrency,
    // In each job that it takes: who has it, should it die.
    name: id,
    lockDuration: LOCK_MS,
    stalledInterval: 5_000,
    maxStalledCount: Number.MAX_SAFE_INTEGER,
    drainDelay: WORKER_BLOCK_SECONDS,
    // After an outage: try again at once, not after BullMQ's 15 s.
    runRetryDelay: 500,
    // As for the queue: a check that fails once would leave the worker useless for ever.
    skipVersionCheck: true,
  };
}
