import type { RunStatus } from './run.js';
import type { NodeStatus, RunState } from './run-state.js';

/** How far a run is. */
export interface RunProgress {
  readonly total: number;
  /** Completed, skipped and failed nodes. */
  readonly settled: number;
  /** Only states that occur. */
  readonly byStatus: Partial<Record<NodeStatus, number>>;
}

/** What a run is doing, in one word. */
export type RunPhase = 'queued' | 'executing' | 'waiting' | 'paused' | 'compensating' | 'ended';

const PHASES: Record<RunStatus, RunPhase> = {
  queued: 'queued',
  running: 'executing',
  waiting: 'waiting',
  paused: 'paused',
  compensating: 'compensating',
  completed: 'ended',
  failed: 'ended',
  cancelled: 'ended',
};

export function progressOf(state: RunState): RunProgress {
  const byStatus: Partial<Record<NodeStatus, number>> = {};
  for (const { status } of state.nodes) byStatus[status] = (byStatus[status] ?? 0) + 1;
  const { completed = 0, skipped = 0, failed = 0 } = byStatus;
  return { total: state.nodes.length, settled: completed + skipped + failed, byStatus };
}

/** The row says it, but for a run in work: its journal knows more. */
export function phaseOf(row: RunStatus, state: RunState): RunPhase {
  if (row !== 'running') return PHASES[row];
  if (state.undoing !== null) return 'compensating';
  return state.paused ? 'paused' : 'executing';
}
