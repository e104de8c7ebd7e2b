import type { ApprovalAsk } from './approval-terms.js';
import type { JsonObject } from './json.js';

/**
 * Messages to a run. Only the baton's holder turns them into journal events.
 * `pause`, `resume` and `cancel` steer the run; `decide` and `event` answer nodes that wait;
 * `patch` says that a revision of its definition waits, `pool` what became of a node that is out in a pool; `admit` gives a
 * run its places under limits that were full when it was submitted; `child` says that a child run has ended.
 */
export const SIGNAL_TYPES = ['pause', 'resume', 'cancel', 'decide', 'event', 'patch', 'pool', 'admit', 'child'] as const;
export type SignalType = (typeof SIGNAL_TYPES)[number];

export interface Signal {
  /** Rises in the order of insertion. */
  readonly id: number;
  readonly runId: string;
  readonly type: SignalType;
  readonly payload: JsonObject;
  readonly at: number;
}

/** What a node waits for, besides an instant: the name of an event, the decision on itself, or runs of its own. */
export type Awaited =
  | { readonly kind: 'time' }
  | { readonly kind: 'event'; readonly name: string }
  /** Without `ask` one operator decides. */
  | { readonly kind: 'approval'; readonly ask?: ApprovalAsk }
  /** `wanted` of `count` must complete. */
  | { readonly kind: 'children'; readonly workflow: string; readonly count: number; readonly wanted: number };

/** How a wait ended. */
export type WaitResult = { kind: 'signal'; payload: JsonObject } | { kind: 'timeout' };

/** Under what a waiting node and the signal that answers it find one another; null: no signal ends this wait. */
export function awaitedKey(awaited: Awaited, nodeId: string, visit: number): string | null {
  if (awaited.kind === 'time' || awaited.kind === 'children') return null;
  return awaited.kind === 'event' ? `event ${awaited.name}` : decisionKey(nodeId, visit);
}

/** The same of a signal; null: it answers no node. */
export function signalKey(type: SignalType, payload: JsonObject): string | null {
  if (type === 'event' && typeof payload['name'] === 'string') return `event ${payload['name']}`;
  const { node_id: nodeId, visit = 1 } = payload;
  if (type === 'decide' && typeof nodeId === 'string' && typeof visit === 'number') return decisionKey(nodeId, visit);
  return null;
}

/** The id that the sender gave an event: the same event, sent again, has the same; null: none. */
export function eventIdOf(type: SignalType, payload: JsonObject): string | null {
  const id = type === 'event' ? payload['event_id'] : null;
  return typeof id === 'string' ? id : null;
}

/** A decision is on one visit: what comes too late for it must not answer the next. */
function decisionKey(nodeId: string, visit: number): string {
  return `decide ${visit} ${nodeId}`;
}
