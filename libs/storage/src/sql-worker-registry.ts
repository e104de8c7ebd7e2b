import { WorkerRegistry, type NewWorker, type Worker, type WorkerLoad } from '@baton/core';
import type { Database } from './database.js';

export interface SqlWorkerRegistryOptions {
  /** Milliseconds for which a worker that has ended is still listed. Default one hour. */
  endedForMs?: number;
}

type WorkerRow = Omit<Worker, 'live' | 'nodeTypes' | 'agentTools' | 'pools' | 'takesRuns' | 'capacity' | 'load'> & {
  live: number;
  nodeTypes: string;
  /** Null in the row of a worker of a version that did not say. */
  agentTools: string | null;
  /** Null in the row of a worker of a version that knew no pools. */
  pools: string | null;
  takesRuns: number;
  /** Null in the row of a worker of a version that did not say. */
  maxRuns: number | null;
  maxNodes: number | null;
  runsInWork: number;
  nodesInWork: number;
};

/** {@link WorkerRegistry} on MySQL, MariaDB and SQLite. All leases are told by the database's clock. */
export class SqlWorkerRegistry extends WorkerRegistry {
  private readonly endedForMs: number;

  constructor(
    private readonly database: Database,
    { endedForMs = 3_600_000 }: SqlWorkerRegistryOptions = {},
  ) {
    super();
    this.endedForMs = endedForMs;
  }

  async register(worker: NewWorker, ttlMs: number): Promise<void> {
    const names = ['host', 'pid', 'process_start', 'started_at', 'node_types', 'pools', 'takes_runs'];
    names.push('agent_tools', 'max_runs', 'max_nodes', 'runs_in_work', 'nodes_in_work', 'lease_until');
    const [conflict, taken] =
      this.database.dialect === 'sqlite'
        ? ['ON CONFLICT (id) DO UPDATE SET', (name: string) => `excluded.${name}`]
        : ['ON DUPLICATE KEY UPDATE', (name: string) => `VALUES(${name})`];
    await this.database.write({
      sql: `INSERT INTO workers (id, ${names.join(', ')}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ${this.database.nowSql} + ?)
            ${conflict} ${names.map((name) => `${name} = ${taken(name)}`).join(', ')}`,
      values: [
        ...[worker.id, worker.host, worker.pid, worker.processStart, worker.startedAt],
        ...[JSON.stringify(worker.nodeTypes), JSON.stringify(worker.pools ?? []), worker.takesRuns === false ? 0 : 1],
        worker.agentTools ? JSON.stringify(worker.agentTools) : null,
        ...[worker.capacity?.runs ?? null, worker.capacity?.nodes ?? null, ttlMs],
      ],
    });
  }

  async renew(workerId: string, ttlMs: number, { runs, nodes }: WorkerLoad): Promise<boolean> {
    const now = this.database.nowSql;
    const matched = await this.database.write({
      sql: `UPDATE workers SET lease_until = ${now} + ?, runs_in_work = ?, nodes_in_work = ? WHERE id = ? AND lease_until > ${now}`,
      values: [ttlMs, runs, nodes, workerId],
    });
    return matched === 1;
  }

  async expire(workerId: string, leaseUntil?: number): Promise<boolean> {
    const now = this.database.nowSql;
    const unchanged = leaseUntil === undefined ? '' : 'AND lease_until = ?';
    const matched = await this.database.write({
      sql: `UPDATE workers SET lease_until = ${now} WHERE id = ? AND lease_until > ${now} ${unchanged}`,
      values: [workerId, ...(leaseUntil === undefined ? [] : [leaseUntil])],
    });
    return matched === 1;
  }

  async isLive(workerId: string): Promise<boolean> {
    const rows = await this.database.read(`SELECT id FROM workers WHERE id = ? AND lease_until > ${this.database.nowSql}`, [
      workerId,
    ]);
    return rows.length === 1;
  }

  async list(): Promise<Worker[]> {
    const now = this.database.nowSql;
    await this.removeEnded(`${now} - ?`, this.endedForMs);
    const rows = await this.database.read<WorkerRow>(
      `SELECT id, host, pid, process_start AS processStart, started_at AS startedAt, lease_until AS leaseUntil,
         lease_until > ${now} AS live, node_types AS nodeTypes, agent_tools AS agentTools, pools, takes_runs AS takesRuns,
         max_runs AS maxRuns, max_nodes AS maxNodes, runs_in_work AS runsInWork, nodes_in_work AS nodesInWork
       FROM workers WHERE lease_until > ${now} - ? ORDER BY live DESC, lease_until DESC, id`,
      [this.endedForMs],
    );
    return rows.map(workerOf);
  }

  async forget(endedBefore: number): Promise<number> {
    return await this.removeEnded(this.least('?', this.database.nowSql), endedBefore);
  }

  /** A worker that still holds a run is kept: its name says who died with it. Runs without `wake_at` are held by nobody. */
  private removeEnded(before: string, value: number): Promise<number> {
    return this.database.write({
      sql: `DELETE FROM workers WHERE lease_until < ${before}
              AND NOT EXISTS (SELECT 1 FROM runs WHERE runs.worker_id = workers.id AND runs.finished_at IS NULL AND runs.wake_at >= 0)`,
      values: [value],
    });
  }

  /** Never a live one, whatever the caller's clock says. */
  private least(left: string, right: string): string {
    return this.database.dialect === 'sqlite' ? `min(${left}, ${right})` : `LEAST(${left}, ${right})`;
  }
}

function workerOf({ maxRuns, maxNodes, runsInWork, nodesInWork, ...row }: WorkerRow): Worker {
  return {
    ...{ ...row, live: row.live === 1, takesRuns: row.takesRuns === 1 },
    ...{ nodeTypes: JSON.parse(row.nodeTypes) as string[], pools: JSON.parse(row.pools ?? '[]') as string[] },
    agentTools: row.agentTools === null ? null : (JSON.parse(row.agentTools) as string[]),
    capacity: maxRuns === null || maxNodes === null ? null : { runs: maxRuns, nodes: maxNodes },
    load: { runs: runsInWork, nodes: nodesInWork },
  };
}
