import { z } from 'zod';
import { USUAL_ASK, type ApprovalAsk } from './approval-terms.js';
import { addAmounts, BudgetOverSchema, type BudgetAmounts, type BudgetOver } from './budget.js';
import type { JsonObject, JsonValue } from './json.js';
import type { Role } from './role.js';

/** Stands for the run itself where an approval names a node. No node has such an id. */
export const BUDGET_NODE = '$budget';

interface Reached {
  scope: 'run' | 'tree' | 'tenant';
  over: readonly BudgetOver[];
  until: number | null;
  role: Role;
}

/** What people are asked where a budget is used up: the payload of their approval is what they grant. */
export function budgetAsk({ scope, over, until, role }: Reached): { title: string; ask: ApprovalAsk } {
  const amounts = over.map(({ amount }) => amount);
  const schema: JsonObject = {
    type: 'object',
    properties: Object.fromEntries(amounts.map((amount) => [amount, { type: 'integer', minimum: 1 }])),
    additionalProperties: false,
    minProperties: 1,
  };
  const proposal = Object.fromEntries(over.map(({ amount, grant }) => [amount, grant]));
  const details = { scope, over: over.map(({ amount, limit, used, wanted }) => ({ amount, limit, used, wanted })) };
  return { title: `${describeOver(over, scope)}.`, ask: { ...USUAL_ASK, role, proposal, schema, details, due_at: until } };
}

const TenantDetails = z.object({ scope: z.literal('tenant'), over: z.array(BudgetOverSchema.omit({ grant: true })) });

/** What is wanted of the budget of a tenant, by the details of the approval; null: it asks for more of another. */
export function wantedOfTenant(details: JsonValue | undefined): BudgetAmounts | null {
  const read = TenantDetails.safeParse(details);
  return read.success ? read.data.over.map(({ amount, wanted }) => ({ [amount]: wanted })).reduce(addAmounts, {}) : null;
}

const NAMES: Record<BudgetOver['amount'], string> = {
  tokens: 'tokens',
  cost_micros: 'millionths of its money',
  model_calls: 'calls of models',
  wall_time: 'seconds',
};

const SPENDERS: Record<Reached['scope'], string> = { run: 'The run', tree: 'The run above it', tenant: 'The tenant' };

/** `The run has used 950 of 1000 tokens, and wants 120 more`. */
export function describeOver(over: readonly BudgetOver[], scope: Reached['scope']): string {
  const parts = over.map(({ amount, used, limit, wanted }) => `${used} of ${limit} ${NAMES[amount]}, and wants ${wanted} more`);
  return `${SPENDERS[scope]} has used ${parts.join('; ')}`;
}
