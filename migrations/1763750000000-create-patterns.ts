import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsOf, createTable, primary } from './columns.js';

/** Patterns of workflows that a tenant keeps as data. */
export class CreatePatterns1763750000000 implements MigrationInterface {
  readonly name = 'CreatePatterns1763750000000';

  async up(runner: QueryRunner): Promise<void> {
    const { tenant, key, text, instant } = await columnsOf(runner);
    await createTable(runner, 'patterns', [
      ...[primary(tenant()), primary(key('name')), text('spec')],
      ...[instant('created_at'), instant('updated_at')],
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('patterns');
  }
}
