import {
  poolDispatchOf,
  poolJobId,
  type Clock,
  type IdlePoolJobsQuery,
  type PoolJob,
  type PoolQueue,
  type RunStore,
} from '@baton/core';
import { ActorLoop } from './actor-loop.js';
import type { EngineObserver } from './engine-observer.js';

export interface PoolRescuerOptions {
  intervalMs: number;
  /** Jobs looked at in one pass. */
  batch: number;
  /** A job that was dispatched more recently is left to whoever dispatched it. */
  graceMs: number;
}

export interface PoolRescue {
  /** Open jobs that no live worker holds. */
  idle: number;
  /** Of these, the ones without a job in the queue, or with a dead holder: this pass has dispatched them again. */
  raised: number;
}

/**
 * Finds nodes that are out in a pool and that nobody works on or will: the job was lost, its worker died or gave it back, Redis was wiped. Any
 * number of rescuers may run at once. What has no worker at all waits in its queue, and fails at its deadline by its run.
 */
export class PoolRescuer {
  private readonly loop: ActorLoop;
  /** Where the walk over all idle jobs stands. */
  private cursor: IdlePoolJobsQuery['after'];

  constructor(
    private readonly parts: { runs: RunStore; pools: PoolQueue; clock: Clock; observer: EngineObserver; random: () => number },
    private readonly options: PoolRescuerOptions,
  ) {
    const pass = async (): Promise<void> => parts.observer.poolsRescued(await this.runOnce());
    this.loop = new ActorLoop('pool rescuer', pass, parts, options.intervalMs);
  }

  start(): void {
    this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  /** One page of what is idle; the next pass goes on after it, and begins anew behind the last. */
  async runOnce(): Promise<PoolRescue> {
    const { runs, pools, clock } = this.parts;
    const { batch, graceMs } = this.options;
    const now = clock.now();
    const after = this.cursor === undefined ? {} : { after: this.cursor };
    const idle = await runs.idlePoolJobs({ now, dispatchedBy: now - graceMs, limit: batch, ...after });
    const orphaned = idle.filter(({ workerId }) => workerId !== null);
    const missing = await this.findMissing(idle.filter(({ workerId }) => workerId === null));
    const outcomes = await Promise.all(
      [...orphaned, ...missing].map(({ runId, seq, token, generation }) =>
        runs.changePoolJob({ runId, seq, kind: 'raise', token, generation }),
      ),
    );
    const raised = outcomes.flatMap((outcome) => (outcome.kind === 'done' ? [poolDispatchOf(outcome.job)] : []));
    if (raised.length > 0) await pools.enqueue(raised);
    const last = idle.length < batch ? undefined : idle.at(-1);
    this.cursor = last === undefined ? undefined : { dispatchedAt: last.dispatchedAt, id: poolJobId(last) };
    return { idle: idle.length, raised: raised.length };
  }

  private async findMissing(jobs: readonly PoolJob[]): Promise<PoolJob[]> {
    if (jobs.length === 0) return [];
    const missing = new Set((await this.parts.pools.findMissing(jobs.map(poolDispatchOf))).map(poolJobId));
    return jobs.filter((job) => missing.has(poolJobId(job)));
  }
}
