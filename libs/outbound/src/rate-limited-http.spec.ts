import { expect, test } from '@jest/globals';
import {
  OutboundHttp,
  RateGate,
  RateLimiter,
  RateRulesSchema,
  SystemClock,
  type OutboundRequest,
  type OutboundResponse,
  type RateClaim,
  type Turn,
  type TurnRequest,
} from '@baton/core';
import { RateLimitedHttp } from './rate-limited-http.js';

class FakeLimiter extends RateLimiter {
  readonly asked: RateClaim[] = [];
  readonly settled: RateClaim[] = [];

  async take({ claims }: TurnRequest): Promise<Turn> {
    this.asked.push(...claims);
    return { kind: 'turn', waitMs: 0, claim: 0 };
  }

  async settle(claims: readonly RateClaim[]): Promise<void> {
    this.settled.push(...claims);
  }
}

/** Goes on to each of these. */
class Redirecting extends OutboundHttp {
  constructor(private readonly urls: readonly string[]) {
    super();
  }
  async send({ onRedirect }: OutboundRequest): Promise<OutboundResponse> {
    for (const url of this.urls) onRedirect?.(new URL(url));
    throw new Error('lost on the way');
  }
}

test('counts the redirects that were followed against the limits of their hosts, also where the call then fails', async () => {
  const limiter = new FakeLimiter();
  const gate = new RateGate({ limiter, clock: new SystemClock() }, { inPlaceMs: 1_000, maxWaitMs: 60_000 });
  const rules = RateRulesSchema.parse([{ name: 'all', host: '*.test', requests: 60, per: ['host'] }]);
  const http = new RateLimitedHttp(new Redirecting(['https://b.test/x', 'https://c.example/', 'https://b.test/y']), gate, rules);
  const call = { method: 'GET', url: 'https://a.test/', headers: {}, body: null, signal: new AbortController().signal };
  await expect(http.send(call)).rejects.toThrow('lost on the way');
  expect(limiter.asked).toHaveLength(1);
  expect(limiter.settled.map(({ key, cost }) => [key, cost])).toEqual([
    [limiter.asked[0]!.key.replace('a.test', 'b.test'), 1],
    [limiter.asked[0]!.key.replace('a.test', 'b.test'), 1],
  ]);
});
