import {
  RunStore,
  approvalId,
  type AdmitOutcome,
  type AdmitRequest,
  type AppendOutcome,
  type AppendRequest,
  type Approval,
  type ApprovalDecision,
  type ApprovalKey,
  type ApprovalQuery,
  type ClaimOutcome,
  type ClaimRequest,
  type CommitListener,
  type DecideOutcome,
  type Dispatch,
  type RunDispatch,
  type DueQuery,
  type DueRun,
  type ErrorInfo,
  type IdlePoolJobsQuery,
  type JournalEvent,
  type LiveRun,
  type JsonObject,
  type JsonValue,
  type PatchOutcome,
  type Revision,
  type RevisionDraft,
  type RevisionQuery,
  type PoolJob,
  type PoolJobChange,
  type PoolJobOutcome,
  type Run,
  type RunQuery,
  type RunStatus,
  type RunWithResult,
  type Signal,
  type SignalOutcome,
  type SignalType,
  type SubmitOutcome,
  type Submission,
} from '@baton/core';
import type { Database } from './database.js';
import { APPROVAL_SELECT, approvalOf, selectApprovals, type ApprovalRow } from './journal/approval-rows.js';
import type { CommitDialect } from './journal/commit-dialect.js';
import { JOURNAL_SELECT, journalEventOf } from './journal/journal-rows.js';
import { JournalWriter, type JournalWriterOptions } from './journal/journal-writer.js';
import { MysqlCommit } from './journal/mysql-commit.js';
import type { JournalRow } from './journal/run-head.js';
import { REVISION_SELECT, revisionOf, type RevisionRow } from './journal/revision-rows.js';
import { RUN_COLUMNS, runOf, type RunRow } from './journal/run-rows.js';
import { SqliteCommit } from './journal/sqlite-commit.js';
import {
  admitWrite,
  appendWrite,
  claimWrite,
  decideWrite,
  patchWrite,
  poolWrite,
  raiseWrite,
  signalWrite,
  submitWrite,
} from './journal/write-request.js';
import { SqlPoolJobs } from './sql-pool-jobs.js';
import { RunScopes } from './run-scopes.js';
import { isAfter, isBefore } from './keyset.js';

export interface SqlRunStoreOptions extends JournalWriterOptions {
  /** By how many milliseconds a claimer's clock may be behind the one that set `wakeAt`. Default 1,000. */
  clockToleranceMs?: number;
}

interface TerminalPayload {
  output?: JsonValue;
  error?: ErrorInfo;
  continued_as?: string;
}

/** Ids are of letters, digits and hyphens: nothing in them comes after this. */
const AFTER_ALL_IDS = '~';

const RUN_SELECT = RUN_COLUMNS.map((column) => `runs.${column}`).join(', ');

/** {@link RunStore} on MySQL, MariaDB and SQLite: writes go through the group commit, reads beside it. */
export class SqlRunStore extends RunStore {
  private readonly writer: JournalWriter;
  private readonly poolJobs: SqlPoolJobs;
  private readonly scopes: RunScopes;

  constructor(
    private readonly database: Database,
    { clockToleranceMs = 1_000, ...options }: SqlRunStoreOptions = {},
  ) {
    super();
    this.writer = new JournalWriter(commitDialectOf(database, clockToleranceMs), options);
    this.poolJobs = new SqlPoolJobs(database);
    this.scopes = new RunScopes(database);
  }

  async submit(submission: Submission): Promise<SubmitOutcome> {
    if (submission.limits !== undefined) await this.scopes.state(submission.limits);
    return await this.writer.write(submitWrite(submission));
  }

  async claim(request: ClaimRequest): Promise<ClaimOutcome> {
    return await this.writer.write(claimWrite(request));
  }

  async append(request: AppendRequest): Promise<AppendOutcome> {
    return await this.writer.write(appendWrite(request));
  }

  async signal(runId: string, type: SignalType, payload: JsonObject, at: number): Promise<SignalOutcome> {
    return await this.writer.write(signalWrite(runId, type, payload, at));
  }

  async admit(request: AdmitRequest): Promise<AdmitOutcome> {
    return await this.writer.write(admitWrite(request));
  }

  async decide(decision: ApprovalDecision): Promise<DecideOutcome> {
    return await this.writer.write(decideWrite(decision));
  }

  async patch(draft: RevisionDraft): Promise<PatchOutcome> {
    return await this.writer.write(patchWrite(draft));
  }

  async listRevisions({ runId, token, standing = false, before, limit }: RevisionQuery): Promise<Revision[]> {
    const where = ['run_id = ?', ...(standing ? ["status <> 'refused'"] : [])];
    const values: unknown[] = [runId];
    if (token !== undefined) {
      where.push('token = ?');
      values.push(token);
    }
    if (before !== undefined) {
      where.push('revision < ?');
      values.push(before);
    }
    const rows = await this.database.read<RevisionRow>(
      `SELECT ${REVISION_SELECT} FROM revisions WHERE ${where.join(' AND ')} ORDER BY revision DESC LIMIT ?`,
      [...values, limit],
    );
    return rows.map(revisionOf);
  }

  async listApprovals(query: ApprovalQuery): Promise<Approval[]> {
    const { sql, values } = selectApprovals(query);
    return (await this.database.read<ApprovalRow>(sql, values)).map(approvalOf);
  }

  async findApproval(key: ApprovalKey): Promise<Approval | null> {
    const rows = await this.database.read<ApprovalRow>(`SELECT ${APPROVAL_SELECT} FROM approvals WHERE id = ?`, [
      approvalId(key),
    ]);
    return rows.map(approvalOf)[0] ?? null;
  }

  async changePoolJob(change: PoolJobChange): Promise<PoolJobOutcome> {
    return await this.writer.write(poolWrite(change));
  }

  async findPoolJobs(runId: string, seqs: readonly number[]): Promise<PoolJob[]> {
    return await this.poolJobs.find(runId, seqs);
  }

  async idlePoolJobs(query: IdlePoolJobsQuery): Promise<PoolJob[]> {
    return await this.poolJobs.idle(query);
  }

  async readSignals(runIds: readonly string[]): Promise<Signal[]> {
    if (runIds.length === 0) return [];
    const rows = await this.database.read<Omit<Signal, 'payload'> & { payload: string }>(
      `SELECT id, run_id AS runId, type, payload, at FROM signals WHERE run_id IN (${marks(runIds)}) ORDER BY id`,
      runIds,
    );
    return rows.map((row) => ({ ...row, payload: JSON.parse(row.payload) as JsonObject }));
  }

  async readJournal(runId: string, afterSeq: number, limit: number): Promise<JournalEvent[]> {
    const rows = await this.database.read<JournalRow>(
      `SELECT ${JOURNAL_SELECT} FROM journal WHERE run_id = ? AND seq > ? ORDER BY seq LIMIT ?`,
      [runId, afterSeq, limit],
    );
    return rows.map(journalEventOf);
  }

  async findRun(runId: string): Promise<RunWithResult | null> {
    return (await this.findRuns([runId]))[0] ?? null;
  }

  async findRuns(runIds: readonly string[]): Promise<RunWithResult[]> {
    if (runIds.length === 0) return [];
    const rows = await this.database.read<RunRow & { result: string | null }>(
      `SELECT ${RUN_SELECT}, journal.payload AS result FROM runs
       LEFT JOIN journal ON journal.run_id = runs.id AND journal.seq = runs.seq AND runs.status IN ('completed', 'failed', 'cancelled')
       WHERE runs.id IN (${marks(runIds)})`,
      runIds,
    );
    return rows.map((row) => {
      const result = (row.result === null ? {} : JSON.parse(row.result)) as TerminalPayload;
      const { output = null, error = null, continued_as: continuedAs = null } = result;
      return { ...runOf(row), output, error, continuedAs };
    });
  }

  async liveRuns({ runIds, taskIds }: { runIds: readonly string[]; taskIds: readonly string[] }): Promise<LiveRun[]> {
    const select = 'SELECT runs.id AS runId, runs.task_id AS taskId, runs.worker_id AS workerId FROM runs';
    const byRun =
      runIds.length === 0
        ? []
        : await this.database.read<LiveRun>(
            `${select} WHERE runs.status NOT IN ('completed', 'failed', 'cancelled') AND runs.id IN (${marks(runIds)})`,
            runIds,
          );
    const byTask =
      taskIds.length === 0
        ? []
        : await this.database.read<LiveRun>(
            `${select} JOIN tasks ON tasks.live_run_id = runs.id WHERE tasks.id IN (${marks(taskIds)})`,
            taskIds,
          );
    return [...byRun, ...byTask];
  }

  async listRuns(query: RunQuery): Promise<Run[]> {
    const {
      tenantId,
      taskId,
      status,
      workflowId,
      parentId,
      idPrefix,
      live = false,
      createdFrom,
      createdTo,
      before,
      limit,
    } = query;
    const where = ['tenant_id = ?'];
    const values: unknown[] = [tenantId];
    if (taskId !== undefined) {
      where.push('task_id = ?');
      values.push(taskId);
    }
    if (status !== undefined) {
      where.push('status = ?');
      values.push(status);
    }
    if (workflowId !== undefined) {
      where.push('workflow_id = ?');
      values.push(workflowId);
    }
    if (parentId !== undefined) {
      where.push('parent_run_id = ?');
      values.push(parentId);
    }
    if (idPrefix !== undefined) {
      where.push('id >= ? AND id < ?');
      values.push(idPrefix, `${idPrefix}${AFTER_ALL_IDS}`);
    }
    if (live) where.push("status NOT IN ('completed', 'failed', 'cancelled')");
    if (createdFrom !== undefined) {
      where.push('created_at >= ?');
      values.push(createdFrom);
    }
    if (createdTo !== undefined) {
      where.push('created_at < ?');
      values.push(createdTo);
    }
    if (before !== undefined) {
      where.push(isBefore('created_at', 'id'));
      values.push(before.createdAt, before.createdAt, before.runId);
    }
    const rows = await this.database.read<RunRow>(
      `SELECT ${RUN_SELECT} FROM runs ${this.database.through(indexFor(query, this.database.dialect))}
       WHERE ${where.join(' AND ')} ORDER BY created_at DESC, id DESC LIMIT ?`,
      [...values, limit],
    );
    return rows.map(runOf);
  }

  async countRuns(): Promise<Partial<Record<RunStatus, number>>> {
    const rows = await this.database.read<{ status: RunStatus; n: number }>(
      'SELECT status, COUNT(*) AS n FROM runs GROUP BY status',
    );
    return Object.fromEntries(rows.map(({ status, n }) => [status, n]));
  }

  async countQueued(atMost: number, tenantId?: string): Promise<number> {
    const [ofTenant, values] = tenantId === undefined ? ['', []] : ['AND tenant_id = ?', [tenantId]];
    const [row] = await this.database.read<{ n: number }>(
      `SELECT COUNT(*) AS n FROM (SELECT 1 FROM runs WHERE status = 'queued' ${ofTenant} LIMIT ?) AS queued`,
      [...values, atMost],
    );
    return row!.n;
  }

  async dueRuns({ now, after, heldBy = [], limit }: DueQuery): Promise<DueRun[]> {
    const later = after === undefined ? '' : `AND ${isAfter('runs.wake_at', 'runs.id')}`;
    const from = after === undefined ? [] : [after.wakeAt, after.wakeAt, after.runId];
    const held = heldBy.length === 0 ? '' : `AND runs.worker_id IN (${marks(heldBy)})`;
    return await this.database.read<DueRun>(
      `SELECT runs.id AS runId, runs.task_id AS taskId, runs.generation, runs.wake_at AS wakeAt, runs.worker_id AS deadWorkerId
       FROM runs LEFT JOIN workers ON workers.id = runs.worker_id AND workers.lease_until > ${this.database.nowSql}
       WHERE runs.finished_at IS NULL AND runs.wake_at <= ? AND workers.id IS NULL ${later} ${held}
       ORDER BY runs.wake_at, runs.id LIMIT ?`,
      [now, ...from, ...heldBy, limit],
    );
  }

  async raiseGenerations(runs: readonly Dispatch[], now: number): Promise<RunDispatch[]> {
    const raised = await Promise.all(runs.map(({ runId, generation }) => this.writer.write(raiseWrite(runId, generation, now))));
    return raised.filter((dispatch) => dispatch !== null);
  }

  async ping(): Promise<boolean> {
    return await this.database.ping();
  }

  onCommit(listener: CommitListener): () => void {
    return this.writer.onCommit(listener);
  }

  /** Takes no more writes and resolves when the last one is answered. The database stays open: it belongs to who opened it. */
  async close(): Promise<void> {
    await this.writer.close();
  }
}

function commitDialectOf(database: Database, toleranceMs: number): CommitDialect {
  const { target, nowSql, options } = database;
  if (target.dialect === 'sqlite') return new SqliteCommit(database.sqlite, nowSql, toleranceMs);
  return new MysqlCommit(target, options, nowSql, toleranceMs);
}

/** By which index the runs come in order. */
function indexFor({ taskId, parentId, status, workflowId, idPrefix }: RunQuery, dialect: Database['dialect']): string {
  if (idPrefix !== undefined) return dialect === 'sqlite' ? 'sqlite_autoindex_runs_1' : 'PRIMARY';
  if (parentId !== undefined) return 'ix_runs_parent';
  if (taskId !== undefined) return 'ix_runs_task';
  // Most runs complete: those of one workflow are found sooner among its own. What ends otherwise, or is live, is rare.
  if (workflowId !== undefined && (status === undefined || status === 'completed')) return 'ix_runs_workflow';
  return status === undefined ? 'ix_runs_created' : 'ix_runs_status';
}

function marks(values: readonly unknown[]): string {
  return values.map(() => '?').join(', ');
}
