import type { Run } from '@baton/core';
import { APPROVAL_COLUMNS, approvalValues } from './approval-rows.js';
import type { BatchPlan } from './batch-plan.js';
import { BLOB_REFERENCE_COLUMNS, blobReferenceValues } from './blob-references.js';
import { DEAD_LETTER_COLUMNS, deadLetterValues } from './dead-letter-rows.js';
import { changesOf, columnsOf, type HeadColumn } from './head-changes.js';
import { SIGNAL_COLUMNS, signalValues } from './inbox-rows.js';
import { JOURNAL_COLUMNS, journalValues } from './journal-rows.js';
import type { Write } from './mysql-session.js';
import { REVISION_COLUMNS, revisionValues, type RevisionBook } from './revision-rows.js';
import { POOL_JOB_COLUMNS, poolJobValues } from './pool-rows.js';
import type { RunHead } from './run-head.js';
import { NEW_RUN_COLUMNS, newRunValues } from './run-rows.js';
import { USAGE_COLUMNS, USAGE_SUMS, usageValues, type NewUsage } from './usage-rows.js';

export const LOCK_INSERT = ['tenant_id', 'task_id', 'run_id', 'operation', 'event', 'method', 'holder', 'token_length', 'at'];
const ENDED_TASK = ['tenant_id', 'id', 'run_id', 'next_run_id', 'status', 'at'];

/** What a batch changes, in the order of writing: a few statements for each table. `idStep`: the step of generated ids. */
export function writesOf(plan: BatchPlan, idStep: number): Write[] {
  return [
    ...markTasks(plan),
    ...insertRuns(plan),
    ...insertEvents(plan),
    ...updateHeads(plan),
    ...writeSignals(plan, idStep),
    ...writeApprovals(plan),
    ...writeRevisions(plan),
    ...writePoolJobs(plan),
    ...writePlaces(plan),
    ...addUsage(plan.usage),
    ...insertRows('blob_references', BLOB_REFERENCE_COLUMNS, plan.blobs.sorted().map(blobReferenceValues), 'INSERT IGNORE'),
    ...insertRows('dead_letters', DEAD_LETTER_COLUMNS, plan.deadLetters.map(deadLetterValues)),
    ...endTasks(plan),
    ...insertLockRecords(plan),
  ];
}

/**
 * `rows` rows as a derived table, to join an UPDATE with: each row its own values in one statement.
 * A row is `SELECT ?, ?, …`; the first names the columns.
 */
export function derivedRows(columns: readonly string[], rows: number): string {
  const first = `SELECT ${columns.map((column) => `? AS ${column}`).join(', ')}`;
  const next = ` UNION ALL SELECT ${columns.map(() => '?').join(', ')}`;
  return first + next.repeat(rows - 1);
}

/** Tasks whose rows are locked, and have no live run. */
function markTasks({ newRuns }: BatchPlan): Write[] {
  const marked = newRuns.map(({ submission }) => submission).filter(({ taskId }) => taskId !== null);
  if (marked.length === 0) return [];
  return [
    {
      sql: `UPDATE tasks JOIN (${derivedRows(['tenant_id', 'id', 'run_id', 'at'], marked.length)}) AS mark
              ON tasks.tenant_id = mark.tenant_id AND tasks.id = mark.id
            SET tasks.live_run_id = mark.run_id, tasks.status = 'running', tasks.updated_at = mark.at
            WHERE tasks.live_run_id IS NULL`,
      values: marked.flatMap(({ tenantId, taskId, runId, at }) => [tenantId, taskId, runId, at]),
    },
  ];
}

function insertRuns({ newRuns, startedRuns, places }: BatchPlan): Write[] {
  const rows = [
    ...newRuns.map(({ runId, submission, input }) => newRunValues(submission, input, { waits: places.waits(runId) })),
    ...startedRuns.map(({ submission, input, limited }) => newRunValues(submission, input, { limited })),
  ];
  return insertRows('runs', ...withoutNulls(NEW_RUN_COLUMNS, rows));
}

/** Leaves out the columns of which no row says anything: most of what a run may have, few have. */
function withoutNulls(columns: readonly string[], rows: readonly unknown[][]): [columns: readonly string[], rows: unknown[][]] {
  const said = columns.map((_, index) => rows.some((row) => row[index] !== null));
  const isSaid = (_: unknown, index: number): boolean => said[index]!;
  return [columns.filter(isSaid), rows.map((row) => row.filter(isSaid))];
}

function insertEvents({ journal }: BatchPlan): Write[] {
  const rows = journal.map((row) => journalValues(row, row));
  return insertRows('journal', JOURNAL_COLUMNS, rows);
}

/** A statement for all rows of which the same columns change. */
function updateHeads({ changedHeads }: BatchPlan): Write[] {
  const alike = Map.groupBy(changedHeads, changesOf);
  alike.delete(0);
  return [...alike].map(([changes, heads]) => updateRuns(columnsOf(changes), heads));
}

/** What is the same in all rows stands in the statement once. */
function updateRuns(columns: readonly HeadColumn[], heads: readonly RunHead[]): Write {
  const first = heads[0]!;
  const isCommon = ({ of }: HeadColumn): boolean => heads.every((head) => of(head) === of(first));
  const [common = [], own = []] = [true, false].map((side) => columns.filter((column) => isCommon(column) === side));
  // By the key, in the order of the rows: a scan of a small table would wait for rows that others have locked.
  const sql = `UPDATE (${derivedRows(['id', ...own.map(({ name }) => name)], heads.length)}) AS head
     STRAIGHT_JOIN runs FORCE INDEX (PRIMARY) ON runs.id = head.id
     SET ${[...own.map(({ name }) => `runs.${name} = head.${name}`), ...common.map(({ name }) => `runs.${name} = ?`)].join(', ')}`;
  const values: unknown[] = [];
  for (const head of heads) {
    values.push(head.id);
    for (const { of } of own) values.push(of(head));
  }
  for (const { of } of common) values.push(of(first));
  return { sql, values };
}

function writeSignals({ inbox: { sent, consumed, endedRuns } }: BatchPlan, idStep: number): Write[] {
  // The ids of one multi-row insert are consecutive: its number of rows is known before it begins.
  const numberSignals: Write['done'] = ({ insertId }) => {
    sent.forEach(({ outcome }, index) => (outcome.signalId = insertId + index * idStep));
  };
  const inserts = insertRows('signals', SIGNAL_COLUMNS, sent.map(signalValues));
  return [
    ...inserts.map((insert) => ({ ...insert, done: numberSignals })),
    ...deleteSignals('id', consumed),
    ...deleteSignals('run_id', endedRuns),
  ];
}

function deleteSignals(column: 'id' | 'run_id', values: readonly unknown[]): Write[] {
  return values.length === 0 ? [] : [{ sql: `DELETE FROM signals WHERE ${column} IN (?)`, values: [values] }];
}

function writeApprovals({ approvals: { written, expired, endedRuns } }: BatchPlan): Write[] {
  return [
    ...insertRows('approvals', APPROVAL_COLUMNS, [...written.values()].map(approvalValues), 'REPLACE'),
    ...closeApprovals('escalates_at IS NULL AND id', [...expired]),
    ...closeApprovals('run_id', endedRuns),
  ];
}

function closeApprovals(column: 'escalates_at IS NULL AND id' | 'run_id', values: readonly string[]): Write[] {
  if (values.length === 0) return [];
  return [{ sql: `UPDATE approvals SET status = 'closed' WHERE status = 'open' AND ${column} IN (?)`, values: [values] }];
}

function writeRevisions({ revisions: { made, answered, endedRuns } }: BatchPlan): Write[] {
  return [
    ...insertRows('revisions', REVISION_COLUMNS, made.map(revisionValues)),
    ...answerRevisions(answered),
    ...refuseRevisions(endedRuns),
  ];
}

function answerRevisions(answered: RevisionBook['answered']): Write[] {
  if (answered.length === 0) return [];
  const columns = ['run_id', 'revision', 'status', 'answered_at', 'refusal'];
  return [
    {
      sql: `UPDATE revisions JOIN (${derivedRows(columns, answered.length)}) AS answer
              ON revisions.run_id = answer.run_id AND revisions.revision = answer.revision
            SET revisions.status = answer.status, revisions.answered_at = answer.answered_at, revisions.refusal = answer.refusal`,
      values: answered.flatMap(({ runId, revision, status, answeredAt, refusal }) => [
        runId,
        revision,
        status,
        answeredAt,
        refusal,
      ]),
    },
  ];
}

/** What still waits of runs that have ended. */
function refuseRevisions(endedRuns: RevisionBook['endedRuns']): Write[] {
  if (endedRuns.length === 0) return [];
  return [
    {
      sql: `UPDATE revisions JOIN (${derivedRows(['run_id', 'at', 'refusal'], endedRuns.length)}) AS ended ON revisions.run_id = ended.run_id
            SET revisions.status = 'refused', revisions.answered_at = ended.at, revisions.refusal = ended.refusal
            WHERE revisions.status = 'waiting'`,
      values: endedRuns.flatMap(({ runId, at, refusal }) => [runId, at, refusal]),
    },
  ];
}

function writePoolJobs({ poolJobs: { written, removed, endedRuns } }: BatchPlan): Write[] {
  return [
    ...insertRows('pool_jobs', POOL_JOB_COLUMNS, [...written.values()].map(poolJobValues), 'REPLACE'),
    ...removePoolJobs('id', [...removed].toSorted()),
    ...removePoolJobs('run_id', endedRuns),
  ];
}

function removePoolJobs(column: 'id' | 'run_id', values: readonly string[]): Write[] {
  return values.length === 0 ? [] : [{ sql: `DELETE FROM pool_jobs WHERE ${column} IN (?)`, values: [values] }];
}

function passPlaces(passed: readonly { runId: string; nextRunId: string }[]): Write[] {
  if (passed.length === 0) return [];
  return [
    {
      sql: `UPDATE run_places JOIN (${derivedRows(['run_id', 'next_run_id'], passed.length)}) AS passed
              ON run_places.run_id = passed.run_id
            SET run_places.run_id = passed.next_run_id`,
      values: passed.flatMap(({ runId, nextRunId }) => [runId, nextRunId]),
    },
  ];
}

/** The runs' rows are locked with their places: nobody else writes these. */
function writePlaces({ places: { written, admitted, moved, leaving, freed, passed } }: BatchPlan): Write[] {
  const rows = written.map(({ runId, tenantId, scope, status, at }) => [runId, tenantId, scope, status, at]);
  const update = (status: string, runIds: readonly string[]): Write[] =>
    runIds.length === 0 ? [] : [{ sql: 'UPDATE run_places SET status = ? WHERE run_id IN (?)', values: [status, runIds] }];
  // Not IN with pairs, by which MariaDB finds no row of a single pair: it would look at, and lock, all that there are.
  const updateSome = (status: string, some: readonly { runId: string; scope: string }[]): Write[] => {
    if (some.length === 0) return [];
    const named = some.map(() => '(run_id = ? AND scope_id = ?)').join(' OR ');
    const values = [status, ...some.flatMap(({ runId, scope }) => [runId, scope])];
    return [{ sql: `UPDATE run_places SET status = ? WHERE ${named}`, values }];
  };
  return [
    ...insertRows('run_places', ['run_id', 'tenant_id', 'scope_id', 'status', 'at'], rows),
    ...update('taken', admitted),
    ...update(
      'wanted',
      moved.map(({ runId }) => runId),
    ),
    ...updateSome('queued', moved),
    ...updateSome('leaving', leaving),
    ...(freed.length === 0 ? [] : [{ sql: 'DELETE FROM run_places WHERE run_id IN (?)', values: [freed] }]),
    ...passPlaces(passed),
  ];
}

const ADD_TO_SUMS = USAGE_SUMS.map((column) => `run_usage.${column} = run_usage.${column} + VALUES(${column})`).join(', ');

/** Sums of runs whose rows are locked: no other batch writes them. */
function addUsage(usage: readonly NewUsage[]): Write[] {
  if (usage.length === 0) return [];
  return [
    {
      sql: `INSERT INTO run_usage (${USAGE_COLUMNS.join(', ')}, tenant_id, workflow_id, workflow_name)
            SELECT used.*, runs.tenant_id, runs.workflow_id, runs.workflow_name
            FROM (${derivedRows(USAGE_COLUMNS, usage.length)}) AS used JOIN runs ON runs.id = used.run_id
            ON DUPLICATE KEY UPDATE ${ADD_TO_SUMS}`,
      values: usage.flatMap(usageValues),
    },
  ];
}

/** The same, where it is known whose it is. */
export function addUsageOf(usage: readonly (NewUsage & { run: Pick<Run, 'tenantId' | 'workflow'> })[]): Write[] {
  const rows = usage.map(({ run: { tenantId, workflow }, ...used }) => [
    ...usageValues(used),
    tenantId,
    workflow.id,
    workflow.name,
  ]);
  const inserts = insertRows('run_usage', [...USAGE_COLUMNS, 'tenant_id', 'workflow_id', 'workflow_name'], rows);
  return inserts.map(({ sql, values }) => ({ sql: `${sql} ON DUPLICATE KEY UPDATE ${ADD_TO_SUMS}`, values }));
}

function endTasks({ endedTasks }: BatchPlan): Write[] {
  if (endedTasks.length === 0) return [];
  return [
    {
      sql: `UPDATE tasks JOIN (${derivedRows(ENDED_TASK, endedTasks.length)}) AS ended
              ON tasks.tenant_id = ended.tenant_id AND tasks.id = ended.id AND tasks.live_run_id = ended.run_id
            SET tasks.live_run_id = ended.next_run_id, tasks.last_run_id = ended.run_id, tasks.status = ended.status,
              tasks.updated_at = ended.at`,
      values: endedTasks.flatMap(({ tenantId, taskId, runId, nextRunId, status, at }) => [
        ...[tenantId, taskId, runId, nextRunId, status, at],
      ]),
    },
  ];
}

function insertLockRecords({ lockRecords }: BatchPlan): Write[] {
  const rows = lockRecords.map((record) => [
    ...[record.tenantId, record.taskId, record.runId, record.operation, record.event, record.method, record.holder],
    ...[record.tokenLength, record.at],
  ]);
  return insertRows('lock_history', LOCK_INSERT, rows);
}

function insertRows(table: string, columns: readonly string[], rows: readonly unknown[][], verb = 'INSERT'): Write[] {
  return rows.length === 0 ? [] : [{ sql: `${verb} INTO ${table} (${columns.join(', ')}) VALUES ?`, values: [rows] }];
}
