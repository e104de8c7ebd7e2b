import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mayRetry, retryDelay, RetryPolicySchema } from './retry-policy.js';

const policy = (fields: object = {}) => RetryPolicySchema.parse({ jitter: 0, ...fields });
const anyPolicy = fc
  .record({
    max_attempts: fc.integer({ min: 1, max: 1_000 }),
    backoff: fc.constantFrom('fixed', 'exponential'),
    initial_ms: fc.integer({ min: 0, max: 86_400_000 }),
    max_ms: fc.integer({ min: 0, max: 86_400_000 }),
    jitter: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map((fields) => RetryPolicySchema.parse(fields));
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('retryDelay', () => {
  it('doubles with each failure, up to the most', () => {
    const delays = [1, 2, 3, 4, 5].map((failures) => retryDelay(policy({ max_attempts: 9, max_ms: 5_000 }), failures, 0));
    expect(delays).toEqual([1_000, 2_000, 4_000, 5_000, 5_000]);
  });

  it('stays the same where the backoff is fixed', () => {
    expect([1, 2].map((failures) => retryDelay(policy({ backoff: 'fixed', initial_ms: 70 }), failures, 0))).toEqual([70, 70]);
  });

  it('is null when no attempt is left', () => {
    expect(retryDelay(policy({ max_attempts: 1 }), 1, 0)).toBeNull();
    expect(retryDelay(policy({ max_attempts: 3 }), 2, 0)).toBe(2_000);
    expect(retryDelay(policy({ max_attempts: 3 }), 3, 0)).toBeNull();
  });

  it('takes at most its share away by chance', () => {
    expect(retryDelay(policy({ jitter: 0.2 }), 1, 0.5)).toBe(900);
  });

  it('is a whole number of milliseconds within its bounds, after any number of failures', () => {
    fc.assert(
      fc.property(anyPolicy, fc.integer({ min: 1, max: 1_000 }), chance, (any, failures, random) => {
        const delay = retryDelay(any, failures, random);
        if (failures >= any.max_attempts) expect(delay).toBeNull();
        else {
          expect(Number.isSafeInteger(delay)).toBe(true);
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThanOrEqual(any.max_ms);
        }
      }),
    );
  });
});

describe('mayRetry', () => {
  const failed = (code: string, retryable?: boolean) => ({ code, message: '', ...(retryable !== undefined && { retryable }) });

  it('is up to the error, where the policy names none', () => {
    expect(mayRetry(policy(), failed('node_failed'))).toBe(true);
    expect(mayRetry(policy(), failed('http_failed', true))).toBe(true);
    expect(mayRetry(policy(), failed('http_failed', false))).toBe(false);
  });

  it('is for the errors that the policy names, and for none that it excepts', () => {
    const only = policy({ only: ['timeout', 'http_failed'], except: ['http_failed'] });
    expect(['timeout', 'http_failed', 'node_failed'].map((code) => mayRetry(only, failed(code)))).toEqual([true, false, false]);
    expect(mayRetry(policy({ except: ['timeout'] }), failed('node_failed'))).toBe(true);
    expect(mayRetry(policy({ only: ['timeout'] }), failed('timeout', false))).toBe(false);
  });

  it('knows the codes of errors', () => {
    expect(RetryPolicySchema.safeParse({ only: ['tiemout'] }).success).toBe(false);
  });
});
