import { isHeldBack } from './circuit.js';
import type { ErrorInfo } from './errors.js';
import type { JournalEvent } from './journal-event.js';

/** What people want to know of a run beside its state: since when, why, by whom, how often. Folded from the journal, as the state is. */
export interface RunTrace {
  /** When the journal last grew. */
  lastAt: number;
  /** Starts of the attempts in work, by node. */
  readonly startedAt: Map<string, number>;
  paused: { since: number; reason: string; by: string | null } | null;
  /** Nodes whose last attempt was held back: by an open circuit, or by a rate limit, which is then named. */
  readonly refused: Map<string, { target: string; since: number; limit?: string }>;
  undoing: { since: number; nodeId: string | null } | null;
  forkedFrom: { runId: string; seq: number; nodes: readonly string[] } | null;
  /** Attempts that started, and those that failed. */
  attempts: number;
  failures: number;
}

export function initialTrace(): RunTrace {
  const counts = { attempts: 0, failures: 0 };
  return { lastAt: 0, startedAt: new Map(), refused: new Map(), paused: null, undoing: null, forkedFrom: null, ...counts };
}

/** Applies one journal event, in place. */
export function traceEvent(trace: RunTrace, event: JournalEvent): void {
  trace.lastAt = event.at;
  switch (event.type) {
    case 'run.submitted': {
      const fork = event.payload.forked_from;
      trace.forkedFrom = fork === undefined ? null : { runId: fork.run_id, seq: fork.seq, nodes: fork.nodes };
      break;
    }
    case 'run.claimed':
      trace.startedAt.clear();
      break;
    case 'run.paused':
      trace.paused = { since: event.at, reason: event.payload.reason, by: event.payload.by ?? null };
      break;
    case 'run.resumed':
      trace.paused = null;
      break;
    case 'run.compensating':
      trace.undoing = { since: event.at, nodeId: event.payload.node_id };
      break;
    case 'node.started':
    case 'node.dispatched':
    case 'compensation.started':
      trace.attempts += 1;
      trace.startedAt.set(event.nodeId!, event.at);
      trace.refused.delete(event.nodeId!);
      break;
    case 'node.failed':
    case 'compensation.failed':
      trace.failures += 1;
      trace.startedAt.delete(event.nodeId!);
      traceRefusal(trace, event.nodeId!, event.payload.error);
      break;
    case 'node.completed':
    case 'node.repeated':
    case 'node.suspended':
    case 'node.interrupted':
    case 'compensation.completed':
      trace.startedAt.delete(event.nodeId!);
      break;
  }
}

function traceRefusal({ refused, lastAt }: RunTrace, nodeId: string, error: ErrorInfo): void {
  const { target, since, limit } = error.details ?? {};
  if (!isHeldBack(error) || typeof target !== 'string') return;
  const from = typeof since === 'string' ? Date.parse(since) : lastAt;
  refused.set(nodeId, { target, since: from, ...(typeof limit === 'string' && { limit }) });
}
