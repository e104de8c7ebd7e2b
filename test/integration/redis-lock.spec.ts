import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { AcquireRequest, HeldLock, RunLock } from '@baton/core';
import { RedisRunLock, type RunLockOptions } from '@baton/queue';
import { RedisBench, until } from '../support/redis-clients.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const bench = new RedisBench();

interface Setting {
  proxy: TcpProxy;
  lock: RedisRunLock;
}

async function through(options: RunLockOptions = {}, commandTimeoutMs = 1_500): Promise<Setting> {
  const proxy = await TcpProxy.start(bench.redis.port);
  const redis = await bench.connect('lock', { url: proxy.through(bench.redis.url), commandTimeoutMs });
  return { proxy, lock: new RedisRunLock(redis, options) };
}

function request(change: Partial<AcquireRequest> = {}): AcquireRequest {
  return { key: `task:${randomUUID()}:lock`, holder: { kind: 'worker', id: 'w1' }, operation: 'advance', ...change };
}

async function acquired(lock: RunLock, asked: AcquireRequest): Promise<HeldLock> {
  const outcome = await lock.acquire(asked);
  if (outcome.kind !== 'acquired') throw new Error(`The lock is ${outcome.kind}`);
  return outcome.lock;
}

async function isFree(lock: RunLock, key: string): Promise<boolean> {
  return (await lock.peek(key)).kind === 'free';
}

describe('what operators see', () => {
  test('the value under the plain key, with a TTL that is renewed', async () => {
    const redis = await bench.connect('lock');
    const lock = new RedisRunLock(redis, { ttlMs: 900 });
    const held = await acquired(lock, request());
    expect(await redis.get(held.key)).toBe(`worker/w1:${held.token}`);
    expect(await redis.pttl(held.key)).toBeGreaterThan(800);
    await until(async () => (await redis.pttl(held.key)) < 700);
    await until(async () => (await redis.pttl(held.key)) > 800);
    await held.release();
    expect(await redis.exists(held.key)).toBe(0);
  });
});

describe('a lost reply', () => {
  test('to acquire: nobody believes in the lock, and it is freed long before its TTL', async () => {
    const { proxy, lock } = await through();
    const other = new RedisRunLock(await bench.connect('lock'));
    const asked = request();
    proxy.eatReply(asked.key);
    expect(await lock.acquire(asked)).toEqual({ kind: 'unreachable' });
    expect(proxy.eaten).toBe(1);
    await until(() => isFree(other, asked.key));
    await proxy.close();
  });

  test('to a renewal: the lock stays ours', async () => {
    const { proxy, lock } = await through();
    const other = new RedisRunLock(await bench.connect('lock'));
    const held = await acquired(lock, request());
    proxy.eatReply(held.key);
    await lock.renewHeld();
    expect(proxy.eaten).toBe(1);
    expect([held.isValid(), held.isLost]).toEqual([true, false]);
    expect(await other.acquire(request({ key: held.key }))).toMatchObject({ kind: 'foreign' });
    await until(async () => (await lock.peek(held.key)).kind === 'held');
    await held.release();
    await proxy.close();
  });

  test('to release, or one that never arrived: it does not throw, and the lock is freed', async () => {
    const { proxy, lock } = await through();
    const other = new RedisRunLock(await bench.connect('lock'));
    const unheard = await acquired(lock, request());
    proxy.eatReply(unheard.key);
    await unheard.release();
    expect(await isFree(other, unheard.key)).toBe(true);

    await until(async () => (await lock.peek(unheard.key)).kind === 'free');
    const stuck = await acquired(lock, request());
    proxy.refuse();
    await stuck.release();
    expect(await isFree(other, stuck.key)).toBe(false);
    proxy.forward();
    await until(() => isFree(other, stuck.key));
    await proxy.close();
  });
});

describe('Redis that does not answer', () => {
  test.each(['swallow', 'refuse'] as const)('is unreachable within the bound (%s), not foreign and not lost', async (fault) => {
    const { proxy, lock } = await through({ ttlMs: 1_500, marginMs: 100 }, 300);
    const held = await acquired(lock, request());
    proxy[fault]();
    const start = performance.now();
    expect(await lock.acquire(request())).toEqual({ kind: 'unreachable' });
    expect(await lock.takeOver(request(), 'worker/w2:0')).toEqual({ kind: 'unreachable' });
    expect(await lock.peek(held.key)).toEqual({ kind: 'unreachable' });
    expect(performance.now() - start).toBeLessThan(1_200);
    expect(held.isValid()).toBe(true);
    await until(() => !held.isValid());
    expect(held.isLost).toBe(false);
    proxy.forward();
    // Its TTL has ended meanwhile, and SQL is not asked: lost.
    await until(() => held.isLost);
    await proxy.close();
  });

  test('a lock whose TTL ended meanwhile is made again where the work is still ours', async () => {
    const { proxy, lock } = await through({ ttlMs: 600 }, 200);
    const beside = new RedisRunLock(await bench.connect('lock'));
    const held = await acquired(lock, request({ stillOurs: async () => true }));
    proxy.refuse();
    await until(() => isFree(beside, held.key));
    expect(held.isValid()).toBe(false);
    proxy.forward();
    await until(() => held.isValid());
    expect(held.isLost).toBe(false);
    await held.release();
    await proxy.close();
  });

  test('killed and restarted with its data, the lock is still held by its holder', async () => {
    const lock = new RedisRunLock(await bench.connect('lock'));
    const held = await acquired(lock, request());
    await bench.kill();
    await lock.renewHeld();
    expect([held.isValid(), held.isLost]).toEqual([true, false]);
    await bench.restart();
    await until(async () => (await lock.peek(held.key)).kind === 'held');
    await lock.renewHeld();
    expect([held.isValid(), held.isLost]).toEqual([true, false]);
    await held.release();
    expect(await isFree(lock, held.key)).toBe(true);
  });
});

/** What three holders do at once, each over a link of its own that fails as told. */
type Act = { holder: number; does: 'work' | 'eat' | 'eat_and_hang' | 'reset' | 'clog' | 'slow' | 'heal'; forMs: number };

const act: fc.Arbitrary<Act> = fc.record({
  holder: fc.nat(2),
  does: fc.constantFrom('work', 'work', 'work', 'work', 'heal', 'heal', 'eat', 'eat_and_hang', 'reset', 'clog', 'slow', 'heal'),
  forMs: fc.integer({ min: 1, max: 60 }),
});

function befall({ proxy }: Setting, does: Act['does'], key: string): void {
  if (does === 'eat') proxy.eatReply(key);
  if (does === 'eat_and_hang') proxy.eatReply(key, { after: 'hang' });
  if (does === 'reset') proxy.reset();
  if (does === 'clog') proxy.swallow();
  if (does === 'slow') proxy.slow(10, 30);
  if (does === 'heal') proxy.forward();
}

test('while Redis keeps its data, at most one of three believes in the lock, whatever their links do', async () => {
  let taken = 0;
  let eaten = 0;
  const believers = (locks: (HeldLock | null)[]): number => locks.filter((lock) => lock?.isValid()).length;

  const play = async (acts: Act[]): Promise<void> => {
    const settings = await Promise.all([0, 1, 2].map(() => through({ ttlMs: 150, marginMs: 15 }, 80)));
    const held: (HeldLock | null)[] = [null, null, null];
    const key = `task:${randomUUID()}:lock`;
    const working: Promise<void>[] = [];
    const work = async ({ holder, forMs }: Act): Promise<void> => {
      const asked = request({ key, holder: { kind: 'worker', id: `w${holder}` }, retryForMs: 80 });
      const outcome = await settings[holder]!.lock.acquire(asked);
      if (outcome.kind !== 'acquired') return;
      taken += 1;
      // Its earlier lock, if it had one, ended before Redis could give this one.
      expect(held[holder]?.isValid() ?? false).toBe(false);
      held[holder] = outcome.lock;
      expect(believers(held)).toBeLessThanOrEqual(1);
      await pause(forMs);
      await outcome.lock.release();
    };
    for (const one of acts) {
      befall(settings[one.holder]!, one.does, key);
      if (one.does === 'work') working.push(work(one));
      await pause(one.forMs / 2);
      expect(believers(held)).toBeLessThanOrEqual(1);
    }
    await Promise.all(working);
    eaten += settings.reduce((sum, { proxy }) => sum + proxy.eaten, 0);
    await Promise.all([...held.map((lock) => lock?.release()), ...settings.map(({ proxy }) => proxy.close())]);
  };

  await fc.assert(fc.asyncProperty(fc.array(act, { minLength: 40, maxLength: 80, size: 'max' }), play), {
    numRuns: 8,
    endOnFailure: true,
  });
  expect(taken).toBeGreaterThan(12);
  expect(eaten).toBeGreaterThan(12);
}, 60_000);
