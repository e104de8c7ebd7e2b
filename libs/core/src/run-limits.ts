import type { BudgetLimits } from './budget.js';
import type { ErrorInfo } from './errors.js';
import type { Plan } from './plan.js';
import type { RunState } from './run-state.js';
import { workedMs } from './worked-time.js';

/** How long workers may spend on a run in all, in milliseconds of {@link WorkedTime}. */
export interface RunLimits {
  /** Where the definition says nothing. */
  readonly timeoutMs: number;
  /** On undoing it, beside that. */
  readonly compensationMs: number;
  /** What a run may use up, where its definition says nothing. */
  readonly budget?: BudgetLimits;
}

export const UNLIMITED: RunLimits = { timeoutMs: Infinity, compensationMs: Infinity };

/** Visits of one node in one run, where the definition says nothing: a loop that no condition ends must not fill the journal. */
const USUAL_VISITS = 100_000;

/** Nodes that an error names. */
const NODES_NAMED = 20;

/** How much work a run may still take, or its undoing. */
export interface TimeBudget {
  readonly limitMs: number;
  readonly usedMs: number;
  /** When it will be used up; null: no worker is at work on the run, so that it does not shrink. */
  readonly endsAt: number | null;
}

export function timeBudget(state: RunState, limits: RunLimits, now: number): TimeBudget {
  const { worked } = state;
  return { limitMs: limitOf(state, limits), usedMs: workedMs(worked, now) - before(state), endsAt: timeEndsAt(state, limits) };
}

/** When its time will be up, as {@link TimeBudget} has it. Asked at every decision, so it makes nothing. */
export function timeEndsAt(state: RunState, limits: RunLimits): number | null {
  const { since, ms } = state.worked;
  return since === null ? null : since + limitOf(state, limits) - (ms - before(state));
}

function limitOf({ plan, undoing }: RunState, limits: RunLimits): number {
  return undoing === null ? (plan.timeoutMs ?? limits.timeoutMs) : limits.compensationMs;
}

/** What it had worked before what is limited now began. */
function before({ worked, undoing }: RunState): number {
  return undoing === null ? 0 : worked.beforeUndoing;
}

/** Whether its time is up. */
export function isOverdue(state: RunState, limits: RunLimits, now: number): boolean {
  const endsAt = timeEndsAt(state, limits);
  return endsAt !== null && endsAt <= now;
}

/** The end of a run that took too long. */
export function runTimeout(state: RunState, limits: RunLimits): ErrorInfo {
  const limitMs = state.plan.timeoutMs ?? limits.timeoutMs;
  const { nodes, more } = namedNodes(state, ({ status }) => status !== 'pending' && !SETTLED.has(status));
  return {
    code: 'run_timeout',
    message: `The run was in work for longer than ${limitMs} ms, pauses not counted${more === '' ? '' : `; unfinished: ${more}`}.`,
    retryable: false,
    details: { limit_ms: limitMs, nodes },
  };
}

/**
 * The end of a run in which nothing can happen any more: no node is ready, in work, in retry or waiting, and some are not settled. No valid
 * definition comes to that; null: it has not.
 */
export function deadlockOf(state: RunState): ErrorInfo | null {
  const isMoving = state.nodes.some(({ status }) => status !== 'pending' && !SETTLED.has(status));
  if (isMoving) return null;
  const { nodes, more } = namedNodes(state, ({ status }) => status === 'pending');
  return {
    code: 'deadlock',
    message: `Nothing of the run can go on: ${more} wait for nodes that will never be settled.`,
    retryable: false,
    details: { nodes },
  };
}

/** What a node fails with that asks to be entered once more than it may be; null: it may. */
export function visitsExceeded(plan: Plan, nodeId: string, visit: number): ErrorInfo | null {
  const limit = plan.maxVisits ?? USUAL_VISITS;
  if (visit < limit) return null;
  const message = `The node ${nodeId} asks for more than ${limit} visits, which \`limits.visits\` allows.`;
  return { code: 'visits_exceeded', message, retryable: false, details: { node_id: nodeId, visits: visit } };
}

const SETTLED: ReadonlySet<string> = new Set(['completed', 'skipped', 'failed']);

function namedNodes(state: RunState, isMeant: (node: RunState['nodes'][number]) => boolean): { nodes: string[]; more: string } {
  const ids = state.plan.nodes.filter(({ index }) => isMeant(state.nodes[index]!)).map(({ id }) => id);
  const nodes = ids.slice(0, NODES_NAMED);
  const rest = ids.length - nodes.length;
  return { nodes, more: nodes.join(', ') + (rest > 0 ? ` and ${rest} more` : '') };
}
