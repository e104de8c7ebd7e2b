import { CALL_AMOUNTS, type BudgetAmounts, type BudgetLimits, type BudgetOver, type SharedBudget } from './budget.js';
import { runAccount, type AccountTerms, type ReserveOutcome } from './budget-ledger.js';
import type { Role } from './role.js';
import { ownLimits, type BudgetAsk } from './run-budget.js';
import type { RunState } from './run-state.js';
import { BUDGET_PERIODS, periodAround, type TenantBudget } from './tenant-budget.js';

/** Up to what a call may take of an account, and what happens beyond. */
export interface CallTerms extends AccountTerms {
  readonly scope: BudgetAsk['scope'];
  readonly onBudget: 'ask' | 'fail';
  readonly role: Role;
  /** When the account is renewed by itself; null: never. */
  readonly until: number | null;
}

const NO_LIMITS: readonly never[] = [];

/** The accounts of which a call of the run takes: its own, those of the runs above it, and those of its tenant. None: nothing limits it. */
export function callTerms(
  state: RunState,
  tenant: TenantBudget | null,
  now: number,
  configured?: BudgetLimits,
): readonly CallTerms[] {
  const { plan, budget, facts } = state;
  const { limits: start, beyond } = budget;
  const { on_budget: onBudget = 'ask', role = 'operator' } = plan.budget ?? {};
  const own = ownCallLimits(state, configured);
  const terms: CallTerms[] = [];
  if (own !== null)
    terms.push({
      ...{ account: runAccount(facts.id), limits: own, granted: callLimits(budget.granted) ?? {} },
      ...{ scope: 'run', onBudget, role, until: null },
    });
  for (const shared of start.shared ?? NO_LIMITS) {
    const account = runAccount(shared.run_id);
    const { limits, on_budget: asks = 'ask', role: who = 'operator' } = shared;
    const granted = beyond[account] ?? {};
    terms.push({ account, limits, granted, scope: 'tree', onBudget: asks, role: who, until: null });
  }
  const { on_budget: asks = 'ask' } = tenant ?? {};
  for (const { account, limits, endsAt } of periodLimits(tenant, now)) {
    const granted = beyond[account] ?? {};
    terms.push({ account, limits, granted, scope: 'tenant', onBudget: asks, role: 'admin', until: endsAt });
  }
  return terms;
}

/** The accounts of a tenant that are limited now, up to what, and when they are renewed. */
export function periodLimits(
  tenant: TenantBudget | null,
  now: number,
): readonly { readonly account: string; readonly limits: BudgetAmounts; readonly endsAt: number }[] {
  if (tenant === null) return NO_LIMITS;
  return BUDGET_PERIODS.flatMap((period) => {
    const limits = callLimits(tenant[period] ?? {});
    if (limits === null) return [];
    const { account, endsAt } = periodAround(period, now);
    return [{ account, limits, endsAt }];
  });
}

/** What a child is told of the budgets that it shares: those that the run shares itself, and its own. */
export function sharedBudgets(state: RunState, configured?: BudgetLimits): readonly SharedBudget[] {
  const { plan, budget, facts } = state;
  const limits = ownCallLimits(state, configured);
  const above = budget.limits.shared ?? [];
  if (limits === null) return above;
  const { on_budget: onBudget, role } = plan.budget ?? {};
  const policy = { ...(onBudget !== undefined && { on_budget: onBudget }), ...(role !== undefined && { role }) };
  return [...above, { run_id: facts.id, limits, ...policy }];
}

/** What the run asks for where a call is over an account. */
export function askOf(
  terms: readonly CallTerms[],
  { account, over }: Extract<ReserveOutcome, { kind: 'over' }>,
): Pick<BudgetAsk, 'scope' | 'over' | 'until' | 'account' | 'role'> {
  const { scope, limits, until, role } = terms.find((term) => term.account === account)!;
  const asked: BudgetOver[] = over.map((one) => ({
    ...one,
    grant: Math.max(limits[one.amount] ?? 0, one.used + one.wanted - one.limit, 1),
  }));
  return { scope, over: asked, until, role, ...(scope !== 'run' && { account }) };
}

/** Those of a run's own limits that are limits of calls; null: there are none, as of most runs, of each of whose calls it is asked. */
function ownCallLimits(state: RunState, configured: BudgetLimits = {}): BudgetAmounts | null {
  const { plan, budget } = state;
  for (const amount of CALL_AMOUNTS) {
    const limit = plan.budget?.[amount] ?? configured[amount] ?? budget.limits[amount];
    if (limit !== undefined) return callLimits(ownLimits(state, configured));
  }
  return null;
}

/** Of these limits those of calls; null: there are none. */
export function callLimits(limits: BudgetAmounts): BudgetAmounts | null {
  const stated = CALL_AMOUNTS.flatMap((amount) => (limits[amount] === undefined ? [] : [[amount, limits[amount]]]));
  return stated.length === 0 ? null : (Object.fromEntries(stated) as BudgetAmounts);
}
