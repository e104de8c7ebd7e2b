import { describe, expect, test } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import type { RateClaim, RateLimiter, Turn, TurnRequest } from '@baton/core';
import { MemoryRateLimiter, RedisRateLimiter } from '@baton/queue';
import { eventually } from '../support/eventually.js';
import { freshName, RedisBench } from '../support/redis-clients.js';

const bench = new RedisBench();

/** Limiters that share their limits, as those of several workers do. */
const services: Record<string, (count: number) => Promise<RateLimiter[]>> = {
  redis: async (count) => {
    const options = { prefix: freshName(), shareWithoutRedis: 0.5 };
    return Promise.all(Array.from({ length: count }, async () => new RedisRateLimiter(await bench.connect('queue'), options)));
  },
  memory: async (count) => {
    const limiter = new MemoryRateLimiter();
    return Array.from({ length: count }, () => limiter);
  },
};

const perMinute = (amount: number, burst: number, more: Partial<RateClaim> = {}): RateClaim => ({
  ...{ key: 'k', limit: { amount, perMs: 60_000, burst }, cost: 1, label: '' },
  ...more,
});
let tickets = 0;
const request = (claims: RateClaim[], more: Partial<TurnRequest> = {}): TurnRequest => ({
  ...{ ticket: `t${(tickets += 1)}`, claims, inPlaceMs: 60_000, maxWaitMs: 600_000 },
  ...more,
});

/** Waits in whole seconds: the tests take some of the time that they measure. */
const seconds = (turns: readonly Turn[]): number[] =>
  turns.map((turn) => Math.ceil((turn.kind === 'turn' ? turn.waitMs : turn.retryAfterMs) / 1_000));

async function takeAll(limiter: RateLimiter, requests: readonly TurnRequest[]): Promise<Turn[]> {
  const turns: Turn[] = [];
  for (const one of requests) turns.push(await limiter.take(one));
  return turns;
}

describe.each(Object.keys(services))('the rate limiter (%s)', (name) => {
  const service = (count = 1): Promise<RateLimiter[]> => services[name]!(count);

  test('lets the burst through at once, and each call after it at its turn', async () => {
    const [limiter] = await service();
    const turns = await takeAll(
      limiter!,
      Array.from({ length: 6 }, () => request([perMinute(6, 3)])),
    );
    expect(seconds(turns)).toEqual([0, 0, 0, 10, 20, 30]);
    expect(turns.map(({ kind }) => kind)).toEqual(Array(6).fill('turn'));
  });

  test('is one for all workers, and gives no turn twice', async () => {
    const limiters = await service(4);
    const turns = await Promise.all(Array.from({ length: 40 }, (_, n) => limiters[n % 4]!.take(request([perMinute(60, 10)]))));
    expect(seconds(turns).toSorted((a, b) => a - b)).toEqual([
      ...Array<number>(10).fill(0),
      ...Array.from({ length: 30 }, (_, n) => n + 1),
    ]);
  });

  test('keeps keys apart', async () => {
    const [limiter] = await service();
    const turns = await takeAll(
      limiter!,
      ['a', 'b'].map((key) => request([perMinute(1, 1, { key })])),
    );
    expect(seconds(turns)).toEqual([0, 0]);
  });

  test('gives a turn under all limits at once, and says which one it is that lets wait', async () => {
    const [limiter] = await service();
    const claims = [perMinute(60, 60, { key: 'wide' }), perMinute(6, 1, { key: 'narrow' })];
    const turns = await takeAll(limiter!, [request(claims), request(claims)]);
    expect(turns[1]).toMatchObject({ kind: 'turn', claim: 1 });
    expect(seconds(turns)).toEqual([0, 10]);
  });

  test('gives none that is too far off, and takes nothing for it', async () => {
    const [limiter] = await service();
    const bound = { maxWaitMs: 15_000 };
    const wide = perMinute(600, 1, { key: 'wide' });
    const turns = await takeAll(
      limiter!,
      Array.from({ length: 5 }, () => request([perMinute(6, 1), wide], bound)),
    );
    expect(turns.map(({ kind }) => kind)).toEqual(['turn', 'turn', 'full', 'full', 'full']);
    expect(seconds(turns).slice(2)).toEqual([5, 5, 5]);
    expect(turns[2]).toMatchObject({ claim: 0 });
    // Two calls have taken of the other limit, no more.
    expect(seconds([await limiter!.take(request([{ ...wide, cost: 10 }]))])).toEqual([1]);
  });

  test('keeps a turn that is far off for its ticket, whichever worker asks again', async () => {
    const [first, second] = await service(2);
    const claim = perMinute(300, 1);
    const later = request([claim], { inPlaceMs: 0 });
    await first!.take(request([claim]));
    expect(await first!.take(later)).toMatchObject({ kind: 'turn', claim: 0 });
    const again = await second!.take(later);
    expect(again).toMatchObject({ kind: 'turn', claim: -1 });
    expect((again as { waitMs: number }).waitMs).toBeLessThanOrEqual(200);
    // Kept for it until its time comes; then it is handed out.
    await eventually(async () => {
      const turn = await second!.take(later);
      expect(turn).toMatchObject({ kind: 'turn', claim: -1 });
      return (turn as { waitMs: number }).waitMs === 0;
    }, 'the turn has come');
    // It is used up: the same ticket is a call like any other now.
    expect(await second!.take(later)).toMatchObject({ claim: 0 });
  });

  test('keeps none for a call that waits where it is', async () => {
    const [limiter] = await service();
    const one = request([perMinute(6, 1)]);
    expect(seconds(await takeAll(limiter!, [one, one, one]))).toEqual([0, 10, 20]);
  });

  test('lets a call through that costs more than the burst, when as much as the burst is free, and those behind it pay', async () => {
    const [limiter] = await service();
    const requests = [600, 100, 100].map((cost) => request([perMinute(600, 100, { cost })]));
    expect(seconds(await takeAll(limiter!, requests))).toEqual([0, 60, 70]);
  });

  test('corrects what a call has taken', async () => {
    const [limiter] = await service();
    const claim = perMinute(60, 1);
    await limiter!.take(request([{ ...claim, cost: 1 }]));
    await limiter!.settle([{ ...claim, cost: 9 }]);
    expect(seconds([await limiter!.take(request([claim]))])).toEqual([10]);
    await limiter!.settle([{ ...claim, cost: -6 }]);
    expect(seconds([await limiter!.take(request([claim]))])).toEqual([5]);
    await limiter!.settle([{ ...claim, cost: -1_000 }]);
    expect(seconds(await takeAll(limiter!, [request([claim]), request([claim])]))).toEqual([0, 1]);
  });
});

describe('without Redis', () => {
  test('a process goes by its share of the limits, and by all of them when Redis is back', async () => {
    const limiter = new RedisRateLimiter(await bench.connect('queue'), { prefix: freshName(), shareWithoutRedis: 0.5 });
    const claim = perMinute(12, 2);
    await bench.kill();
    const turns = await takeAll(limiter, [request([claim]), request([claim]), request([claim])]);
    expect(seconds(turns)).toEqual([0, 10, 20]);
    await limiter.settle([{ ...claim, cost: -2 }]);
    expect(seconds([await limiter.take(request([claim]))])).toEqual([10]);
    await bench.restart();
    let turn: Turn = { kind: 'turn', waitMs: 1, claim: 0 };
    for (let tries = 0; tries < 500 && (turn.kind !== 'turn' || turn.waitMs > 0); tries += 1) {
      await pause(20);
      turn = await limiter.take(request([claim], { maxWaitMs: 0 }));
    }
    expect(turn).toEqual({ kind: 'turn', waitMs: 0, claim: 0 });
  });
});
