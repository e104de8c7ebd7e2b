import {
  approvalId,
  isEscalation,
  type Approval,
  type ApprovalKey,
  type ApprovalQuery,
  type ApprovalTerms,
  type ApprovalVote,
  type JsonValue,
} from '@baton/core';
import { isAfter, isBefore } from '../keyset.js';
import type { RunHead } from './run-head.js';
import type { WriteRequest } from './write-request.js';

/** A row of the table `approvals`. Those from before approvals had terms and votes lack them. */
export type ApprovalRow = Omit<Approval, 'terms' | 'proposal' | 'votes'> & {
  terms: string | null;
  proposal: string | null;
  votes: string | null;
};

/** Selects rows of the table `approvals` as {@link ApprovalRow}. */
export const APPROVAL_SELECT = [
  ...['approvals.run_id AS runId', 'approvals.node_id AS nodeId', 'approvals.visit', 'approvals.tenant_id AS tenantId'],
  ...['approvals.title', 'approvals.status', 'approvals.requested_at AS requestedAt', 'approvals.due_at AS dueAt'],
  ...['approvals.role', 'approvals.escalates_at AS escalatesAt', 'approvals.terms', 'approvals.proposal', 'approvals.votes'],
  ...['approvals.decision', 'approvals.decided_by AS decidedBy', 'approvals.decided_at AS decidedAt', 'approvals.comment'],
  'approvals.decision_token AS decisionToken',
].join(', ');

/** The columns of a row, in the order of {@link approvalValues}. */
export const APPROVAL_COLUMNS = [
  ...['id', 'run_id', 'node_id', 'visit', 'tenant_id', 'title', 'status', 'requested_at', 'due_at'],
  ...['role', 'escalates_at', 'terms', 'proposal', 'votes'],
  ...['decision', 'decided_by', 'decided_at', 'comment', 'decision_token'],
];

export function approvalValues(approval: Approval): unknown[] {
  const { runId, nodeId, visit, tenantId, title, status, requestedAt, dueAt } = approval;
  const { role, escalatesAt, terms, proposal, votes } = approval;
  const { decision, decidedBy, decidedAt, comment, decisionToken } = approval;
  return [
    ...[approvalId(approval), runId, nodeId, visit, tenantId, title, status, requestedAt, dueAt],
    ...[role, escalatesAt, JSON.stringify(terms), proposal === null ? null : JSON.stringify(proposal), JSON.stringify(votes)],
    ...[decision, decidedBy, decidedAt, comment, decisionToken],
  ];
}

const USUAL_TERMS: ApprovalTerms = { assignees: [], excluded: [], approvals: 1, rejections: 1 };

export function approvalOf({ terms, proposal, votes, ...row }: ApprovalRow): Approval {
  return {
    ...row,
    terms: terms === null ? USUAL_TERMS : (JSON.parse(terms) as ApprovalTerms),
    proposal: proposal === null ? null : (JSON.parse(proposal) as JsonValue),
    votes: votes === null ? [] : (JSON.parse(votes) as ApprovalVote[]),
  };
}

/** The statement that finds approvals of a status: of open ones the one that has waited longest comes first, of others the newest. */
export function selectApprovals(query: ApprovalQuery): { sql: string; values: unknown[] } {
  const { tenantId, status, runId, nodeId, workflowId, role, requestedFrom, requestedTo, after, limit } = query;
  const [isFurther, direction] = status === 'open' ? [isAfter, 'ASC'] : [isBefore, 'DESC'];
  const conditions: [string, ...unknown[]][] = [
    ['approvals.tenant_id = ?', tenantId],
    ['approvals.status = ?', status],
  ];
  if (runId !== undefined) conditions.push(['approvals.run_id = ?', runId]);
  if (nodeId !== undefined) conditions.push(['approvals.node_id = ?', nodeId]);
  if (role !== undefined) conditions.push(['approvals.role = ?', role]);
  if (requestedFrom !== undefined) conditions.push(['approvals.requested_at >= ?', requestedFrom]);
  if (requestedTo !== undefined) conditions.push(['approvals.requested_at < ?', requestedTo]);
  if (workflowId !== undefined)
    conditions.push(['EXISTS (SELECT 1 FROM runs WHERE runs.id = approvals.run_id AND runs.workflow_id = ?)', workflowId]);
  if (after !== undefined) {
    const { requestedAt, id } = after;
    conditions.push([isFurther('approvals.requested_at', 'approvals.id'), requestedAt, requestedAt, id]);
  }
  const where = conditions.map(([condition]) => condition).join(' AND ');
  const order = `approvals.requested_at ${direction}, approvals.id ${direction}`;
  return {
    sql: `SELECT ${APPROVAL_SELECT} FROM approvals WHERE ${where} ORDER BY ${order} LIMIT ?`,
    values: [...conditions.flatMap(([, ...values]) => values), limit],
  };
}

/** The ids of the approvals that a batch is to decide, or to pass to others. */
export function touchedIds(batch: readonly WriteRequest[]): string[] {
  return batch.flatMap((request) => {
    if (request.kind === 'decide') return [approvalId(request.decision)];
    if (request.kind !== 'append') return [];
    return request.approvals.filter(isEscalation).map((change) => approvalId({ runId: request.runId, ...change }));
  });
}

/** The approvals as a batch leaves them. */
export class ApprovalBook {
  /** Rows that the batch writes whole. */
  readonly written = new Map<string, Approval>();
  /** Ids of approvals that close, if they are open and pass to nobody else, because their time has passed. */
  readonly expired = new Set<string>();
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
    this.expired.delete(approvalId(approval));
  }

  expire(key: ApprovalKey): void {
    const id = approvalId(key);
    const known = this.known.get(id);
    const closed = known?.status === 'open' && known.escalatesAt === null ? { ...known, status: 'closed' as const } : known;
    if (closed !== undefined) this.known.set(id, closed);
    if (this.written.has(id)) this.written.set(id, closed!);
    else this.expired.add(id);
  }

  end({ id }: RunHead): void {
    this.endedRuns.push(id);
    for (const [key, approval] of this.known)
      if (approval.runId === id && approval.status === 'open') this.known.set(key, { ...approval, status: 'closed' });
  }
}
