import {
  digestsInText,
  faultPoint,
  isProgress,
  type AppendRequest,
  type CommitNotice,
  type EventType,
  type Settlement,
} from '@baton/core';
import type { CommitResult } from './commit-dialect.js';
import { JOURNAL_COLUMNS, journalValues } from './journal-rows.js';
import type { MysqlSession, Statement } from './mysql-session.js';
import { addUsageOf, derivedRows, LOCK_INSERT } from './mysql-write.js';
import { RUN_COLUMNS, runOf, type RunRow } from './run-rows.js';
import type { WriteOf, WriteRequest } from './write-request.js';

// Requests that ask for nothing but what nearly all ask for take one round trip instead of two: the statement that locks their rows, or changes one, names
// what must be so, and what is written besides depends on whether it was. Where a row is otherwise, or locked by another, nothing is written, and all of
// them are decided as a batch.

/** Null where another transaction has locked the row: it is not waited for. */
const LOCK_RUN = 'SET @run = (SELECT id FROM runs WHERE id = ? FOR UPDATE SKIP LOCKED)';

/** ER_BAD_NULL_ERROR. */
const NULL_REFUSED = 1048;

/** Commits a claim that is alone, or appends of as many runs. Null: nothing was changed, and they are to be decided. What it throws is as of a batch. */
export async function commitPlain(
  session: MysqlSession,
  batch: readonly WriteRequest[],
  toleranceMs: number,
): Promise<CommitResult | null> {
  const [request] = batch;
  if (batch.length === 1 && request!.kind === 'claim') return claimFree(session, request!, toleranceMs);
  if (!batch.every(isPlain) || new Set(batch.map(({ runId }) => runId)).size < batch.length) return null;
  return appendPlain(session, batch);
}

/** Claims a run that nobody holds: what {@link applyClaim} grants whatever the leases are. */
async function claimFree(
  session: MysqlSession,
  { request }: WriteOf<'claim'>,
  toleranceMs: number,
): Promise<CommitResult | null> {
  const { runId, workerId, token, generation, at, lock } = request;
  const ofJob = generation === null ? { sql: '', values: [] } : { sql: 'AND generation <= ?', values: [generation] };
  const claim = {
    sql: `UPDATE runs SET status = IF(status = 'compensating', status, 'running'), epoch = epoch + 1, worker_id = ?, claim_token = ?, claim_room = NULL,
            started_at = IFNULL(started_at, ?), unproductive_claims = unproductive_claims + 1
          WHERE id = @run AND worker_id IS NULL AND finished_at IS NULL AND wake_at <= ? ${ofJob.sql}`,
    values: [workerId, token, at, at + toleranceMs, ...ofJob.values],
  };
  const claimed = {
    sql: `SELECT ${RUN_COLUMNS.join(', ')}, EXISTS (SELECT 1 FROM signals WHERE run_id = @run) AS signalled
          FROM runs WHERE id = @run AND claim_token = ?`,
    values: [token],
  };
  const record = lock === null ? [] : [recordLock(request, lock)];
  const results = await commit(session, [lockRun(runId), claim, ...record, claimed]);
  const [row] = results.at(-1) as (RunRow & { signalled: number })[];
  if (row === undefined) return null;
  const { unproductive_claims: claims, signalled } = row;
  return { outcomes: [{ kind: 'claimed', run: runOf(row), claims, signals: signalled === 1 }], notice: noticeOf([]), events: 0 };
}

function recordLock(
  { token, at }: WriteOf<'claim'>['request'],
  { method, holder, tokenLength }: NonNullable<WriteOf<'claim'>['request']['lock']>,
): Statement {
  return {
    sql: `INSERT INTO lock_history (${LOCK_INSERT.join(', ')})
          SELECT tenant_id, task_id, id, 'advance', 'acquired', ?, ?, ?, ? FROM runs
          WHERE id = @run AND claim_token = ? AND task_id IS NOT NULL`,
    values: [method, holder, tokenLength, at, token],
  };
}

type PlainAppend = WriteOf<'append'> & { readonly request: AppendRequest & Required<Pick<AppendRequest, 'run'>> };

/** Whether a request changes nothing but the journal, the row, the sums of what was used, and, at the end of a run, what is left in its inbox. */
function isPlain(write: WriteRequest): write is PlainAppend {
  if (write.kind !== 'append') return false;
  const { run, consumed = [], closedPoolJobs = [], settle } = write.request;
  if (run === undefined || write.events.length === 0 || consumed.length + closedPoolJobs.length > 0) return false;
  const { approvals, revisions, poolJobs, started, told } = write;
  if (told !== null || approvals.length + revisions.length + poolJobs.length + started.length > 0) return false;
  if (settle !== undefined && !isPlainEnd(run, settle)) return false;
  return write.events.every(({ type, payload }) => type !== 'run.compensating' && digestsInText(payload).length === 0);
}

function isPlainEnd(
  { taskId, limited }: NonNullable<AppendRequest['run']>,
  settle: NonNullable<AppendRequest['settle']>,
): boolean {
  if (settle.kind !== 'end' || taskId !== null || limited) return false;
  return settle.deadLetter === undefined && settle.closesApprovals !== true && settle.closesPoolJobs !== true;
}

/** Appends where each journal ends as its holder knows: what {@link applyAppend} writes without comparing. */
async function appendPlain(session: MysqlSession, appends: readonly PlainAppend[]): Promise<CommitResult | null> {
  try {
    await commit(session, appendStatements(appends));
  } catch (error) {
    if (!isNullRefused(error)) throw error;
    await session.rollBack();
    return null;
  }
  const grown = appends.map(({ runId, request }) => {
    const { taskId } = request.run;
    return { runId, taskId, seq: request.baseSeq + request.events.length, ended: request.settle?.kind === 'end' };
  });
  const events = appends.reduce((sum, append) => sum + append.events.length, 0);
  return { outcomes: grown.map(({ seq }) => ({ kind: 'appended', seq })), notice: noticeOf(grown), events };
}

/** The same few statements for all of them. */
function appendStatements(appends: readonly PlainAppend[]): Statement[] {
  const usage = appends.flatMap(({ runId, usage: changes, request: { run } }) =>
    changes.map((change) => ({ runId, change, run })),
  );
  const ended = endedBy(appends);
  return [
    lockAppended(appends),
    // Refused, and with it what follows, COMMIT above all, where a row was not as it must be.
    insertEvents(appends),
    ...updateAppended(appends),
    ...(ended.length === 0 ? [] : [{ sql: 'DELETE FROM signals WHERE run_id IN (?)', values: [ended] }]),
    ...addUsageOf(usage),
  ];
}

/** Locks, and counts, the rows that stand as their holders know, and are not locked by others. */
function lockAppended(appends: readonly PlainAppend[]): Statement {
  const ended = endedBy(appends);
  // A run that has been patched may end only as its newest definition says.
  const unpatched = ended.length === 0 ? '' : ' AND NOT (revision <> 0 AND id IN (?))';
  return {
    sql: `SET @found = (SELECT COUNT(*) FROM runs FORCE INDEX (PRIMARY)
          WHERE id IN (?) AND worker_id IS NOT NULL AND (id, epoch, seq) IN (?)${unpatched} FOR UPDATE SKIP LOCKED)`,
    values: [
      appends.map(({ runId }) => runId),
      appends.map(({ runId, request: { epoch, baseSeq } }) => [runId, epoch, baseSeq]),
      ...(ended.length === 0 ? [] : [ended]),
    ],
  };
}

function insertEvents(appends: readonly PlainAppend[]): Statement {
  const [[runId, ...first], ...rows] = appends.flatMap(rowsOf) as [unknown[], ...unknown[][]];
  return {
    sql: `INSERT INTO journal (${JOURNAL_COLUMNS.join(', ')}) VALUES (IF(@found = ?, ?, NULL), ?)${rows.length === 0 ? '' : ', ?'}`,
    values: [appends.length, runId, first, ...(rows.length === 0 ? [] : [rows])],
  };
}

function rowsOf({ runId, events, request: { epoch, baseSeq, run } }: PlainAppend): unknown[][] {
  const { tenantId } = run;
  return events.map((event, index) => journalValues({ runId, seq: baseSeq + index + 1, tenantId, epoch }, event));
}

/** A statement for all rows of which the same changes. */
function updateAppended(appends: readonly PlainAppend[]): Statement[] {
  const alike = Map.groupBy(appends, ({ events, request }) => {
    return `${events.length} ${isProductive(events)} ${endOf(request)?.status ?? ''}`;
  });
  return [...alike.values()].map((some) => {
    const { events, request } = some[0]!;
    const end = endOf(request);
    const changes = `runs.seq = runs.seq + ?${isProductive(events) ? ', runs.unproductive_claims = 0' : ''}`;
    if (end === null) {
      const runIds = some.map(({ runId }) => runId);
      return { sql: `UPDATE runs FORCE INDEX (PRIMARY) SET ${changes} WHERE id IN (?)`, values: [events.length, runIds] };
    }
    return {
      sql: `UPDATE (${derivedRows(['id', 'at'], some.length)}) AS ended STRAIGHT_JOIN runs FORCE INDEX (PRIMARY) ON runs.id = ended.id
            SET ${changes}, runs.status = ?, runs.finished_at = ended.at, runs.wake_at = NULL, runs.worker_id = NULL, runs.claim_token = NULL`,
      values: [...some.flatMap(({ runId, events: own }) => [runId, own.at(-1)!.at]), events.length, end.status],
    };
  });
}

function isProductive(events: PlainAppend['events']): boolean {
  return events.some(({ type }) => isProgress(type as EventType));
}

/** The runs that end. */
function endedBy(appends: readonly PlainAppend[]): string[] {
  return appends.filter(({ request }) => endOf(request) !== null).map(({ runId }) => runId);
}

function endOf({ settle }: AppendRequest): Extract<Settlement, { kind: 'end' }> | null {
  return settle?.kind === 'end' ? settle : null;
}

async function commit(session: MysqlSession, statements: readonly Statement[]): Promise<unknown[]> {
  faultPoint('commit.beforeCommit');
  const results = await session.commit(statements);
  faultPoint('commit.afterCommit');
  return results;
}

function lockRun(runId: string): Statement {
  return { sql: LOCK_RUN, values: [runId] };
}

function isNullRefused(error: unknown): boolean {
  return error instanceof Error && 'errno' in error && error.errno === NULL_REFUSED;
}

function noticeOf(grown: CommitNotice['grown']): CommitNotice {
  return { grown, signalled: [], started: [], dispatched: [] };
}
