/** Runs and nodes of one worker: how many it takes at once, or has in work. The nodes of pools are not among them. */
export interface WorkerLoad {
  runs: number;
  nodes: number;
}

/** A worker process as the registry knows it: who it is, what it can run, and until when it counts as alive. */
export interface Worker {
  id: string;
  host: string;
  pid: number;
  /** Tells two processes with one pid apart: what the operating system says of the process's start. */
  processStart: string;
  startedAt: number;
  /** On the database's clock, milliseconds since the epoch. */
  leaseUntil: number;
  live: boolean;
  nodeTypes: string[];
  /** The tools that its agents can be given; null: it does not say. */
  agentTools: string[] | null;
  /** The pools whose nodes it executes. */
  pools: string[];
  /** False: it executes nodes of its pools only, and advances no runs. */
  takesRuns: boolean;
  /** What it takes at once; null: it does not say. */
  capacity: WorkerLoad | null;
  /** What it had in work when its lease was last renewed. */
  load: WorkerLoad;
}

/** Without pools it serves none; it takes runs unless it says otherwise, and has nothing in work. */
export type NewWorker = Pick<Worker, 'id' | 'host' | 'pid' | 'processStart' | 'startedAt' | 'nodeTypes'> &
  Partial<Pick<Worker, 'agentTools' | 'pools' | 'takesRuns' | 'capacity'>>;

/** The registry of workers and their leases: one SQL row a process, on the database's clock. */
export abstract class WorkerRegistry {
  /** Announces a worker with a lease of `ttlMs` from now. */
  abstract register(worker: NewWorker, ttlMs: number): Promise<void>;
  /**
   * Extends the lease, and says what the worker has in work; false, and nothing is changed, when it had ended or was ended by another before:
   * others may hold the worker's runs by now.
   */
  abstract renew(workerId: string, ttlMs: number, load: WorkerLoad): Promise<boolean>;
  /**
   * Ends the lease at once: an early takeover, or a clean goodbye. Safe at any time: the epoch fences the old owner. With `leaseUntil` only where
   * the lease has not been renewed since it was read so. Returns whether this call ended it.
   */
  abstract expire(workerId: string, leaseUntil?: number): Promise<boolean>;
  abstract isLive(workerId: string): Promise<boolean>;
  /** Workers with a live lease first; those that ended longer than `endedForMs` ago are left out, and removed. */
  abstract list(): Promise<Worker[]>;
  /** Removes the rows of workers whose lease ended before `endedBefore` and that hold no run; returns how many. */
  abstract forget(endedBefore: number): Promise<number>;
}
