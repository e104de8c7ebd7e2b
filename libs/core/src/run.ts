import type { BudgetStart } from './budget.js';
import type { RunParent } from './child-run.js';
import type { ErrorInfo } from './errors.js';
import type { JsonValue } from './json.js';

/** The tenant of everything that names none. */
export const DEFAULT_TENANT = 'default';

/** The states of a run. `waiting` is parked: nothing to do before a timer or a signal. */
export const RUN_STATUSES = [
  'queued',
  'running',
  'waiting',
  'paused',
  'compensating',
  'completed',
  'failed',
  'cancelled',
] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** The states that end a run; nothing is journaled after them. */
export type TerminalRunStatus = Extract<RunStatus, 'completed' | 'failed' | 'cancelled'>;

export function isTerminal(status: RunStatus): status is TerminalRunStatus {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}

/** How soon a run gets its turns among those of its tenant: a high one before them, a low one after many of them. */
export const RUN_PRIORITIES = ['high', 'normal', 'low'] as const;
export type RunPriority = (typeof RUN_PRIORITIES)[number];

/** The workflow version that a run executes. */
export interface WorkflowRef {
  id: string;
  name: string;
  version: number;
  /** SHA-256 of the canonical definition, hex. */
  digest: string;
}

/** A run as SQL knows it. Instants are milliseconds since the epoch. */
export interface Run {
  id: string;
  tenantId: string;
  taskId: string | null;
  workflow: WorkflowRef;
  status: RunStatus;
  input: JsonValue;
  /** The last journaled sequence number. */
  seq: number;
  /** Rises by one with each claim; 0 before the first. */
  epoch: number;
  /** The worker that holds the baton, if any. */
  workerId: string | null;
  /** When the run next wants a worker; null while it only waits to be told, and at its end. */
  wakeAt: number | null;
  /** Children and the run in which it goes on have the same. */
  priority: RunPriority;
  /** The dispatch generation `g`: raised only by the waker. */
  generation: number;
  /** The number of the last patch that was accepted; 0: the definition is as submitted. */
  revision: number;
  /** It is under limits on live runs: it holds places, or waits for them. */
  limited: boolean;
  /** The run that it forks, if it is a fork. */
  forkedFrom: string | null;
  /** Whose child it is, if it is one. */
  parent: RunParent | null;
  /** The name of who started it; null: unknown. */
  startedBy: string | null;
  /** What its start has lowered of its budget, and the budgets that it shares. */
  budget: BudgetStart | null;
  /** The run that goes on in this one, if one does. */
  continuedFrom: string | null;
  createdAt: number;
  startedAt: number | null;
  finishedAt: number | null;
}

/** A run with how it ended, read from its terminal event. */
export interface RunWithResult extends Run {
  output: JsonValue | null;
  error: ErrorInfo | null;
  /** The run in which it goes on. */
  continuedAs: string | null;
}
