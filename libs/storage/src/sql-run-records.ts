import { BatonError, runAccount } from '@baton/core';
import type { Database } from './database.js';

type Row = Readonly<Record<string, unknown>>;

/** A row of a table by the names of its columns; what stands in a column as JSON is parsed. */
export interface RunRecord {
  readonly table: string;
  readonly row: Row;
}

/** The row of a run. */
export interface RunRow extends Row {
  readonly id: string;
  readonly tenant_id: string;
  readonly task_id: string | null;
  readonly workflow_digest: string;
  readonly finished_at: number | null;
}

/** Rows of a journal or a log that one statement reads. */
const ROWS_AT_ONCE = 200;

/** Tables of which a run has few rows, and the order of these. */
const FEW: Readonly<Record<string, string>> = {
  signals: 'id',
  approvals: 'id',
  revisions: 'revision',
  dead_letters: 'run_id',
  artifacts: 'created_at, id',
  run_usage: 'day, node_id, agent, model',
  lock_history: 'id',
};
/** Tables of which it has many, and the column that tells them apart. */
const MANY: Readonly<Record<string, string>> = { journal: 'seq', run_logs: 'id' };

const JSON_COLUMNS: ReadonlySet<string> = new Set([
  ...['runs.input', 'runs.budget', 'journal.payload', 'signals.payload', 'approvals.terms', 'approvals.proposal'],
  ...['approvals.votes', 'revisions.patch', 'revisions.diff', 'dead_letters.error', 'run_logs.fields'],
  ...['budget_accounts.granted', 'definitions.definition'],
]);

/** What serves those who hold the run, or the table. */
const HOUSEKEEPING: ReadonlySet<string> = new Set(['claim_room', 'claim_token', 'token', 'decision_token', 'counted']);

/** All that makes up a run, as it stands in SQL: the same run gives the same records, in the same order. */
export class SqlRunRecords {
  constructor(private readonly database: Database) {}

  /** The row of the run; null: there is none any more. */
  async find(runId: string): Promise<RunRow | null> {
    const [row] = await this.database.read<RunRow>('SELECT * FROM runs WHERE id = ?', [runId]);
    return row ?? null;
  }

  /** @throws BatonError `workflow_not_found` where a definition of the run is lost. */
  async *list(run: RunRow): AsyncGenerator<RunRecord> {
    yield recordOf('runs', run);
    yield* this.definitions(run);
    for (const [table, column] of Object.entries(MANY)) yield* this.many(table, column, run.id);
    for (const [table, order] of Object.entries(FEW)) {
      const rows = await this.database.read<Row>(`SELECT * FROM ${table} WHERE run_id = ? ORDER BY ${order}`, [run.id]);
      for (const row of rows) yield recordOf(table, row);
    }
    const accounts = await this.database.read<Row>('SELECT * FROM budget_accounts WHERE tenant_id = ? AND account = ?', [
      run.tenant_id,
      runAccount(run.id),
    ]);
    for (const row of accounts) yield recordOf('budget_accounts', row);
  }

  /** Digests of the payloads that the run refers to, its artifacts among them. */
  async payloads(runId: string): Promise<string[]> {
    const rows = await this.database.read<{ digest: string }>(
      'SELECT digest FROM blob_references WHERE run_id = ? UNION SELECT digest FROM artifacts WHERE run_id = ? ORDER BY digest',
      [runId, runId],
    );
    return rows.map(({ digest }) => digest);
  }

  /** What it was started with, and what patches have made of it. */
  private async *definitions(run: RunRow): AsyncGenerator<RunRecord> {
    const revisions = await this.database.read<{ digest: string }>(
      "SELECT digest FROM revisions WHERE run_id = ? AND status = 'applied' ORDER BY revision",
      [run.id],
    );
    for (const digest of new Set([run.workflow_digest, ...revisions.map((revision) => revision.digest)])) {
      const [found] = await this.database.read<Row>(
        `SELECT definition FROM workflows WHERE digest = ? UNION ALL SELECT definition FROM definitions WHERE digest = ? LIMIT 1`,
        [digest, digest],
      );
      if (found === undefined) {
        const detail = `The definition ${digest} of the run is not there.`;
        throw new BatonError('workflow_not_found', detail, { run_id: run.id, digest });
      }
      yield recordOf('definitions', { digest, ...found });
    }
  }

  private async *many(table: string, column: string, runId: string): AsyncGenerator<RunRecord> {
    for (let after: unknown = 0; ;) {
      const rows: Row[] = await this.database.read<Row>(
        `SELECT * FROM ${table} WHERE run_id = ? AND ${column} > ? ORDER BY ${column} LIMIT ?`,
        [runId, after, ROWS_AT_ONCE],
      );
      for (const row of rows) yield recordOf(table, row);
      if (rows.length < ROWS_AT_ONCE) return;
      after = rows.at(-1)![column];
    }
  }
}

function recordOf(table: string, row: Row): RunRecord {
  const kept = Object.entries(row).filter(([column]) => !HOUSEKEEPING.has(column));
  return { table, row: Object.fromEntries(kept.map(([column, value]) => [column, valueOf(`${table}.${column}`, value)])) };
}

function valueOf(column: string, value: unknown): unknown {
  return JSON_COLUMNS.has(column) && typeof value === 'string' ? JSON.parse(value) : value;
}
