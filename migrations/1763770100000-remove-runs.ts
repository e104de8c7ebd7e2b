import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsOf, createTable, index, nullable, primary } from './columns.js';

/** Runs that were taken away, and whose other rows are still to be removed. */
export class RemoveRuns1763770100000 implements MigrationInterface {
  readonly name = 'RemoveRuns1763770100000';

  async up(runner: QueryRunner): Promise<void> {
    const { key, instant, tenant } = await columnsOf(runner);
    const columns = [primary(key('run_id')), tenant(), nullable(key('task_id', 128)), instant('removed_at')];
    await createTable(runner, 'removed_runs', columns, [index('ix_removed_runs_age', 'removed_at', 'run_id')]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('removed_runs', true);
  }
}
