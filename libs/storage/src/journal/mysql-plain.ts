import { digestsInText, faultPoint, isProgress, type AppendRequest, type CommitNotice, type EventType } from '@baton/core';
import type { CommitResult } from './commit-dialect.js';
import type { MysqlSession, Statement } from './mysql-session.js';
import { addUsage, EVENT_INSERT, LOCK_INSERT } from './mysql-write.js';
import { RUN_COLUMNS, runOf, type RunRow } from './run-rows.js';
import type { WriteOf, WriteRequest } from './write-request.js';

// Few requests that ask for nothing but what nearly all ask for take one round trip instead of two: the statement that changes a run's row names
// what must be so, and what is written besides depends on whether it was. A row that is otherwise, or locked by another, stays as it is, and all of
// them are decided as a batch.

/** Of more, statements for each cost more than the second round trip for all. */
const FEW = 4;

/** Null where another transaction has locked the row: it is not waited for. */
const LOCK_RUN = 'SET @run = (SELECT id FROM runs WHERE id = ? FOR UPDATE SKIP LOCKED)';

/** ER_BAD_NULL_ERROR. */
const NULL_REFUSED = 1048;

/** Commits a claim that is alone, or few appends. Null: nothing was changed, and they are to be decided. What it throws is as of a batch. */
export async function commitPlain(
  session: MysqlSession,
  batch: readonly WriteRequest[],
  toleranceMs: number,
): Promise<CommitResult | null> {
  const [request] = batch;
  if (batch.length === 1 && request!.kind === 'claim') return claimFree(session, request!, toleranceMs);
  if (batch.length > FEW || new Set(batch.map(({ runId }) => runId)).size < batch.length) return null;
  return batch.every(isPlain) ? appendPlain(session, batch) : null;
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
    await commit(session, appends.flatMap(appendStatements));
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

function appendStatements({ runId, events, usage, request }: PlainAppend): Statement[] {
  const { epoch, baseSeq, settle } = request;
  const seq = baseSeq + events.length;
  const end = settle?.kind === 'end' ? settle : null;
  const changes = ['seq = ?', ...(events.some(({ type }) => isProgress(type as EventType)) ? ['unproductive_claims = 0'] : [])];
  if (end !== null) changes.push('status = ?', 'finished_at = ?', 'wake_at = NULL', 'worker_id = NULL', 'claim_token = NULL');
  const update = {
    // A run that has been patched may end only as its newest definition says.
    sql: `UPDATE runs SET ${changes.join(', ')}
          WHERE id = @run AND epoch = ? AND seq = ? AND worker_id IS NOT NULL ${end === null ? '' : 'AND revision = 0'}`,
    values: [seq, ...(end === null ? [] : [end.status, events.at(-1)!.at]), epoch, baseSeq],
  };
  // Refused as a whole, and COMMIT with it, where the row was not as it must be.
  const journaled = events.map(() => `(IF(ROW_COUNT() = 1, @run, NULL)${', ?'.repeat(EVENT_INSERT.length - 1)})`);
  const insert = {
    sql: `INSERT INTO journal (${EVENT_INSERT.join(', ')}) VALUES ${journaled.join(', ')}`,
    values: events.flatMap(({ type, v, nodeId, visit, attempt, at, payload }, index) => [
      ...[baseSeq + index + 1, request.run.tenantId, epoch, type, v, nodeId, visit, attempt, at, payload],
    ]),
  };
  const clear = { sql: 'DELETE FROM signals WHERE run_id = @run', values: [] };
  return [
    lockRun(runId),
    update,
    insert,
    ...(end === null ? [] : [clear]),
    ...addUsage(usage.map((change) => ({ runId, change }))),
  ];
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
