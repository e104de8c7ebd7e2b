import type BetterSqlite3 from 'better-sqlite3';
import type { PoolJob } from '@baton/core';
import { APPROVAL_COLUMNS, APPROVAL_SELECT, type ApprovalRow } from './approval-rows.js';
import { BLOB_REFERENCE_COLUMNS } from './blob-references.js';
import { DEAD_LETTER_COLUMNS } from './dead-letter-rows.js';
import { changesOf, columnsOf } from './head-changes.js';
import { INBOX_SELECT, SIGNAL_COLUMNS, type InboxRow } from './inbox-rows.js';
import { JOURNAL_COLUMNS, JOURNAL_SELECT } from './journal-rows.js';
import { REVISION_COLUMNS, REVISION_SELECT, type RevisionRow } from './revision-rows.js';
import { POOL_JOB_COLUMNS, POOL_JOB_SELECT } from './pool-rows.js';
import type { AwaitedPlace, PlaceView } from './place-book.js';
import type { HeadRow, JournalRow, RunHead } from './run-head.js';
import { USAGE_COLUMNS, USAGE_SUMS } from './usage-rows.js';
import { HEAD_COLUMNS, NEW_RUN_COLUMNS, ORIGIN_COLUMNS, RUN_COLUMNS, type OriginRow, type RunRow } from './run-rows.js';

/** The prepared statements of the group commit on SQLite. Each reads or writes one row: all run in one turn, in one transaction. */
export type SqliteStatements = ReturnType<typeof prepareStatements>;

export function prepareStatements(connection: BetterSqlite3.Database, nowSql: string) {
  const read = <Row>(sql: string) => connection.prepare<unknown[], Row>(sql);
  const write = (sql: string) => connection.prepare(sql);
  return {
    begin: write('BEGIN IMMEDIATE'),
    commit: write('COMMIT'),
    rollback: write('ROLLBACK'),
    head: read<HeadRow>(`SELECT ${HEAD_COLUMNS.join(', ')} FROM runs WHERE id = ?`),
    origin: read<OriginRow>(`SELECT ${ORIGIN_COLUMNS.join(', ')} FROM runs WHERE id = ?`),
    run: read<RunRow>(`SELECT ${RUN_COLUMNS.join(', ')} FROM runs WHERE id = ?`),
    keyedRun: read<RunRow & { request_digest: string | null }>(
      `SELECT ${RUN_COLUMNS.join(', ')}, request_digest FROM runs WHERE tenant_id = ? AND idempotency_key = ?`,
    ),
    inbox: read<InboxRow>(`SELECT ${INBOX_SELECT} FROM signals WHERE run_id = ?`),
    journal: read<JournalRow>(`SELECT ${JOURNAL_SELECT} FROM journal WHERE run_id = ? AND seq BETWEEN ? AND ?`),
    markTask: write(
      "UPDATE tasks SET live_run_id = ?, status = 'running', updated_at = ? WHERE tenant_id = ? AND id = ? AND live_run_id IS NULL",
    ),
    taskMark: read<{ live_run_id: string | null }>('SELECT live_run_id FROM tasks WHERE tenant_id = ? AND id = ?'),
    insertRun: write(`INSERT INTO runs (${NEW_RUN_COLUMNS.join(', ')}) VALUES (${NEW_RUN_COLUMNS.map(() => '?').join(', ')})`),
    insertEvent: write(
      `INSERT INTO journal (${JOURNAL_COLUMNS.join(', ')}) VALUES (${JOURNAL_COLUMNS.map(() => '?').join(', ')})`,
    ),
    updateHead: headUpdates(write),
    insertSignal: write(
      `INSERT INTO signals (${SIGNAL_COLUMNS.join(', ')}) VALUES (${SIGNAL_COLUMNS.map(() => '?').join(', ')})`,
    ),
    deleteSignal: write('DELETE FROM signals WHERE id = ?'),
    clearInbox: write('DELETE FROM signals WHERE run_id = ?'),
    approval: read<ApprovalRow>(`SELECT ${APPROVAL_SELECT} FROM approvals WHERE id = ?`),
    writeApproval: write(
      `REPLACE INTO approvals (${APPROVAL_COLUMNS.join(', ')}) VALUES (${APPROVAL_COLUMNS.map(() => '?').join(', ')})`,
    ),
    expireApproval: write("UPDATE approvals SET status = 'closed' WHERE status = 'open' AND escalates_at IS NULL AND id = ?"),
    closeApprovals: write("UPDATE approvals SET status = 'closed' WHERE status = 'open' AND run_id = ?"),
    revision: read<RevisionRow>(`SELECT ${REVISION_SELECT} FROM revisions WHERE run_id = ? AND token = ?`),
    insertRevision: write(
      `INSERT INTO revisions (${REVISION_COLUMNS.join(', ')}) VALUES (${REVISION_COLUMNS.map(() => '?').join(', ')})`,
    ),
    answerRevision: write('UPDATE revisions SET status = ?, answered_at = ?, refusal = ? WHERE run_id = ? AND revision = ?'),
    refuseRevisions: write(
      "UPDATE revisions SET status = 'refused', answered_at = ?, refusal = ? WHERE run_id = ? AND status = 'waiting'",
    ),
    poolJob: read<PoolJob>(`SELECT ${POOL_JOB_SELECT} FROM pool_jobs WHERE id = ?`),
    writePoolJob: write(
      `REPLACE INTO pool_jobs (${POOL_JOB_COLUMNS.join(', ')}) VALUES (${POOL_JOB_COLUMNS.map(() => '?').join(', ')})`,
    ),
    deletePoolJob: write('DELETE FROM pool_jobs WHERE id = ?'),
    clearPoolJobs: write('DELETE FROM pool_jobs WHERE run_id = ?'),
    placeCounts: read<PlaceView['counts'][number]>(
      `SELECT scope_id AS scope, status, COUNT(*) AS n FROM run_places
       WHERE scope_id = ? AND status IN ('taken', 'queued') GROUP BY status`,
    ),
    awaitedPlaces: read<AwaitedPlace>(
      `SELECT own.run_id AS runId, own.scope_id AS scope, own.status, own.at,
         (SELECT COUNT(*) FROM run_places AS older
          WHERE older.scope_id = own.scope_id AND older.status = 'queued'
            AND (older.at < own.at OR (older.at = own.at AND older.run_id < own.run_id))) AS ahead
       FROM run_places AS own WHERE own.run_id = ?`,
    ),
    oldestPlaces: read<PlaceView['oldest'][number]>(
      "SELECT scope_id AS scope, run_id AS runId FROM run_places WHERE scope_id = ? AND status = 'taken' ORDER BY at, run_id LIMIT ?",
    ),
    insertPlace: write('INSERT INTO run_places (run_id, tenant_id, scope_id, status, at) VALUES (?, ?, ?, ?, ?)'),
    updatePlaces: write('UPDATE run_places SET status = ? WHERE run_id = ?'),
    updatePlace: write('UPDATE run_places SET status = ? WHERE run_id = ? AND scope_id = ?'),
    passPlaces: write('UPDATE run_places SET run_id = ? WHERE run_id = ?'),
    deletePlaces: write('DELETE FROM run_places WHERE run_id = ?'),
    addUsage: write(
      `INSERT INTO run_usage (${USAGE_COLUMNS.join(', ')}, tenant_id, workflow_id, workflow_name)
       SELECT used.*, runs.tenant_id, runs.workflow_id, runs.workflow_name
       FROM (SELECT ${USAGE_COLUMNS.map((column) => `? AS ${column}`).join(', ')}) AS used JOIN runs ON runs.id = used.run_id WHERE true
       ON CONFLICT DO UPDATE SET ${USAGE_SUMS.map((column) => `${column} = ${column} + excluded.${column}`).join(', ')}`,
    ),
    insertBlobReference: write(`INSERT OR IGNORE INTO blob_references (${BLOB_REFERENCE_COLUMNS.join(', ')}) VALUES (?, ?, ?)`),
    insertDeadLetter: write(
      `INSERT INTO dead_letters (${DEAD_LETTER_COLUMNS.join(', ')}) VALUES (${DEAD_LETTER_COLUMNS.map(() => '?').join(', ')})`,
    ),
    endTask: write(
      `UPDATE tasks SET live_run_id = ?, last_run_id = ?, status = ?, updated_at = ?
       WHERE tenant_id = ? AND id = ? AND live_run_id = ?`,
    ),
    insertLockRecord: write(
      `INSERT INTO lock_history (tenant_id, task_id, run_id, operation, event, method, holder, token_length, at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    liveWorker: read<{ id: string }>(`SELECT id FROM workers WHERE id = ? AND lease_until > ${nowSql}`),
  };
}

/** Writes what has changed of a run's row: by a statement for each of the few sets of columns that change together. */
function headUpdates(prepare: (sql: string) => BetterSqlite3.Statement): (head: RunHead) => void {
  const prepared = new Map<number, BetterSqlite3.Statement>();
  return (head) => {
    const changes = changesOf(head);
    if (changes === 0) return;
    const columns = columnsOf(changes);
    const update =
      prepared.get(changes) ?? prepare(`UPDATE runs SET ${columns.map(({ name }) => `${name} = ?`).join(', ')} WHERE id = ?`);
    prepared.set(changes, update);
    update.run(...columns.map(({ of }) => of(head)), head.id);
  };
}
