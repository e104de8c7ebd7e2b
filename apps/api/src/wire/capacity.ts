import { z } from 'zod';
import { LIMIT_POLICIES } from '@baton/core';
import type { WorkflowCapacity } from '@baton/engine';
import { Instant, toInstantOrNull } from './json.js';

const Used = z.object({ limit: z.int(), used: z.int(), free: z.int() });
const Limited = Used.extend({
  waiting: z.int().describe('Runs that wait for a place.'),
  on_limit: z.enum(LIMIT_POLICIES),
});

export const CapacityReply = z.object({
  queue: z.enum(['bullmq', 'memory']).describe('What carries the jobs; `/admin/queues` shows those of `bullmq`.'),
  active_runs: Used.nullable().describe('Runs that all workers together advance; null while the queue does not answer.'),
  backlog: Used.describe('Queued runs, those that wait for a place included.'),
  oldest_due_at: Instant.nullable().describe('Since when a run has been due with no worker on it; null: none is.'),
  workers: z
    .array(
      z.object({
        id: z.string(),
        pools: z.array(z.string()),
        runs: Used.nullable().describe('WORKER_CONCURRENCY; null: it serves its pools only, or does not say.'),
        nodes: Used.nullable().describe('WORKER_NODES; those of pools are not counted.'),
      }),
    )
    .describe('Live workers, with what they had in work when they were last heard.'),
  places: z.object({ runs: Used, nodes: Used }).describe('The places of all workers added up.'),
  tenant: Limited.nullable().describe('Live runs of the tenant; null where no run was started under such a limit.'),
  workflows: z.array(Limited.extend({ workflow: z.string() })).describe('Live runs of the workflows that have a limit.'),
  retention_days: z.int().nullable().describe('How long runs of the tenant are kept after their end; null: for ever.'),
  pools: z.array(z.object({ pool: z.string(), workers: z.int(), waiting: z.int().nullable(), active: z.int().nullable() })),
});
export type CapacityReply = z.infer<typeof CapacityReply>;

const DAY_MS = 86_400_000;

export function toCapacityReply(capacity: WorkflowCapacity, keepMs: number | null): CapacityReply {
  const { queue, active, backlog, oldestDueAt, workers, places, limits, pools } = capacity;
  const own = limits.find(({ kind }) => kind === 'tenant');
  return {
    queue,
    active_runs: active,
    backlog,
    oldest_due_at: toInstantOrNull(oldestDueAt),
    workers: workers.map((worker) => ({ ...worker, pools: [...worker.pools] })),
    places,
    tenant: own === undefined ? null : toLimited(own),
    workflows: limits.filter(({ kind }) => kind === 'workflow').map((limit) => ({ workflow: limit.name, ...toLimited(limit) })),
    retention_days: keepMs === null ? null : keepMs / DAY_MS,
    pools,
  };
}

function toLimited({ capacity, taken, waiting, onLimit }: WorkflowCapacity['limits'][number]): z.infer<typeof Limited> {
  return { limit: capacity, used: taken, free: Math.max(0, capacity - taken), waiting, on_limit: onLimit };
}
