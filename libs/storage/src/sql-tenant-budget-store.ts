import { TenantBudgetSchema, TenantBudgetStore, type TenantBudget } from '@baton/core';
import type { Database } from './database.js';

/** {@link TenantBudgetStore} on MySQL, MariaDB and SQLite. */
export class SqlTenantBudgetStore extends TenantBudgetStore {
  constructor(private readonly database: Database) {
    super();
  }

  async find(tenantId: string): Promise<TenantBudget | null> {
    const [row] = await this.database.read<{ budget: string }>('SELECT budget FROM tenant_budgets WHERE tenant_id = ?', [
      tenantId,
    ]);
    return row === undefined ? null : TenantBudgetSchema.parse(JSON.parse(row.budget));
  }

  async save(tenantId: string, budget: TenantBudget | null, at: number): Promise<void> {
    if (budget === null) await this.database.write({ sql: 'DELETE FROM tenant_budgets WHERE tenant_id = ?', values: [tenantId] });
    else
      await this.database.write({
        sql: 'REPLACE INTO tenant_budgets (tenant_id, budget, changed_at) VALUES (?, ?, ?)',
        values: [tenantId, JSON.stringify(budget), at],
      });
  }
}
