import { z } from 'zod';
import { ERROR_CODES, type ErrorInfo } from './errors.js';

/** Errors, by their codes. */
const Codes = z
  .array(z.string().refine((code) => Object.hasOwn(ERROR_CODES, code), 'not the code of an error'))
  .min(1)
  .max(50);

/** Retry policy of a node, as data. Durations in milliseconds. */
export const RetryPolicySchema = z.strictObject({
  max_attempts: z
    .int()
    .min(1)
    .max(1000)
    .default(3)
    .describe('Failed attempts allowed in all; 1 = no retry. A re-run after a crash is not a failed attempt.'),
  backoff: z.enum(['fixed', 'exponential']).default('exponential'),
  initial_ms: z.int().min(0).max(86_400_000).default(1_000),
  max_ms: z.int().min(0).max(86_400_000).default(60_000),
  jitter: z.number().min(0).max(1).default(0.2).describe('Share of the delay that is drawn by chance, 0 to 1.'),
  only: Codes.optional().describe(
    'The codes of the errors after which it is tried again; without it, all but those that no further attempt can mend.',
  ),
  except: Codes.optional().describe('The codes of errors after which it is not.'),
});

export type RetryPolicy = z.infer<typeof RetryPolicySchema>;

/** Whether there may be another attempt after this error, if any is left. */
export function mayRetry({ only, except }: RetryPolicy, { code, retryable }: ErrorInfo): boolean {
  return retryable !== false && only?.includes(code) !== false && except?.includes(code) !== true;
}

/** The longest wait that the other side of a failed call can ask for: a day. */
const MAX_RETRY_AFTER_MS = 86_400_000;

/**
 * Milliseconds to wait after the `failures`-th failed attempt, or null when no attempt is left.
 * `random` is a number in [0, 1), so that the caller decides what chance is. `retryAfterMs` is what the failure itself asked for: the wait is
 * not shorter, also where it exceeds `max_ms`; it counts for a day at most.
 */
export function retryDelay(policy: RetryPolicy, failures: number, random: number, retryAfterMs = 0): number | null {
  if (failures >= policy.max_attempts) return null;
  const growth = policy.backoff === 'fixed' ? 1 : 2 ** Math.min(failures - 1, 40);
  const delay = Math.min(policy.initial_ms * growth, policy.max_ms);
  return Math.max(Math.round(delay * (1 - policy.jitter * random)), Math.min(retryAfterMs, MAX_RETRY_AFTER_MS));
}
