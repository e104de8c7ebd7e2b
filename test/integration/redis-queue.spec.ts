import { describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Dispatch } from '@baton/core';
import { BullRunQueue, bullQueueOptions, redisConnection, RUN_QUEUE } from '@baton/queue';
import { Queue } from 'bullmq';
import { BullBench } from '../support/bull-bench.js';
import { RedisBench, until } from '../support/redis-clients.js';
import { freePort, startRedis } from '../support/services.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const bench = new RedisBench();
const BOUND_MS = 2_500;

function dispatch(): Dispatch {
  return { runId: randomUUID(), taskId: randomUUID(), generation: 3 };
}

async function tookMs(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function refuses(queue: BullRunQueue): Promise<void> {
  await expect(queue.enqueue([dispatch()])).rejects.toMatchObject({ code: 'queue_unavailable' });
  await expect(queue.enqueue([dispatch(), dispatch()])).rejects.toMatchObject({ code: 'queue_unavailable' });
  await expect(queue.findMissing([dispatch()])).rejects.toMatchObject({ code: 'queue_unavailable' });
  await expect(queue.takeWipeNotice()).rejects.toMatchObject({ code: 'queue_unavailable' });
  await expect(queue.depth()).rejects.toMatchObject({ code: 'queue_unavailable' });
  expect(await queue.ping()).toBe(false);
}

async function enqueues(queue: BullRunQueue): Promise<Dispatch> {
  const wanted = dispatch();
  await until(() => queue.ping(), 15_000);
  await queue.enqueue([wanted]);
  return wanted;
}

test('misses a job that was taken and came to nothing, but none that waits', async () => {
  const bull = new BullBench(bench);
  const queue = await bull.producer({ takenForMs: 300 });
  const [taken, waiting] = [dispatch(), dispatch()];
  const held = Promise.withResolvers<void>();
  const worker = await bull.worker(() => held.promise, { concurrency: 1 });
  await queue.enqueue([taken]);
  await until(async () => (await queue.depth()).active === 1);
  await queue.enqueue([waiting]);
  expect(await queue.findMissing([taken, waiting])).toEqual([]);
  await until(async () => (await queue.findMissing([taken, waiting])).length > 0, 5_000);
  expect(await queue.findMissing([taken, waiting])).toEqual([taken]);
  held.resolve();
  await worker.close(1_000);
});

test('bounds what all workers together have in work, also after a wipe', async () => {
  const bull = new BullBench(bench);
  const queue = await bull.producer({ maxActive: 3 });
  const redis = await bench.connect('queue');
  let [active, most, done] = [0, 0, 0];
  const handler = async (): Promise<void> => {
    active += 1;
    most = Math.max(most, active);
    await pause(20);
    active -= 1;
    done += 1;
  };
  const workers = [await bull.worker(handler, { id: 'a' }), await bull.worker(handler, { id: 'b' })];
  for (const total of [20, 40]) {
    await queue.takeWipeNotice();
    await queue.enqueue(Array.from({ length: 20 }, dispatch));
    await until(() => done === total, 10_000);
    expect(most).toBe(3);
    if (total === 20) await redis.flushall();
  }
  await Promise.all(workers.map((worker) => worker.close(1_000)));
});

test('tells what a worker has taken and not finished', async () => {
  const bull = new BullBench(bench);
  const queue = await bull.producer();
  const held = Promise.withResolvers<void>();
  const given: Record<string, Dispatch[]> = { w1: [], w2: [] };
  const workers = ['w1', 'w2'].map((id) =>
    bull.worker(
      (one) => {
        given[id]!.push(one);
        return held.promise;
      },
      { id, concurrency: 2 },
    ),
  );
  await Promise.all(workers);
  await queue.enqueue(Array.from({ length: 5 }, () => dispatch()));
  await until(async () => (await queue.depth()).active === 4);
  const order = (dispatches: Dispatch[]): string[] => dispatches.map(({ runId }) => runId).toSorted();
  await until(() => given['w1']!.length + given['w2']!.length === 4);
  expect(order(await queue.findTaken(['w1']))).toEqual(order(given['w1']!));
  expect(order(await queue.findTaken(['w2', 'w1', 'w3']))).toEqual(order([...given['w1']!, ...given['w2']!]));
  held.resolve();
  await until(async () => (await queue.depth()).waiting + (await queue.depth()).active === 0);
  expect(await queue.findTaken(['w1', 'w2'])).toEqual([]);
  for (const worker of workers) await (await worker).close(1_000);
});

test('spreads a crowd that comes at once over idle workers', async () => {
  const bull = new BullBench(bench);
  const queue = await bull.producer();
  const given = [0, 0];
  const held = Promise.withResolvers<void>();
  const workerOf = (index: number) =>
    bull.worker(
      () => {
        given[index]! += 1;
        return held.promise;
      },
      { id: `w${index}`, concurrency: 50 },
    );
  const workers = [await workerOf(0), await workerOf(1)];
  const redis = await bench.connect('queue');
  await until(async () => (await redis.zcard(`${bull.prefix}:${RUN_QUEUE}:takers`)) === 2);
  await queue.enqueue(Array.from({ length: 40 }, () => dispatch()));
  await until(async () => (await queue.depth()).active === 40);
  await until(() => given.reduce((sum, jobs) => sum + jobs) === 40);
  // Whoever comes first gets 20, the next one 10 of what is left; then it is a matter of luck.
  expect(Math.max(...given)).toBeLessThanOrEqual(30);
  held.resolve();
  await Promise.all(workers.map((worker) => worker.close(5_000)));
});

test('misses jobs whose list was dropped', async () => {
  const bull = new BullBench(bench);
  const { producer, queue } = await bull.producerAndQueue();
  const dispatches = [dispatch(), dispatch()];
  await producer.enqueue(dispatches);
  expect(await producer.findMissing(dispatches)).toEqual([]);
  await (await bench.connect('lock')).del(queue.toKey('wait'));
  expect(await producer.findMissing(dispatches)).toEqual(dispatches);
});

test('warns of a Redis that drops keys, and of one that is out of memory', async () => {
  const bull = new BullBench(bench);
  const queue = await bull.producer();
  const redis = await bench.connect('lock');
  const set = async (memory: string, policy: string): Promise<void> => {
    await redis.config('SET', 'maxmemory', memory, 'maxmemory-policy', policy);
  };
  try {
    expect(await queue.findTrouble()).toBeNull();
    await set('100mb', 'allkeys-lru');
    expect(await queue.findTrouble()).toContain('allkeys-lru');
    await set('100mb', 'noeviction');
    expect(await queue.findTrouble()).toBeNull();
    await set('1kb', 'noeviction');
    expect(await queue.findTrouble()).toContain('out of memory');
    await expect(queue.enqueue([dispatch()])).rejects.toMatchObject({ code: 'queue_unavailable' });
  } finally {
    await set('0', 'noeviction');
  }
});

describe('what a run costs Redis', () => {
  test('at most 1.5 KB while it is queued, and nothing after its end', async () => {
    const bull = new BullBench(bench);
    const queue = await bull.producer();
    const redis = await bench.connect('lock');
    const usedBytes = async (): Promise<number> => Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
    const warmUp = await bull.worker(async () => undefined);
    await queue.enqueue(Array.from({ length: 500 }, dispatch));
    await until(async () => (await queue.depth()).waiting === 0);
    expect(await warmUp.close(10_000)).toBe(true);

    const before = await usedBytes();
    for (let batch = 0; batch < 4; batch += 1) await queue.enqueue(Array.from({ length: 500 }, dispatch));
    expect((await usedBytes()) - before).toBeLessThanOrEqual(2_000 * 1_536);

    const worker = await bull.worker(async () => undefined, { concurrency: 50 });
    await until(async () => (await queue.depth()).waiting === 0 && (await queue.depth()).active === 0, 10_000);
    expect(await worker.close(10_000)).toBe(true);
    const left = (await redis.keys(`${bull.prefix}:*`)).map((key) => key.replace(`${bull.prefix}:${RUN_QUEUE}:`, ''));
    expect(left.filter((key) => !['id', 'meta', 'events', 'stalled-check', 'marker', 'takers'].includes(key))).toEqual([]);
  });

  test('carries the ids and the generation, nothing else', async () => {
    const bull = new BullBench(bench);
    const { producer, queue } = await bull.producerAndQueue();
    const wanted = dispatch();
    await producer.enqueue([wanted]);
    const [job] = await queue.getWaiting();
    expect([job?.name, job?.data]).toEqual(['run', { run_id: wanted.runId, task_id: wanted.taskId, generation: 3 }]);
  });
});

describe('Redis that loses its data', () => {
  test('FLUSHALL: every dispatch is missing, one of many callers hears it, and each can be made again', async () => {
    const bull = new BullBench(bench);
    const producers = [await bull.producer(), await bull.producer(), await bull.producer()];
    const [first] = producers as [BullRunQueue];
    const dispatches = Array.from({ length: 50 }, dispatch);
    await first.takeWipeNotice();
    await first.enqueue(dispatches);
    expect(await first.findMissing(dispatches)).toEqual([]);

    await (await bench.connect('lock')).flushall();
    expect(await first.findMissing(dispatches)).toEqual(dispatches);
    const told = await Promise.all(Array.from({ length: 30 }, (_, index) => producers[index % 3]!.takeWipeNotice()));
    expect(told.filter(Boolean)).toHaveLength(1);
    await first.enqueue(dispatches);
    expect(await first.depth()).toMatchObject({ waiting: 50 });
  });

  test('a deduplication key whose job is gone counts as missing, and swallows no dispatch', async () => {
    const bull = new BullBench(bench);
    const queue = await bull.producer();
    const redis = await bench.connect('lock');
    const wanted = dispatch();
    await queue.enqueue([wanted]);
    const key = `${bull.prefix}:${RUN_QUEUE}:de:${wanted.runId}.3`;
    const job = await redis.get(key);
    await redis.del(`${bull.prefix}:${RUN_QUEUE}:${job}`);
    expect(await queue.findMissing([wanted])).toEqual([wanted]);
    await queue.enqueue([wanted]);
    expect(await queue.findMissing([wanted])).toEqual([]);
  });
});

describe('Redis that is away', () => {
  test('killed: everything is refused at once, and works again after a restart, with the jobs that were there', async () => {
    const bull = new BullBench(bench);
    const queue = await bull.producer();
    const kept = await enqueues(queue);
    await bench.kill();
    expect(await tookMs(() => refuses(queue))).toBeLessThan(BOUND_MS);
    await bench.restart();
    const later = await enqueues(queue);
    expect(await queue.findMissing([kept, later])).toEqual([]);
  });

  test('half-open: everything is refused within its bound, and works again when the link is healed', async () => {
    const proxy = await TcpProxy.start(bench.redis.port);
    const queue = await new BullBench(bench, proxy.through(bench.redis.url)).producer();
    await enqueues(queue);
    proxy.swallow();
    const boundMs = await tookMs(() => expect(queue.enqueue([dispatch()])).rejects.toMatchObject({ code: 'queue_unavailable' }));
    expect(boundMs).toBeLessThan(BOUND_MS);
    // Other calls may still meet the same socket, or a new one that is as dead.
    await refuses(queue);
    proxy.forward();
    await enqueues(queue);
    await proxy.close();
  });

  test('absent when the process starts: refused at once, and served when it comes', async () => {
    const port = await freePort();
    const redis = redisConnection(`redis://127.0.0.1:${port}`, 'queue', { instance: 'early' });
    const early = new BullRunQueue(new Queue(RUN_QUEUE, bullQueueOptions(redis)), redis);
    expect(await tookMs(() => refuses(early))).toBeLessThan(500);
    const service = await startRedis({ port });
    const wanted = await enqueues(early);
    expect(await early.findMissing([wanted])).toEqual([]);
    redis.disconnect();
    await service.stop();
  });

  test('a lost reply makes no second job', async () => {
    const proxy = await TcpProxy.start(bench.redis.port);
    const queue = await new BullBench(bench, proxy.through(bench.redis.url)).producer();
    await enqueues(queue);
    const wanted = dispatch();
    proxy.eatReply(wanted.runId);
    await expect(queue.enqueue([wanted])).rejects.toMatchObject({ code: 'queue_unavailable' });
    expect(proxy.eaten).toBe(1);
    await until(() => queue.ping());
    await queue.enqueue([wanted]);
    expect(await queue.depth()).toMatchObject({ waiting: 2 });
    await proxy.close();
  });
});

describe('a BullMQ worker with our options', () => {
  test('goes on after Redis was killed, away for longer than a blocking read, and restarted', async () => {
    const bull = new BullBench(bench);
    const queue = await bull.producer();
    const given: string[] = [];
    let finish: () => void = () => undefined;
    const worker = await bull.worker(({ runId }) => {
      given.push(runId);
      return new Promise((resolve) => (finish = resolve));
    });
    const first = await enqueues(queue);
    await until(() => given.includes(first.runId));
    await bench.kill();
    // The job ends while nobody can be told.
    finish();
    await pause(4_000);
    await bench.restart();
    const second = await enqueues(queue);
    await until(() => given.includes(second.runId), 15_000);
    finish();
    await until(async () => (await queue.depth()).active === 0, 15_000);
    expect(given).toEqual([first.runId, second.runId]);
    expect(await queue.depth()).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0 });
    expect(await worker.close(10_000)).toBe(true);
  }, 45_000);

  // These two wait for BullMQ, for seconds: both begin at once.
  test.concurrent(
    'goes on after its sockets were half-open',
    async () => {
      const proxy = await TcpProxy.start(bench.redis.port);
      const bull = new BullBench(bench);
      const queue = await bull.producer();
      const given: string[] = [];
      const worker = await bull.worker(async ({ runId }) => void given.push(runId), { url: proxy.through(bench.redis.url) });
      const first = await enqueues(queue);
      await until(() => given.includes(first.runId));

      proxy.swallowOpen();
      const second = await enqueues(queue);
      await until(() => given.includes(second.runId), 20_000);
      expect(await worker.close(10_000)).toBe(true);
      await proxy.close();
    },
    45_000,
  );

  test.concurrent(
    'takes over the job of a worker that died before it claimed, and fails none for having stalled often',
    async () => {
      const bull = new BullBench(bench);
      const { producer, queue } = await bull.producerAndQueue();
      const wanted = await enqueues(producer);
      const redis = await bench.connect('lock');
      const dying = await bull.plainWorker(() => new Promise(() => undefined));
      await until(async () => (await producer.depth()).active === 1);
      await dying.close(true);
      const [job] = await queue.getActive();
      await redis.hset(queue.toKey(String(job?.id)), 'stc', 1_000);
      // As if its lock had ended, which takes 15 s.
      await redis.del(`${queue.toKey(String(job?.id))}:lock`);

      const given: Dispatch[] = [];
      const worker = await bull.worker(async (one) => void given.push(one));
      // Two checks, 5 s apart; a check that comes a moment early is left out.
      await until(() => given.length === 1, 25_000);
      expect(given).toEqual([wanted]);
      await until(async () => (await producer.depth()).active === 0);
      expect(await producer.depth()).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0 });
      expect(await worker.close(10_000)).toBe(true);
    },
    45_000,
  );

  test('is closed within its grace, although a job never ends and Redis is away', async () => {
    const bull = new BullBench(bench);
    const queue = await bull.producer();
    const stuck = await bull.worker(() => new Promise(() => undefined));
    const idle = await bull.worker(async () => undefined);
    await stuck.waitUntilReady();
    await enqueues(queue);
    await until(async () => (await queue.depth()).waiting === 0);
    await bench.kill();
    expect(await tookMs(() => Promise.all([stuck.close(500), idle.close(500)]))).toBeLessThan(2_000);
    await bench.restart();
  });
});
