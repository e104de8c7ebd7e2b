import type { ProblemError } from '../../api/problem.js';
import type { ApprovalsFindResponse } from '../../api/schema.js';

export type Approval = ApprovalsFindResponse;
export type Choice = 'approve' | 'reject';

const HOUR_MS = 3_600_000;

/** What is asked. The reason of the wait leads its title: in an inbox everything waits. */
export function questionOf({ title }: Pick<Approval, 'title'>): string {
  return title.replace(/^waiting for approval: /, '');
}

/** How far several deciders are; null: one decides. */
export function quorumText({ approvals, rejections }: Pick<Approval, 'approvals' | 'rejections'>): string | null {
  if (approvals.needed <= 1 && rejections.needed <= 1) return null;
  const parts = [`${approvals.given} of ${approvals.needed} approvals`];
  if (rejections.given > 0 || rejections.needed > 1) parts.push(`${rejections.given} of ${rejections.needed} rejections`);
  return parts.join(', ');
}

/** How pressing an instant is; null where there is none. */
export function urgencyOf(due: string | null, now: number): 'past' | 'soon' | 'later' | null {
  if (due === null) return null;
  const left = Date.parse(due) - now;
  if (left <= 0) return 'past';
  return left <= HOUR_MS ? 'soon' : 'later';
}

/** What is due first comes first, then what has no deadline; of equals what has waited longest. */
export function byDeadline(a: Approval, b: Approval): number {
  const due = (approval: Approval): number => (approval.due_at === null ? Infinity : Date.parse(approval.due_at));
  const [first, second] = [due(a), due(b)];
  return first === second ? a.requested_at.localeCompare(b.requested_at) : first - second;
}

/** Who is asked, in words. */
export function askedText({ role, assignees, excluded }: Pick<Approval, 'role' | 'assignees' | 'excluded'>): string {
  const who =
    assignees.length === 0 ? `Anyone who is ${role === 'admin' ? 'an admin' : `at least ${role}`}` : assignees.join(', ');
  return excluded.length === 0 ? who : `${who}, but not ${excluded.join(', ')}`;
}

/** Why a decision was not taken, said to who wanted to decide. */
export function refusalText({
  code,
  detail,
  ...problem
}: Pick<ProblemError, 'code' | 'detail'> & Record<string, unknown>): string {
  const { decision, decided_by: by } = (problem['approval'] ?? {}) as { decision?: string | null; decided_by?: string | null };
  if (code === 'approval_closed' && typeof decision === 'string') {
    return `Somebody was faster: ${decision === 'approve' ? 'approved' : 'rejected'}${by === null || by === undefined ? '' : ` by ${by}`}.`;
  }
  if (code === 'approval_closed') return 'It does not wait any more: its time has passed, or its run has ended.';
  if (code === 'already_voted') return 'Your vote counts already. Others must decide, too.';
  if (code === 'approval_forbidden') return `It is not yours to decide. ${detail}`;
  return detail;
}

/** How it stands, in the words of a badge. */
export function outcomeOf({ status, decision }: Pick<Approval, 'status' | 'decision'>): string {
  if (decision !== null) return decision === 'approve' ? 'approved' : 'rejected';
  return status === 'closed' ? 'not decided' : status;
}
