import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsOf, createTable, primary } from './columns.js';

/** The last checkpoint of a long run. */
export class CreateCheckpoints1763667000000 implements MigrationInterface {
  readonly name = 'CreateCheckpoints1763667000000';

  async up(runner: QueryRunner): Promise<void> {
    const { key, instant, integer, binary, tenant } = await columnsOf(runner);
    const columns = [primary(key('run_id')), tenant(), integer('seq'), binary('state'), instant('created_at')];
    await createTable(runner, 'checkpoints', columns);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('checkpoints', true);
  }
}
