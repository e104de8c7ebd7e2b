import type { MigrationInterface, QueryRunner } from 'typeorm';
import { index } from './columns.js';

const ASKS = index('ix_approvals_asks', 'status', 'node_id', 'id');

/** The way to the runs of all tenants that wait for more of a budget. */
export class FindBudgetAsks1763830000000 implements MigrationInterface {
  readonly name = 'FindBudgetAsks1763830000000';

  async up(runner: QueryRunner): Promise<void> {
    // A migration that was cut off on MySQL starts over.
    const { indices } = (await runner.getTable('approvals'))!;
    if (!indices.some(({ name }) => name === ASKS.name)) await runner.createIndex('approvals', ASKS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex('approvals', ASKS);
  }
}
