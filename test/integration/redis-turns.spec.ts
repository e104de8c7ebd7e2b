import { expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { QueuedDispatch } from '@baton/core';
import type { BullRunQueueOptions } from '@baton/queue';
import { BullBench } from '../support/bull-bench.js';
import { RedisBench, until } from '../support/redis-clients.js';

const bench = new RedisBench();

function dispatch(change: Partial<QueuedDispatch> = {}): QueuedDispatch {
  return { runId: randomUUID(), taskId: null, generation: 0, ...change };
}

/** A queue with nobody who takes from it, and how its jobs wait. */
async function queueWith(options: BullRunQueueOptions, bull = new BullBench(bench)) {
  const { producer, queue } = await bull.producerAndQueue(options);
  const redis = await bench.connect('queue');
  const waiting = async (): Promise<{ plain: number; levels: number[] }> => {
    const scored = await redis.zrange(queue.toKey('prioritized'), '0', '-1', 'WITHSCORES');
    const levels = scored.filter((_, index) => index % 2 === 1).map((score) => Math.floor(Number(score) / 2 ** 32));
    return { plain: await redis.llen(queue.toKey('wait')), levels };
  };
  return { producer, queue, redis, waiting };
}

test('takes no turns until a run asks for it, then in all processes', async () => {
  const bull = new BullBench(bench);
  const { producer, waiting } = await queueWith({}, bull);
  const other = await bull.producer();
  await producer.enqueue([dispatch(), dispatch()]);
  expect(await waiting()).toEqual({ plain: 2, levels: [] });
  await other.enqueue([dispatch({ tenantId: 'acme' })]);
  expect(await waiting()).toEqual({ plain: 2, levels: [1] });
  await other.enqueue([dispatch()]);
  expect(await waiting()).toEqual({ plain: 2, levels: [1, 2] });
  await until(async () => {
    await producer.enqueue([dispatch()]);
    return (await waiting()).levels.length > 2;
  }, 5_000);
});

test('takes no turns where it is off, and always where it is on', async () => {
  const off = await queueWith({ fairness: 'off' });
  await off.producer.enqueue([dispatch({ tenantId: 'acme' }), dispatch({ priority: 'high' })]);
  expect(await off.waiting()).toEqual({ plain: 2, levels: [] });
  const on = await queueWith({ fairness: 'on' });
  await on.producer.enqueue([dispatch(), dispatch()]);
  expect(await on.waiting()).toEqual({ plain: 0, levels: [1, 2] });
});

test('sets the levels back before they run out, and nobody loses his turn', async () => {
  const { producer, queue, redis, waiting } = await queueWith({ fairness: 'on' });
  const far = 2 ** 20 + 100;
  await producer.enqueue([dispatch({ tenantId: 'loud' }), dispatch({ tenantId: 'loud' })]);
  const jobs = await redis.zrange(queue.toKey('prioritized'), '0', '-1', 'WITHSCORES');
  for (let at = 0; at < jobs.length; at += 2)
    await redis.zadd(queue.toKey('prioritized'), Number(jobs[at + 1]) + far * 2 ** 32, jobs[at]!);
  const clocks = `baton:${queue.qualifiedName}:turns`;
  await redis.hset(clocks, 'normal loud', far + 2, 'normal gone', far - 5);
  expect((await waiting()).levels).toEqual([far + 1, far + 2]);

  await producer.enqueue([dispatch({ tenantId: 'loud' }), dispatch({ tenantId: 'quiet' })]);
  expect((await waiting()).levels).toEqual([1, 2, 2, 3]);
  expect(await redis.hgetall(clocks)).toEqual({ 'normal loud': '3', 'normal quiet': '2' });
  const [, next] = await redis.zrange(queue.toKey('prioritized'), '0', '1');
  expect(next).toBe(jobs[2]);
});
