import { z } from 'zod';
import {
  BUDGET_PERIODS,
  CALL_AMOUNTS,
  NO_AMOUNTS,
  periodAround,
  raisedBy,
  TenantBudgetSchema,
  type BudgetAccount,
  type TenantBudget,
} from '@baton/core';
import { Instant, toInstant } from './json.js';

export const TenantBudgetBody = TenantBudgetSchema.describe(
  'Replaces the budget of the tenant; what it leaves out is not limited.',
);
export type TenantBudgetBody = z.infer<typeof TenantBudgetBody>;

const Amount = z.object({
  amount: z.enum(CALL_AMOUNTS).describe('`cost_micros`: millionths of money.'),
  limit: z.int().describe('With what was granted.'),
  used: z.int(),
  held: z.int().describe('By calls in work, at most.'),
  left: z.int(),
});

const Period = z.object({
  period: z.enum(BUDGET_PERIODS),
  from: z.string(),
  to: z.string(),
  ends_at: Instant,
  amounts: z.array(Amount),
});

export const TenantBudgetReply = z.object({
  source: z.enum(['tenant', 'config']).describe('`config`: the tenant has no budget of its own, and `TENANT_BUDGET` holds.'),
  on_budget: z.enum(['ask', 'fail']),
  periods: z.array(Period).describe('Those that are limited, as they stand now, in days of UTC.'),
});
export type TenantBudgetReply = z.infer<typeof TenantBudgetReply>;

/** The accounts of the periods that are limited. */
export function budgetAccounts(budget: TenantBudget, now: number): string[] {
  return BUDGET_PERIODS.filter((period) => budget[period] !== undefined).map((period) => periodAround(period, now).account);
}

export function toTenantBudgetReply(
  { budget, source }: { budget: TenantBudget; source: TenantBudgetReply['source'] },
  accounts: readonly BudgetAccount[],
  now: number,
): TenantBudgetReply {
  const periods = BUDGET_PERIODS.flatMap((period) => {
    const limits = budget[period];
    if (limits === undefined) return [];
    const { account, from, to, endsAt } = periodAround(period, now);
    const { used = NO_AMOUNTS, held = NO_AMOUNTS, granted = {} } = accounts.find((one) => one.account === account) ?? {};
    const raised = raisedBy(limits, granted);
    const amounts = CALL_AMOUNTS.flatMap((amount) => {
      const limit = raised[amount];
      if (limit === undefined) return [];
      return [{ amount, limit, used: used[amount], held: held[amount], left: Math.max(0, limit - used[amount] - held[amount]) }];
    });
    return [{ period, from, to, ends_at: toInstant(endsAt), amounts }];
  });
  return { source, on_budget: budget.on_budget ?? 'ask', periods };
}
