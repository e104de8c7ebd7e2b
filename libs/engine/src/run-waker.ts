import {
  faultPoint,
  type Clock,
  type Dispatch,
  type Doorbell,
  type DueQuery,
  type DueRun,
  type RunQueue,
  type RunStore,
} from '@baton/core';
import { ActorLoop } from './actor-loop.js';
import type { EngineObserver } from './engine-observer.js';
import { RecentSet } from './recent-set.js';

export interface RunWakerOptions {
  intervalMs: number;
  /** Runs looked at in one page. */
  batch: number;
  /** A run that has been due for less is left to whoever made it due. */
  graceMs: number;
}

export interface WakerPass {
  due: number;
  /** Runs without a job, or with a dead holder: their generation was raised by this pass, and they were enqueued. */
  raised: number;
  wiped: boolean;
}

const DEATHS_REMEMBERED = 1_000;

/**
 * Relay, rescuer and timer keeper in one question: which runs are due and held by no live lease?
 * A lost job, a lost ring, a dead worker and an empty Redis are one case. Any number of wakers may run at once.
 */
export class RunWaker {
  private readonly loop: ActorLoop;
  /** Where the slow walk over all due runs stands. */
  private cursor: DueQuery['after'];
  /** Up to where runs that came due have been seen. */
  private seen = { wakeAt: 0, runId: '' };
  /** A wipe that has not been made good yet. */
  private wiped = false;
  /** The last dead workers that were rung for. */
  private readonly deaths = new RecentSet<string>(DEATHS_REMEMBERED);

  constructor(
    private readonly parts: {
      runs: RunStore;
      queue: RunQueue;
      doorbell: Doorbell;
      clock: Clock;
      observer: EngineObserver;
      random: () => number;
    },
    private readonly options: RunWakerOptions,
  ) {
    const pass = async (): Promise<void> => parts.observer.wakerPassed(await this.runOnce());
    this.loop = new ActorLoop('waker', pass, parts, options.intervalMs);
  }

  start(): void {
    this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  /** One pass: what has come due since the last one, and one page of what was due before; all of it after a wipe. */
  async runOnce(): Promise<WakerPass> {
    this.wiped = (await this.parts.queue.takeWipeNotice()) || this.wiped;
    if (this.wiped) {
      const swept = await this.sweep();
      this.wiped = false;
      return { ...swept, wiped: true };
    }
    const now = this.parts.clock.now() - this.options.graceMs;
    const fresh = await this.page(now, this.seen);
    const old = await this.page(now, this.cursor);
    const due = [...new Map([...fresh, ...old].map((run) => [run.runId, run])).values()];
    const raised = await this.wake(due);
    // Only now: what could not be woken is looked at again by the next pass.
    this.seen = this.endOf(fresh) ?? { wakeAt: now - this.options.intervalMs, runId: '' };
    this.cursor = this.endOf(old);
    return { due: due.length, raised, wiped: false };
  }

  /** Goes through everything that is due, page by page: after a wipe, or when a predecessor is known to be dead. */
  async sweep(): Promise<{ due: number; raised: number }> {
    const now = this.parts.clock.now();
    let after: DueQuery['after'];
    const total = { due: 0, raised: 0 };
    for (;;) {
      const page = await this.page(now, after);
      total.due += page.length;
      total.raised += await this.wake(page);
      after = this.endOf(page);
      if (after === undefined || this.loop.isStopping) return total;
    }
  }

  /**
   * Dispatches at once what dead workers have left: the runs that they held, and the jobs that they had taken and not yet claimed. Then rings for each
   * of them, also where it cannot dispatch now.
   */
  async rescue(workerIds: readonly string[]): Promise<number> {
    try {
      return await this.dispatchLeftBy(workerIds);
    } finally {
      this.ringFor(workerIds);
    }
  }

  private async dispatchLeftBy(workerIds: readonly string[]): Promise<number> {
    const { runs, queue, clock } = this.parts;
    let raised = await this.raise(await queue.findTaken(workerIds));
    for (let after: DueQuery['after'] | null = null; after !== undefined && !this.loop.isStopping;) {
      const page = await runs.dueRuns({
        now: clock.now(),
        limit: this.options.batch,
        heldBy: workerIds,
        ...(after && { after }),
      });
      raised += await this.raise(page);
      after = this.endOf(page);
    }
    return raised;
  }

  private page(now: number, after: DueQuery['after']): Promise<DueRun[]> {
    return this.parts.runs.dueRuns({ now, limit: this.options.batch, ...(after !== undefined && { after }) });
  }

  /** Where the next page begins; undefined when this one was the last. */
  private endOf(page: readonly DueRun[]): DueQuery['after'] {
    if (page.length < this.options.batch) return undefined;
    const { wakeAt, runId } = page.at(-1)!;
    return { wakeAt, runId };
  }

  /** Raises the generation of what has no job or a dead holder, and enqueues what this call raised. */
  private async wake(due: readonly DueRun[]): Promise<number> {
    if (due.length === 0) return 0;
    const orphaned: Dispatch[] = due.filter((run) => run.deadWorkerId !== null);
    const missing = await this.parts.queue.findMissing(due.filter((run) => run.deadWorkerId === null));
    const raised = await this.raise([...orphaned, ...missing]);
    const dead = new Set(due.map(({ deadWorkerId }) => deadWorkerId).filter((id) => id !== null));
    this.ringFor([...dead].filter((id) => !this.deaths.has(id)));
    return raised;
  }

  /** What a dead worker committed last it may not have rung for. */
  private ringFor(deadWorkerIds: readonly string[]): void {
    for (const id of deadWorkerIds) this.deaths.add(id);
    this.parts.doorbell.ring(deadWorkerIds.map((workerId) => ({ kind: 'death', workerId })));
  }

  private async raise(dispatches: readonly Dispatch[]): Promise<number> {
    if (dispatches.length === 0) return 0;
    const { runs, queue, clock } = this.parts;
    const raised = await runs.raiseGenerations(dispatches, clock.now());
    faultPoint('wake.afterRaise');
    if (raised.length > 0) await queue.enqueue(raised);
    return raised.length;
  }
}
