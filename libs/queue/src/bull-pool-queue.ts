import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { bullQueueOptions } from './bull-options.js';
import { BullRunQueue, type BullRunQueueOptions } from './bull-run-queue.js';
import { PerPoolQueue } from './per-pool-queue.js';
import { POOL_JOB_FORM, poolQueueName } from './pool-jobs.js';

/** The queues of pools on BullMQ. Everything rejects with `queue_unavailable` when Redis does not answer in time. */
export class BullPoolQueue extends PerPoolQueue<BullRunQueue> {
  private readonly bullQueues = new Map<string, Queue>();

  /** @param redis a connection of the kind `queue`  @param prefix that of all keys of BullMQ */
  constructor(
    private readonly redis: Redis,
    private readonly prefix: string,
    private readonly options: Omit<BullRunQueueOptions, 'job' | 'fairness'> = {},
  ) {
    super();
  }

  /** The queue of a pool, for those who show it. */
  bullQueueOf(pool: string): Queue {
    this.queueOf(pool);
    return this.bullQueues.get(pool)!;
  }

  /** Lets go of the queues; the connection stays open: it belongs to who opened it. */
  async close(): Promise<void> {
    await Promise.all([...this.bullQueues.values()].map((queue) => queue.close()));
  }

  protected makeQueue(pool: string): BullRunQueue {
    const queue = new Queue(poolQueueName(pool), { ...bullQueueOptions(this.redis), prefix: this.prefix });
    this.bullQueues.set(pool, queue);
    return new BullRunQueue(queue, this.redis, { ...this.options, job: POOL_JOB_FORM, fairness: 'off' });
  }
}
