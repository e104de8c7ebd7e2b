import type { Failure, StepUsage } from './known-event.js';

type NodeStatus = 'pending' | 'ready' | 'running' | 'dispatched' | 'retrying' | 'waiting' | 'completed' | 'failed' | 'skipped';

export type AttemptEnd = 'completed' | 'repeated' | 'failed' | 'suspended' | 'skipped' | 'interrupted' | 'lost';

/** A handler at work. All times in milliseconds since the epoch. */
export interface AttemptView {
  readonly visit: number;
  readonly attempt: number;
  readonly pool: string | null;
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** Null: in work. `lost`: its worker died or let go. */
  readonly outcome: AttemptEnd | null;
  readonly error: Failure | null;
  readonly retryAt: number | null;
}

export interface WaitView {
  readonly visit: number;
  readonly kind: string;
  readonly reason: string;
  readonly since: number;
  readonly until: number | null;
  readonly endedAt: number | null;
}

export interface StepView {
  readonly visit: number;
  readonly attempt: number;
  readonly key: string;
  readonly at: number;
  readonly output: unknown;
  readonly usage: UsageView | null;
  readonly model: string | null;
}

export interface UsageView {
  readonly calls: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly costMicros: number;
}

/** What the journal says of a node. Another object whenever anything of it changes. */
export interface NodeView {
  readonly id: string;
  readonly type: string;
  readonly after: readonly string[];
  readonly status: NodeStatus;
  readonly visit: number;
  readonly attempt: number;
  /** Undefined: none yet. */
  readonly output: unknown;
  readonly error: Failure | null;
  readonly skipped: string | null;
  /** Taken over from the run that this one forks. */
  readonly isKept: boolean;
  readonly endedAt: number | null;
  /** The last {@link HISTORY} of each. */
  readonly attempts: readonly AttemptView[];
  readonly waits: readonly WaitView[];
  readonly steps: readonly StepView[];
  readonly undo: 'running' | 'retrying' | 'completed' | 'failed' | null;
  readonly undoing: readonly AttemptView[];
  readonly usage: UsageView | null;
}

/** How much of the past of a node is kept. */
const HISTORY = 500;

export const NO_USAGE: UsageView = { calls: 0, promptTokens: 0, completionTokens: 0, costMicros: 0 };

export function readUsage(usage: StepUsage): UsageView {
  return {
    calls: usage.model_calls,
    promptTokens: usage.prompt_tokens,
    completionTokens: usage.completion_tokens,
    costMicros: usage.cost_micros,
  };
}

export function addUsage(left: UsageView | null, right: UsageView): UsageView {
  if (left === null) return right;
  return {
    calls: left.calls + right.calls,
    promptTokens: left.promptTokens + right.promptTokens,
    completionTokens: left.completionTokens + right.completionTokens,
    costMicros: left.costMicros + right.costMicros,
  };
}

export function freshView(id: string, type: string, after: readonly string[]): NodeView {
  return {
    ...{ id, type, after, status: 'pending', visit: 1, attempt: 0, output: undefined, error: null, skipped: null },
    ...{ isKept: false, endedAt: null, attempts: [], waits: [], steps: [], undo: null, undoing: [], usage: null },
  };
}

export function isSettled({ status }: NodeView): boolean {
  return status === 'completed' || status === 'skipped' || status === 'failed';
}

/** The list with one more, without its oldest where it grows too long. */
export function added<T>(list: readonly T[], one: T): T[] {
  return [...list.slice(list.length >= HISTORY ? 1 : 0), one];
}

/** The list with its last entry changed. */
export function changedLast<T>(list: readonly T[], change: Partial<T>): readonly T[] {
  const last = list.at(-1);
  return last === undefined ? list : [...list.slice(0, -1), { ...last, ...change }];
}

/** The attempts with the last one at an end, where it has none yet. */
export function endedLast(attempts: readonly AttemptView[], at: number, outcome: AttemptEnd): readonly AttemptView[] {
  return attempts.at(-1)?.outcome === null ? changedLast(attempts, { endedAt: at, outcome }) : attempts;
}
