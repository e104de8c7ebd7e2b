import { parsePoolJobId, PoolQueue, poolJobId, type Clock, type Dispatch, type PoolDispatch, type QueueDepth } from '@baton/core';
import { QueueService } from './memory-queue.js';
import { PortCalls } from './port-calls.js';

/** The queues of all pools that all processes share. Everything in them can be lost at once. */
export class PoolService {
  reachable = true;
  private readonly queues = new Map<string, QueueService>();

  constructor(private readonly clock: Clock) {}

  of(pool: string): QueueService {
    const known = this.queues.get(pool) ?? new QueueService(this.clock);
    this.queues.set(pool, known);
    return known;
  }

  /** FLUSHALL. */
  wipe(): void {
    for (const queue of this.queues.values()) queue.wipe();
  }

  consume(pool: string, consumer: (dispatch: PoolDispatch) => Promise<void>): ReturnType<QueueService['consume']> {
    return this.of(pool).consume(({ runId: jobId, generation }) => consumer({ pool, ...parsePoolJobId(jobId)!, generation }));
  }
}

/** {@link PoolQueue} of one process. */
export class MemoryPools extends PoolQueue {
  constructor(
    private readonly service: PoolService,
    readonly calls = new PortCalls(),
  ) {
    super();
  }

  enqueue(dispatches: readonly PoolDispatch[]): Promise<void> {
    return this.ask('enqueue', dispatches, () => {
      for (const dispatch of dispatches) this.service.of(dispatch.pool).add(asJob(dispatch));
    });
  }

  findMissing(dispatches: readonly PoolDispatch[]): Promise<PoolDispatch[]> {
    return this.ask('findMissing', dispatches, () =>
      dispatches.filter((dispatch) => !this.service.of(dispatch.pool).jobs.has(`${poolJobId(dispatch)}.${dispatch.generation}`)),
    );
  }

  depth(pool: string): Promise<QueueDepth> {
    return this.ask('depth', pool, () => {
      const jobs = [...this.service.of(pool).jobs.values()];
      const active = jobs.filter((job) => job.consumer !== null).length;
      return { waiting: jobs.length - active, active, delayed: 0, failed: 0 };
    });
  }

  private ask<T>(operation: string, request: unknown, work: () => T): Promise<T> {
    return this.calls.make(operation, request, () => {
      if (!this.service.reachable) throw new Error('the queue cannot be reached');
      return work();
    });
  }
}

function asJob(dispatch: PoolDispatch): Dispatch {
  return { runId: poolJobId(dispatch), taskId: null, generation: dispatch.generation };
}
