import { z } from 'zod';
import type { Worker } from '@baton/core';
import { Instant, toInstant } from './json.js';

const Load = z.object({ runs: z.int(), nodes: z.int() });

const WorkerReply = z.object({
  id: z.string(),
  host: z.string(),
  pid: z.int(),
  live: z.boolean(),
  started_at: Instant,
  lease_until: Instant,
  node_types: z.array(z.string()),
  agent_tools: z.array(z.string()).nullable().describe('The tools that its agents can be given; null: it does not say.'),
  pools: z.array(z.string()).describe('The pools whose nodes it executes.'),
  takes_runs: z.boolean().describe('False: it serves its pools only.'),
  capacity: Load.nullable().describe('Runs and nodes that it takes at once; null: it does not say.'),
  load: Load.describe('What it had in work when it was last heard; nodes of pools are not counted.'),
});
export const WorkersReply = z.object({ items: z.array(WorkerReply) });

export function toWorkerReply(worker: Worker): z.infer<typeof WorkerReply> {
  return {
    id: worker.id,
    host: worker.host,
    pid: worker.pid,
    live: worker.live,
    started_at: toInstant(worker.startedAt),
    lease_until: toInstant(worker.leaseUntil),
    node_types: worker.nodeTypes,
    agent_tools: worker.agentTools,
    pools: worker.pools,
    takes_runs: worker.takesRuns,
    capacity: worker.capacity,
    load: worker.load,
  };
}
