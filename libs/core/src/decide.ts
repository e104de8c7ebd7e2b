import { childrenToTell, decideChildren, type ChildrenStart } from './child-state.js';
import { toErrorInfo, type ErrorInfo } from './errors.js';
import type { JsonValue } from './json.js';
import { NO_PAYLOADS, PayloadMissing, type PayloadLookup } from './payload.js';
import type { BudgetOver } from './budget.js';
import type { Plan } from './plan.js';
import { budgetExceeded, failsOverBudget, timeOver } from './run-budget.js';
import { deadlockOf, isOverdue, runTimeout, UNLIMITED, type RunLimits } from './run-limits.js';
import { scopeOf } from './run-scope.js';
import type { UndoState } from './node-state.js';
import { runOutput, type RunState } from './run-state.js';
import type { WaitResult } from './signal.js';

/** A node to start now. */
export interface NodeStart {
  readonly index: number;
  readonly visit: number;
  readonly attempt: number;
}

/** A node that is settled without being started. */
export interface NodeVerdict {
  readonly index: number;
  /** Why it is skipped; or, where its condition cannot be told, the error that it fails with. */
  readonly verdict: { readonly skip: string } | { readonly fail: ErrorInfo };
}

/** The next step of undoing a run. */
export type Undo =
  | { readonly kind: 'begin'; readonly nodeId: string | null; readonly error: ErrorInfo }
  | { readonly kind: 'undo'; readonly index: number; readonly attempt: number };

/** A wait that has ended: its result goes into the journal under `key`, then the node goes on. */
export interface NodeResume {
  readonly index: number;
  readonly key: string;
  /** `children`: what came of them stands in their group. */
  readonly output: WaitResult | { kind: 'children' };
  readonly signalId: number | null;
}

/** `continues`: the run goes on in a new one with this input. */
export type RunOutcome =
  { status: 'completed'; output: JsonValue; continues?: { readonly input: JsonValue } } | { status: 'failed'; error: ErrorInfo };

/** What a run needs next. */
export interface Decision {
  readonly start: readonly NodeStart[];
  /** Waits that have ended. Once they are journaled, ask again. */
  readonly resume: readonly NodeResume[];
  /** Nodes whose turn has come and that do not start. Once that is journaled, ask again. */
  readonly settle: readonly NodeVerdict[];
  readonly undo: Undo | null;
  /** Nodes in a pool whose deadline has passed: their attempts fail. Once that is journaled, ask again. */
  readonly overdue: readonly number[];
  /** Children that become runs. Once that is committed, ask again: there may be more. */
  readonly children: readonly ChildrenStart[];
  /** What the run has used up: it asks for more. Once that is journaled, ask again. */
  readonly over: readonly BudgetOver[];
  /** What it has asked for is renewed by itself. Once that is journaled, ask again. */
  readonly renewed: boolean;
  /** Ids of children that nothing waits for. Once why is committed, tell them, journal that, and ask again. */
  readonly cancel: readonly string[];
  /** The earliest instant to come at which a retry, a wait or the deadline of a pool is due. What is due already goes on now, or when a node in work makes room. */
  readonly wakeAt: number | null;
  /** How the run ends, if it ends now. */
  readonly outcome: RunOutcome | null;
}

const IDLE: Decision = {
  ...{ start: [], resume: [], settle: [], undo: null, overdue: [], children: [], cancel: [] },
  ...{ over: [], renewed: false, wakeAt: null, outcome: null },
};

/**
 * Says which nodes start or go on, until when the run may sleep, or how it ends. Pure. A run that is paused, waits for its
 * places, or asks for more than its budget, starts nothing. A run whose time is up fails, and so does one in which nothing can happen any more. Cost: what is ready, in retry or asleep, never the size of
 * the graph, unless nothing is. While an undoing is in work, its caller waits for it.
 *
 * @throws PayloadMissing where a condition is about a payload that `lookup` does not have: load it, and ask again.
 */
export function decide(
  plan: Plan,
  state: RunState,
  now: number,
  limits: RunLimits = UNLIMITED,
  lookup: PayloadLookup = NO_PAYLOADS,
): Decision {
  const cancel = childrenToTell(state);
  if (cancel.length > 0) return { ...IDLE, cancel };
  if (state.failure !== null) return decideFailure(state, state.failure, now, limits);
  if (state.unsettled === 0 && (state.continuation === null || !state.paused)) return { ...IDLE, outcome: completion(state) };
  if (isOverdue(state, limits, now)) return failRun(state, runTimeout(state, limits));
  if (state.paused || state.waitsForPlace) return IDLE;
  const { asking } = state.budget;
  if (asking !== null) return { ...IDLE, renewed: asking.until !== null && asking.until <= now, wakeAt: asking.until };
  const over = timeOver(state, now, limits);
  if (over.length > 0 && failsOverBudget(state)) return failRun(state, budgetExceeded({ over, scope: 'run' }, null));
  if (over.length > 0) return { ...IDLE, over };
  const start: NodeStart[] = [];
  const settle: NodeVerdict[] = [];
  const overdue: number[] = [];
  const free = plan.concurrency - state.running.size - state.dispatched.size;
  let wakeAt = Infinity;
  // Most of these are empty at most decisions, and to ask costs less than to begin to walk them.
  if (state.retrying.size > 0)
    for (const [index, retryAt] of state.retrying) {
      if (retryAt > now) wakeAt = Math.min(wakeAt, retryAt);
      else if (start.length < free) start.push(startOf(state, index));
    }
  if (state.ready.size > 0)
    for (const index of state.ready) {
      if (start.length >= free) break;
      const verdict = judge(plan, state, index, lookup);
      if (verdict === null) start.push(startOf(state, index));
      else settle.push({ index, verdict });
    }
  if (state.sleeping.size > 0) for (const until of state.sleeping.values()) if (until > now) wakeAt = Math.min(wakeAt, until);
  if (state.dispatched.size > 0)
    for (const [index, deadline] of state.dispatched) {
      if (deadline > now) wakeAt = Math.min(wakeAt, deadline);
      else overdue.push(index);
    }
  const { start: children, ended } = decideChildren(state);
  if (isIdle(state)) {
    const deadlock = deadlockOf(state);
    if (deadlock !== null) return failRun(state, deadlock);
  }
  const resume = findResumes(state, now);
  for (const wait of ended) resume.push({ ...wait, output: { kind: 'children' } });
  return { ...IDLE, start, settle, resume, children, overdue, wakeAt: wakeAt === Infinity ? null : wakeAt };
}

/** The next try of a node, or the same one where it comes out of a wait. */
function startOf({ nodes }: RunState, index: number): NodeStart {
  const { visit, attempt, goesOn } = nodes[index]!;
  return { index, visit, attempt: goesOn ? attempt : attempt + 1 };
}

function completion(state: RunState): RunOutcome {
  const { continuation } = state;
  return { status: 'completed', output: runOutput(state), ...(continuation !== null && { continues: continuation }) };
}

/** Whether nothing is known that could move the run: only then is it worth a look at every node. */
function isIdle({ ready, running, dispatched, retrying, sleeping, awaiting, children }: RunState): boolean {
  const timed = dispatched.size + retrying.size + sleeping.size;
  return ready.size + running.size + timed + awaiting.size + children.waiting.size === 0;
}

/** Ends a run that no node of it has failed: undone, like one that has, where its definition undoes anything at all. */
function failRun({ plan, undoable }: RunState, error: ErrorInfo): Decision {
  const isUndone = undoable.length > 0 && plan.nodes.some(({ onError }) => onError === 'compensate');
  if (isUndone) return { ...IDLE, undo: { kind: 'begin', nodeId: null, error } };
  return { ...IDLE, outcome: { status: 'failed', error } };
}

/** Why a node whose dependencies are settled does not start; null: it does. */
function judge(plan: Plan, state: RunState, index: number, lookup: PayloadLookup): NodeVerdict['verdict'] | null {
  const { dependsOn, when } = plan.nodes[index]!;
  const { attempt, visit } = state.nodes[index]!;
  if (attempt > 0 || visit > 1) return null;
  const isCutOff = dependsOn.length > 0 && dependsOn.every((dependency) => state.nodes[dependency]!.cuts);
  if (isCutOff) return { skip: 'everything that it depends on was skipped' };
  if (when === null) return null;
  try {
    return when.test(scopeOf(state, when.nodeIds, lookup)) ? null : { skip: `its condition is false: ${when.text}` };
  } catch (error) {
    if (error instanceof PayloadMissing) throw error;
    return { fail: toErrorInfo(error) };
  }
}

/** Ends a failed run; where its failure undoes it, after everything that can be undone is. */
function decideFailure(state: RunState, failure: NonNullable<RunState['failure']>, now: number, limits: RunLimits): Decision {
  const { nodeId, error, compensate } = failure;
  if (compensate && state.undoing === null && state.undoable.length > 0)
    return { ...IDLE, undo: { kind: 'begin', nodeId, error } };
  const index = state.undoing?.at(-1);
  const isLate = index !== undefined && isOverdue(state, limits, now);
  if (index === undefined || isLate) {
    const details = {
      ...error.details,
      ...(nodeId !== null && { node_id: nodeId }),
      ...undoReport(state),
      ...(isLate && { compensation: 'timed out' }),
    };
    return { ...IDLE, outcome: { status: 'failed', error: { ...error, details } } };
  }
  const undo = state.nodes[index]!.undo;
  if (undo?.status === 'retrying' && undo.retryAt! > now) return { ...IDLE, wakeAt: undo.retryAt };
  return { ...IDLE, undo: { kind: 'undo', index, attempt: (undo?.attempt ?? 0) + 1 } };
}

/** What was undone, and what could not be; nothing where the run was not undone. */
function undoReport(state: RunState): { compensated?: string[]; not_compensated?: string[] } {
  if (state.undoing === null) return {};
  const idsWith = (isMeant: (status: UndoState['status'] | undefined) => boolean): string[] =>
    state.undoable.filter((index) => isMeant(state.nodes[index]!.undo?.status)).map((index) => state.plan.nodes[index]!.id);
  return {
    compensated: idsWith((status) => status === 'completed'),
    not_compensated: idsWith((status) => status !== 'completed'),
  };
}

/** Waits that a kept signal answers, the oldest on both sides first; then those whose time has passed. */
function findResumes(state: RunState, now: number): NodeResume[] {
  const resumes: NodeResume[] = [];
  if (state.mailbox.size === 0 && state.sleeping.size === 0) return resumes;
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
