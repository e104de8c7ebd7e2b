import { expect, test } from '@jest/globals';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { BullRunQueue, bullQueueOptions, RedisDoorbell, RedisRunLock, RUN_QUEUE } from '@baton/queue';
import { BullBench } from '../support/bull-bench.js';
import { freshName, RedisBench, until } from '../support/redis-clients.js';
import { TcpProxy } from '../support/tcp-proxy.js';

// The budget of docs/performance.md, beside what BullMQ itself asks of Redis.

const RUNS = 100;
const bench = new RedisBench();

/** Calls by clients; what a script calls counts as other commands. */
async function calls(redis: Redis, command: 'evalsha' | 'publish'): Promise<number> {
  const stats = await redis.info('commandstats');
  return Number(new RegExp(`^cmdstat_${command}:calls=(\\d+)`, 'm').exec(stats)?.[1] ?? 0);
}

/** What scripts ask for each job and lock, so far. */
async function commands(redis: Redis): Promise<number> {
  const stats = await redis.info('commandstats');
  const ofEach = /^cmdstat_(?:set|get|mget|del|exists|hset|hmget|lpush|lrem):calls=(\d+)/gm;
  return [...stats.matchAll(ofEach)].reduce((sum, [, count]) => sum + Number(count), 0);
}

test('locks that one turn takes, and frees, are two script calls', async () => {
  const [redis, observer] = [await bench.connect('lock'), await bench.connect('queue')];
  const locks = new RedisRunLock(redis, { prefix: freshName() });
  const acquire = (index: number) =>
    locks.acquire({ key: `run:${index}:lock`, holder: { kind: 'worker', id: 'w' }, operation: 'advance' });
  // Redis learns the scripts.
  const first = await acquire(RUNS);
  if (first.kind === 'acquired') await first.lock.release();
  const [before, done] = [await calls(observer, 'evalsha'), await commands(observer)];
  const outcomes = await Promise.all(Array.from({ length: RUNS }, (_, index) => acquire(index)));
  const held = outcomes.flatMap((outcome) => (outcome.kind === 'acquired' ? [outcome.lock] : []));
  expect(held).toHaveLength(RUNS);
  await Promise.all(held.map((lock) => lock.release()));
  expect((await calls(observer, 'evalsha')) - before).toBe(2);
  expect(((await commands(observer)) - done) / RUNS).toBeLessThan(3.5);
  expect(await locks.peek('run:0:lock')).toEqual({ kind: 'free' });
});

test('one of many takes a lock that they ask for in one turn', async () => {
  const locks = new RedisRunLock(await bench.connect('lock'), { prefix: freshName() });
  const request = { key: 'run:r:lock', holder: { kind: 'worker', id: 'w' }, operation: 'advance' } as const;
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => locks.acquire(request)));
  expect(outcomes.filter(({ kind }) => kind === 'acquired')).toHaveLength(1);
  expect(outcomes.filter(({ kind }) => kind === 'foreign')).toHaveLength(19);
});

test('the rings of one turn are one message, and its dispatches one script call', async () => {
  const [redis, observer] = [await bench.connect('queue'), await bench.connect('queue')];
  const doorbell = new RedisDoorbell(redis, await bench.connect('subscriber'), { channel: freshName() });
  const queue = new Queue(RUN_QUEUE, { ...bullQueueOptions(redis), prefix: freshName() });
  const runs = new BullRunQueue(queue, redis);
  const dispatch = (index: number) => ({ runId: `r${index}`, taskId: null, generation: 0 });
  await runs.enqueue([dispatch(RUNS)]);
  await until(() => doorbell.isHealthy());
  const [scripts, messages] = [await calls(observer, 'evalsha'), await calls(observer, 'publish')];
  await Promise.all(
    Array.from({ length: RUNS }, (_, index) => {
      doorbell.ring([{ kind: 'journal', runId: `r${index}`, taskId: null, seq: 1, ended: false }]);
      return runs.enqueue([dispatch(index)]);
    }),
  );
  await until(async () => (await calls(observer, 'publish')) > messages);
  expect((await calls(observer, 'evalsha')) - scripts).toBe(1);
  expect((await calls(observer, 'publish')) - messages).toBe(1);
  doorbell.close();
  await queue.close();
});

test('jobs that wait are taken together, and ended together', async () => {
  const observer = await bench.connect('queue');
  const bull = new BullBench(bench);
  const queue = await bull.producer();
  const asked = await commands(observer);
  await queue.enqueue(Array.from({ length: RUNS }, (_, index) => ({ runId: `r${index}`, taskId: null, generation: 0 })));
  const before = await calls(observer, 'evalsha');
  let done = 0;
  const worker = await bull.worker(async () => void (done += 1), { concurrency: RUNS });
  await until(async () => done === RUNS && (await queue.depth()).active === 0);
  const [scripts, all] = [(await calls(observer, 'evalsha')) - before, (await commands(observer)) - asked];
  await worker.close(1_000);
  // One to take them, one to end them; the others look for more, and for stalled jobs.
  expect(scripts).toBeLessThan(10);
  expect(all / RUNS).toBeLessThan(10);
});

test.each(['queue', 'worker', 'lock'] as const)('what one turn sends leaves in one piece (%s)', async (kind) => {
  const proxy = await TcpProxy.start(bench.redis.port);
  const redis = await bench.connect(kind, { url: proxy.through(bench.redis.url) });
  await redis.ping();
  const before = proxy.requests;
  const name = freshName();
  expect(await Promise.all(Array.from({ length: RUNS }, () => redis.incr(name)))).toEqual(
    Array.from({ length: RUNS }, (_, index) => index + 1),
  );
  const writes = proxy.requests - before;
  redis.disconnect();
  await proxy.close();
  expect(writes).toBe(1);
});
