import { z } from 'zod';
import { approvalId, type Approval } from '@baton/core';
import { AnyJson, Instant, toInstant, toInstantOrNull } from './json.js';
import { Cursor, Limit } from './page.js';
import { runPath } from './run.js';

export const ApprovalsQuery = z.strictObject({ run_id: z.string().min(1).max(64).optional(), limit: Limit, cursor: Cursor });
export type ApprovalsQuery = z.infer<typeof ApprovalsQuery>;

export const DecideBody = z.strictObject({
  decision: z.enum(['approve', 'reject']),
  comment: z.string().max(5_000).optional(),
  payload: AnyJson.optional().describe('Goes to the nodes after the approval.'),
});
export type DecideBody = z.infer<typeof DecideBody>;

export const ApprovalReply = z.object({
  id: z.string().describe('`<run>.<visit>.<node>`'),
  run_id: z.string(),
  node_id: z.string(),
  visit: z.int(),
  title: z.string(),
  status: z.enum(['open', 'decided', 'closed']),
  requested_at: Instant,
  due_at: Instant.nullable().describe('After which the node goes on by itself.'),
  decision: z.enum(['approve', 'reject']).nullable(),
  decided_by: z.string().nullable(),
  decided_at: Instant.nullable(),
  comment: z.string().nullable(),
  links: z.object({ run: z.string(), decide: z.string() }),
});
export type ApprovalReply = z.infer<typeof ApprovalReply>;

export function toApprovalReply(approval: Approval): ApprovalReply {
  const id = approvalId(approval);
  return {
    id,
    run_id: approval.runId,
    node_id: approval.nodeId,
    visit: approval.visit,
    title: approval.title,
    status: approval.status,
    requested_at: toInstant(approval.requestedAt),
    due_at: toInstantOrNull(approval.dueAt),
    decision: approval.decision,
    decided_by: approval.decidedBy,
    decided_at: toInstantOrNull(approval.decidedAt),
    comment: approval.comment,
    links: { run: runPath(approval.runId), decide: `/api/v1/approvals/${encodeURIComponent(id)}/decide` },
  };
}
