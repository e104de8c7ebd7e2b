import { describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Worker } from 'bullmq';
import type { PoolDispatch, PoolQueue } from '@baton/core';
import { BullPoolQueue, bullWorkerOptions, closeWorker, MemoryPoolQueue, parsePoolDispatch, poolQueueName } from '@baton/queue';
import { freshName, RedisBench, until } from '../support/redis-clients.js';

type Handler = (dispatch: PoolDispatch) => Promise<void>;

interface PoolService {
  queue(): Promise<PoolQueue>;
  consume(pool: string, handler: Handler): Promise<{ stop(): Promise<void> }>;
}

const bench = new RedisBench();

const services: Record<string, () => PoolService> = {
  bullmq: () => {
    const prefix = freshName();
    return {
      queue: async () => new BullPoolQueue(await bench.connect('queue'), prefix),
      consume: async (pool, handler) => {
        const connection = await bench.connect('worker');
        const worker = new Worker(poolQueueName(pool), (job) => handler(parsePoolDispatch(pool, job.data)), {
          ...bullWorkerOptions(connection, { id: 'w1', concurrency: 10 }),
          prefix,
        });
        worker.on('error', () => undefined);
        await worker.waitUntilReady();
        return { stop: async () => void (await closeWorker(worker, 5_000)) };
      },
    };
  },
  memory: () => {
    const queue = new MemoryPoolQueue();
    return {
      queue: async () => queue,
      consume: async (pool, handler) => {
        const consumption = queue.consume(pool, handler, { concurrency: 10 });
        return { stop: () => consumption.close(5_000) };
      },
    };
  },
};

function dispatch(pool: string, change: Partial<PoolDispatch> = {}): PoolDispatch {
  return { pool, runId: randomUUID(), seq: 2, generation: 0, ...change };
}

const EMPTY = { waiting: 0, active: 0, delayed: 0, failed: 0 };

describe.each(Object.keys(services))('the queues of pools (%s)', (name) => {
  const service = (): PoolService => services[name]!();

  test('hand each dispatch to a consumer of its pool, and to no other', async () => {
    const { queue, consume } = service();
    const pools = await queue();
    const dispatches = ['gpu', 'net', 'gpu', 'net', 'gpu'].map((pool, index) => dispatch(pool, { seq: index + 1 }));
    await pools.enqueue(dispatches);
    expect(await pools.depth('gpu')).toEqual({ ...EMPTY, waiting: 3 });
    expect(await pools.depth('none')).toEqual(EMPTY);
    const given: PoolDispatch[] = [];
    const consumer = await consume('gpu', async (one) => void given.push(one));
    await until(() => given.length === 3, 10_000);
    await consumer.stop();
    expect(given.toSorted((a, b) => a.seq - b.seq)).toEqual(dispatches.filter(({ pool }) => pool === 'gpu'));
    expect([await pools.depth('gpu'), await pools.depth('net')]).toEqual([EMPTY, { ...EMPTY, waiting: 2 }]);
  });

  test('keep one job for a dispatch, and another for its next generation', async () => {
    const { queue } = service();
    const pools = await queue();
    const one = dispatch('gpu');
    await pools.enqueue([one, one]);
    await pools.enqueue([one]);
    expect((await pools.depth('gpu')).waiting).toBe(1);
    await pools.enqueue([
      { ...one, generation: 1 },
      { ...one, seq: 3 },
    ]);
    expect((await pools.depth('gpu')).waiting).toBe(3);
  });

  test('say which dispatches have no job', async () => {
    const { queue } = service();
    const pools = await queue();
    const there = [dispatch('gpu'), dispatch('net')];
    await pools.enqueue(there);
    const absent = [dispatch('gpu'), { ...there[0]!, generation: 1 }, { ...there[1]!, pool: 'gpu' }];
    const missing = await pools.findMissing([...there, ...absent]);
    expect(new Set(missing)).toEqual(new Set(absent));
    expect(await pools.findMissing([])).toEqual([]);
  });
});

test('a job that carries no node is none of ours', () => {
  expect(() => parsePoolDispatch('gpu', { run_id: 'r' })).toThrow('The job carries no node');
});
