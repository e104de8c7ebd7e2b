import { BatonError, parsePoolJobId, poolJobId, type Dispatch, type PoolDispatch } from '@baton/core';
import { z } from 'zod';
import type { JobForm } from './bull-run-queue.js';

/** The queue of a pool. */
export function poolQueueName(pool: string): string {
  return `pool-${pool}`;
}

const poolJobData = z.object({ run_id: z.string().min(1), seq: z.int().min(1), generation: z.int().min(0) });

/** How the dispatch of a node becomes a job: as that of a run, under the id of the pool job. */
export const POOL_JOB_FORM: JobForm = {
  name: 'node',
  dataOf: ({ runId: jobId, generation }) => {
    const { runId, seq } = parsePoolJobId(jobId)!;
    return { run_id: runId, seq, generation } satisfies z.infer<typeof poolJobData>;
  },
};

/** Reads a job's data. @throws BatonError `invalid_request`: then the job is not ours, and fails where operators see it. */
export function parsePoolDispatch(pool: string, data: unknown): PoolDispatch {
  const parsed = poolJobData.safeParse(data);
  if (!parsed.success) throw new BatonError('invalid_request', 'The job carries no node', {}, { cause: parsed.error });
  return { pool, runId: parsed.data.run_id, seq: parsed.data.seq, generation: parsed.data.generation };
}

/** A dispatch to a pool, as a queue of runs takes it. */
export function asRunDispatch(dispatch: PoolDispatch): Dispatch {
  return { runId: poolJobId(dispatch), taskId: null, generation: dispatch.generation };
}

export function asPoolDispatch(pool: string, { runId: jobId, generation }: Dispatch): PoolDispatch {
  return { pool, ...parsePoolJobId(jobId)!, generation };
}
