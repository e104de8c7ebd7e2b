import { periodAccount, runAccount, type BudgetAccount, type BudgetHold, type CallAmounts } from '@baton/core';
import type { DatabaseTarget } from './database-url.js';
import type { Statement } from './database.js';

/** A row of the table `budget_accounts`. */
export interface AccountRow {
  readonly tenantId: string;
  readonly account: string;
  readonly granted: string;
  readonly usedTokens: number;
  readonly usedCost: number;
  readonly usedCalls: number;
  readonly heldTokens: number;
  readonly heldCost: number;
  readonly heldCalls: number;
}

/** Selects rows as {@link AccountRow}. */
export const ACCOUNT_SELECT = [
  ...['tenant_id AS tenantId', 'account', 'granted'],
  ...['used_tokens AS usedTokens', 'used_cost_micros AS usedCost', 'used_model_calls AS usedCalls'],
  ...['held_tokens AS heldTokens', 'held_cost_micros AS heldCost', 'held_model_calls AS heldCalls'],
].join(', ');

/** The columns of a row, in the order of {@link accountValues}. */
export const ACCOUNT_COLUMNS = [
  ...['tenant_id', 'account', 'granted', 'used_tokens', 'used_cost_micros', 'used_model_calls'],
  ...['held_tokens', 'held_cost_micros', 'held_model_calls', 'changed_at'],
];

export function accountOf(row: AccountRow): BudgetAccount {
  const { tenantId, account, granted } = row;
  return {
    ...{ tenantId, account, granted: JSON.parse(granted) as BudgetAccount['granted'] },
    used: { tokens: row.usedTokens, cost_micros: row.usedCost, model_calls: row.usedCalls },
    held: { tokens: row.heldTokens, cost_micros: row.heldCost, model_calls: row.heldCalls },
  };
}

export function accountValues({ tenantId, account, granted, used, held }: BudgetAccount, now: number): unknown[] {
  return [tenantId, account, JSON.stringify(granted), ...valuesOf(used), ...valuesOf(held), now];
}

/** A row of the table `budget_holds`. */
export type HoldRow = Omit<BudgetHold, 'fence' | 'accounts' | 'wanted'> & {
  readonly epoch: number | null;
  readonly jobId: string | null;
  readonly token: string | null;
  readonly accounts: string;
} & CallAmounts;

export const HOLD_AMOUNTS = 'held_tokens AS tokens, held_cost_micros AS cost_micros, held_model_calls AS model_calls';

/** Selects rows of `budget_holds AS holds` as {@link HoldRow}. */
export const HOLD_SELECT = [
  ...['holds.id', 'holds.tenant_id AS tenantId', 'holds.run_id AS runId', 'holds.node_id AS nodeId', 'holds.visit', 'holds.step'],
  ...['holds.epoch', 'holds.job_id AS jobId', 'holds.token', 'holds.accounts', HOLD_AMOUNTS],
].join(', ');

/** The columns of a row, in the order of {@link holdValues}. */
export const HOLD_COLUMNS = [
  ...['id', 'tenant_id', 'run_id', 'node_id', 'visit', 'step', 'epoch', 'job_id', 'token', 'accounts'],
  ...['held_tokens', 'held_cost_micros', 'held_model_calls'],
];

export function holdOf({ epoch, jobId, token, accounts, tokens, cost_micros, model_calls, ...row }: HoldRow): BudgetHold {
  return {
    ...row,
    fence: jobId === null ? { epoch: epoch! } : { jobId, token: token! },
    accounts: JSON.parse(accounts) as string[],
    wanted: { tokens, cost_micros, model_calls },
  };
}

export function holdValues({ id, tenantId, runId, nodeId, visit, step, fence, accounts, wanted }: BudgetHold): unknown[] {
  const by = 'epoch' in fence ? [fence.epoch, null, null] : [null, fence.jobId, fence.token];
  return [id, tenantId, runId, nodeId, visit, step, ...by, JSON.stringify(accounts), ...valuesOf(wanted)];
}

function valuesOf({ tokens, cost_micros: cost, model_calls: calls }: CallAmounts): number[] {
  return [tokens, cost, calls];
}

/** Makes the row of an account that has none, with what the sums of the journal say was used of it so far. */
export function openAccount(dialect: DatabaseTarget['dialect'], tenantId: string, account: string, now: number): Statement {
  const [kind, name] = account.split(' ') as [string, string];
  const isRun = account === runAccount(name);
  const isDay = account === periodAccount('day', name);
  const used = isRun ? 'run_id = ?' : isDay ? 'tenant_id = ? AND day = ?' : 'tenant_id = ? AND day >= ? AND day <= ?';
  const usedValues = isRun ? [name] : isDay ? [tenantId, name] : [tenantId, `${name}-01`, `${name}-31`];
  if (!isRun && kind !== 'day' && kind !== 'month') throw new Error(`no account: ${account}`);
  return {
    sql: `INSERT ${dialect === 'sqlite' ? 'OR IGNORE' : 'IGNORE'} INTO budget_accounts (${ACCOUNT_COLUMNS.join(', ')})
          SELECT ?, ?, '{}', coalesce(sum(prompt_tokens + completion_tokens), 0), coalesce(sum(cost_micros), 0),
            coalesce(sum(model_calls), 0), 0, 0, 0, ? FROM run_usage WHERE ${used}`,
    values: [tenantId, account, now, ...usedValues],
  };
}
