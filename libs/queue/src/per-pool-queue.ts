import { PoolQueue, type PoolDispatch, type QueueDepth, type RunQueue } from '@baton/core';
import { asPoolDispatch, asRunDispatch } from './pool-jobs.js';

/** A {@link PoolQueue} made of one queue a pool, each with all that the queue of runs has; made when its pool is first named. */
export abstract class PerPoolQueue<Q extends RunQueue> extends PoolQueue {
  private readonly queues = new Map<string, Q>();

  async enqueue(dispatches: readonly PoolDispatch[]): Promise<void> {
    const byPool = Map.groupBy(dispatches, ({ pool }) => pool);
    await Promise.all([...byPool].map(([pool, ofPool]) => this.queueOf(pool).enqueue(ofPool.map(asRunDispatch))));
  }

  async findMissing(dispatches: readonly PoolDispatch[]): Promise<PoolDispatch[]> {
    const missing: PoolDispatch[] = [];
    for (const [pool, ofPool] of Map.groupBy(dispatches, (dispatch) => dispatch.pool)) {
      const found = await this.queueOf(pool).findMissing(ofPool.map(asRunDispatch));
      missing.push(...found.map((dispatch) => asPoolDispatch(pool, dispatch)));
    }
    return missing;
  }

  depth(pool: string): Promise<QueueDepth> {
    return this.queueOf(pool).depth();
  }

  protected abstract makeQueue(pool: string): Q;

  protected queueOf(pool: string): Q {
    const known = this.queues.get(pool);
    if (known !== undefined) return known;
    const made = this.makeQueue(pool);
    this.queues.set(pool, made);
    return made;
  }
}
