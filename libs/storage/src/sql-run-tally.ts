import { RunTally, type EndedRun } from '@baton/core';
import type { Database } from './database.js';
import { COSTED, COUNTED, SPANS_SQL, spelling } from './statistics-sql.js';

const PROGRESS = 'run counter';
const SLOT = ['tenant_id', 'span', 'slot_at', 'workflow_id'];

/** {@link RunTally} on MySQL, MariaDB and SQLite. */
export class SqlRunTally extends RunTally {
  constructor(private readonly database: Database) {
    super();
  }

  async countedTo(): Promise<number> {
    const [row] = await this.database.read<{ at: number }>('SELECT at FROM actor_progress WHERE name = ?', [PROGRESS]);
    return row!.at;
  }

  async endedRuns({ after, until, limit }: Parameters<RunTally['endedRuns']>[0]): Promise<EndedRun[]> {
    const rows = await this.database.read<{ finishedAt: number; runId: string; counted: number }>(
      `SELECT finished_at AS finishedAt, id AS runId, counted FROM runs ${this.database.through('ix_runs_finished')}
       WHERE finished_at >= ? AND finished_at <= ? AND (finished_at > ? OR id > ?) ORDER BY finished_at, wake_at, id LIMIT ?`,
      [after.finishedAt, until, after.finishedAt, after.runId, limit],
    );
    return rows.map(({ finishedAt, runId, counted }) => ({ finishedAt, runId, isCounted: counted === 1 }));
  }

  /** The row of the progress, which comes first, keeps others out until all of it stands: then they find the runs marked. */
  async count(runIds: readonly string[], countedTo: number): Promise<number> {
    if (runIds.length === 0) return 0;
    const higher = this.database.dialect === 'sqlite' ? 'MAX' : 'GREATEST';
    const values = runIds.toSorted();
    const uncounted = `runs.id IN (${values.map(() => '?').join(', ')}) AND runs.counted = 0 AND runs.finished_at IS NOT NULL`;
    const matched = await this.database.writeAll([
      { sql: `UPDATE actor_progress SET at = ${higher}(at, ?) WHERE name = ?`, values: [countedTo, PROGRESS] },
      { sql: this.adding(COUNTED, ['status', 'band'], uncounted), values },
      { sql: this.adding(COSTED, ['agent', 'model'], uncounted), values },
      { sql: `UPDATE runs SET counted = 1 WHERE ${uncounted}`, values },
    ]);
    return matched.at(-1)!;
  }

  private adding({ sums, kept, joined }: typeof COUNTED | typeof COSTED, by: readonly string[], uncounted: string): string {
    const spelt = spelling(this.database, 'spans.ms');
    const key = [...SLOT, ...by];
    const [onConflict, fresh] =
      this.database.dialect === 'sqlite'
        ? [`ON CONFLICT (${key.join(', ')}) DO UPDATE SET`, (name: string) => `excluded.${name}`]
        : ['ON DUPLICATE KEY UPDATE', (name: string) => `VALUES(${name})`];
    return `INSERT INTO ${kept} (${[...key, 'workflow_name', ...sums].join(', ')})
      SELECT ${key.map((column) => spelt[column] ?? column).join(', ')}, MAX(runs.workflow_name), ${sums.map((name) => spelt[name]).join(', ')}
      FROM runs ${joined} CROSS JOIN ${SPANS_SQL} WHERE ${uncounted} GROUP BY ${key.map((_, index) => index + 1).join(', ')}
      ${onConflict} ${sums.map((name) => `${name} = ${kept}.${name} + ${fresh(name)}`).join(', ')}`;
  }
}
