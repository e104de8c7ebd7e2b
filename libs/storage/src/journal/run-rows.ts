import type { BudgetLimits, Run, RunParent, Submission } from '@baton/core';
import type { HeadRow, RunHead, RunOrigin } from './run-head.js';

/** The columns of {@link RunHead}, and how a row spells them. */
export const HEAD_COLUMNS = [
  ...['id', 'tenant_id', 'task_id', 'status', 'seq', 'epoch', 'worker_id', 'claim_token', 'wake_at', 'generation'],
  ...['unproductive_claims', 'started_at', 'finished_at', 'revision', 'limited', 'priority'],
] as const;

export function headOf(row: HeadRow): RunHead {
  return {
    ...{ id: row.id, tenantId: row.tenant_id, taskId: row.task_id, status: row.status, seq: row.seq, epoch: row.epoch },
    ...{ workerId: row.worker_id, claimToken: row.claim_token, wakeAt: row.wake_at, generation: row.generation },
    ...{ unproductiveClaims: row.unproductive_claims, startedAt: row.started_at, finishedAt: row.finished_at },
    revision: row.revision,
    limited: row.limited === 1,
    priority: row.priority,
    stored: row,
  };
}

/** The columns of {@link RunOrigin}. */
export const ORIGIN_COLUMNS = [
  ...['id', 'workflow_id', 'workflow_name', 'workflow_version', 'workflow_digest', 'input', 'created_at'],
  ...['forked_from', 'parent_run_id', 'parent_node_id', 'parent_index', 'child_id', 'depth', 'continued_from'],
  ...['started_by', 'budget'],
] as const;

export interface OriginRow {
  id: string;
  workflow_id: string;
  workflow_name: string;
  workflow_version: number;
  workflow_digest: string;
  input: string;
  created_at: number;
  forked_from: string | null;
  parent_run_id: string | null;
  parent_node_id: string | null;
  parent_index: number | null;
  child_id: string | null;
  depth: number | null;
  continued_from: string | null;
  started_by: string | null;
  budget: string | null;
}

export function originOf(row: OriginRow): RunOrigin {
  const workflow = { id: row.workflow_id, name: row.workflow_name, version: row.workflow_version, digest: row.workflow_digest };
  return {
    ...{ id: row.id, workflow, input: row.input, createdAt: row.created_at, forkedFrom: row.forked_from },
    ...{ parent: parentOf(row), continuedFrom: row.continued_from, startedBy: row.started_by },
    budget: row.budget === null ? null : (JSON.parse(row.budget) as BudgetLimits),
  };
}

function parentOf({ parent_run_id: runId, parent_node_id, parent_index, child_id, depth }: OriginRow): RunParent | null {
  if (runId === null) return null;
  return { runId, nodeId: parent_node_id!, index: parent_index!, childId: child_id!, depth: depth! };
}

/** The columns of a whole run. */
export const RUN_COLUMNS = [...new Set<string>([...HEAD_COLUMNS, ...ORIGIN_COLUMNS])];
export type RunRow = HeadRow & OriginRow;

export function runOf(row: RunRow): Run {
  return toRun(headOf(row), originOf(row));
}

export function toRun(head: RunHead, origin: RunOrigin): Run {
  const { id, tenantId, taskId, status, seq, epoch, workerId, wakeAt, generation, revision, limited } = head;
  const { priority, startedAt, finishedAt } = head;
  return {
    ...{ id, tenantId, taskId, status, seq, epoch, workerId, wakeAt, generation, revision, limited, priority },
    ...{ startedAt, finishedAt },
    ...{ workflow: origin.workflow, input: JSON.parse(origin.input) as Run['input'], createdAt: origin.createdAt },
    ...{ forkedFrom: origin.forkedFrom, parent: origin.parent, continuedFrom: origin.continuedFrom },
    ...{ startedBy: origin.startedBy, budget: origin.budget },
  };
}

/** The columns of a new row, in the order of {@link newRunValues}. */
export const NEW_RUN_COLUMNS = [
  ...['id', 'tenant_id', 'task_id', 'workflow_id', 'workflow_name', 'workflow_version', 'workflow_digest', 'status'],
  ...['input', 'seq', 'wake_at', 'idempotency_key', 'request_digest', 'created_at', 'forked_from', 'parent_run_id'],
  ...['parent_node_id', 'parent_index', 'child_id', 'depth', 'continued_from', 'limited', 'priority', 'started_by', 'budget'],
];

/** `input`: as JSON text. `waits`: for its places; `limited`: it has those of another run. */
export function newRunValues(submission: Submission, input: string, { waits = false, limited = false }): unknown[] {
  const { runId, tenantId, taskId, workflow, idempotency, fork, parent, continuedFrom, limits = [], at } = submission;
  const { priority = 'normal', by = null, budget } = submission;
  return [
    ...[runId, tenantId, taskId, workflow.id, workflow.name, workflow.version, workflow.digest, 'queued'],
    ...[
      input,
      1,
      waits ? null : at,
      idempotency?.key ?? null,
      idempotency?.requestDigest ?? null,
      at,
      fork?.forked_from.run_id ?? null,
    ],
    ...[parent?.runId ?? null, parent?.nodeId ?? null, parent?.index ?? null, parent?.childId ?? null, parent?.depth ?? null],
    ...[continuedFrom?.run_id ?? null, limited || limits.length > 0 ? 1 : 0, priority],
    ...[by, budget === undefined ? null : JSON.stringify(budget)],
  ];
}
