import { z } from 'zod';
import type { ApprovalKey } from './approval.js';
import { CallBudgetSchema, type BudgetAmounts } from './budget.js';
import { periodAccount } from './budget-ledger.js';

export const BUDGET_PERIODS = ['day', 'month'] as const;
export type BudgetPeriod = (typeof BUDGET_PERIODS)[number];

/** What the runs of a tenant may use up together in a day and in a month of UTC. */
export const TenantBudgetSchema = z.strictObject({
  day: CallBudgetSchema.optional(),
  month: CallBudgetSchema.optional(),
  /** What happens where it is used up: runs ask an admin for more and wait for the next period, or fail. Without it: `ask`. */
  on_budget: z.enum(['ask', 'fail']).optional(),
});
export type TenantBudget = z.infer<typeof TenantBudgetSchema>;

/** A period of UTC around an instant. */
export interface PeriodAround {
  readonly period: BudgetPeriod;
  readonly account: string;
  /** Its first and last day, as `YYYY-MM-DD`. */
  readonly from: string;
  readonly to: string;
  /** When the next one begins. */
  readonly endsAt: number;
}

export function periodAround(period: BudgetPeriod, now: number): PeriodAround {
  const date = new Date(now);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  const endsAt = period === 'day' ? Date.UTC(year, month, day + 1) : Date.UTC(year, month + 1, 1);
  const first = period === 'day' ? Date.UTC(year, month, day) : Date.UTC(year, month, 1);
  const [from, to] = [isoDay(first), isoDay(endsAt - 1)];
  return { period, account: periodAccount(period, period === 'day' ? from : from.slice(0, 7)), from, to, endsAt };
}

function isoDay(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** An open ask: a run waits for more than the budget of its tenant leaves it. */
export interface TenantAsk extends ApprovalKey {
  readonly tenantId: string;
  /** What its call wanted of that of which there was not enough. */
  readonly wanted: BudgetAmounts;
}

/** The budgets that tenants were given of their own, and the runs that wait for them. */
export abstract class TenantBudgetStore {
  abstract find(tenantId: string): Promise<TenantBudget | null>;
  /** Null: it has none of its own any more. */
  abstract save(tenantId: string, budget: TenantBudget | null, at: number): Promise<void>;
  /** A page of the open asks of all tenants, oldest runs first. `next`: the `after` of the next page; null: there is none. */
  abstract findAsks(page: { after: string; limit: number }): Promise<{ asks: TenantAsk[]; next: string | null }>;
}
