import type { PoolJob, PoolJobKey } from './pool-job.js';
import type { QueueDepth } from './run-queue.js';

/** What a job of a pool's queue carries: which dispatch is meant, and the generation of the job. */
export interface PoolDispatch extends PoolJobKey {
  readonly pool: string;
  readonly generation: number;
}

export function poolDispatchOf({ runId, seq, pool, generation }: PoolJob): PoolDispatch {
  return { runId, seq, pool, generation };
}

/**
 * Moves nodes to the workers of their pool, one queue a pool. Lossy by contract: SQL knows what is out, the rescuer repairs what is lost.
 * Jobs are deduplicated under `<run>.<seq>.<generation>`.
 */
export abstract class PoolQueue {
  /** Enqueues within a bound; rejects fast when the queue cannot be reached. */
  abstract enqueue(dispatches: readonly PoolDispatch[]): Promise<void>;
  /** Of these, which nobody holds, the ones that have no job in their queue. */
  abstract findMissing(dispatches: readonly PoolDispatch[]): Promise<PoolDispatch[]>;
  abstract depth(pool: string): Promise<QueueDepth>;
}
