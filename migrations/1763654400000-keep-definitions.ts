import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsOf, createTable, primary } from './columns.js';

/** Definitions that runs have and no version of a workflow is, such as one with other options. */
export class KeepDefinitions1763654400000 implements MigrationInterface {
  readonly name = 'KeepDefinitions1763654400000';

  async up(runner: QueryRunner): Promise<void> {
    const { key, text, instant, tenant } = await columnsOf(runner);
    await createTable(runner, 'definitions', [primary(key('digest')), tenant(), text('definition'), instant('created_at')]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('definitions', true);
  }
}
