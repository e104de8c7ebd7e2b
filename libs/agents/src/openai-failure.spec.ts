import { describe, expect, test } from '@jest/globals';
import { APIError, RateLimitError } from 'openai';
import { lostCall, readRetryAfter, refusedCall, type FailedCall } from './openai-failure.js';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const CALL: FailedCall = { model: 'm', origin: 'http://models', apiKey: 'sk-secret', maxAnswerBytes: 1_024, now: NOW };

describe('the pause that an endpoint asks for', () => {
  test.each([
    [{ 'retry-after': '7' }, 7],
    [{ 'retry-after': ' 1.5 ' }, 1.5],
    [{ 'retry-after-ms': '250', 'retry-after': '7' }, 0.25],
    [{ 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' }, 30],
    [{ 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT', date: 'Thu, 01 Jan 2026 00:00:20 GMT' }, 10],
    [{ 'retry-after': 'Thu, 01 Jan 2025 00:00:00 GMT' }, 0],
    [{ 'retry-after': '1e300' }, undefined],
    [{ 'retry-after': '9'.repeat(300) }, 86_400],
    [{ 'retry-after': 'soon' }, undefined],
    [{}, undefined],
  ])('%j', (headers: Record<string, string>, seconds) => {
    expect(readRetryAfter(new Headers(headers), NOW)).toBe(seconds);
  });
});

describe('a refused call', () => {
  const refuse = (status: number, error: object = {}, headers: Record<string, string> = {}) =>
    refusedCall(APIError.generate(status, { error }, undefined, new Headers(headers)), CALL);

  test.each([
    [400, false],
    [401, false],
    [403, false],
    [404, false],
    [422, false],
    [408, true],
    [409, true],
    [429, true],
    [500, true],
    [503, true],
    [529, true],
  ])('with status %i can be tried again: %s', (status, retryable) => {
    expect(refuse(status).options.retryable).toBe(retryable);
  });

  test('is tried again only if the provider does not know better', () => {
    expect(refuse(429, {}, { 'x-should-retry': 'false' }).options.retryable).toBe(false);
    expect(refuse(400, {}, { 'x-should-retry': 'true' }).options.retryable).toBe(true);
    expect(refuse(429, { code: 'insufficient_quota' }).options.retryable).toBe(false);
  });

  test('says what, where and how long to wait', () => {
    const headers = { 'retry-after': '3', 'x-request-id': 'req_1' };
    const failure = refuse(429, { message: 'Slow down', code: 'rate_limit_exceeded' }, headers);
    expect(failure).toMatchObject({
      code: 'model_failed',
      message: 'The model endpoint http://models answered 429 Slow down',
      context: { model: 'm', status: 429, provider_code: 'rate_limit_exceeded', provider_request_id: 'req_1' },
      options: { retryable: true, retryAfterSeconds: 3 },
    });
    expect(refuse(400, { message: 'x'.repeat(10_000) }).message.length).toBeLessThan(600);
  });

  test('of no use to repeat asks for no pause', () => {
    expect(refuse(401, {}, { 'retry-after': '3' }).options).toEqual({ retryable: false });
  });
});

test('the key is told to nobody, whatever the endpoint says', () => {
  const error = new RateLimitError(429, { message: 'Key sk-secret is busy' }, undefined, new Headers());
  const lost = new TypeError('Invalid header "Bearer sk-secret"');
  for (const failure of [refusedCall(error, CALL), lostCall(lost, CALL)]) {
    expect(failure.message).toContain('[redacted]');
    expect(JSON.stringify([failure.message, failure.stack, failure.context, failure.options])).not.toContain('sk-secret');
    expect(failure.cause).toBeUndefined();
  }
});

test('a lost call names its causes, each once', () => {
  const cause = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' });
  const lost = new Error('Connection error.', { cause: new TypeError('fetch failed', { cause }) });
  expect(lostCall(lost, CALL)).toMatchObject({
    message: 'The call to the model endpoint http://models failed: Connection error.: fetch failed: ECONNREFUSED',
    options: { retryable: true },
  });
  expect(lostCall('odd', CALL).message).toMatch(/no reason given$/);
});
