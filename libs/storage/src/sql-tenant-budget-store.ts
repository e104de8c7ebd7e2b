import {
  BUDGET_NODE,
  TenantBudgetSchema,
  TenantBudgetStore,
  wantedOfTenant,
  type ApprovalTerms,
  type TenantAsk,
  type TenantBudget,
} from '@baton/core';
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

  async findAsks({ after, limit }: { after: string; limit: number }): Promise<{ asks: TenantAsk[]; next: string | null }> {
    const rows = await this.database.read<AskRow>(
      `SELECT id, tenant_id AS tenantId, run_id AS runId, node_id AS nodeId, visit, terms
       FROM approvals ${this.database.through('ix_approvals_asks')}
       WHERE status = 'open' AND node_id = ? AND id > ? ORDER BY id LIMIT ?`,
      [BUDGET_NODE, after, limit],
    );
    const asks = rows.flatMap(({ id: _id, terms, ...key }): TenantAsk[] => {
      const wanted = terms === null ? null : wantedOfTenant((JSON.parse(terms) as ApprovalTerms).details);
      return wanted === null ? [] : [{ ...key, wanted }];
    });
    return { asks, next: rows.length < limit ? null : rows.at(-1)!.id };
  }
}

/** Of the table `approvals`. */
type AskRow = Omit<TenantAsk, 'wanted'> & { readonly id: string; readonly terms: string | null };
