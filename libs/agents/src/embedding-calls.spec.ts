import { beforeEach, expect, test } from '@jest/globals';
import {
  RateGate,
  RateLimiter,
  RateRulesSchema,
  SystemClock,
  type ChatUsage,
  type ModelUsage,
  type RateClaim,
  type Turn,
  type TurnRequest,
} from '@baton/core';
import { EmbeddingCalls } from './embedding-calls.js';

class FakeLimiter extends RateLimiter {
  readonly asked: TurnRequest[] = [];
  readonly settled: RateClaim[] = [];
  waitMs = 0;

  async take(request: TurnRequest): Promise<Turn> {
    this.asked.push(request);
    return { kind: 'turn', waitMs: this.waitMs, claim: 0 };
  }

  async settle(claims: readonly RateClaim[]): Promise<void> {
    this.settled.push(...claims);
  }
}

const rules = RateRulesSchema.parse([{ name: 'e', model: 'openai/text-*', requests: 60, tokens: 6_000, per: ['tenant'] }]);
let limiter: FakeLimiter;
let told: { name: string; outcome: string; usage: ChatUsage }[];
let calls: EmbeddingCalls;

beforeEach(() => {
  limiter = new FakeLimiter();
  told = [];
  calls = new EmbeddingCalls({
    ...{ provider: 'openai', rules, prices: { 'openai/*': { input: 2, output: 0 } } },
    gate: new RateGate({ limiter, clock: new SystemClock() }, { inPlaceMs: 1_000, maxWaitMs: 60_000 }),
    observe: (call) => void told.push(call),
  });
});

const texts = ['x'.repeat(100), 'y'.repeat(60)];
const costs = (claims: readonly RateClaim[]): number[] => claims.map(({ cost }) => cost);

test('waits for its turn in requests and tokens of its tenant, which are corrected by what was used, and counted', async () => {
  const make = async () => ({ tokens: 30, vectors: [1] });
  expect(await calls.make({ model: 'text-small', texts, tenantId: 'acme' }, make)).toMatchObject({ vectors: [1] });
  expect(costs(limiter.asked[0]!.claims)).toEqual([1, 40]);
  expect(limiter.asked[0]!.claims[0]!.key).toContain('acme');
  expect(costs(limiter.settled)).toEqual([-10]);
  const usage = { promptTokens: 30, completionTokens: 0, costMicros: 60 };
  expect(told).toEqual([{ name: 'openai/text-small', outcome: 'answered', usage }]);
});

test('gives back the tokens of a call that failed, and makes none whose turn comes later', async () => {
  const failing = calls.make({ model: 'text-small', texts }, () => Promise.reject(new Error('away')));
  await expect(failing).rejects.toThrow('away');
  expect([costs(limiter.settled), told[0]!.outcome]).toEqual([[-40], 'failed']);
  limiter.waitMs = 5_000;
  let made = 0;
  const late = calls.make({ model: 'text-small', texts }, async () => ({ tokens: (made += 1) }));
  await expect(late).rejects.toMatchObject({ code: 'rate_limited' });
  expect([made, told]).toEqual([0, [expect.anything()]]);
});

test('asks nobody where nothing limits the model', async () => {
  await calls.make({ model: 'other', texts }, async () => ({ tokens: null }));
  expect([limiter.asked, told[0]!.usage.promptTokens]).toEqual([[], 40]);
});

test('tells the meter of a step what was used, of calls that were answered', async () => {
  const counted: ModelUsage[] = [];
  const meter = { count: (used: ModelUsage) => void counted.push(used) };
  await calls.make({ model: 'text-small', texts, meter }, async () => ({ tokens: 30 }));
  await calls.make({ model: 'text-small', texts, meter }, () => Promise.reject(new Error('away'))).catch(() => undefined);
  expect(counted).toEqual([{ model: 'openai/text-small', modelCalls: 1, promptTokens: 30, completionTokens: 0, costMicros: 60 }]);
});

test('says before what embedding is going to use, about', () => {
  const used = { promptTokens: 251, completionTokens: 0, costMicros: 502 };
  expect(calls.quote('text-small', { calls: 3, chars: 1_001 })).toEqual({ modelCalls: 3, ...used });
});
