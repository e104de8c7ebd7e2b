import { choice, keyPrefix, milliseconds, optional, seconds, secret, url, variable, wholeNumber } from './config-kinds.js';

/** How runs come to the workers, and what locks them. */
export const queue = {
  queue: variable(
    'QUEUE',
    choice('auto', 'memory', 'bullmq'),
    'auto',
    'auto: BullMQ where REDIS_URL is set or redis-server is installed, else the in-process queue.',
  ),
  redisUrl: secret('REDIS_URL', url('redis:', 'rediss:'), '', 'Redis; needed by separate API and worker processes.'),
  redisPrefix: variable(
    'REDIS_PREFIX',
    keyPrefix,
    '{baton}',
    'Prefix of the keys of queue and doorbell, in braces for a cluster.',
  ),
  redisCommandTimeoutMs: variable(
    'REDIS_COMMAND_TIMEOUT_MS',
    milliseconds(50, 60_000),
    '2000',
    'After this a command counts as unanswered.',
  ),
  queueFairness: variable(
    'QUEUE_FAIRNESS',
    choice('auto', 'on', 'off'),
    'auto',
    'Whether tenants take turns and priorities count. auto: from the first run of another tenant than `default` or of another priority than `normal` on.',
  ),
  lockPrefix: variable('LOCK_PREFIX', keyPrefix, '', 'Prefix of the lock keys `task:{id}:lock`.'),
  taskLockTtlMs: variable('TASK_LOCK_TTL', seconds(1, 86_400), '30', 'Lifetime of a lock that is not renewed.'),
};

/** How many runs there may be at once. */
export const limits = {
  maxActiveRuns: variable(
    'MAX_ACTIVE_RUNS',
    wholeNumber(1, 1_000_000),
    '1000',
    'Runs that all workers together advance at once; queued and parked ones are not active.',
  ),
  maxBacklog: variable(
    'MAX_BACKLOG',
    wholeNumber(1, 100_000_000),
    '100000',
    'Queued runs at which a start is answered with 503; counted twice a second.',
  ),
  maxBatchRuns: variable('MAX_BATCH_RUNS', wholeNumber(1, 100_000), '1000', 'Runs that one request starts at most.'),
  tenantActiveRuns: optional(
    'TENANT_ACTIVE_RUNS',
    wholeNumber(1, 1_000_000),
    'no limit',
    'Live runs of one tenant, parked ones included.',
  ),
  tenantOnLimit: variable('TENANT_ON_LIMIT', choice('reject', 'queue'), 'reject', 'What happens to a run above it.'),
  workflowActiveRuns: optional(
    'WORKFLOW_ACTIVE_RUNS',
    wholeNumber(1, 1_000_000),
    'no limit',
    'Live runs of a workflow whose definition says nothing else in `limits.active_runs`.',
  ),
  workflowOnLimit: variable(
    'WORKFLOW_ON_LIMIT',
    choice('reject', 'queue', 'cancel_oldest'),
    'reject',
    'What happens to a run above it, where the definition says nothing else in `limits.on_limit`.',
  ),
};
