import type { ChildGroup } from './child-group.js';
import type { ErrorInfo } from './errors.js';
import type { JsonValue } from './json.js';
import type { Awaited } from './signal.js';
import type { Usage } from './usage.js';

export type NodeStatus =
  'pending' | 'ready' | 'running' | 'dispatched' | 'retrying' | 'waiting' | 'completed' | 'failed' | 'skipped';

/** What a run knows of one node. */
export interface NodeState {
  status: NodeStatus;
  visit: number;
  /** Tries of this visit so far, re-runs after a crash included; going on after a wait is no new try. */
  attempt: number;
  /** Failed tries of this visit that called something; the retry policy counts these. */
  failures: number;
  /** How long its attempts in this visit were in work, in milliseconds; the one that is not included. */
  workedMs: number;
  /** Since when an attempt is in work. */
  workingSince: number | null;
  output: JsonValue;
  /** Results of finished steps by key, while the node is not settled. */
  steps: Map<string, JsonValue> | null;
  /** Its children by the key of the call, while the visit is not settled. */
  children: Map<string, ChildGroup> | null;
  /** What it waits for, while it does. */
  wait: { key: string; awaits: Awaited; wakeAt: number | null; reason: string; since: number } | null;
  /** Where it is out, while it is: `seq` is that of its `node.dispatched`. */
  dispatch: { seq: number; pool: string; deadline: number; since: number } | null;
  /** It comes out of a wait: its next start goes on with the same try. */
  goesOn: boolean;
  /** Skipped as a branch that is not taken. */
  cuts: boolean;
  /** The node that took another branch, where it was one. */
  cutBy: string | null;
  /** Why it failed for good. */
  error: ErrorInfo | null;
  /** How its undoing stands, once it is its turn. */
  undo: UndoState | null;
  /** What its steps have used of models, in all visits; null: they have called none. */
  usage: Usage | null;
}

/** The undoing of a completed node. */
export interface UndoState {
  status: 'running' | 'retrying' | 'completed' | 'failed';
  attempt: number;
  failures: number;
  retryAt: number | null;
}

/** A node before its first event. */
export function freshNode(): NodeState {
  return {
    status: 'pending',
    visit: 1,
    attempt: 0,
    failures: 0,
    workedMs: 0,
    workingSince: null,
    output: null,
    steps: null,
    children: null,
    wait: null,
    dispatch: null,
    goesOn: false,
    cuts: false,
    cutBy: null,
    error: null,
    undo: null,
    usage: null,
  };
}

/** Whether it is at its end: no event of this node counts any more, its undoing aside. */
export function isSettled(node: NodeState): boolean {
  return node.status === 'completed' || node.status === 'skipped' || node.status === 'failed';
}
