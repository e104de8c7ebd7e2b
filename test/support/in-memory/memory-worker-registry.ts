import { WorkerRegistry, type NewWorker, type Worker, type WorkerLoad } from '@baton/core';
import type { MemoryDatabase } from './memory-database.js';
import { PortCalls } from './port-calls.js';

/** {@link WorkerRegistry} of one process over the shared tables; the database's clock says which lease lives. */
export class MemoryWorkerRegistry extends WorkerRegistry {
  constructor(
    private readonly db: MemoryDatabase,
    readonly calls = new PortCalls(),
  ) {
    super();
  }

  register(worker: NewWorker, ttlMs: number): Promise<void> {
    return this.calls.make('register', worker, () => {
      const unsaid = { agentTools: null, pools: [], takesRuns: true, capacity: null };
      const leaseUntil = this.db.clock.now() + ttlMs;
      this.db.workers.set(worker.id, { ...unsaid, ...worker, leaseUntil, load: { runs: 0, nodes: 0 } });
    });
  }

  renew(workerId: string, ttlMs: number, load: WorkerLoad): Promise<boolean> {
    return this.calls.make('renew', workerId, () => {
      if (!this.db.isLive(workerId)) return false;
      Object.assign(this.db.workers.get(workerId)!, { leaseUntil: this.db.clock.now() + ttlMs, load });
      return true;
    });
  }

  expire(workerId: string, leaseUntil?: number): Promise<boolean> {
    return this.calls.make('expire', workerId, () => {
      const worker = this.db.workers.get(workerId);
      if (worker === undefined || !this.db.isLive(workerId)) return false;
      if (leaseUntil !== undefined && worker.leaseUntil !== leaseUntil) return false;
      worker.leaseUntil = this.db.clock.now();
      return true;
    });
  }

  isLive(workerId: string): Promise<boolean> {
    return this.calls.make('isLive', workerId, () => this.db.isLive(workerId));
  }

  list(): Promise<Worker[]> {
    return this.calls.make('list', null, () =>
      [...this.db.workers.values()]
        .map((worker) => ({ ...worker, live: this.db.isLive(worker.id) }))
        .sort((a, b) => Number(b.live) - Number(a.live)),
    );
  }

  forget(endedBefore: number): Promise<number> {
    return this.calls.make('forget', endedBefore, () => {
      const holders = new Set([...this.db.runs.values()].map((run) => run.workerId));
      const ended = [...this.db.workers.values()].filter((worker) => worker.leaseUntil < endedBefore && !holders.has(worker.id));
      for (const { id } of ended) this.db.workers.delete(id);
      return ended.length;
    });
  }
}
