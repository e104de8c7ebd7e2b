import type { Run, RunPriority } from './run.js';

/** What a job carries: ids, the generation of its dispatch, and what it must know before it claims, nothing else. The task's id names the lock before SQL is asked. */
export interface Dispatch {
  runId: string;
  taskId: string | null;
  generation: number;
  /** Claims in a row without progress before this dispatch; absent: none. */
  claims?: number;
}

/** A dispatch with what its turn depends on, which the job itself does not carry. */
export interface QueuedDispatch extends Dispatch {
  /** The default tenant when absent. */
  tenantId?: string;
  /** `normal` when absent. */
  priority?: RunPriority;
}

/** A dispatch as SQL knows it. */
export type RunDispatch = QueuedDispatch & Required<Omit<QueuedDispatch, 'claims'>>;

type Dispatched = Pick<Run, 'id' | 'tenantId' | 'taskId' | 'priority' | 'generation'> & { unproductiveClaims?: number };

export function dispatchOf(run: Dispatched): RunDispatch {
  const { id: runId, tenantId, taskId, priority, generation, unproductiveClaims: claims = 0 } = run;
  return { runId, tenantId, taskId, priority, generation, ...(claims > 0 && { claims }) };
}

/** How deep the queue is, by what its jobs wait for. */
export interface QueueDepth {
  waiting: number;
  active: number;
  delayed: number;
  failed: number;
}

/**
 * Moves runs to workers. Lossy by contract: SQL knows what is due, the waker repairs what is lost.
 * Jobs are deduplicated under `<run>.<generation>`; a wake-up while the job is active makes it run once more.
 *
 * Where it is fair, tenants take turns: a job stands behind those of its own tenant, and before the many of another. High ones pass the others of
 * their tenant, eight to a turn; low ones come when their tenant has had some hundred turns since, so none waits for ever. Else: first in, first out.
 */
export abstract class RunQueue {
  /** `bullmq` or `memory`. */
  abstract readonly kind: 'bullmq' | 'memory';
  /** Enqueues within a bound. Rejects fast when the queue cannot be reached; the run is then dispatched by the waker. */
  abstract enqueue(dispatches: readonly QueuedDispatch[]): Promise<void>;
  /** Of these runs, which nobody holds, the ones that have no job: lost, never made, or taken by a worker that has not claimed the run since. */
  abstract findMissing(dispatches: readonly Dispatch[]): Promise<Dispatch[]>;
  /** The dispatches that these workers have taken off the queue and not finished: with a worker that is dead nobody else would do them for long. */
  abstract findTaken(workerIds: readonly string[]): Promise<Dispatch[]>;
  /** True once after the queue has lost its data (or is new): sets the marker that tells. Of many callers one hears it. */
  abstract takeWipeNotice(): Promise<boolean>;
  abstract depth(): Promise<QueueDepth>;
  /** For operators: why the queue may lose or refuse what it is given, though it answers. Null: nothing is known. */
  abstract findTrouble(): Promise<string | null>;
  /** Whether the queue answers now, measured by a command within a bound. */
  abstract ping(): Promise<boolean>;
}
