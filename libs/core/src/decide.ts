import type { ErrorInfo } from './errors.js';
import type { JsonValue } from './json.js';
import type { Plan } from './plan.js';
import { runOutput, type RunState } from './run-state.js';

/** A node to start now. */
export interface NodeStart {
  readonly index: number;
  readonly visit: number;
  readonly attempt: number;
}

export type RunOutcome = { status: 'completed'; output: JsonValue } | { status: 'failed'; error: ErrorInfo };

/** What a run needs next. */
export interface Decision {
  readonly start: readonly NodeStart[];
  /** The earliest instant to come at which a retry is due. What is due already starts now, or when a node in work makes room. */
  readonly wakeAt: number | null;
  /** How the run ends, if it ends now. */
  readonly outcome: RunOutcome | null;
}

/**
 * Says which nodes start, until when the run may sleep, or how it ends. Pure.
 * Cost: what is ready or in retry, never the size of the graph.
 */
export function decide(plan: Plan, state: RunState, now: number): Decision {
  if (state.failure !== null) {
    const { nodeId, error } = state.failure;
    return {
      start: [],
      wakeAt: null,
      outcome: { status: 'failed', error: { ...error, details: { ...error.details, node_id: nodeId } } },
    };
  }
  if (state.unsettled === 0) return { start: [], wakeAt: null, outcome: { status: 'completed', output: runOutput(state) } };
  const start: NodeStart[] = [];
  let free = plan.concurrency - state.running.size;
  const take = (index: number): void => {
    const node = state.nodes[index]!;
    start.push({ index, visit: node.visit, attempt: node.attempt + 1 });
    free -= 1;
  };
  let wakeAt: number | null = null;
  for (const [index, retryAt] of state.retrying) {
    if (retryAt > now) wakeAt = wakeAt === null ? retryAt : Math.min(wakeAt, retryAt);
    else if (free > 0) take(index);
  }
  for (const index of state.ready) {
    if (free <= 0) break;
    take(index);
  }
  return { start, wakeAt, outcome: null };
}
