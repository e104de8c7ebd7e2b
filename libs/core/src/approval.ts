import { USUAL_ASK, type ApprovalAsk, type ApprovalTerms } from './approval-terms.js';
import { BUDGET_NODE, budgetAsk } from './budget-ask.js';
import type { EventDraft, EventPayload } from './journal-event.js';
import type { JsonValue } from './json.js';
import type { Role } from './role.js';

/** One question to people: a visit of a node that waits for a decision. */
export interface ApprovalKey {
  readonly runId: string;
  readonly nodeId: string;
  readonly visit: number;
}

/** `closed`: it was not decided before its deadline, or before its run ended. */
export type ApprovalStatus = 'open' | 'decided' | 'closed';

/** What one person has said. */
export interface ApprovalVote {
  readonly by: string;
  readonly decision: 'approve' | 'reject';
  readonly comment: string | null;
  readonly at: number;
  readonly token: string;
  /** The link by which it was said, and who made that. */
  readonly link?: ApprovalLinkUse;
  /** What was approved has been changed since: it counts no more, and who said it may say it again. */
  readonly superseded?: true;
}

export interface ApprovalLinkUse {
  readonly id: string;
  readonly issuedBy: string;
}

export interface Approval extends ApprovalKey {
  readonly tenantId: string;
  /** What the people are asked. */
  readonly title: string;
  readonly status: ApprovalStatus;
  readonly requestedAt: number;
  /** After which the node goes on by itself; null: it waits for ever. */
  readonly dueAt: number | null;
  /** Who decides has it, or a higher one. */
  readonly role: Role;
  /** When others are asked instead. */
  readonly escalatesAt: number | null;
  readonly terms: ApprovalTerms;
  /** What is to be approved, as it stands; null: nothing. */
  readonly proposal: JsonValue;
  /** In the order in which they came. */
  readonly votes: readonly ApprovalVote[];
  readonly decision: 'approve' | 'reject' | null;
  /** Whose vote decided it. */
  readonly decidedBy: string | null;
  readonly decidedAt: number | null;
  readonly comment: string | null;
  /** Of the decision that was made. */
  readonly decisionToken: string | null;
}

export interface ApprovalDecision extends ApprovalKey {
  readonly decision: 'approve' | 'reject';
  /** Fresh per decision and kept with it, so that a lost reply can be recognised. */
  readonly token: string;
  /** The name of who decides: one person has one vote. */
  readonly by: string;
  /** The roles that count for it. */
  readonly roles: readonly Role[];
  /** The link by which it was made; null: the decider was logged in. */
  readonly link: ApprovalLinkUse | null;
  readonly comment: string | null;
  /** Goes to the nodes after the approval; null: what was proposed. */
  readonly payload: JsonValue;
  readonly at: number;
}

/** The id of an approval: `<run>.<visit>.<node>`. Run ids have no dots. */
export function approvalId({ runId, nodeId, visit }: ApprovalKey): string {
  return `${runId}.${visit}.${nodeId}`;
}

/** Reads an approval's id; null for text that is none. */
export function parseApprovalId(text: string): ApprovalKey | null {
  const [, runId, visit, nodeId] = /^([^.]{1,64})\.([1-9]\d{0,8})\.(.{1,64})$/s.exec(text) ?? [];
  return runId === undefined ? null : { runId, visit: Number(visit), nodeId: nodeId! };
}

/** What an event of the journal changes in the list of approvals. */
export type ApprovalChange =
  /** Opens it; or, where `ask.escalation` says so, asks others about the one that is open. */
  | { kind: 'opened'; nodeId: string; visit: number; title: string; at: number; ask: ApprovalAsk }
  /** Its wait has ended without a decision: it closes, unless others are asked now. */
  | { kind: 'expired'; nodeId: string; visit: number };

/** The list of approvals is a view of the journal, kept in the commits that write it. */
export function approvalChanges(events: readonly EventDraft[]): ApprovalChange[] {
  return events.flatMap((event): ApprovalChange[] => {
    const { nodeId, visit } = event;
    if (event.type === 'node.suspended' && event.payload.awaits.kind === 'approval') {
      const { reason, wake_at: dueAt, awaits } = event.payload;
      const ask = awaits.ask ?? { ...USUAL_ASK, due_at: dueAt };
      return [{ kind: 'opened', nodeId: nodeId!, visit, title: reason, at: event.at, ask }];
    }
    if (event.type === 'budget.reached') return [budgetOpening(event.payload, event.at)];
    if (event.type === 'budget.renewed') return [{ kind: 'expired', nodeId: BUDGET_NODE, visit: event.payload.number }];
    return event.type === 'node.resumed' && event.payload.signal_id === null ? [{ kind: 'expired', nodeId: nodeId!, visit }] : [];
  });
}

/** A run asks for more than its budget. */
function budgetOpening(reached: EventPayload<'budget.reached'>, at: number): Opening {
  const { title, ask } = budgetAsk(reached);
  return { kind: 'opened', nodeId: BUDGET_NODE, visit: reached.number, title, at, ask };
}

type Opening = Extract<ApprovalChange, { kind: 'opened' }>;

/** Whether the wait asks others about an approval that is open. */
export function isEscalation(change: ApprovalChange): change is Opening {
  return change.kind === 'opened' && change.ask.escalation > 0;
}

/** The approval as a node's wait leaves it. `before`: the one that it escalates, with the votes of those who were asked first. */
export function openedApproval(run: { id: string; tenantId: string }, change: Opening, before?: Approval): Approval {
  const { nodeId, visit, title, at, ask } = change;
  const { role, due_at: dueAt, escalates_at: escalatesAt, proposal, schema } = ask;
  const { assignees, excluded, approvals, rejections, details } = ask;
  const extras = { ...(schema !== undefined && { schema }), ...(details !== undefined && { details }) };
  const terms = { assignees, excluded, approvals, rejections, ...extras };
  if (before !== undefined) return before.status === 'open' ? { ...before, role, escalatesAt, terms } : before;
  return {
    ...{ runId: run.id, tenantId: run.tenantId, nodeId, visit, title, status: 'open', requestedAt: at, dueAt },
    ...{ role, escalatesAt, terms, proposal, votes: [] },
    ...{ decision: null, decidedBy: null, decidedAt: null, comment: null, decisionToken: null },
  };
}
