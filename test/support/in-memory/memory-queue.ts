import { RunQueue, type Clock, type Dispatch, type QueueDepth } from '@baton/core';
import { PortCalls } from './port-calls.js';

type Consumer = (dispatch: Dispatch) => Promise<void>;

interface Job {
  readonly dispatch: Dispatch;
  /** Who works on it, if anybody does. */
  consumer: Consumer | null;
  wokenUp: boolean;
}

/** How long a job is left to a consumer that is gone. */
const STALLED_AFTER_MS = 30_000;

/** The queue service that all processes share. Everything in it can be lost at once. */
export class QueueService {
  readonly jobs = new Map<string, Job>();
  marked = true;
  reachable = true;
  /** Which consumer gets a job: in turn, unless chance decides. */
  random: (() => number) | null = null;
  private readonly consumers = new Set<Consumer>();
  private readonly workerIds = new Map<Consumer, string>();
  private turn = 0;

  constructor(private readonly clock: Clock) {}

  /** FLUSHALL: no job, no marker. Active jobs go on, unknown to the service. */
  wipe(): void {
    this.jobs.clear();
    this.marked = false;
  }

  add(dispatch: Dispatch): void {
    const id = jobId(dispatch);
    const job = this.jobs.get(id);
    if (job === undefined) this.jobs.set(id, { dispatch: { ...dispatch }, consumer: null, wokenUp: false });
    else if (job.consumer !== null) job.wokenUp = true;
    this.hand();
  }

  /** Gives every job to one of the consumers, in turn. `stop`: takes no more; `die`: is gone, and its jobs are stalled. */
  consume(consumer: Consumer, workerId = ''): { stop: () => void; die: () => void } {
    this.consumers.add(consumer);
    this.workerIds.set(consumer, workerId);
    this.hand();
    const stop = (): void => void this.consumers.delete(consumer);
    const die = (): void => {
      stop();
      for (const [id, job] of this.jobs) if (job.consumer === consumer) void this.rescue(id, job);
    };
    return { stop, die };
  }

  /** The jobs in the hands of these workers, dead ones too. */
  takenBy(workerIds: readonly string[]): Dispatch[] {
    const isTheirs = ({ consumer }: Job): boolean => consumer !== null && workerIds.includes(this.workerIds.get(consumer)!);
    return [...this.jobs.values()].filter(isTheirs).map(({ dispatch }) => dispatch);
  }

  private async rescue(id: string, job: Job): Promise<void> {
    await this.clock.sleep(STALLED_AFTER_MS);
    if (this.jobs.get(id) !== job) return;
    job.consumer = null;
    this.hand();
  }

  private hand(): void {
    if (this.consumers.size === 0) return;
    for (const [id, job] of this.jobs) if (job.consumer === null) void this.work(id, job);
  }

  private async work(id: string, job: Job): Promise<void> {
    const consumers = [...this.consumers];
    this.turn += 1;
    const place = this.random === null ? this.turn % consumers.length : Math.floor(this.random() * consumers.length);
    job.consumer = consumers[place]!;
    await job.consumer(job.dispatch);
    if (this.jobs.get(id) !== job) return;
    this.jobs.delete(id);
    if (job.wokenUp) this.add(job.dispatch);
  }
}

function jobId({ runId, generation }: Dispatch): string {
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

  findTaken(workerIds: readonly string[]): Promise<Dispatch[]> {
    return this.ask('findTaken', workerIds, () => this.service.takenBy(workerIds));
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
      const active = [...this.service.jobs.values()].filter((job) => job.consumer !== null).length;
      return { waiting: this.service.jobs.size - active, active, delayed: 0, failed: 0 };
    });
  }

  async findTrouble(): Promise<null> {
    return null;
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
