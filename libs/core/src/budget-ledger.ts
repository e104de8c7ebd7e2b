import { createHash } from 'node:crypto';
import { CALL_AMOUNTS, type BudgetAmounts, type BudgetOver } from './budget.js';

/** So much of each thing that calls use up. */
export type CallAmounts = Readonly<Record<(typeof CALL_AMOUNTS)[number], number>>;

export const NO_AMOUNTS: CallAmounts = { tokens: 0, cost_micros: 0, model_calls: 0 };

/** What of these amounts calls use up; nothing where it is absent. */
export function callAmounts(amounts: BudgetAmounts): CallAmounts {
  return { tokens: amounts.tokens ?? 0, cost_micros: amounts.cost_micros ?? 0, model_calls: amounts.model_calls ?? 0 };
}

export function addCalls(one: CallAmounts, other: CallAmounts, sign: 1 | -1 = 1): CallAmounts {
  return {
    tokens: one.tokens + sign * other.tokens,
    cost_micros: one.cost_micros + sign * other.cost_micros,
    model_calls: one.model_calls + sign * other.model_calls,
  };
}

/** An account of a tenant: what was used up of it, and what calls in work hold. */
export interface BudgetAccount {
  readonly tenantId: string;
  /** As {@link runAccount} and {@link periodAccount} name it. */
  readonly account: string;
  readonly used: CallAmounts;
  readonly held: CallAmounts;
  /** By how much its limits were raised, by the run that asked. */
  readonly granted: Readonly<Record<string, BudgetAmounts>>;
}

/** The account of a run and all its descendants. */
export function runAccount(runId: string): string {
  return `run ${runId}`;
}

/** The account of a tenant in a period; `label`: `2026-03-01`, or `2026-03`. */
export function periodAccount(period: 'day' | 'month', label: string): string {
  return `${period} ${label}`;
}

/** Takes a call up to what of an account. */
export interface AccountTerms {
  readonly account: string;
  readonly limits: BudgetAmounts;
  /** What this run was granted of it beyond its limits, all in all: counted once, however often it is said. */
  readonly granted: BudgetAmounts;
}

/** Who may still journal the step of a hold: a claim of its run, or a take of its job in a pool. */
export type HoldFence = { readonly epoch: number } | { readonly jobId: string; readonly token: string };

/** What a call is going to use at most, of all these accounts. */
export interface BudgetHold {
  readonly id: string;
  readonly tenantId: string;
  readonly runId: string;
  readonly nodeId: string;
  readonly visit: number;
  readonly step: string;
  readonly fence: HoldFence;
  readonly accounts: readonly string[];
  readonly wanted: CallAmounts;
}

/** The same for the same step under the same fence. */
export function holdId({
  runId,
  nodeId,
  visit,
  step,
  fence,
}: Omit<BudgetHold, 'id' | 'tenantId' | 'accounts' | 'wanted'>): string {
  const by = 'epoch' in fence ? [fence.epoch] : [fence.jobId, fence.token];
  return createHash('sha256')
    .update(JSON.stringify([runId, nodeId, visit, step, ...by]))
    .digest('hex')
    .slice(0, 32);
}

export type ReserveOutcome =
  | { readonly kind: 'held' }
  /** It may fit once other calls leave what they do not need. */
  | { readonly kind: 'busy' }
  /** It does not, whatever they leave. */
  | { readonly kind: 'over'; readonly account: string; readonly over: readonly Omit<BudgetOver, 'grant'>[] };

/** A hold whose step nobody can journal any more, with what the journal says that it has used; null: it was not journaled. */
export interface AbandonedHold {
  readonly hold: BudgetHold;
  readonly used: CallAmounts | null;
}

/**
 * What calls of models take of budgets that several processes share. Held before the call, settled after it: at no instant is more used and held
 * of an account than its limits allow, but for what a provider counts more than was expected.
 */
export abstract class BudgetLedger {
  /** Holds it of all accounts, or of none. A hold that stands already is held. @throws BatonError `storage_unavailable`. */
  abstract reserve(hold: BudgetHold, terms: readonly AccountTerms[]): Promise<ReserveOutcome>;
  /** Ends a hold with what was used of it, null: nothing. Once: a hold that stands no more changes nothing. @throws BatonError `storage_unavailable`. */
  abstract settle(hold: BudgetHold, used: CallAmounts | null): Promise<void>;
  /** Opens those of these that there are none of yet, with what was used before. @throws BatonError `storage_unavailable`. */
  abstract open(tenantId: string, accounts: readonly string[]): Promise<void>;
  /** The accounts that there are of these. */
  abstract find(tenantId: string, accounts: readonly string[]): Promise<BudgetAccount[]>;
  /** Holds that processes have left behind: their run was claimed anew, parked or ended, or their job has another taker or none. */
  abstract findAbandoned(limit: number): Promise<AbandonedHold[]>;
  /** Removes accounts of periods that nothing has changed since, some at a time; returns how many. */
  abstract forget(before: number): Promise<number>;
}
