import type { EventDraft } from './journal-event.js';
import type { JsonObject, JsonValue } from './json.js';

/** One question to a person: a visit of a node that waits for a decision. */
export interface ApprovalKey {
  readonly runId: string;
  readonly nodeId: string;
  readonly visit: number;
}

/** `closed`: nobody decided before its deadline, or before its run ended. */
export type ApprovalStatus = 'open' | 'decided' | 'closed';

export interface Approval extends ApprovalKey {
  readonly tenantId: string;
  /** What the person is asked. */
  readonly title: string;
  readonly status: ApprovalStatus;
  readonly requestedAt: number;
  /** After which the node goes on by itself; null: it waits for ever. */
  readonly dueAt: number | null;
  readonly decision: 'approve' | 'reject' | null;
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
  /** The name of who decides. */
  readonly by: string;
  readonly comment: string | null;
  /** Goes to the nodes after the approval. */
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

/** The payload of the signal that tells a run of a decision. */
export function decisionPayload({ nodeId, visit, decision, by, comment, payload }: ApprovalDecision): JsonObject {
  return { node_id: nodeId, visit, decision, by, comment, payload };
}

/** What an event of the journal changes in the list of approvals. */
export type ApprovalChange =
  | { kind: 'opened'; nodeId: string; visit: number; title: string; at: number; dueAt: number | null }
  /** Its time has passed without a decision. */
  | { kind: 'expired'; nodeId: string; visit: number };

/** The list of approvals is a view of the journal, kept in the commits that write it. */
export function approvalChanges(events: readonly EventDraft[]): ApprovalChange[] {
  return events.flatMap((event): ApprovalChange[] => {
    const { nodeId, visit } = event;
    if (event.type === 'node.suspended' && event.payload.awaits.kind === 'approval') {
      const { reason, wake_at: dueAt } = event.payload;
      return [{ kind: 'opened', nodeId: nodeId!, visit, title: reason, at: event.at, dueAt }];
    }
    return event.type === 'node.resumed' && event.payload.signal_id === null ? [{ kind: 'expired', nodeId: nodeId!, visit }] : [];
  });
}

/** The approval that a node's wait opens. */
export function openedApproval(
  run: { id: string; tenantId: string },
  { nodeId, visit, title, at, dueAt }: Extract<ApprovalChange, { kind: 'opened' }>,
): Approval {
  return {
    ...{ runId: run.id, tenantId: run.tenantId, nodeId, visit, title, status: 'open', requestedAt: at, dueAt },
    ...{ decision: null, decidedBy: null, decidedAt: null, comment: null, decisionToken: null },
  };
}

/** An open approval as a decision leaves it; null: it cannot be decided any more. */
export function decided(approval: Approval, { decision, token, by, comment, at }: ApprovalDecision): Approval | null {
  if (approval.status !== 'open' || (approval.dueAt !== null && at >= approval.dueAt)) return null;
  return { ...approval, status: 'decided', decision, decidedBy: by, decidedAt: at, comment, decisionToken: token };
}

/** Whether an approval shows this very decision: its reply was lost. */
export function isDecidedBy({ decisionToken }: Approval, { token }: ApprovalDecision): boolean {
  return decisionToken === token;
}
