import { approvalId, type Approval, type ApprovalKey } from '@baton/core';
import type { RunHead } from './run-head.js';
import type { WriteRequest } from './write-request.js';

/** Selects rows of the table `approvals` as {@link Approval}. */
export const APPROVAL_SELECT = [
  ...['approvals.run_id AS runId', 'approvals.node_id AS nodeId', 'approvals.visit', 'approvals.tenant_id AS tenantId'],
  ...['approvals.title', 'approvals.status', 'approvals.requested_at AS requestedAt', 'approvals.due_at AS dueAt'],
  ...['approvals.decision', 'approvals.decided_by AS decidedBy', 'approvals.decided_at AS decidedAt', 'approvals.comment'],
  'approvals.decision_token AS decisionToken',
].join(', ');

/** The columns of a row, in the order of {@link approvalValues}. */
export const APPROVAL_COLUMNS = [
  ...['id', 'run_id', 'node_id', 'visit', 'tenant_id', 'title', 'status', 'requested_at', 'due_at'],
  ...['decision', 'decided_by', 'decided_at', 'comment', 'decision_token'],
];

export function approvalValues(approval: Approval): unknown[] {
  const {
    runId,
    nodeId,
    visit,
    tenantId,
    title,
    status,
    requestedAt,
    dueAt,
    decision,
    decidedBy,
    decidedAt,
    comment,
    decisionToken,
  } = approval;
  return [
    ...[approvalId(approval), runId, nodeId, visit, tenantId, title, status, requestedAt, dueAt],
    ...[decision, decidedBy, decidedAt, comment, decisionToken],
  ];
}

/** The ids of the approvals that a batch is to decide. */
export function decidedIds(batch: readonly WriteRequest[]): string[] {
  return batch.flatMap((request) => (request.kind === 'decide' ? [approvalId(request.decision)] : []));
}

/** The approvals as a batch leaves them. */
export class ApprovalBook {
  /** Rows that the batch writes whole. */
  readonly written = new Map<string, Approval>();
  /** Ids of approvals that close, if they are open, because their time has passed. */
  readonly expired: string[] = [];
  /** Runs whose open approvals close with them. */
  readonly endedRuns: string[] = [];
  private readonly known: Map<string, Approval>;

  constructor(rows: readonly Approval[]) {
    this.known = new Map(rows.map((row) => [approvalId(row), row]));
  }

  find(key: ApprovalKey): Approval | undefined {
    return this.known.get(approvalId(key));
  }

  write(approval: Approval): void {
    this.known.set(approvalId(approval), approval);
    this.written.set(approvalId(approval), approval);
  }

  expire(key: ApprovalKey): void {
    const id = approvalId(key);
    this.expired.push(id);
    const known = this.known.get(id);
    if (known?.status === 'open') this.known.set(id, { ...known, status: 'closed' });
  }

  end({ id }: RunHead): void {
    this.endedRuns.push(id);
    for (const [key, approval] of this.known)
      if (approval.runId === id && approval.status === 'open') this.known.set(key, { ...approval, status: 'closed' });
  }
}
