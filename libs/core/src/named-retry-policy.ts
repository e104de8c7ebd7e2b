import { RetryPolicySchema, type RetryPolicy } from './retry-policy.js';

const NAMED: ReadonlyMap<string, RetryPolicy> = new Map(
  Object.entries({
    none: { max_attempts: 1 },
    immediate: { max_attempts: 3, backoff: 'fixed', initial_ms: 0, jitter: 0 },
    fixed_delay: { max_attempts: 3, backoff: 'fixed', initial_ms: 5_000, jitter: 0 },
    exponential_backoff: { max_attempts: 5, backoff: 'exponential', initial_ms: 1_000, max_ms: 60_000, jitter: 0.2 },
  }).map(([name, policy]) => [name, RetryPolicySchema.parse(policy)]),
);

/** The names under which whole retry policies are known. */
export const RETRY_POLICY_NAMES: readonly string[] = [...NAMED.keys()];

/** The policy of a name of {@link RETRY_POLICY_NAMES}. */
export function namedRetryPolicy(name: string): RetryPolicy | null {
  return NAMED.get(name) ?? null;
}
