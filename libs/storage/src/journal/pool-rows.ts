import { poolJobId, ruleOnPoolJob, type PoolJob, type PoolJobChange, type PoolJobRuling } from '@baton/core';
import type { RunHead } from './run-head.js';
import type { WriteRequest } from './write-request.js';

/** Selects rows of the table `pool_jobs` as {@link PoolJob}. */
export const POOL_JOB_SELECT = [
  ...['pool_jobs.run_id AS runId', 'pool_jobs.seq', 'pool_jobs.tenant_id AS tenantId', 'pool_jobs.node_id AS nodeId'],
  ...['pool_jobs.visit', 'pool_jobs.attempt', 'pool_jobs.pool', 'pool_jobs.dispatched_at AS dispatchedAt'],
  ...['pool_jobs.deadline', 'pool_jobs.generation', 'pool_jobs.takes', 'pool_jobs.worker_id AS workerId', 'pool_jobs.token'],
  'pool_jobs.taken_at AS takenAt',
].join(', ');

/** The columns of a row, in the order of {@link poolJobValues}. */
export const POOL_JOB_COLUMNS = [
  ...['id', 'run_id', 'seq', 'tenant_id', 'node_id', 'visit', 'attempt', 'pool', 'dispatched_at', 'deadline'],
  ...['generation', 'takes', 'worker_id', 'token', 'taken_at'],
];

export function poolJobValues(job: PoolJob): unknown[] {
  const { runId, seq, tenantId, nodeId, visit, attempt, pool, dispatchedAt, deadline } = job;
  const { generation, takes, workerId, token, takenAt } = job;
  return [
    ...[poolJobId(job), runId, seq, tenantId, nodeId, visit, attempt, pool, dispatchedAt, deadline],
    ...[generation, takes, workerId, token, takenAt],
  ];
}

/** The ids of the pool jobs that a batch is to change. */
export function changedPoolJobIds(batch: readonly WriteRequest[]): string[] {
  return [...new Set(batch.flatMap((request) => (request.kind === 'pool' ? [poolJobId(request.change)] : [])))].toSorted();
}

/** The pool jobs as a batch leaves them. */
export class PoolJobBook {
  /** Rows that the batch writes whole. */
  readonly written = new Map<string, PoolJob>();
  /** Ids of rows that the batch removes, if they are there. */
  readonly removed = new Set<string>();
  /** Runs whose rows go with them. */
  readonly endedRuns: string[] = [];
  private readonly known: Map<string, PoolJob>;

  constructor(rows: readonly PoolJob[]) {
    this.known = new Map(rows.map((row) => [poolJobId(row), row]));
  }

  change(change: PoolJobChange): PoolJobRuling {
    const id = poolJobId(change);
    const ruling = ruleOnPoolJob(this.known.get(id), change);
    if (ruling.after === null) this.remove(id);
    else if (ruling.after !== undefined) this.write(ruling.after);
    return ruling;
  }

  write(job: PoolJob): void {
    this.known.set(poolJobId(job), job);
    this.written.set(poolJobId(job), job);
  }

  remove(id: string): void {
    this.known.delete(id);
    this.written.delete(id);
    this.removed.add(id);
  }

  end({ id: runId }: RunHead): void {
    this.endedRuns.push(runId);
    for (const job of this.known.values()) if (job.runId === runId) this.remove(poolJobId(job));
  }
}
