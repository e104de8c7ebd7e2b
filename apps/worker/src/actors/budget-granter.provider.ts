import type { Provider } from '@nestjs/common';
import { BudgetLedger, Clock, RunStore, TenantBudgetStore } from '@baton/core';
import { BudgetGranter, TenantBudgets, type EngineObserver } from '@baton/engine';
import { ENGINE_OBSERVER } from '@baton/platform';

const OPTIONS = { intervalMs: 2_000, pageSize: 500, pages: 10 };

/** Lets runs go on for which the budget of their tenant has room again. */
export const budgetGranter: Provider = {
  provide: BudgetGranter,
  inject: [RunStore, TenantBudgetStore, TenantBudgets, BudgetLedger, Clock, ENGINE_OBSERVER],
  useFactory: (
    runs: RunStore,
    store: TenantBudgetStore,
    tenants: TenantBudgets,
    ledger: BudgetLedger,
    clock: Clock,
    observer: EngineObserver,
  ) => new BudgetGranter({ runs, store, tenants, ledger, clock, observer, random: Math.random }, OPTIONS),
};
