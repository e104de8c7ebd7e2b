import { RunQueue, type Dispatch, type QueueDepth } from '@baton/core';
import { PortCalls } from './port-calls.js';

interface Job {
  readonly dispatch: Dispatch;
  active: boolean;
  wokenUp: boolean;
}

/** The queue service that all processes share. Everything in it can be lost at once. */
export class QueueService {
  readonly jobs = new Map<string, Job>();
  marked = true;
  reachable = true;
  private readonly consumers = new Set<(dispatch: Dispatch) => Promise<void>>();
  private turn = 0;

  /** FLUSHALL: no job, no marker. Active jobs go on, unknown to the service. */
  wipe(): void {
    this.jobs.clear();
    this.marked = false;
  }

  add(dispatch: Dispatch): void {
    const id = jobId(dispatch);
    const job = this.jobs.get(id);
    if (job?.active) job.wokenUp = true;
    else if (job === undefined) this.jobs.set(id, { dispatch: { ...dispatch }, active: false, wokenUp: false });
    this.hand();
  }

  /** Gives every job to one of the consumers, in turn. Returns the way to stop. */
  consume(handler: (dispatch: Dispatch) => Promise<void>): () => void {
    this.consumers.add(handler);
    this.hand();
    return () => this.consumers.delete(handler);
  }

  private hand(): void {
    if (this.consumers.size === 0) return;
    for (const [id, job] of this.jobs) if (!job.active) void this.work(id, job);
  }

  private async work(id: string, job: Job): Promise<void> {
    job.active = true;
    const consumers = [...this.consumers];
    this.turn += 1;
    await consumers[this.turn % consumers.length]!(job.dispatch);
    if (this.jobs.get(id) !== job) return;
    this.jobs.delete(id);
    if (job.wokenUp) this.add(job.dispatch);
  }
}

export function jobId({ runId, generation }: Dispatch): string {
  return `${runId}.${generation}`;
}

/** {@link RunQueue} of one process. */
export class MemoryQueue extends RunQueue {
  readonly kind = 'memory';

  constructor(
    private readonly service: QueueService,
    readonly calls = new PortCalls(),
  ) {
    super();
  }

  enqueue(dispatches: readonly Dispatch[]): Promise<void> {
    return this.ask('enqueue', dispatches, () => dispatches.forEach((dispatch) => this.service.add(dispatch)));
  }

  findMissing(dispatches: readonly Dispatch[]): Promise<Dispatch[]> {
    return this.ask('findMissing', dispatches, () => dispatches.filter((dispatch) => !this.service.jobs.has(jobId(dispatch))));
  }

  takeWipeNotice(): Promise<boolean> {
    return this.ask('takeWipeNotice', null, () => {
      const wiped = !this.service.marked;
      this.service.marked = true;
      return wiped;
    });
  }

  depth(): Promise<QueueDepth> {
    return this.ask('depth', null, () => {
      const active = [...this.service.jobs.values()].filter((job) => job.active).length;
      return { waiting: this.service.jobs.size - active, active, delayed: 0, failed: 0 };
    });
  }

  async ping(): Promise<boolean> {
    return this.service.reachable;
  }

  private ask<T>(operation: string, request: unknown, work: () => T): Promise<T> {
    return this.calls.make(operation, request, () => {
      if (!this.service.reachable) throw new Error('the queue cannot be reached');
      return work();
    });
  }
}
