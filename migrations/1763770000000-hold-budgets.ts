import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsOf, createTable, index, nullable, primary } from './columns.js';

/** What is used up and held of budgets that several processes share, and the budgets that tenants were given. */
export class HoldBudgets1763770000000 implements MigrationInterface {
  readonly name = 'HoldBudgets1763770000000';

  async up(runner: QueryRunner): Promise<void> {
    const { key, text, instant, integer, tenant } = await columnsOf(runner);
    // As wide as instants: sums of tokens and of money outgrow 32 bits.
    const amounts = (prefix: string) => ['tokens', 'cost_micros', 'model_calls'].map((amount) => instant(`${prefix}_${amount}`));
    await createTable(
      runner,
      'budget_accounts',
      [
        primary(tenant()),
        primary(key('account', 80)),
        ...amounts('used'),
        ...amounts('held'),
        text('granted'),
        instant('changed_at'),
      ],
      [index('ix_budget_accounts_changed', 'changed_at')],
    );
    await createTable(
      runner,
      'budget_holds',
      [
        ...[primary(key('id', 32)), tenant(), key('run_id'), key('node_id'), integer('visit'), text('step')],
        ...[nullable(integer('epoch')), nullable(key('job_id', 80)), nullable(key('token'))],
        ...[text('accounts'), ...amounts('held')],
      ],
      [index('ix_budget_holds_run', 'run_id')],
    );
    await createTable(runner, 'tenant_budgets', [primary(tenant()), text('budget'), instant('changed_at')]);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['tenant_budgets', 'budget_holds', 'budget_accounts']) await runner.dropTable(table, true);
  }
}
