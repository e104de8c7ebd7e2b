import { beforeEach, expect, test } from '@jest/globals';
import {
  BatonError,
  ChatModel,
  RateGate,
  RateLimiter,
  RateRulesSchema,
  SystemClock,
  type ChatReply,
  type ChatRequest,
  type RateClaim,
  type Turn,
  type TurnRequest,
} from '@baton/core';
import { RateLimitedChatModel } from './rate-limited-chat-model.js';

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

class FakeModels extends ChatModel {
  readonly provider = 'openai';
  readonly asked: ChatRequest[] = [];
  failure: Error | null = null;

  nameOf(wanted: string): string {
    return `openai/${wanted || 'gpt-5'}`;
  }

  override quote(model: string, { promptTokens }: { promptTokens: number }): number {
    return model === 'gpt-5' ? promptTokens * 2 : 0;
  }

  async complete(request: ChatRequest): Promise<ChatReply> {
    this.asked.push(request);
    if (this.failure !== null) throw this.failure;
    return { content: 'a', model: 'gpt-5', usage: { promptTokens: 30, completionTokens: 5 } };
  }
}

const RULES = RateRulesSchema.parse([{ name: 'g', model: 'gpt-*', requests: 60, tokens: 6_000, per: ['tenant'] }]);
let limiter: FakeLimiter;
let models: FakeModels;

beforeEach(() => {
  limiter = new FakeLimiter();
  models = new FakeModels();
});

const ask = (more: Partial<ChatRequest> = {}): Promise<ChatReply> => {
  const gate = new RateGate({ limiter, clock: new SystemClock() }, { inPlaceMs: 1_000, maxWaitMs: 60_000 });
  const messages = [{ role: 'user' as const, content: 'x'.repeat(396) }];
  const request = {
    model: '',
    messages,
    maxTokens: 50,
    idempotencyKey: 'run/node/1/model',
    signal: new AbortController().signal,
  };
  return new RateLimitedChatModel(models, gate, RULES).complete({ ...request, ...more });
};

test('a call claims itself and the tokens that it may take, and gives back what it has not used', async () => {
  await ask({ tenantId: 'a' });
  expect(limiter.asked[0]).toMatchObject({ ticket: 'run/node/1/model/model' });
  // 396 characters, and four for two empty lists.
  expect(limiter.asked[0]!.claims.map(({ key, cost }) => [key, cost])).toEqual([
    ['rule/g/requests/a', 1],
    ['rule/g/tokens/a', 150],
  ]);
  expect(limiter.settled.map(({ key, cost }) => [key, cost])).toEqual([['rule/g/tokens/a', 35 - 150]]);
});

test('a call that fails has used no tokens, but was made', async () => {
  models.failure = new BatonError('model_failed', 'no');
  await expect(ask()).rejects.toBe(models.failure);
  expect(limiter.settled.map(({ cost }) => cost)).toEqual([-150]);
});

test('a model that has no limit asks nobody', async () => {
  await ask({ model: 'other' });
  expect([limiter.asked, limiter.settled, models.asked.length]).toEqual([[], [], 1]);
});

test('a call whose turn comes later is not made', async () => {
  limiter.waitMs = 30_000;
  await expect(ask()).rejects.toMatchObject({
    ...{ code: 'rate_limited', context: { target: 'openai/gpt-5' }, options: { retryAfterSeconds: 30 } },
  });
  expect([models.asked, limiter.settled]).toEqual([[], []]);
});

test('what a call is going to cost is what its model costs', () => {
  const gate = new RateGate({ limiter, clock: new SystemClock() }, { inPlaceMs: 1_000, maxWaitMs: 60_000 });
  const used = { promptTokens: 30, completionTokens: 5 };
  expect(new RateLimitedChatModel(models, gate, []).quote('gpt-5', used)).toBe(60);
});
