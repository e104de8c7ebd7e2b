import type { PoolDispatch } from '@baton/core';
import { type QueueLogger, silentLogger } from './logger.js';
import { type Consumption, MemoryRunQueue } from './memory-run-queue.js';
import { PerPoolQueue } from './per-pool-queue.js';
import { asPoolDispatch } from './pool-jobs.js';

/** The queues of pools within one process. */
export class MemoryPoolQueue extends PerPoolQueue<MemoryRunQueue> {
  constructor(private readonly logger: QueueLogger = silentLogger) {
    super();
  }

  /** Runs `handler` for each job of the pool, at most `concurrency` at a time, until closed. */
  consume(pool: string, handler: (dispatch: PoolDispatch) => Promise<void>, options: { concurrency: number }): Consumption {
    return this.queueOf(pool).consume((dispatch) => handler(asPoolDispatch(pool, dispatch)), options);
  }

  protected makeQueue(): MemoryRunQueue {
    return new MemoryRunQueue(this.logger);
  }
}
