import { beforeEach, expect, test } from '@jest/globals';
import { SystemClock } from './clock.js';
import { RateGate } from './rate-gate.js';
import { isRateLimited, type RateClaim, RateLimiter, type Turn, type TurnRequest } from './rate-limit.js';

const CLAIMS: RateClaim[] = ['requests', 'tokens'].map((unit) => ({
  ...{ key: unit, limit: { amount: 10, perMs: 1_000, burst: 1 }, cost: 3, label: `10 ${unit} in 1 s` },
}));

class FakeLimiter extends RateLimiter {
  readonly asked: TurnRequest[] = [];
  readonly settled: RateClaim[] = [];
  turn: Turn = { kind: 'turn', waitMs: 0, claim: 0 };

  async take(request: TurnRequest): Promise<Turn> {
    this.asked.push(request);
    return this.turn;
  }

  async settle(claims: readonly RateClaim[]): Promise<void> {
    this.settled.push(...claims);
  }
}

let limiter: FakeLimiter;
let slept: number[];
let abortion: AbortController;

beforeEach(() => {
  limiter = new FakeLimiter();
  slept = [];
  abortion = new AbortController();
});

const pass = (claims = CLAIMS, onSleep = () => {}) => {
  const clock = new SystemClock();
  clock.sleep = async (ms) => {
    slept.push(ms);
    onSleep();
  };
  const gate = new RateGate({ limiter, clock }, { inPlaceMs: 2_000, maxWaitMs: 60_000 });
  return gate.pass({ target: 'api.example', ticket: 'run/node/1', claims, signal: abortion.signal });
};

test('a call without limits asks nobody', async () => {
  await pass([]);
  expect(limiter.asked).toEqual([]);
});

test('a call waits for its turn where it is, if that comes soon', async () => {
  await pass();
  limiter.turn = { kind: 'turn', waitMs: 2_000, claim: 0 };
  await pass();
  expect(slept).toEqual([2_000]);
  expect(limiter.asked[1]).toEqual({ ticket: 'run/node/1', claims: CLAIMS, inPlaceMs: 2_000, maxWaitMs: 60_000 });
});

test.each<[Turn, number]>([
  [{ kind: 'turn', waitMs: 2_001, claim: 1 }, 2.001],
  [{ kind: 'full', retryAfterMs: 5_000, claim: 1 }, 5],
])('with %j it fails, takes no try and says when and why', async (turn, retryAfterSeconds) => {
  limiter.turn = turn;
  const failure = await pass().catch((error: unknown) => error);
  expect(failure).toMatchObject({
    ...{ code: 'rate_limited', context: { target: 'api.example', limit: '10 tokens in 1 s' } },
    options: { retryable: true, retryAfterSeconds },
  });
  expect(isRateLimited(failure as { code: string })).toBe(true);
  expect(slept).toEqual([]);
});

test('a turn whose limit is not known any more is told with all of them', async () => {
  limiter.turn = { kind: 'turn', waitMs: 9_000, claim: -1 };
  await expect(pass()).rejects.toMatchObject({ context: { limit: '10 requests in 1 s; 10 tokens in 1 s' } });
});

test('a call that is given up while it waits gives back what it took', async () => {
  limiter.turn = { kind: 'turn', waitMs: 1_000, claim: 0 };
  await expect(pass(CLAIMS, () => abortion.abort(new Error('cancelled')))).rejects.toThrow('cancelled');
  expect(limiter.settled.map(({ key, cost }) => [key, cost])).toEqual([
    ['requests', -3],
    ['tokens', -3],
  ]);
});
