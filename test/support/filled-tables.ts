import { EVENT_VERSION } from '@baton/core';
import type { Database } from '@baton/storage';
import { WORKFLOW } from './run-requests.js';

/** What stands in a column of the n-th row. */
type Rule = (n: number) => unknown;

interface Column {
  name: string;
  type: string;
  /** Counted by the database. */
  isCounter: boolean;
}

const ROWS_AT_ONCE = 500;
const PAST = 1_700_000_000_000;
const FUTURE = 4_000_000_000_000;
const SCOPES = 50;

/** The id of the n-th row of a table. */
export function rowId(table: string, n: number): string {
  return `${table}-${String(n).padStart(7, '0')}`;
}

/** Three of fifty runs have not ended. */
function statusOf(n: number): string {
  return ['queued', 'running', 'waiting'][n % 50] ?? 'completed';
}
const onlyIn =
  (statuses: readonly string[], rule: Rule): Rule =>
  (n) =>
    statuses.includes(statusOf(n)) ? rule(n) : null;

/** By column, or by table and column. Every other column has what its type says. */
const RULES: Record<string, Rule> = {
  tenant_id: () => 'default',
  run_id: (n) => rowId('runs', n),
  task_id: (n) => rowId('tasks', n),
  document_id: (n) => rowId('documents', n),
  workflow_id: () => WORKFLOW.id,
  'runs.workflow_digest': (n) => `digest-${n}`,
  'runs.status': statusOf,
  'runs.wake_at': onlyIn(['queued', 'running'], (n) => PAST + n),
  'runs.worker_id': onlyIn(['running'], (n) => rowId('workers', n)),
  'runs.finished_at': onlyIn(['completed'], (n) => PAST + n),
  // A parent of many, most of whom have ended.
  'runs.parent_run_id': (n) => (n % 50 === 7 ? rowId('runs', 1) : null),
  'runs.counted': () => 1,
  span: () => 'day',
  'tenant_budgets.tenant_id': (n) => `tenant-${n}`,
  'budget_holds.accounts': () => '[]',
  'run_usage.day': (n) => `day-${n % 500}`,
  'blobs.place': () => 'sql',
  'blobs.state': () => 'kept',
  encoding: () => 'identity',
  'runs.input': () => 'null',
  'patterns.spec': () => '{}',
  priority: () => 'normal',
  source_format: () => 'yaml',
  // The journal of one run is as long as those of all others together.
  'journal.run_id': (n) => rowId('runs', n % 2 === 0 ? n : 1),
  'journal.type': () => 'node.started',
  'journal.v': () => EVENT_VERSION,
  'journal.payload': () => '{}',
  'run_logs.run_id': (n) => rowId('runs', n % 2 === 0 ? n : 1),
  // Half of all locks were those of one task.
  'lock_history.task_id': (n) => rowId('tasks', n % 2 === 0 ? 0 : n),
  'tasks.live_run_id': () => null,
  'rag_configs.tenant_id': (n) => `tenant-${n}`,
  'run_scopes.tenant_id': (n) => `tenant-${n % 100}`,
  'run_places.scope_id': (n) => rowId('run_scopes', n % SCOPES),
  'run_places.status': (n) => ['taken', 'queued'][Math.floor(n / SCOPES) % 2],
  'approvals.node_id': (n) => (n % 200 === 0 ? '$budget' : `node_id-${n}`),
  'approvals.status': (n) => (n % 50 === 0 ? 'open' : 'decided'),
  'dead_letters.status': (n) => (n % 2 === 0 ? 'open' : 'discarded'),
  'dead_letters.error': () => '{}',
  'revisions.status': () => 'applied',
  'pool_jobs.deadline': () => FUTURE,
  'pool_jobs.worker_id': () => null,
  'circuits.failures': (n) => (n % 50 === 0 ? 3 : 0),
  // Few have ended, and are to be removed.
  'workers.lease_until': (n) => (n < 3 ? PAST : FUTURE + n),
  'workers.node_types': () => '[]',
  'workers.pools': () => '[]',
  'documents.removed_at': (n) => (n % 50 === 0 ? PAST : null),
  'workflows.archived_at': () => null,
};

/** Puts so many rows into every table that there is: few of them are what a query asks for. */
export async function fillTables(database: Database, rows: number): Promise<void> {
  for (const [table, columns] of await readSchema(database)) {
    const kept = columns.filter(({ isCounter }) => !isCounter);
    const marks = `(${kept.map(() => '?').join(', ')})`;
    const names = kept.map(({ name }) => name).join(', ');
    for (let from = 0; from < rows; from += ROWS_AT_ONCE) {
      const numbers = Array.from({ length: Math.min(ROWS_AT_ONCE, rows - from) }, (_, index) => from + index);
      await database.write({
        sql: `INSERT INTO ${table} (${names}) VALUES ${numbers.map(() => marks).join(', ')}`,
        values: numbers.flatMap((n) => kept.map((column) => valueOf(table, column, n))),
      });
    }
  }
}

function valueOf(table: string, { name, type }: Column, n: number): unknown {
  const rule = RULES[`${table}.${name}`] ?? RULES[name];
  if (rule !== undefined) return rule(n);
  if (name === 'id') return rowId(table, n);
  if (/blob/i.test(type)) return Buffer.from('state');
  if (/bigint/i.test(type)) return PAST + n;
  if (/int/i.test(type)) return n;
  return /text/i.test(type) ? '{}' : `${name}-${n}`;
}

/** The columns of each table. */
export async function readSchema(database: Database): Promise<Map<string, Column[]>> {
  const rows = await (database.dialect === 'sqlite' ? readSqlite(database) : readMysql(database));
  return Map.groupBy(rows, ({ table }) => table);
}

function readSqlite(database: Database): Promise<(Column & { table: string })[]> {
  return database.read(
    `SELECT tables.name AS "table", columns.name, columns.type, columns.pk = 1 AND lower(columns.type) = 'integer' AND columns.name = 'id' AS isCounter
     FROM sqlite_master AS tables, pragma_table_info(tables.name) AS columns
     WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND tables.name <> 'migrations'`,
  );
}

async function readMysql(database: Database): Promise<(Column & { table: string })[]> {
  const rows = await database.read<Column & { table: string }>(
    `SELECT table_name AS \`table\`, column_name AS name, data_type AS type, extra LIKE '%auto_increment%' AS isCounter
     FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name <> 'migrations' ORDER BY ordinal_position`,
  );
  return rows.map((row) => ({ ...row, isCounter: Number(row.isCounter) === 1 }));
}
