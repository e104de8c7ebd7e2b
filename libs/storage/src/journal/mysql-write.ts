import type { BatchPlan } from './batch-plan.js';
import type { MysqlSession } from './mysql-session.js';
import { scoped, type SubmitWrite } from './submissions.js';

const RUN_INSERT = [
  ...[
    'id',
    'tenant_id',
    'task_id',
    'workflow_id',
    'workflow_name',
    'workflow_version',
    'workflow_digest',
    'status',
    'input',
    'seq',
  ],
  ...['wake_at', 'idempotency_key', 'request_digest', 'created_at'],
];
const EVENT_INSERT = ['run_id', 'seq', 'tenant_id', 'epoch', 'type', 'v', 'node_id', 'visit', 'attempt', 'at', 'payload'];
const LOCK_INSERT = ['tenant_id', 'task_id', 'run_id', 'operation', 'event', 'method', 'holder', 'token_length', 'at'];
const HEAD_UPDATE = [
  ...[
    'status',
    'seq',
    'epoch',
    'worker_id',
    'claim_token',
    'wake_at',
    'generation',
    'unproductive_claims',
    'started_at',
    'finished_at',
  ],
];

/** Writes what a batch changes, each table in one statement. */
export async function writePlan(session: MysqlSession, plan: BatchPlan): Promise<void> {
  await insertRuns(session, plan);
  await insertEvents(session, plan);
  await updateHeads(session, plan);
  await writeSignals(session, plan);
  await endTasks(session, plan);
  await insertLockRecords(session, plan);
}

/**
 * `rows` rows as a derived table, to join an UPDATE with: each row its own values in one statement.
 * A row is `SELECT ?, ?, …`; the first names the columns.
 */
function derivedRows(columns: readonly string[], rows: number): string {
  const first = `SELECT ${columns.map((column) => `? AS ${column}`).join(', ')}`;
  const next = ` UNION ALL SELECT ${columns.map(() => '?').join(', ')}`;
  return first + next.repeat(rows - 1);
}

async function insertRuns(session: MysqlSession, { newRuns }: BatchPlan): Promise<void> {
  const rows = newRuns.map(({ submission, input }) => {
    const { runId, tenantId, taskId, workflow, idempotency, at } = submission;
    return [
      ...[runId, tenantId, taskId, workflow.id, workflow.name, workflow.version, workflow.digest, 'queued', input, 1, at],
      ...[idempotency?.key ?? null, idempotency?.requestDigest ?? null, at],
    ];
  });
  await insertRows(session, 'runs', RUN_INSERT, rows);
}

async function insertEvents(session: MysqlSession, { journal }: BatchPlan): Promise<void> {
  const rows = journal.map((row) => [
    ...[row.runId, row.seq, row.tenantId, row.epoch, row.type, row.v, row.nodeId, row.visit, row.attempt, row.at, row.payload],
  ]);
  await insertRows(session, 'journal', EVENT_INSERT, rows);
}

async function updateHeads(session: MysqlSession, { changedHeads }: BatchPlan): Promise<void> {
  if (changedHeads.size === 0) return;
  const values = [...changedHeads].flatMap((head) => [
    ...[head.id, head.status, head.seq, head.epoch, head.workerId, head.claimToken, head.wakeAt, head.generation],
    ...[head.unproductiveClaims, head.startedAt, head.finishedAt],
  ]);
  await session.run(
    `UPDATE runs JOIN (${derivedRows(['id', ...HEAD_UPDATE], changedHeads.size)}) AS head ON runs.id = head.id
     SET ${HEAD_UPDATE.map((column) => `runs.${column} = head.${column}`).join(', ')}`,
    values,
  );
}

async function writeSignals(session: MysqlSession, { signals, consumedSignals, endedRuns }: BatchPlan): Promise<void> {
  const rows = signals.map(({ runId, tenantId, type, payload, at }) => [runId, tenantId, type, payload, at]);
  const firstId = await insertRows(session, 'signals', ['run_id', 'tenant_id', 'type', 'payload', 'at'], rows);
  // The ids of one multi-row insert are consecutive: its number of rows is known before it begins.
  signals.forEach(({ outcome }, index) => (outcome.signalId = firstId + index * session.idStep));
  if (consumedSignals.length > 0) await session.run('DELETE FROM signals WHERE id IN (?)', [consumedSignals]);
  if (endedRuns.length > 0) await session.run('DELETE FROM signals WHERE run_id IN (?)', [endedRuns]);
}

async function endTasks(session: MysqlSession, { endedTasks }: BatchPlan): Promise<void> {
  if (endedTasks.length === 0) return;
  const inKeyOrder = endedTasks.toSorted((left, right) =>
    left.tenantId < right.tenantId || (left.tenantId === right.tenantId && left.taskId < right.taskId) ? -1 : 1,
  );
  const values = inKeyOrder.flatMap(({ tenantId, taskId, runId, status, at }) => [tenantId, taskId, runId, status, at]);
  await session.run(
    `UPDATE tasks JOIN (${derivedRows(['tenant_id', 'id', 'run_id', 'status', 'at'], inKeyOrder.length)}) AS ended
       ON tasks.tenant_id = ended.tenant_id AND tasks.id = ended.id AND tasks.live_run_id = ended.run_id
     SET tasks.live_run_id = NULL, tasks.last_run_id = ended.run_id, tasks.status = ended.status, tasks.updated_at = ended.at`,
    values,
  );
}

async function insertLockRecords(session: MysqlSession, { lockRecords }: BatchPlan): Promise<void> {
  const rows = lockRecords.map((record) => [
    ...[record.tenantId, record.taskId, record.runId, record.operation, record.event, record.method, record.holder],
    ...[record.tokenLength, record.at],
  ]);
  await insertRows(session, 'lock_history', LOCK_INSERT, rows);
}

/** Returns the first generated id, where the table generates one. */
async function insertRows(session: MysqlSession, table: string, columns: readonly string[], rows: unknown[][]): Promise<number> {
  if (rows.length === 0) return 0;
  return (await session.run(`INSERT INTO ${table} (${columns.join(', ')}) VALUES ?`, [rows])).insertId;
}

/** Sets the marks where none is, in one statement, and reads whose they are. */
export async function markTasks(
  session: MysqlSession,
  submits: readonly SubmitWrite[],
  claimants: readonly SubmitWrite[],
): Promise<Map<string, string | null>> {
  if (claimants.length > 0) {
    const values = claimants.flatMap(({ submission: { tenantId, taskId, runId, at } }) => [tenantId, taskId, runId, at]);
    await session.run(
      `UPDATE tasks JOIN (${derivedRows(['tenant_id', 'id', 'run_id', 'at'], claimants.length)}) AS mark
         ON tasks.tenant_id = mark.tenant_id AND tasks.id = mark.id
       SET tasks.live_run_id = mark.run_id, tasks.status = 'running', tasks.updated_at = mark.at
       WHERE tasks.live_run_id IS NULL`,
      values,
    );
  }
  const tasks = submits.flatMap(({ submission: { tenantId, taskId } }) => (taskId === null ? [] : [[tenantId, taskId]]));
  if (tasks.length === 0) return new Map();
  const rows = await session.read<{ tenant_id: string; id: string; live_run_id: string | null }>(
    'SELECT tenant_id, id, live_run_id FROM tasks WHERE (tenant_id, id) IN (?)',
    [tasks],
  );
  return new Map(rows.map((row) => [scoped(row.tenant_id, row.id), row.live_run_id]));
}
