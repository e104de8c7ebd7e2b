import type { Run } from '@baton/core';
import { failureKind } from '../database-failure.js';
import { comparesContent } from './append-rule.js';
import { BatchPlan, type BatchView, type InboxRow } from './batch-plan.js';
import type { CommitDialect, CommitResult } from './commit-dialect.js';
import { JOURNAL_SELECT } from './journal-rows.js';
import { MysqlSession, type MysqlTarget, type SessionBounds } from './mysql-session.js';
import { derivedRows, writePlan } from './mysql-write.js';
import type { JournalRow, RunHead, RunOrigin } from './run-head.js';
import { HEAD_COLUMNS, ORIGIN_COLUMNS, RUN_COLUMNS, headOf, originOf, runOf } from './run-rows.js';
import type { HeadRow, OriginRow, RunRow } from './run-rows.js';
import {
  answerKnown,
  refusedWithKey,
  scoped,
  sortSubmissions,
  submitsOf,
  type KnownRuns,
  type SubmitWrite,
} from './submissions.js';
import type { WriteRequest } from './write-request.js';

/**
 * The group commit on MySQL and MariaDB: a connection of its own, READ COMMITTED, and a number of statements that does not grow with the
 * batch. Run rows are locked in key order with SKIP LOCKED, so that no batch waits for another process's.
 */
export class MysqlCommit implements CommitDialect {
  private session: MysqlSession | null = null;

  constructor(
    private readonly target: MysqlTarget,
    private readonly bounds: SessionBounds,
    private readonly nowSql: string,
    private readonly toleranceMs: number,
  ) {}

  async execute(batch: readonly WriteRequest[], verify: boolean): Promise<CommitResult> {
    const session = (this.session ??= await MysqlSession.open(this.target, this.bounds));
    try {
      await session.run('START TRANSACTION');
      const plan = new BatchPlan(batch, await this.load(session, batch, verify), this.toleranceMs);
      await writePlan(session, plan);
      await session.run('COMMIT');
      return { outcomes: plan.outcomes, notice: plan.notice, events: plan.journal.length };
    } catch (error) {
      await this.rollBack(session, error);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.drop();
  }

  /** A connection that failed, or cannot roll back, is given up: the server then rolls back by itself. */
  private async rollBack(session: MysqlSession, error: unknown): Promise<void> {
    if (failureKind(error) === 'unavailable') return this.drop();
    await session.run('ROLLBACK').catch(() => this.drop());
  }

  private drop(): void {
    this.session?.destroy();
    this.session = null;
  }

  private async load(session: MysqlSession, batch: readonly WriteRequest[], verify: boolean): Promise<BatchView> {
    const submits = submitsOf(batch);
    const submissions = sortSubmissions(submits, await loadKnown(session, submits, verify));
    const marks = await markTasks(session, submits, submissions.claimants);
    const refused = refusedWithKey(submits, submissions, marks);
    const knownByNow = await loadKnown(session, refused, false);
    for (const submit of refused) {
      const answer = answerKnown(submit, knownByNow);
      if (answer !== null) submissions.answered.set(submit, answer);
    }
    const others = batch.filter((request) => request.kind !== 'submit');
    const { heads, skipped } = await lockHeads(session, others, verify);
    return {
      ...{ submissions, marks, heads, skipped },
      origins: await loadOrigins(session, others, heads),
      liveWorkers: await this.loadLiveWorkers(session, others, heads),
      inbox: await loadInbox(session, others, heads, verify),
      journal: await loadJournal(session, others, heads),
    };
  }

  private async loadLiveWorkers(session: MysqlSession, requests: readonly WriteRequest[], heads: Heads): Promise<Set<string>> {
    const holders = new Set<string>();
    for (const { kind, runId } of requests) {
      const workerId = kind === 'claim' || kind === 'raise' ? heads.get(runId)?.workerId : null;
      if (workerId) holders.add(workerId);
    }
    if (holders.size === 0) return holders;
    const sql = `SELECT id FROM workers WHERE id IN (?) AND lease_until > ${this.nowSql}`;
    return new Set((await session.read<{ id: string }>(sql, [[...holders]])).map(({ id }) => id));
  }
}

type Heads = ReadonlyMap<string, RunHead>;

async function lockHeads(
  session: MysqlSession,
  requests: readonly WriteRequest[],
  verify: boolean,
): Promise<{ heads: Map<string, RunHead>; skipped: Set<string> }> {
  const ids = [...new Set(requests.map(({ runId }) => runId))].sort();
  if (ids.length === 0) return { heads: new Map(), skipped: new Set() };
  const lock = verify ? 'FOR UPDATE' : 'FOR UPDATE SKIP LOCKED';
  const rows = await session.read<HeadRow>(`SELECT ${HEAD_COLUMNS.join(', ')} FROM runs WHERE id IN (?) ORDER BY id ${lock}`, [
    ids,
  ]);
  const heads = new Map(rows.map((row) => [row.id, headOf(row)]));
  const absent = ids.filter((id) => !heads.has(id));
  if (absent.length === 0) return { heads, skipped: new Set() };
  const locked = await session.read<{ id: string }>('SELECT id FROM runs WHERE id IN (?)', [absent]);
  return { heads, skipped: new Set(locked.map(({ id }) => id)) };
}

async function loadOrigins(
  session: MysqlSession,
  requests: readonly WriteRequest[],
  heads: Heads,
): Promise<Map<string, RunOrigin>> {
  const ids = requests.filter(({ kind, runId }) => kind === 'claim' && heads.has(runId)).map(({ runId }) => runId);
  if (ids.length === 0) return new Map();
  const rows = await session.read<OriginRow>(`SELECT ${ORIGIN_COLUMNS.join(', ')} FROM runs WHERE id IN (?)`, [ids]);
  return new Map(rows.map((row) => [row.id, originOf(row)]));
}

async function loadInbox(
  session: MysqlSession,
  requests: readonly WriteRequest[],
  heads: Heads,
  verify: boolean,
): Promise<InboxRow[]> {
  const asks = (request: WriteRequest): boolean =>
    (request.kind === 'append' && request.request.settle?.kind === 'park') || (request.kind === 'signal' && verify);
  const ids = requests.filter((request) => asks(request) && heads.has(request.runId)).map(({ runId }) => runId);
  if (ids.length === 0) return [];
  return await session.read<InboxRow>('SELECT id, run_id AS runId, type, payload, at FROM signals WHERE run_id IN (?)', [ids]);
}

async function loadJournal(session: MysqlSession, requests: readonly WriteRequest[], heads: Heads): Promise<JournalRow[]> {
  const ranges: string[] = [];
  const values: unknown[] = [];
  for (const request of requests) {
    const head = heads.get(request.runId);
    if (request.kind !== 'append' || head === undefined || !comparesContent(head, request)) continue;
    const { baseSeq, events } = request.request;
    ranges.push('(run_id = ? AND seq BETWEEN ? AND ?)');
    values.push(request.runId, baseSeq + 1, baseSeq + events.length);
  }
  if (ranges.length === 0) return [];
  return await session.read<JournalRow>(`SELECT ${JOURNAL_SELECT} FROM journal WHERE ${ranges.join(' OR ')}`, values);
}

async function loadKnown(session: MysqlSession, submits: readonly SubmitWrite[], verify: boolean): Promise<KnownRuns> {
  const byId = new Map<string, Run>();
  const byKey = new Map<string, { run: Run; requestDigest: string | null }>();
  if (verify && submits.length > 0) {
    const ids = submits.map(({ runId }) => runId).sort();
    const rows = await session.read<RunRow>(`SELECT ${RUN_COLUMNS.join(', ')} FROM runs WHERE id IN (?) ORDER BY id FOR UPDATE`, [
      ids,
    ]);
    for (const row of rows) byId.set(row.id, runOf(row));
  }
  const keys = submits.flatMap(({ submission: { tenantId, idempotency } }) =>
    idempotency === null ? [] : [[tenantId, idempotency.key]],
  );
  if (keys.length > 0) {
    const rows = await session.read<RunRow & { idempotency_key: string; request_digest: string | null }>(
      `SELECT ${RUN_COLUMNS.join(', ')}, idempotency_key, request_digest FROM runs WHERE (tenant_id, idempotency_key) IN (?)`,
      [keys],
    );
    for (const row of rows)
      byKey.set(scoped(row.tenant_id, row.idempotency_key), { run: runOf(row), requestDigest: row.request_digest });
  }
  return { byId, byKey };
}

/** Sets the marks where none is, in one statement, and reads whose they are. */
async function markTasks(
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
