import { approvalId } from './approval.js';
import {
  addAmounts,
  amountsOf,
  BUDGET_AMOUNTS,
  lowerLimits,
  overBudget,
  type Budget,
  type BudgetAmounts,
  type BudgetLimits,
  type BudgetOver,
  type BudgetStart,
} from './budget.js';
import { BUDGET_NODE, describeOver } from './budget-ask.js';
import type { BudgetAccount } from './budget-ledger.js';
import type { ErrorInfo } from './errors.js';
import type { EventPayload } from './journal-event.js';
import type { JsonObject, JsonValue } from './json.js';
import { raisedBy } from './ledger-book.js';
import type { Role } from './role.js';
import type { RunLimits } from './run-limits.js';
import type { RunState } from './run-state.js';
import { workedMs } from './worked-time.js';

/** What a run has asked for and waits for. */
export interface BudgetAsk {
  /** Its number among those of the run: the visit of its approval. */
  readonly number: number;
  /** `tree`: of a run above it. */
  readonly scope: 'run' | 'tree' | 'tenant';
  /** Of which account of the ledger; absent: the run's own. */
  readonly account?: string;
  readonly over: readonly BudgetOver[];
  readonly since: number;
  /** When the limit is renewed by itself; null: never. */
  readonly until: number | null;
  /** Who may grant it; absent: as the definition says. */
  readonly role?: Role;
}

/** What a run knows of its budget beside its definition and what it has used. Replaced whole, never changed. */
export interface RunBudgetState {
  /** What its start has lowered, and the budgets that it shares. */
  readonly limits: BudgetStart;
  /** By how much its limits were raised. */
  readonly granted: BudgetAmounts;
  /** What it was granted of accounts that are not its own, by account. */
  readonly beyond: Readonly<Record<string, BudgetAmounts>>;
  /** How often it has asked. */
  readonly asks: number;
  readonly asking: BudgetAsk | null;
}

const NOTHING_OVER: readonly BudgetOver[] = [];

export const NO_BUDGET: RunBudgetState = { limits: {}, granted: {}, beyond: {}, asks: 0, asking: null };

/** What the definition says of its budget, over what is configured for those that say nothing, and never more than the start has left of it. */
export function ownLimits({ plan, budget }: RunState, configured: BudgetLimits = {}): BudgetLimits {
  const { on_budget: _policy, role: _role, ...defined } = plan.budget ?? {};
  const limits: BudgetLimits = { ...configured, ...defined };
  const lower = (one: number | undefined, other: number | undefined): number | undefined =>
    one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
  const agents = lower(limits.agents_added, budget.limits.agents_added);
  const depth = lower(limits.depth, budget.limits.depth);
  return {
    ...lowerLimits(limits, budget.limits),
    ...(agents !== undefined && { agents_added: agents }),
    ...(depth !== undefined && { depth }),
  };
}

/** The limits of what it uses up, as they were raised. */
export function raisedLimits(state: RunState, configured?: BudgetLimits): BudgetAmounts {
  const limits: BudgetAmounts = ownLimits(state, configured);
  const raised = BUDGET_AMOUNTS.flatMap((amount) => {
    const limit = limits[amount];
    return limit === undefined ? [] : [[amount, limit + (state.budget.granted[amount] ?? 0)]];
  });
  return Object.fromEntries(raised) as BudgetAmounts;
}

/** What the run has used, and what its steps say that they have. */
export function usedAmounts({ usage, worked }: RunState, now: number): BudgetAmounts {
  return { ...amountsOf(usage), wall_time: Math.floor(workedMs(worked, now) / 1_000) };
}

/** Of what a call wants more than the run has left. */
export function runOver(state: RunState, wanted: BudgetAmounts, now: number, configured?: BudgetLimits): BudgetOver[] {
  const own: BudgetAmounts = ownLimits(state, configured);
  return overBudget(raisedLimits(state, configured), usedAmounts(state, now), wanted).map((over) => ({
    ...over,
    grant: Math.max(own[over.amount]!, over.used + over.wanted - over.limit),
  }));
}

/** Whether the time in work is used up. */
export function timeOver(state: RunState, now: number, { budget }: RunLimits): readonly BudgetOver[] {
  const endsAt = budgetEndsAt(state, { budget });
  return endsAt === null || endsAt > now ? NOTHING_OVER : runOver(state, { wall_time: 1 }, now, budget);
}

/** When the time in work will be used up; null: no worker is at work on the run, or it is not limited. Asked at every decision, so it makes nothing. */
export function budgetEndsAt(state: RunState, { budget: configured }: Pick<RunLimits, 'budget'>): number | null {
  const { plan, budget, worked } = state;
  if (worked.since === null) return null;
  const own = plan.budget?.wall_time ?? configured?.wall_time ?? Infinity;
  const limit = Math.min(own, budget.limits.wall_time ?? Infinity) + (budget.granted.wall_time ?? 0);
  return limit === Infinity ? null : worked.since + limit * 1_000 - worked.ms;
}

/** What the journal says of an ask. */
export function reachedPayload(
  { plan, budget }: RunState,
  ask: Pick<BudgetAsk, 'scope' | 'over' | 'until' | 'account' | 'role'>,
): EventPayload<'budget.reached'> {
  const { scope, over, until, account, role = plan.budget?.role ?? 'operator' } = ask;
  return { number: budget.asks + 1, scope, ...(account !== undefined && { account }), over: [...over], until, role };
}

export function takeAsk(state: RunState, reached: EventPayload<'budget.reached'>, at: number): void {
  const { number, scope, account, over, until, role } = reached;
  const asking = { number, scope, over, since: at, until, role, ...(account !== undefined && { account }) };
  state.budget = { ...state.budget, asks: number, asking };
}

export function takeRenewal(state: RunState): void {
  state.budget = { ...state.budget, asking: null };
}

/** Takes the answer to an ask; false: it answers none. What is granted raises the limits, and a refusal fails the run. */
export function takeGrant(state: RunState, { node_id: nodeId, visit, decision, payload, by }: JsonObject): boolean {
  if (nodeId !== BUDGET_NODE) return false;
  const { asking, granted, beyond } = state.budget;
  if (asking === null || asking.number !== visit) return true;
  if (decision !== 'approve') {
    const error = budgetExceeded(asking, typeof by === 'string' ? by : null);
    const compensate = state.undoable.length > 0 && state.plan.nodes.some(({ onError }) => onError === 'compensate');
    state.failure ??= { nodeId: null, error, compensate };
    state.budget = { ...state.budget, asking: null };
    return true;
  }
  const amounts = readAmounts(payload);
  const { account } = asking;
  if (account === undefined) state.budget = { ...state.budget, asking: null, granted: addAmounts(granted, amounts) };
  else {
    const raised = addAmounts(beyond[account] ?? {}, amounts);
    state.budget = { ...state.budget, asking: null, beyond: { ...beyond, [account]: raised } };
  }
  return true;
}

function readAmounts(payload: JsonValue | undefined): BudgetAmounts {
  if (payload === null || typeof payload !== 'object' || Array.isArray(payload)) return {};
  const amounts = BUDGET_AMOUNTS.flatMap((amount) => {
    const value = payload[amount];
    return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? [[amount, value]] : [];
  });
  return Object.fromEntries(amounts) as BudgetAmounts;
}

/** The end of a run that has used up its budget, and asks for no more, or has asked in vain. */
export function budgetExceeded({ over, scope }: Pick<BudgetAsk, 'over' | 'scope'>, refusedBy: string | null): ErrorInfo {
  const refusal = refusedBy === null ? '' : ` More was refused by ${refusedBy}.`;
  return {
    code: 'budget_exceeded',
    message: `${describeOver(over, scope)}.${refusal}`,
    retryable: false,
    details: { scope, over: over.map((one) => ({ ...one })) },
  };
}

/** The id of the approval by which more is granted. */
export function budgetApprovalId(runId: string, { number }: Pick<BudgetAsk, 'number'>): string {
  return approvalId({ runId, nodeId: BUDGET_NODE, visit: number });
}

/** What the budget of a run is like: each amount that is limited, what is used of it and left. `account`: that of the run, with what its descendants use. */
export function budgetReport(state: RunState, now: number, configured?: BudgetLimits, account?: BudgetAccount) {
  const limits = account === undefined ? raisedLimits(state, configured) : sharedLimits(state, account, configured);
  const used = { ...usedAmounts(state, now), ...account?.used };
  const amounts = BUDGET_AMOUNTS.flatMap((amount) => {
    const limit = limits[amount];
    if (limit === undefined) return [];
    const spent = used[amount] ?? 0;
    const granted = limit - (ownLimits(state, configured)[amount] ?? 0);
    return [{ amount, limit, used: spent, left: Math.max(0, limit - spent), granted }];
  });
  return { amounts, onBudget: state.plan.budget?.on_budget ?? ('ask' as const), asking: state.budget.asking };
}

/** With what its descendants were granted of it. */
function sharedLimits(state: RunState, account: BudgetAccount, configured?: BudgetLimits): BudgetAmounts {
  const granted = { ...account.granted, [state.facts.id]: state.budget.granted };
  return { ...raisedLimits(state, configured), ...raisedBy(ownLimits(state, configured), granted) };
}

/** Whether the run fails where it would have to ask. */
export function failsOverBudget({ plan }: { plan: { budget: Budget | null } }): boolean {
  return plan.budget?.on_budget === 'fail';
}
