import { poolJobId, type IdlePoolJobsQuery, type PoolJob } from '@baton/core';
import type { Database } from './database.js';
import { POOL_JOB_SELECT } from './journal/pool-rows.js';
import { isAfter } from './keyset.js';

/** Reads the rows of pool jobs; they are written by the group commit. */
export class SqlPoolJobs {
  constructor(private readonly database: Database) {}

  async find(runId: string, seqs: readonly number[]): Promise<PoolJob[]> {
    if (seqs.length === 0) return [];
    return await this.database.read<PoolJob>(
      `SELECT ${POOL_JOB_SELECT} FROM pool_jobs WHERE id IN (${seqs.map(() => '?').join(', ')})`,
      seqs.map((seq) => poolJobId({ runId, seq })),
    );
  }

  async idle({ now, dispatchedBy, after, limit }: IdlePoolJobsQuery): Promise<PoolJob[]> {
    const later = after === undefined ? '' : `AND ${isAfter('dispatched_at', 'pool_jobs.id')}`;
    const from = after === undefined ? [] : [after.dispatchedAt, after.dispatchedAt, after.id];
    return await this.database.read<PoolJob>(
      `SELECT ${POOL_JOB_SELECT} FROM pool_jobs
       LEFT JOIN workers ON workers.id = pool_jobs.worker_id AND workers.lease_until > ${this.database.nowSql}
       WHERE dispatched_at <= ? AND deadline > ? AND workers.id IS NULL ${later}
       ORDER BY dispatched_at, pool_jobs.id LIMIT ?`,
      [dispatchedBy, now, ...from, limit],
    );
  }
}
