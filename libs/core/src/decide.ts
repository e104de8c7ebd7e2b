import type { ErrorInfo } from './errors.js';
import type { JsonValue } from './json.js';
import type { Plan } from './plan.js';
import { runOutput, type RunState } from './run-state.js';
import type { WaitResult } from './signal.js';

/** A node to start now. */
export interface NodeStart {
  readonly index: number;
  readonly visit: number;
  readonly attempt: number;
}

/** A wait that has ended: its result goes into the journal under `key`, then the node goes on. */
export interface NodeResume {
  readonly index: number;
  readonly key: string;
  readonly output: WaitResult;
  readonly signalId: number | null;
}

export type RunOutcome = { status: 'completed'; output: JsonValue } | { status: 'failed'; error: ErrorInfo };

/** What a run needs next. */
export interface Decision {
  readonly start: readonly NodeStart[];
  /** Waits that have ended. Once they are journaled, ask again. */
  readonly resume: readonly NodeResume[];
  /** The earliest instant to come at which a retry or a wait is due. What is due already goes on now, or when a node in work makes room. */
  readonly wakeAt: number | null;
  /** How the run ends, if it ends now. */
  readonly outcome: RunOutcome | null;
}

const IDLE: Decision = { start: [], resume: [], wakeAt: null, outcome: null };

/**
 * Says which nodes start or go on, until when the run may sleep, or how it ends. Pure. A paused run starts nothing.
 * Cost: what is ready, in retry or asleep, never the size of the graph.
 */
export function decide(plan: Plan, state: RunState, now: number): Decision {
  if (state.failure !== null) {
    const { nodeId, error } = state.failure;
    return { ...IDLE, outcome: { status: 'failed', error: { ...error, details: { ...error.details, node_id: nodeId } } } };
  }
  if (state.unsettled === 0) return { ...IDLE, outcome: { status: 'completed', output: runOutput(state) } };
  if (state.paused) return IDLE;
  const start: NodeStart[] = [];
  let free = plan.concurrency - state.running.size;
  const take = (index: number): void => {
    const node = state.nodes[index]!;
    start.push({ index, visit: node.visit, attempt: node.goesOn ? node.attempt : node.attempt + 1 });
    free -= 1;
  };
  let wakeAt: number | null = null;
  const wakeBy = (at: number): void => {
    if (wakeAt === null || at < wakeAt) wakeAt = at;
  };
  for (const [index, retryAt] of state.retrying) {
    if (retryAt > now) wakeBy(retryAt);
    else if (free > 0) take(index);
  }
  for (const index of state.ready) {
    if (free <= 0) break;
    take(index);
  }
  for (const until of state.sleeping.values()) if (until > now) wakeBy(until);
  return { start, resume: findResumes(state, now), wakeAt, outcome: null };
}

/** Waits that a kept signal answers, the oldest on both sides first; then those whose time has passed. */
function findResumes(state: RunState, now: number): NodeResume[] {
  const resumes: NodeResume[] = [];
  const answered = new Set<number>();
  for (const [key, signals] of state.mailbox) {
    const waiting = state.awaiting.get(key) ?? [];
    for (const [place, index] of waiting.slice(0, signals.length).entries()) {
      const { signalId, payload } = signals[place]!;
      answered.add(index);
      resumes.push({ index, key: state.nodes[index]!.wait!.key, output: { kind: 'signal', payload }, signalId });
    }
  }
  for (const [index, until] of state.sleeping) {
    if (until > now || answered.has(index)) continue;
    resumes.push({ index, key: state.nodes[index]!.wait!.key, output: { kind: 'timeout' }, signalId: null });
  }
  return resumes;
}
