import type { Clock, TenantBudget, TenantBudgetStore } from '@baton/core';

interface TenantBudgetsOptions {
  /** How old what a process knows of a tenant's budget may be. */
  freshForMs: number;
  /** Of tenants that have none of their own. */
  fallback: TenantBudget | null;
}

/** Tenants remembered at once. */
const KNOWN = 10_000;

/** The budgets of tenants as this process knows them: read where a call wants to be made, and not for each. */
export class TenantBudgets {
  private readonly known = new Map<string, { budget: TenantBudget | null | Promise<TenantBudget | null>; at: number }>();

  constructor(
    private readonly parts: { store: Pick<TenantBudgetStore, 'find'>; clock: Pick<Clock, 'monotonic'> },
    private readonly options: TenantBudgetsOptions,
  ) {}

  /** @throws BatonError `storage_unavailable`. */
  find(tenantId: string): TenantBudget | null | Promise<TenantBudget | null> {
    const known = this.known.get(tenantId);
    const now = this.parts.clock.monotonic();
    return known !== undefined && now - known.at < this.options.freshForMs ? known.budget : this.read(tenantId, now);
  }

  /** As it stands now: who is to say that it is used up asks for no less. @throws BatonError `storage_unavailable`. */
  refresh(tenantId: string): Promise<TenantBudget | null> {
    const known = this.known.get(tenantId)?.budget;
    return known instanceof Promise ? known : this.read(tenantId, this.parts.clock.monotonic());
  }

  private read(tenantId: string, now: number): Promise<TenantBudget | null> {
    if (this.known.size >= KNOWN) this.known.clear();
    const reading = this.parts.store.find(tenantId).then((own) => own ?? this.options.fallback);
    this.known.set(tenantId, { budget: reading, at: now });
    reading.then(
      (budget) => this.known.set(tenantId, { budget, at: now }),
      () => this.known.delete(tenantId),
    );
    return reading;
  }
}
