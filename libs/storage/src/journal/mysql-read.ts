import type { Run } from '@baton/core';
import { comparesContent } from './append-rule.js';
import type { InboxRow } from './batch-plan.js';
import { JOURNAL_SELECT } from './journal-rows.js';
import type { MysqlSession } from './mysql-session.js';
import type { JournalRow, RunHead, RunOrigin } from './run-head.js';
import { HEAD_COLUMNS, ORIGIN_COLUMNS, RUN_COLUMNS, headOf, originOf, runOf } from './run-rows.js';
import type { HeadRow, OriginRow, RunRow } from './run-rows.js';
import { scoped, type KnownRuns, type SubmitWrite } from './submissions.js';
import type { WriteRequest } from './write-request.js';

// What the group commit reads on MySQL before it decides: one statement for each question, whatever the batch's size.

type Heads = ReadonlyMap<string, RunHead>;

export async function lockHeads(
  session: MysqlSession,
  requests: readonly WriteRequest[],
  verify: boolean,
): Promise<{ heads: Map<string, RunHead>; skipped: Set<string> }> {
  const ids = [...new Set(requests.map(({ runId }) => runId))].toSorted();
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

export async function loadOrigins(
  session: MysqlSession,
  requests: readonly WriteRequest[],
  heads: Heads,
): Promise<Map<string, RunOrigin>> {
  const ids = requests.filter(({ kind, runId }) => kind === 'claim' && heads.has(runId)).map(({ runId }) => runId);
  if (ids.length === 0) return new Map();
  const rows = await session.read<OriginRow>(`SELECT ${ORIGIN_COLUMNS.join(', ')} FROM runs WHERE id IN (?)`, [ids]);
  return new Map(rows.map((row) => [row.id, originOf(row)]));
}

export async function loadInbox(
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

export async function loadJournal(session: MysqlSession, requests: readonly WriteRequest[], heads: Heads): Promise<JournalRow[]> {
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

export async function loadKnown(session: MysqlSession, submits: readonly SubmitWrite[], verify: boolean): Promise<KnownRuns> {
  const byId = new Map<string, Run>();
  const byKey = new Map<string, { run: Run; requestDigest: string | null }>();
  if (verify && submits.length > 0) {
    const ids = submits.map(({ runId }) => runId).toSorted();
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

/** Of the runs' holders that a claim or a raise asks for, the ones whose lease lives. */
export async function loadLiveWorkers(
  session: MysqlSession,
  requests: readonly WriteRequest[],
  heads: Heads,
  nowSql: string,
): Promise<Set<string>> {
  const holders = new Set<string>();
  for (const { kind, runId } of requests) {
    const workerId = kind === 'claim' || kind === 'raise' ? heads.get(runId)?.workerId : null;
    if (workerId) holders.add(workerId);
  }
  if (holders.size === 0) return holders;
  const rows = await session.read<{ id: string }>(`SELECT id FROM workers WHERE id IN (?) AND lease_until > ${nowSql}`, [
    [...holders],
  ]);
  return new Set(rows.map(({ id }) => id));
}

type TaskKey = readonly [tenantId: string, taskId: string];

export const keyOf = ([tenantId, taskId]: TaskKey): string => scoped(tenantId, taskId);

export function taskOf({ submission: { tenantId, taskId } }: SubmitWrite): TaskKey {
  return [tenantId, taskId!];
}

/** The tasks whose run a batch wants to end. */
export function endingTasks(requests: readonly WriteRequest[], heads: Heads): TaskKey[] {
  return requests.flatMap((request): TaskKey[] => {
    const head = heads.get(request.runId);
    const ends = request.kind === 'append' && request.request.settle?.kind === 'end';
    return ends && head !== undefined && head.taskId !== null ? [[head.tenantId, head.taskId]] : [];
  });
}

/** Locks task rows; `skipped`: rows that another transaction has locked. */
export async function lockTasks(
  session: MysqlSession,
  tasks: readonly TaskKey[],
): Promise<{ locked: Set<string>; skipped: Set<string> }> {
  if (tasks.length === 0) return { locked: new Set(), skipped: new Set() };
  const find = 'SELECT tenant_id, id FROM tasks WHERE (tenant_id, id) IN (?)';
  const keys = (rows: { tenant_id: string; id: string }[]): Set<string> =>
    new Set(rows.map((row) => scoped(row.tenant_id, row.id)));
  const locked = keys(await session.read(`${find} ORDER BY tenant_id, id FOR UPDATE SKIP LOCKED`, [tasks]));
  const absent = tasks.filter((task) => !locked.has(keyOf(task)));
  return { locked, skipped: absent.length === 0 ? new Set() : keys(await session.read(find, [absent])) };
}
