import { addAmounts, CALL_AMOUNTS, overBudget, type BudgetAmounts } from './budget.js';
import {
  addCalls,
  type AccountTerms,
  type BudgetAccount,
  type BudgetHold,
  type CallAmounts,
  type ReserveOutcome,
} from './budget-ledger.js';

/** The accounts and holds of one transaction of a ledger, and what it changes of them. Pure: it reads what it is given and writes nothing. */
export class LedgerBook {
  readonly opened = new Map<string, BudgetHold>();
  readonly closed = new Set<string>();
  private readonly changes = new Set<string>();
  private readonly accounts: Map<string, BudgetAccount>;
  private readonly holds: Map<string, CallAmounts>;

  /** @param accounts all that the requests name  @param holds those of the requests that stand, by id */
  constructor(accounts: Iterable<BudgetAccount>, holds: Iterable<readonly [string, CallAmounts]>) {
    this.accounts = new Map([...accounts].map((account) => [keyOf(account), account]));
    this.holds = new Map(holds);
  }

  get changed(): BudgetAccount[] {
    return [...this.changes].map((key) => this.accounts.get(key)!);
  }

  reserve(hold: BudgetHold, terms: readonly AccountTerms[]): ReserveOutcome {
    if (this.holds.has(hold.id)) return { kind: 'held' };
    for (const term of terms) this.takeGrants(hold, term);
    let busy = false;
    for (const { account, limits } of terms) {
      const { used, held, granted } = this.require(hold.tenantId, account);
      const raised = raisedBy(limits, granted);
      const over = overBudget(raised, used, hold.wanted);
      if (over.length > 0) return { kind: 'over', account, over };
      busy ||= overBudget(raised, addCalls(used, held), hold.wanted).length > 0;
    }
    if (busy) return { kind: 'busy' };
    for (const { account } of terms) {
      const before = this.require(hold.tenantId, account);
      this.change({ ...before, held: addCalls(before.held, hold.wanted) });
    }
    this.holds.set(hold.id, hold.wanted);
    this.opened.set(hold.id, hold);
    this.closed.delete(hold.id);
    return { kind: 'held' };
  }

  settle({ id, tenantId, accounts }: BudgetHold, used: CallAmounts | null): void {
    const held = this.holds.get(id);
    if (held === undefined) return;
    for (const account of accounts) {
      const before = this.require(tenantId, account);
      const after = { ...before, held: addCalls(before.held, held, -1) };
      this.change(used === null ? after : { ...after, used: addCalls(before.used, used) });
    }
    this.holds.delete(id);
    if (!this.opened.delete(id)) this.closed.add(id);
  }

  private takeGrants({ tenantId, runId }: BudgetHold, { account, granted }: AccountTerms): void {
    const before = this.require(tenantId, account);
    const known = before.granted[runId] ?? {};
    const isNew = CALL_AMOUNTS.some((amount) => (granted[amount] ?? 0) > (known[amount] ?? 0));
    if (isNew) this.change({ ...before, granted: { ...before.granted, [runId]: granted } });
  }

  private require(tenantId: string, account: string): BudgetAccount {
    return this.accounts.get(keyOf({ tenantId, account }))!;
  }

  private change(account: BudgetAccount): void {
    this.accounts.set(keyOf(account), account);
    this.changes.add(keyOf(account));
  }
}

/** Limits with what was granted beyond them. */
export function raisedBy(limits: BudgetAmounts, granted: BudgetAccount['granted']): BudgetAmounts {
  const more = Object.values(granted).reduce(addAmounts, {});
  const raised = CALL_AMOUNTS.flatMap((amount) => {
    const limit = limits[amount];
    return limit === undefined ? [] : [[amount, limit + (more[amount] ?? 0)]];
  });
  return Object.fromEntries(raised) as BudgetAmounts;
}

function keyOf({ tenantId, account }: Pick<BudgetAccount, 'tenantId' | 'account'>): string {
  return `${tenantId}\n${account}`;
}
