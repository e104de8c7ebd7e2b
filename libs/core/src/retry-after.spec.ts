import { expect, test } from '@jest/globals';
import { BatonError, toErrorInfo } from './errors.js';
import { EVENT_SCHEMAS } from './journal-event.js';
import { RetryPolicySchema, retryDelay } from './retry-policy.js';

test('the pause that a failure asks for is journaled with it', () => {
  const info = toErrorInfo(new BatonError('model_failed', 'busy', {}, { retryable: true, retryAfterSeconds: 1.0005 }));
  expect(info).toEqual({ code: 'model_failed', message: 'busy', retryable: true, retry_after_ms: 1_001 });
  expect(EVENT_SCHEMAS['node.failed'].parse({ error: info, retry_at: 5 }).error).toEqual(info);
});

test('no wait is shorter than that pause, which counts for a day at most', () => {
  const policy = RetryPolicySchema.parse({ max_attempts: 4, initial_ms: 100, max_ms: 300, jitter: 0.5 });
  expect(retryDelay(policy, 1, 0, 50)).toBe(100);
  expect(retryDelay(policy, 1, 0.9, 5_000)).toBe(5_000);
  expect(retryDelay(policy, 1, 0, Number.MAX_SAFE_INTEGER)).toBe(86_400_000);
  expect(retryDelay(policy, 4, 0, 5_000)).toBeNull();
});
