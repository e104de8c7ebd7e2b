import {
  addCalls,
  amountsOf,
  BUDGET_PERIODS,
  BUDGET_NODE,
  BudgetLedger,
  callAmounts,
  isTerminal,
  LedgerBook,
  NO_AMOUNTS,
  periodAround,
  PoolNewsSchema,
  readUsage,
  TenantBudgetStore,
  wantedOfTenant,
  type AbandonedHold,
  type AccountTerms,
  type BudgetAccount,
  type BudgetHold,
  type CallAmounts,
  type ReserveOutcome,
  type TenantAsk,
  type TenantBudget,
} from '@baton/core';
import type { MemoryDatabase } from './memory-database.js';
import { PortCalls } from './port-calls.js';

/** The tables of {@link MemoryBudgetLedger} and {@link MemoryTenantBudgetStore}, shared by all processes of a test. */
export class BudgetTables {
  readonly accounts = new Map<string, BudgetAccount & { changedAt: number }>();
  readonly holds = new Map<string, BudgetHold>();
  readonly tenants = new Map<string, TenantBudget>();
}

const keyOf = (tenantId: string, account: string): string => `${tenantId}\n${account}`;

/** {@link BudgetLedger} of one process over the shared tables. */
export class MemoryBudgetLedger extends BudgetLedger {
  constructor(
    private readonly db: MemoryDatabase,
    readonly calls = new PortCalls(),
  ) {
    super();
  }

  reserve(hold: BudgetHold, terms: readonly AccountTerms[]): Promise<ReserveOutcome> {
    return this.calls.make('reserve', hold, () => this.change(hold, (book) => book.reserve(hold, terms)));
  }

  settle(hold: BudgetHold, used: CallAmounts | null): Promise<void> {
    return this.calls.make('settle', { hold, used }, () => this.change(hold, (book) => book.settle(hold, used)));
  }

  /** Of periods. */
  open(tenantId: string, accounts: readonly string[]): Promise<void> {
    return this.calls.make('open', accounts, () => {
      const missing = accounts.filter((account) => !this.db.budgets.accounts.has(keyOf(tenantId, account)));
      for (const account of missing) {
        const opened = { tenantId, account, used: this.usedIn(tenantId, account), held: NO_AMOUNTS, granted: {} };
        this.db.budgets.accounts.set(keyOf(tenantId, account), { ...opened, changedAt: this.db.clock.now() });
      }
    });
  }

  find(tenantId: string, accounts: readonly string[]): Promise<BudgetAccount[]> {
    return this.calls.make('find', accounts, () =>
      accounts.flatMap((account) => {
        const row = this.db.budgets.accounts.get(keyOf(tenantId, account));
        if (row === undefined) return [];
        const { changedAt: _changedAt, ...known } = row;
        return [known];
      }),
    );
  }

  findAbandoned(limit: number): Promise<AbandonedHold[]> {
    return this.calls.make('findAbandoned', limit, () =>
      [...this.db.budgets.holds.values()]
        .filter((hold) => this.isAbandoned(hold))
        .slice(0, limit)
        .map((hold) => ({ hold, used: this.journaledUse(hold) })),
    );
  }

  forget(before: number): Promise<number> {
    return this.calls.make('forget', before, () => {
      const { accounts } = this.db.budgets;
      const stale = [...accounts].filter(([, row]) => row.changedAt < before && !row.account.startsWith('run '));
      for (const [key] of stale) accounts.delete(key);
      return stale.length;
    });
  }

  private change<T>(hold: BudgetHold, work: (book: LedgerBook) => T): T {
    const { accounts, holds } = this.db.budgets;
    const rows = hold.accounts.map(
      (account) =>
        accounts.get(keyOf(hold.tenantId, account)) ??
        ({ tenantId: hold.tenantId, account, used: NO_AMOUNTS, held: NO_AMOUNTS, granted: {} } satisfies BudgetAccount),
    );
    const book = new LedgerBook(
      rows,
      [...holds.values()].map(({ id, wanted }) => [id, wanted] as const),
    );
    const result = work(book);
    const changedAt = this.db.clock.now();
    for (const account of book.changed) accounts.set(keyOf(account.tenantId, account.account), { ...account, changedAt });
    for (const [id, opened] of book.opened) holds.set(id, opened);
    for (const id of book.closed) holds.delete(id);
    return result;
  }

  private isAbandoned({ runId, fence }: BudgetHold): boolean {
    if ('jobId' in fence) return this.db.poolJobs.get(fence.jobId)?.token !== fence.token;
    const run = this.db.runs.get(runId);
    if (run === undefined || run.epoch !== fence.epoch || isTerminal(run.status)) return true;
    return run.workerId === null && (run.status === 'waiting' || run.status === 'paused');
  }

  private usedIn(tenantId: string, account: string): CallAmounts {
    const runs = [...this.db.runs.values()].filter((run) => run.tenantId === tenantId);
    const uses = runs
      .flatMap(({ id }) => this.db.journalOf(id))
      .flatMap((event) => {
        if (event.type !== 'step.completed' || event.payload.usage === undefined) return [];
        const isWithin = BUDGET_PERIODS.some((period) => periodAround(period, event.at).account === account);
        return isWithin ? [callAmounts(amountsOf(readUsage(event.payload.usage)))] : [];
      });
    return uses.reduce((sum, one) => addCalls(sum, one), NO_AMOUNTS);
  }

  private journaledUse({ id, runId }: BudgetHold): CallAmounts | null {
    const events = this.db.journalOf(runId).flatMap((event) => (event.type === 'step.completed' ? [event.payload] : []));
    const news = this.db.inboxOf(runId).flatMap(({ type, payload }) => {
      const parsed = type === 'pool' ? PoolNewsSchema.safeParse(payload) : null;
      return parsed?.success && 'step' in parsed.data ? [parsed.data.step] : [];
    });
    const step = [...events, ...news].find(({ hold }) => hold === id);
    return step?.usage === undefined ? null : callAmounts(amountsOf(readUsage(step.usage)));
  }
}

/** {@link TenantBudgetStore} over the shared tables. */
export class MemoryTenantBudgetStore extends TenantBudgetStore {
  constructor(private readonly db: MemoryDatabase) {
    super();
  }

  find(tenantId: string): Promise<TenantBudget | null> {
    return Promise.resolve(this.db.budgets.tenants.get(tenantId) ?? null);
  }

  save(tenantId: string, budget: TenantBudget | null): Promise<void> {
    if (budget === null) this.db.budgets.tenants.delete(tenantId);
    else this.db.budgets.tenants.set(tenantId, budget);
    return Promise.resolve();
  }

  findAsks({ after, limit }: { after: string; limit: number }): Promise<{ asks: TenantAsk[]; next: string | null }> {
    const open = [...this.db.approvals.entries()]
      .filter(([id, { status, nodeId }]) => status === 'open' && nodeId === BUDGET_NODE && id > after)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .slice(0, limit);
    const asks = open.flatMap(([, { runId, nodeId, visit, tenantId, terms }]): TenantAsk[] => {
      const wanted = wantedOfTenant(terms.details);
      return wanted === null ? [] : [{ runId, nodeId, visit, tenantId, wanted }];
    });
    return Promise.resolve({ asks, next: open.length < limit ? null : open.at(-1)![0] });
  }
}
