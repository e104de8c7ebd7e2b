import type { Approval, PoolJob, Run, Settlement } from '@baton/core';
import { comparesContent } from './append-rule.js';
import { APPROVAL_SELECT, approvalOf, touchedIds, type ApprovalRow } from './approval-rows.js';
import { INBOX_SELECT, type InboxRow } from './inbox-rows.js';
import { JOURNAL_SELECT } from './journal-rows.js';
import { readPlaces, type PlaceAnswers } from './mysql-places.js';
import type { MysqlSession, Statement } from './mysql-session.js';
import { patchKeys, REVISION_SELECT, type RevisionRow } from './revision-rows.js';
import { changedPoolJobIds, POOL_JOB_SELECT } from './pool-rows.js';
import type { PlaceView } from './place-book.js';
import type { HeadRow, JournalRow, RunHead, RunOrigin } from './run-head.js';
import { HEAD_COLUMNS, RUN_COLUMNS, headOf, originOf, runOf } from './run-rows.js';
import type { RunRow } from './run-rows.js';
import { scoped, submitsOf, type KnownRuns, type SubmitWrite, type TaskMarks } from './submissions.js';
import { asksInbox, runIdsOf, type WriteOf, type WriteRequest } from './write-request.js';

// What the group commit reads on MySQL before it decides: one statement for each question, whatever the batch's size, and one round trip for
// all questions that can be asked at once. Each statement sees what was committed before it, so what follows a lock was read under it.

type KeyedRow = RunRow & { idempotency_key: string; request_digest: string | null };
type TaskRow = { tenant_id: string; id: string; live_run_id: string | null };
type TaskKey = readonly [tenantId: string, taskId: string];
type RunRequest = Exclude<WriteRequest, { kind: 'submit' }>;

/** What is read first, most of it under locks that hold until the batch's end. */
export interface LockedRows {
  readonly known: KnownRuns;
  readonly heads: ReadonlyMap<string, RunHead>;
  /** For claims. */
  readonly origins: ReadonlyMap<string, RunOrigin>;
  readonly inbox: readonly InboxRow[];
  /** Live runs by {@link scoped} task: of submissions, and of runs that are to end. */
  readonly tasks: TaskMarks;
  readonly approvals: readonly Approval[];
  readonly revisions: readonly RevisionRow[];
  readonly poolJobs: readonly PoolJob[];
  readonly places: PlaceView;
}

/** What only some batches need to know. */
export interface OtherRows {
  /** Runs that another transaction has locked. */
  readonly skippedRuns: ReadonlySet<string>;
  /** Tasks that another transaction has locked, with the live runs that are committed. */
  readonly skippedTasks: TaskMarks;
  /** Of the runs' holders that a claim or a raise asks for, the ones whose lease lives. */
  readonly liveWorkers: ReadonlySet<string>;
  readonly journal: readonly JournalRow[];
}

export async function lockRows(session: MysqlSession, batch: readonly WriteRequest[], verify: boolean): Promise<LockedRows> {
  const submits = submitsOf(batch);
  const requests = runRequestsOf(batch);
  const places = readPlaces(batch);
  const [byId, byKey, claimed, others, inbox, submitted, ending, approvals, revisions, poolJobs, ...placeRows] =
    await session.ask<
      [
        RunRow[],
        KeyedRow[],
        RunRow[],
        HeadRow[],
        InboxRow[],
        TaskRow[],
        TaskRow[],
        ApprovalRow[],
        RevisionRow[],
        PoolJob[],
        ...PlaceAnswers,
      ]
    >([
      verify ? selectRunsForUpdate(idsOf(submits), RUN_COLUMNS, 'FOR UPDATE') : null,
      selectKeyed(submits),
      ...lockHeads(requests, verify ? 'FOR UPDATE' : 'FOR UPDATE SKIP LOCKED'),
      selectInbox(requests, verify),
      lockSubmittedTasks(submits),
      lockEndingTasks(requests),
      selectApprovals(requests),
      selectRevisions(requests),
      selectPoolJobs(requests),
      ...places.questions,
    ]);
  return {
    known: knownRuns(byId, byKey),
    heads: new Map([...claimed, ...others].map((row) => [row.id, headOf(row)])),
    origins: new Map(claimed.map((row) => [row.id, originOf(row)])),
    inbox,
    tasks: marksOf([...submitted, ...ending]),
    approvals: approvals.map(approvalOf),
    revisions,
    poolJobs,
    places: places.answer(placeRows),
  };
}

export async function readOthers(
  session: MysqlSession,
  batch: readonly WriteRequest[],
  { heads, tasks }: LockedRows,
  nowSql: string,
): Promise<OtherRows> {
  const requests = runRequestsOf(batch);
  const [skippedRuns, skippedTasks, liveWorkers, journal] = await session.ask<
    [{ id: string }[], TaskRow[], { id: string }[], JournalRow[]]
  >([
    selectRuns(lockedIdsOf(requests).filter((id) => !heads.has(id))),
    selectTasks(tasksOf(batch, heads).filter((task) => !tasks.has(scoped(...task)))),
    selectLiveWorkers(requests, heads, nowSql),
    selectContent(requests, heads),
  ]);
  return {
    skippedRuns: new Set(skippedRuns.map(({ id }) => id)),
    skippedTasks: marksOf(skippedTasks),
    liveWorkers: new Set(liveWorkers.map(({ id }) => id)),
    journal,
  };
}

/** Looks up Idempotency-Keys once more. */
export async function readKeyed(session: MysqlSession, submits: readonly SubmitWrite[]): Promise<KnownRuns> {
  const [byKey] = await session.ask<[KeyedRow[]]>([selectKeyed(submits)]);
  return knownRuns([], byKey);
}

function runRequestsOf(batch: readonly WriteRequest[]): RunRequest[] {
  return batch.filter((request) => request.kind !== 'submit');
}

/** In key order: the order of the locks. */
function idsOf(requests: readonly WriteRequest[]): string[] {
  return [...new Set(requests.map(({ runId }) => runId))].toSorted();
}

/** Those of the runs that the requests are of, and of the parents that they tell. */
function lockedIdsOf(requests: readonly RunRequest[]): string[] {
  return [...new Set(requests.flatMap(runIdsOf))].toSorted();
}

function selectRunsForUpdate(ids: readonly string[], columns: readonly string[], lock: string): Statement | null {
  if (ids.length === 0) return null;
  return { sql: `SELECT ${columns.join(', ')} FROM runs WHERE id IN (?) ORDER BY id ${lock}`, values: [ids] };
}

/** A claim hands out the whole run; whoever holds it knows what never changes. */
function lockHeads(requests: readonly RunRequest[], lock: string): [Statement | null, Statement | null] {
  const claimed = new Set(idsOf(requests.filter(({ kind }) => kind === 'claim')));
  const others = lockedIdsOf(requests).filter((id) => !claimed.has(id));
  return [selectRunsForUpdate([...claimed], RUN_COLUMNS, lock), selectRunsForUpdate(others, HEAD_COLUMNS, lock)];
}

function selectRuns(ids: readonly string[]): Statement | null {
  return ids.length === 0 ? null : { sql: 'SELECT id FROM runs WHERE id IN (?)', values: [ids] };
}

function selectKeyed(submits: readonly SubmitWrite[]): Statement | null {
  const keys = submits.flatMap(({ submission: { tenantId, idempotency } }) =>
    idempotency === null ? [] : [[tenantId, idempotency.key]],
  );
  if (keys.length === 0) return null;
  const columns = [...RUN_COLUMNS, 'idempotency_key', 'request_digest'].join(', ');
  return { sql: `SELECT ${columns} FROM runs WHERE (tenant_id, idempotency_key) IN (?)`, values: [keys] };
}

function knownRuns(byId: readonly RunRow[], byKey: readonly KeyedRow[]): KnownRuns {
  return {
    byId: new Map<string, Run>(byId.map((row) => [row.id, runOf(row)])),
    byKey: new Map(
      byKey.map((row) => [scoped(row.tenant_id, row.idempotency_key), { run: runOf(row), requestDigest: row.request_digest }]),
    ),
  };
}

function selectInbox(requests: readonly RunRequest[], verify: boolean): Statement | null {
  const asks = (request: RunRequest): boolean => asksInbox(request) || (request.kind === 'signal' && verify);
  const ids = idsOf(requests.filter(asks));
  if (ids.length === 0) return null;
  return { sql: `SELECT ${INBOX_SELECT} FROM signals WHERE run_id IN (?)`, values: [ids] };
}

function selectApprovals(requests: readonly RunRequest[]): Statement | null {
  const ids = touchedIds(requests);
  return ids.length === 0 ? null : { sql: `SELECT ${APPROVAL_SELECT} FROM approvals WHERE id IN (?)`, values: [ids] };
}

function selectRevisions(requests: readonly RunRequest[]): Statement | null {
  const keys = patchKeys(requests);
  if (keys.length === 0) return null;
  return { sql: `SELECT ${REVISION_SELECT} FROM revisions WHERE (run_id, token) IN (?)`, values: [keys] };
}

function selectPoolJobs(requests: readonly RunRequest[]): Statement | null {
  const ids = changedPoolJobIds(requests);
  return ids.length === 0 ? null : { sql: `SELECT ${POOL_JOB_SELECT} FROM pool_jobs WHERE id IN (?)`, values: [ids] };
}

/** Journal rows that an append may have written before. */
function selectContent(requests: readonly RunRequest[], heads: LockedRows['heads']): Statement | null {
  const ranges: string[] = [];
  const values: unknown[] = [];
  for (const request of requests) {
    const head = heads.get(request.runId);
    if (request.kind !== 'append' || head === undefined || !comparesContent(head, request)) continue;
    const { baseSeq, events } = request.request;
    ranges.push('(run_id = ? AND seq BETWEEN ? AND ?)');
    values.push(request.runId, baseSeq + 1, baseSeq + events.length);
  }
  if (ranges.length === 0) return null;
  return { sql: `SELECT ${JOURNAL_SELECT} FROM journal WHERE ${ranges.join(' OR ')}`, values };
}

function selectLiveWorkers(requests: readonly RunRequest[], heads: LockedRows['heads'], nowSql: string): Statement | null {
  const holders = new Set<string>();
  for (const { kind, runId } of requests) {
    const workerId = kind === 'claim' || kind === 'raise' ? heads.get(runId)?.workerId : null;
    if (workerId) holders.add(workerId);
  }
  if (holders.size === 0) return null;
  return { sql: `SELECT id FROM workers WHERE id IN (?) AND lease_until > ${nowSql}`, values: [[...holders]] };
}

const TASK_SELECT = 'SELECT tasks.tenant_id, tasks.id, tasks.live_run_id';

function selectTasks(tasks: readonly TaskKey[]): Statement | null {
  if (tasks.length === 0) return null;
  return { sql: `${TASK_SELECT} FROM tasks WHERE (tenant_id, id) IN (?)`, values: [tasks] };
}

function lockSubmittedTasks(submits: readonly SubmitWrite[]): Statement | null {
  const select = selectTasks(submits.flatMap(taskOf));
  return select === null ? null : { ...select, sql: `${select.sql} ORDER BY tenant_id, id FOR UPDATE SKIP LOCKED` };
}

/** Through the runs' rows, which are locked by now: only they name the tasks. */
function lockEndingTasks(requests: readonly RunRequest[]): Statement | null {
  const ids = idsOf(requests.filter((request) => endsRun(request) && request.request.settle.withoutTask !== true));
  if (ids.length === 0) return null;
  return {
    sql: `${TASK_SELECT} FROM runs STRAIGHT_JOIN tasks ON tasks.tenant_id = runs.tenant_id AND tasks.id = runs.task_id
          WHERE runs.id IN (?) FOR UPDATE SKIP LOCKED`,
    values: [ids],
  };
}

type EndingAppend = WriteOf<'append'> & { readonly request: { readonly settle: Extract<Settlement, { kind: 'end' }> } };

function endsRun(request: WriteRequest): request is EndingAppend {
  return request.kind === 'append' && request.request.settle?.kind === 'end';
}

function taskOf({ submission: { tenantId, taskId } }: SubmitWrite): TaskKey[] {
  return taskId === null ? [] : [[tenantId, taskId]];
}

/** The tasks whose rows a batch wants to lock. */
function tasksOf(batch: readonly WriteRequest[], heads: LockedRows['heads']): TaskKey[] {
  const ending = batch.filter(endsRun).flatMap(({ runId }): TaskKey[] => {
    const head = heads.get(runId);
    return head === undefined || head.taskId === null ? [] : [[head.tenantId, head.taskId]];
  });
  return [...submitsOf(batch).flatMap(taskOf), ...ending];
}

function marksOf(rows: readonly TaskRow[]): TaskMarks {
  return new Map(rows.map((row) => [scoped(row.tenant_id, row.id), row.live_run_id]));
}
