import { z } from 'zod';
import { ROLES } from './role.js';
import type { Usage } from './usage.js';

/** What calls of models use up. */
export const CALL_AMOUNTS = ['tokens', 'cost_micros', 'model_calls'] as const;
/** What a run uses up, and asks for more of. `wall_time`: seconds in work. */
export const BUDGET_AMOUNTS = [...CALL_AMOUNTS, 'wall_time'] as const;
export type BudgetAmount = (typeof BUDGET_AMOUNTS)[number];

/** So much of each; what is absent is not limited, or none is used of it. */
export type BudgetAmounts = Readonly<Partial<Record<BudgetAmount, number>>>;

const Amount = z.int().min(0).max(1e15);

/** What calls of models may use up: of a run, or of a tenant in a period. */
export const CallBudgetSchema = z.strictObject({
  tokens: Amount.optional().describe('Of prompts and answers together.'),
  cost_micros: Amount.optional().describe('Millionths of the currency of the price table.'),
  model_calls: Amount.optional(),
});

/** What a start may lower. */
export const BudgetLimitsSchema = CallBudgetSchema.extend({
  wall_time: z
    .int()
    .min(1)
    .max(31_536_000)
    .optional()
    .describe('Seconds that the run may be in work; parked time is not counted.'),
  agents_added: z.int().min(0).max(10_000).optional().describe('Agents that it may add to itself.'),
  depth: z.int().min(0).max(100).optional().describe('How deep its child runs may stand.'),
});
export type BudgetLimits = z.infer<typeof BudgetLimitsSchema>;

/** The budget of a workflow's runs. */
export const BudgetSchema = BudgetLimitsSchema.extend({
  on_budget: z
    .enum(['ask', 'fail'])
    .optional()
    .describe(
      'What happens where it is used up: the run asks for more, and goes on when it is granted; or it fails. Without it: `ask`.',
    ),
  role: z.enum(ROLES).exclude(['viewer']).optional().describe('Who may grant more. Without it: `operator`.'),
});
export type Budget = z.infer<typeof BudgetSchema>;

/** The budget of a run that its descendants use up with it. */
export const SharedBudgetSchema = z.strictObject({
  run_id: z.string(),
  limits: CallBudgetSchema,
  on_budget: z.enum(['ask', 'fail']).optional(),
  role: z.enum(ROLES).exclude(['viewer']).optional(),
});
export type SharedBudget = z.infer<typeof SharedBudgetSchema>;

/** What a run starts with: what its start lowers and, of a child, the budgets of the runs above it. */
export const BudgetStartSchema = BudgetLimitsSchema.extend({ shared: z.array(SharedBudgetSchema).optional() });
export type BudgetStart = z.infer<typeof BudgetStartSchema>;

/** An amount of which more is wanted than there is. */
export const BudgetOverSchema = z.strictObject({
  amount: z.enum(BUDGET_AMOUNTS),
  limit: z.int(),
  used: z.int(),
  wanted: z.int(),
  /** By how much the limit rises where nothing else is said. */
  grant: z.int(),
});
export type BudgetOver = z.infer<typeof BudgetOverSchema>;

/** What a call uses up. */
export function amountsOf({ promptTokens, completionTokens, costMicros, modelCalls }: Usage): BudgetAmounts {
  return { tokens: promptTokens + completionTokens, cost_micros: costMicros, model_calls: modelCalls };
}

export function addAmounts(one: BudgetAmounts, other: BudgetAmounts): BudgetAmounts {
  const sums = BUDGET_AMOUNTS.flatMap((amount): [BudgetAmount, number][] => {
    const parts = [one[amount], other[amount]].filter((part) => part !== undefined);
    return parts.length === 0 ? [] : [[amount, parts.reduce((sum, part) => sum + part, 0)]];
  });
  return Object.fromEntries(sums);
}

/** The lower one of each limit that there is. */
export function lowerLimits(one: BudgetAmounts, other: BudgetAmounts): BudgetAmounts {
  const limits = BUDGET_AMOUNTS.flatMap((amount): [BudgetAmount, number][] => {
    const limit = Math.min(one[amount] ?? Infinity, other[amount] ?? Infinity);
    return limit === Infinity ? [] : [[amount, limit]];
  });
  return Object.fromEntries(limits);
}

/** Of what more is wanted than is left. Nothing is over that is not wanted. */
export function overBudget(limits: BudgetAmounts, used: BudgetAmounts, wanted: BudgetAmounts): Omit<BudgetOver, 'grant'>[] {
  return BUDGET_AMOUNTS.flatMap((amount) => {
    const [limit, before, more] = [limits[amount], used[amount] ?? 0, wanted[amount] ?? 0];
    return limit === undefined || more === 0 || before + more <= limit ? [] : [{ amount, limit, used: before, wanted: more }];
  });
}
