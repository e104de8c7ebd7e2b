import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsOf, createTable, index, primary } from './columns.js';

/** Runs that are kept longer than they should be, since they could not be archived, and why. */
export class NameUnarchivedRuns1763850000000 implements MigrationInterface {
  readonly name = 'NameUnarchivedRuns1763850000000';

  async up(runner: QueryRunner): Promise<void> {
    const { key, text, instant, tenant } = await columnsOf(runner);
    const columns = [primary(key('run_id')), tenant(), text('detail'), instant('at')];
    await createTable(runner, 'unarchived_runs', columns, [index('ix_unarchived_runs_at', 'at', 'run_id')]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('unarchived_runs', true);
  }
}
