import type { PoolJob } from './pool-job.js';
import type { RunState } from './run-state.js';
import type { Why } from './why.js';
import type { Worker } from './worker-lease.js';

/** What is known around the nodes of a run that are out in pools. */
export interface PoolSurroundings {
  readonly workers: readonly Worker[];
  /** The rows of the run's dispatches that are open. */
  readonly poolJobs: readonly PoolJob[];
  /** Jobs that wait in the queues of these pools; a queue that does not answer is not in it. */
  readonly poolQueued: ReadonlyMap<string, number>;
}

/** Of each node that is out: in work, behind others, or without anybody to do it. */
export function explainPools(state: RunState, around: PoolSurroundings): Why[] {
  return [...state.dispatched].map(([index, until]): Why => {
    const { id: nodeId } = state.plan.nodes[index]!;
    const { seq, pool, since } = state.nodes[index]!.dispatch!;
    const known = { since, until, nodeId, pool };
    const live = around.workers.filter((worker) => worker.live && worker.pools.includes(pool));
    const job = around.poolJobs.find((open) => open.seq === seq);
    const holder = live.find(({ id }) => id === job?.workerId);
    const latest = `until ${instant(until)} at most`;
    if (holder !== undefined) {
      const takenAt = job!.takenAt!;
      const sentence = `The node ${nodeId} is in work in the pool ${pool} on the worker ${holder.id} since ${instant(takenAt)}, ${latest}`;
      return { code: 'waiting_for_pool', sentence, ...known, since: takenAt, workerId: holder.id };
    }
    if (live.length === 0) {
      const sentence = `The node ${nodeId} waits for the pool ${pool} since ${instant(since)}, ${latest}: no live worker serves it`;
      return { code: 'no_worker_for_pool', sentence, ...known };
    }
    const queued = around.poolQueued.get(pool) ?? 0;
    const jobs = `${queued} ${queued === 1 ? 'job waits' : 'jobs wait'} there`;
    const sentence = `The node ${nodeId} waits for a free worker of the pool ${pool} since ${instant(since)}, ${latest}: ${jobs}`;
    return { code: 'waiting_for_pool', sentence, ...known, others: queued };
  });
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}
