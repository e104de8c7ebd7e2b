import type { ErrorInfo } from './errors.js';
import type { WorkflowRef } from './run.js';
import type { RunState } from './run-state.js';

export const DEAD_LETTER_STATUSES = ['open', 'replayed', 'discarded'] as const;
export type DeadLetterStatus = (typeof DEAD_LETTER_STATUSES)[number];

/** What a run leaves behind that failed for good (`run`), or that ended without nodes that did (`nodes`): written with its end. */
export interface DeadLetterDraft {
  kind: 'run' | 'nodes';
  /** The node that failed, the first one where several did; null: the run itself, as a poison run or one whose time was up. */
  nodeId: string | null;
  nodeType: string | null;
  error: ErrorInfo;
  /** Tries of that node that failed. */
  attempts: number;
  /** Nodes that failed in all. */
  failedNodes: number;
}

/** A dead letter. Its id is that of its run: a run leaves one at most. */
export interface DeadLetter extends DeadLetterDraft {
  runId: string;
  tenantId: string;
  taskId: string | null;
  workflow: WorkflowRef;
  at: number;
  status: DeadLetterStatus;
  /** The run that went on from what failed, once the letter is replayed. */
  replayRunId: string | null;
  resolvedAt: number | null;
  resolvedBy: string | null;
}

/** Which ends leave a dead letter: every failure, those of whole runs only, or none. A cancelled run never does. */
export const DEAD_LETTER_RULES = ['all', 'runs', 'none'] as const;
export type DeadLetterRule = (typeof DEAD_LETTER_RULES)[number];

/** What the end of a run leaves behind. What a fork has taken over from another run as failed is that run's. */
export function deadLetterOf(
  state: RunState,
  outcome: { status: string; error?: ErrorInfo },
  rule: DeadLetterRule,
): DeadLetterDraft | null {
  if (rule === 'none' || outcome.status === 'cancelled') return null;
  const failed = state.plan.nodes.filter(
    ({ index }) => state.nodes[index]!.status === 'failed' && state.nodes[index]!.attempt > 0,
  );
  if (outcome.error === undefined) {
    const [first] = failed;
    if (first === undefined || rule === 'runs') return null;
    return { kind: 'nodes', error: state.nodes[first.index]!.error!, failedNodes: failed.length, ...faultOf(state, first.id) };
  }
  return { kind: 'run', error: outcome.error, failedNodes: failed.length, ...faultOf(state, state.failure?.nodeId ?? null) };
}

function faultOf(state: RunState, nodeId: string | null): Pick<DeadLetterDraft, 'nodeId' | 'nodeType' | 'attempts'> {
  const index = nodeId === null ? undefined : state.plan.indexById.get(nodeId);
  if (index === undefined) return { nodeId: null, nodeType: null, attempts: 0 };
  return { nodeId, nodeType: state.plan.nodes[index]!.type, attempts: state.nodes[index]!.failures };
}

export interface DeadLetterQuery {
  tenantId: string;
  status: DeadLetterStatus;
  workflowId?: string;
  code?: string;
  nodeType?: string;
  /** The instants between which it was left, `from` included and `to` not. */
  from?: number;
  to?: number;
  /** Keyset: letters left before this one, newest first. */
  before?: { at: number; runId: string };
  limit: number;
}

/** How a letter is settled. */
export type DeadLetterResolution =
  { status: 'discarded'; at: number; by: string } | { status: 'replayed'; replayRunId: string; at: number; by: string };

/** Reads and settles dead letters; they are written in the commits of `RunStore`. */
export abstract class DeadLetterStore {
  abstract list(query: DeadLetterQuery): Promise<DeadLetter[]>;
  abstract find(tenantId: string, runId: string): Promise<DeadLetter | null>;
  /** Settles an open letter, once; the letter as it stands afterwards, whoever settled it. Null: there is none. */
  abstract resolve(tenantId: string, runId: string, resolution: DeadLetterResolution): Promise<DeadLetter | null>;
  /** Open letters of all tenants; counts no further than `atMost`. */
  abstract countOpen(atMost: number): Promise<number>;
  /** Open letters of all tenants, newest first: for who operates them all. */
  abstract listOpen(page: { offset: number; limit: number }): Promise<DeadLetter[]>;
}
