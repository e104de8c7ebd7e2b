import type { Clock, LimitLoad, PoolQueue, QueueDepth, RunPlaces, RunQueue, RunStore, Worker, WorkerRegistry } from '@baton/core';
import type { Backlog } from './backlog.js';

/** A limit, how much of it is in use, and how much is free. */
export interface Used {
  limit: number;
  used: number;
  free: number;
}

export interface PoolCapacity {
  pool: string;
  /** Live workers that serve it. */
  workers: number;
  /** Jobs that wait, and jobs in work; null: its queue does not answer. */
  waiting: number | null;
  active: number | null;
}

/** A live worker: what of its places is in use, as it has told itself. */
export interface WorkerCapacity {
  id: string;
  pools: readonly string[];
  /** Null: it takes no runs, or does not say how many. */
  runs: Used | null;
  nodes: Used | null;
}

export interface WorkflowCapacity {
  /** What carries the jobs. */
  queue: RunQueue['kind'];
  /** Runs that workers advance now; null: the queue does not answer. */
  active: Used | null;
  backlog: Used;
  /** Since when the run that waits longest has been due with no worker on it; null: none is due. */
  oldestDueAt: number | null;
  /** The live workers. */
  workers: WorkerCapacity[];
  /** The places of those that take runs, added up. */
  places: { runs: Used; nodes: Used };
  /** The limits of the tenant that runs were submitted under, its own first, those with the most live runs first. */
  limits: LimitLoad[];
  pools: PoolCapacity[];
}

/** Limits that an answer lists. */
const LIMITS_LISTED = 200;

/** Says how much may run, how much does, and what waits. The deployment's figures are kept for a moment: asking often costs little. */
export class CapacityReporter {
  private shared: { at: number; report: Promise<Omit<WorkflowCapacity, 'limits'>> } | null = null;

  constructor(
    private readonly parts: {
      places: Pick<RunPlaces, 'list'>;
      backlog: Backlog;
      registry: Pick<WorkerRegistry, 'list'>;
      runs: Pick<RunStore, 'dueRuns'>;
      queue: Pick<RunQueue, 'depth' | 'kind'>;
      pools: Pick<PoolQueue, 'depth'>;
      clock: Clock;
    },
    private readonly options: { maxActiveRuns: number; freshForMs: number },
  ) {}

  async report(tenantId: string): Promise<WorkflowCapacity> {
    const [shared, limits] = await Promise.all([this.readShared(), this.parts.places.list(tenantId, LIMITS_LISTED)]);
    return { ...shared, limits };
  }

  private readShared(): Promise<Omit<WorkflowCapacity, 'limits'>> {
    const now = this.parts.clock.monotonic();
    if (this.shared !== null && now - this.shared.at < this.options.freshForMs) return this.shared.report;
    const report = this.measure();
    this.shared = { at: now, report };
    report.catch(() => (this.shared = null));
    return report;
  }

  private async measure(): Promise<Omit<WorkflowCapacity, 'limits'>> {
    const { registry, queue, backlog, clock } = this.parts;
    const [depth, workers, queued, due] = await Promise.all([
      orNull(queue.depth()),
      registry.list(),
      backlog.measure(),
      this.parts.runs.dueRuns({ now: clock.now(), limit: 1 }),
    ]);
    const live = workers.filter((worker) => worker.live);
    const capacities = live.map(capacityOf);
    return {
      queue: queue.kind,
      active: depth === null ? null : usedOf(this.options.maxActiveRuns, depth.active),
      backlog: usedOf(backlog.capacity, queued),
      oldestDueAt: due[0]?.wakeAt ?? null,
      workers: capacities,
      places: { runs: sumOf(capacities.map(({ runs }) => runs)), nodes: sumOf(capacities.map(({ nodes }) => nodes)) },
      pools: await this.measurePools(live),
    };
  }

  private measurePools(live: readonly Worker[]): Promise<PoolCapacity[]> {
    const names = [...new Set(live.flatMap(({ pools }) => pools))].toSorted();
    return Promise.all(
      names.map(async (pool) => {
        const depth = await orNull(this.parts.pools.depth(pool));
        const workers = live.filter(({ pools }) => pools.includes(pool)).length;
        return { pool, workers, waiting: depth?.waiting ?? null, active: depth?.active ?? null };
      }),
    );
  }
}

function usedOf(limit: number, used: number): Used {
  return { limit, used, free: Math.max(0, limit - used) };
}

function capacityOf({ id, pools, takesRuns, capacity, load }: Worker): WorkerCapacity {
  if (!takesRuns || capacity === null) return { id, pools, runs: null, nodes: null };
  return { id, pools, runs: usedOf(capacity.runs, load.runs), nodes: usedOf(capacity.nodes, load.nodes) };
}

function sumOf(places: readonly (Used | null)[]): Used {
  const known = places.filter((some) => some !== null);
  const sum = (field: keyof Used): number => known.reduce((total, some) => total + some[field], 0);
  return { limit: sum('limit'), used: sum('used'), free: sum('free') };
}

function orNull(depth: Promise<QueueDepth>): Promise<QueueDepth | null> {
  return depth.catch(() => null);
}
