import { isTerminal, type RunStatus, type TerminalRunStatus } from './run.js';
import type { NodeStatus } from './node-state.js';
import type { RunState } from './run-state.js';

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

const PHASES = {
  queued: 'queued',
  running: 'executing',
  waiting: 'waiting',
  paused: 'paused',
  compensating: 'compensating',
} as const satisfies Record<Exclude<RunStatus, TerminalRunStatus>, RunPhase>;

export function progressOf(state: RunState): RunProgress {
  const byStatus: Partial<Record<NodeStatus, number>> = {};
  for (const { status } of state.nodes) byStatus[status] = (byStatus[status] ?? 0) + 1;
  const { completed = 0, skipped = 0, failed = 0 } = byStatus;
  return { total: state.nodes.length, settled: completed + skipped + failed, byStatus };
}

/** The row says it, but for a run that is being undone, or in work: its journal knows more. */
export function phaseOf(row: RunStatus, state: RunState): RunPhase {
  if (isTerminal(row)) return 'ended';
  if (state.undoing !== null) return 'compensating';
  return row === 'running' && state.paused ? 'paused' : PHASES[row];
}
