import { z } from 'zod';
import {
  approvalId,
  BUDGET_NODE,
  NameSchema,
  ROLES,
  type Approval,
  type ApprovalVote,
  type BatonError,
  type Role,
} from '@baton/core';
import type { ApprovalLink } from '@baton/engine';
import { AnyJson, Instant, toInstant, toInstantOrNull } from './json.js';
import { Cursor, Limit } from './page.js';
import { runPath } from './run.js';

const Choice = z.enum(['approve', 'reject']);
const Seconds = z.coerce.number().min(0).max(315_360_000);

const Status = z.enum(['open', 'decided', 'closed']);

export const ApprovalsQuery = z.strictObject({
  status: Status.default('open').describe('`closed`: nobody decided it before its deadline, or before its run ended.'),
  run_id: z.string().min(1).max(64).optional(),
  node: NameSchema.optional().describe('The id of the node that asks.'),
  workflow: NameSchema.optional().describe('Its id or name.'),
  role: z.enum(ROLES).optional().describe('Those that ask for this very role, or have asked for it last.'),
  older_than: Seconds.optional().describe('Those that were asked for so many seconds ago at least.'),
  newer_than: Seconds.optional().describe('Those that were asked for later.'),
  limit: Limit,
  cursor: Cursor,
});
export type ApprovalsQuery = z.infer<typeof ApprovalsQuery>;

export const DecideBody = z.strictObject({
  decision: Choice,
  comment: z.string().max(5_000).optional(),
  payload: AnyJson.optional().describe('Goes to the nodes after the approval, instead of what was proposed.'),
});
export type DecideBody = z.infer<typeof DecideBody>;

const VoteReply = z.object({
  by: z.string(),
  decision: Choice,
  comment: z.string().nullable(),
  at: Instant,
  link_by: z.string().nullable().describe('It came by a link that this one made.'),
  superseded: z.boolean().describe('What was approved has been changed since.'),
});

export const ApprovalReply = z.object({
  id: z.string().describe('`<run>.<visit>.<node>`'),
  kind: z.enum(['approval', 'budget']).describe('`budget`: the run asks for more than its budget.'),
  run_id: z.string(),
  node_id: z.string(),
  visit: z.int(),
  title: z.string(),
  status: Status,
  requested_at: Instant,
  due_at: Instant.nullable().describe('After which the node goes on by itself.'),
  role: z.enum(ROLES).describe('Who decides has it, or a higher one.'),
  assignees: z.array(z.string()).describe('Who may decide; empty: everybody with the role.'),
  excluded: z.array(z.string()).describe('Who may not.'),
  escalates_at: Instant.nullable().describe('When others are asked instead.'),
  approvals: z.object({ needed: z.int(), given: z.int() }),
  rejections: z.object({ needed: z.int(), given: z.int() }),
  votes: z.array(VoteReply),
  payload: z.unknown().describe('What is to be approved, as it stands; null: nothing.'),
  details: z.record(z.string(), z.unknown()).nullable().describe('Of a budget: what is used up, and what is wanted.'),
  payload_schema: z.record(z.string(), z.unknown()).nullable().describe('JSON Schema of what it may be changed to.'),
  decision: Choice.nullable(),
  decided_by: z.string().nullable().describe('Whose vote decided it.'),
  decided_at: Instant.nullable(),
  comment: z.string().nullable(),
  may_decide: z.boolean().describe('Whether a decision of the caller would count now.'),
  refusal: z
    .object({ code: z.string(), detail: z.string() })
    .nullable()
    .describe('Why it would not: `code` and `detail` of the problem that it would be answered with; null: it would count.'),
  links: z.object({ run: z.string(), decide: z.string() }),
});
export type ApprovalReply = z.infer<typeof ApprovalReply>;

export const MakeLinkBody = z.strictObject({
  decider: z.string().min(1).max(64).optional().describe("In whose name it decides; another's only for an admin."),
  choices: z.array(Choice).min(1).max(2).default(['approve', 'reject']),
  expires_in: z.int().min(60).max(2_592_000).default(604_800).describe('Seconds.'),
});
export type MakeLinkBody = z.infer<typeof MakeLinkBody>;

export const LinkReply = z.object({
  url: z.string().describe('Beneath the address of this API. Who has it decides: send it to one person.'),
  decider: z.string(),
  choices: z.array(Choice),
  expires_at: Instant,
});
export type LinkReply = z.infer<typeof LinkReply>;

export const LinkQuery = z.strictObject({ token: z.string().min(1).max(4_096) });
export type LinkQuery = z.infer<typeof LinkQuery>;

/** What a link asks. */
export const LinkedApprovalReply = z.object({
  title: z.string(),
  status: Status,
  decider: z.string(),
  choices: z.array(Choice),
  expires_at: Instant,
  due_at: Instant.nullable(),
  payload: z.unknown(),
  decision: Choice.nullable(),
});
export type LinkedApprovalReply = z.infer<typeof LinkedApprovalReply>;

/** @param refusal how a decision of the caller would be refused now */
export function toApprovalReply(approval: Approval, refusal: BatonError | null): ApprovalReply {
  const id = approvalId(approval);
  const { terms, votes } = approval;
  const given = (decision: string): number =>
    votes.filter((vote) => vote.decision === decision && vote.superseded === undefined).length;
  return {
    id,
    kind: approval.nodeId === BUDGET_NODE ? 'budget' : 'approval',
    run_id: approval.runId,
    node_id: approval.nodeId,
    visit: approval.visit,
    title: approval.title,
    status: approval.status,
    requested_at: toInstant(approval.requestedAt),
    due_at: toInstantOrNull(approval.dueAt),
    role: approval.role,
    assignees: [...terms.assignees],
    excluded: [...terms.excluded],
    escalates_at: toInstantOrNull(approval.escalatesAt),
    approvals: { needed: terms.approvals, given: given('approve') },
    rejections: { needed: terms.rejections, given: given('reject') },
    votes: votes.map(toVoteReply),
    payload: approval.proposal,
    details: terms.details ?? null,
    payload_schema: terms.schema ?? null,
    decision: approval.decision,
    decided_by: approval.decidedBy,
    decided_at: toInstantOrNull(approval.decidedAt),
    comment: approval.comment,
    may_decide: refusal === null,
    refusal: refusal === null ? null : { code: refusal.code, detail: refusal.message },
    links: { run: runPath(approval.runId), decide: `/api/v1/approvals/${encodeURIComponent(id)}/decide` },
  };
}

function toVoteReply({ by, decision, comment, at, link, superseded }: ApprovalVote): z.infer<typeof VoteReply> {
  const link_by = link?.issuedBy ?? null;
  return { by, decision, comment, at: toInstant(at), link_by, superseded: superseded === true };
}

export function toLinkReply(token: string, { decider, choices, expires_at: expiresAt }: ApprovalLink): LinkReply {
  return { url: `/approvals/link?token=${token}`, decider, choices, expires_at: toInstant(expiresAt) };
}

export function toLinkedApproval(
  { decider, choices, expires_at: expiresAt }: ApprovalLink,
  approval: Approval,
): LinkedApprovalReply {
  const { title, status, dueAt, proposal: payload, decision } = approval;
  const due_at = toInstantOrNull(dueAt);
  return { title, status, decider, choices, expires_at: toInstant(expiresAt), due_at, payload, decision };
}

/** The filter of a list of approvals as the store takes it. */
export function toApprovalFilter(
  { status, run_id: runId, node, role, older_than: older, newer_than: newer }: ApprovalsQuery,
  now: number,
) {
  return {
    status,
    ...(runId !== undefined && { runId }),
    ...(node !== undefined && { nodeId: node }),
    ...(role !== undefined && { role: role satisfies Role }),
    ...(older !== undefined && { requestedTo: now - older * 1_000 + 1 }),
    ...(newer !== undefined && { requestedFrom: now - newer * 1_000 + 1 }),
  };
}
