import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columnsOf, nullable } from './columns.js';

/** Runs say who started them, and what their start has lowered of their budget. */
export class NameStarters1763700100000 implements MigrationInterface {
  readonly name = 'NameStarters1763700100000';

  async up(runner: QueryRunner): Promise<void> {
    const { key, text } = await columnsOf(runner);
    // A migration that was cut off on MySQL starts over.
    for (const column of [nullable(key('started_by')), nullable(text('budget'))])
      if (!(await runner.hasColumn('runs', column.name))) await runner.addColumn('runs', new TableColumn(column));
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of ['started_by', 'budget']) await runner.dropColumn('runs', name);
  }
}
