import type { Approval, ApprovalDecision, ApprovalVote } from './approval.js';
import type { JsonObject, JsonValue } from './json.js';
import { canonicalJson } from './workflow-definition.js';

/** Why a decision does not count. */
export type VoteRefusal =
  /** It was decided before, its deadline has passed, or its run has ended. */
  | 'closed'
  /** The decider lacks its role, is not among its assignees, or is excluded. */
  | 'role'
  | 'assignee'
  | 'excluded'
  /** The decider has voted. */
  | 'voted'
  | 'link_used';

export type VoteOutcome =
  /** `voted`: it counts, and others must still decide. */
  { kind: 'decided' | 'voted'; approval: Approval } | { kind: 'refused'; reason: VoteRefusal; approval: Approval };

/** What comes of a decision: the row as it is then, and what the run is told once it is decided. */
export interface VoteRuling {
  readonly outcome: VoteOutcome;
  readonly after?: Approval;
  readonly told?: JsonObject;
}

/**
 * Rules on a decision under the lock of the approval. The same decision, sent again, is answered as the first time. An approval that changes the
 * proposal makes those before it void: they were given to something else.
 */
export function ruleOnVote(approval: Approval, decision: ApprovalDecision, hasEnded: boolean): VoteRuling {
  if (approval.decisionToken === decision.token) return { outcome: { kind: 'decided', approval } };
  if (approval.votes.some(({ token }) => token === decision.token)) return { outcome: { kind: 'voted', approval } };
  const reason = hasEnded ? 'closed' : voteRefusal(approval, decision);
  if (reason !== null) return { outcome: { kind: 'refused', reason, approval } };
  const { votes, proposal } = withVote(approval, decision);
  const { by, at, comment, token } = decision;
  const given = votes.filter((vote) => vote.decision === decision.decision && vote.superseded === undefined).length;
  const { approvals, rejections } = approval.terms;
  if (given < (decision.decision === 'approve' ? approvals : rejections)) {
    const after = { ...approval, votes, proposal };
    return { outcome: { kind: 'voted', approval: after }, after };
  }
  const made = { decision: decision.decision, decidedBy: by, decidedAt: at, comment, decisionToken: token };
  const after: Approval = { ...approval, ...made, status: 'decided', votes };
  return { outcome: { kind: 'decided', approval: after }, after, told: decisionPayload(after, decision, proposal) };
}

/** Why a decision would not count now; null: it would. */
export function voteRefusal(
  approval: Approval,
  decision: Pick<ApprovalDecision, 'by' | 'roles' | 'link' | 'at'>,
): VoteRefusal | null {
  const { status, dueAt, role, terms, votes } = approval;
  const { by, roles, link, at } = decision;
  if (status !== 'open' || (dueAt !== null && at >= dueAt)) return 'closed';
  if (!roles.includes(role)) return 'role';
  if (terms.assignees.length > 0 && !terms.assignees.includes(by)) return 'assignee';
  if (terms.excluded.includes(by) || (link !== null && terms.excluded.includes(link.issuedBy))) return 'excluded';
  if (link !== null && votes.some((vote) => vote.link?.id === link.id)) return 'link_used';
  return votes.some((vote) => vote.by === by && vote.superseded === undefined) ? 'voted' : null;
}

function withVote(approval: Approval, decision: ApprovalDecision): { votes: ApprovalVote[]; proposal: JsonValue } {
  const { by, comment, at, token, link, payload } = decision;
  const vote: ApprovalVote = { by, decision: decision.decision, comment, at, token, ...(link !== null && { link }) };
  const isEdit = decision.decision === 'approve' && payload !== null && !isSame(payload, approval.proposal);
  if (!isEdit) return { votes: [...approval.votes, vote], proposal: approval.proposal };
  const before = approval.votes.map((one) => (one.decision === 'approve' ? { ...one, superseded: true as const } : one));
  return { votes: [...before, vote], proposal: payload };
}

function isSame(left: JsonValue, right: JsonValue): boolean {
  return canonicalJson(left) === canonicalJson(right);
}

/** The payload of the signal that tells a run of a decision. `votes`: where more than one person was asked. */
function decisionPayload({ terms, votes }: Approval, decision: ApprovalDecision, proposal: JsonValue): JsonObject {
  const { nodeId, visit, by, comment, payload } = decision;
  const isPlain = terms.approvals === 1 && terms.rejections === 1;
  const standing = votes.filter(({ superseded }) => superseded === undefined);
  return {
    ...{ node_id: nodeId, visit, decision: decision.decision, by, comment },
    payload: decision.decision === 'approve' ? proposal : payload,
    ...(!isPlain && { votes: standing.map((vote) => ({ by: vote.by, decision: vote.decision, comment: vote.comment })) }),
  };
}
