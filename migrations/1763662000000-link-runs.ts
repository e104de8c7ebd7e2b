import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columnsOf, index, nullable } from './columns.js';

const COLUMNS = ['parent_run_id', 'parent_node_id', 'parent_index', 'child_id', 'depth', 'continued_from'];

/** Runs name the run that waits for them, and the run that they continue. */
export class LinkRuns1763662000000 implements MigrationInterface {
  readonly name = 'LinkRuns1763662000000';

  async up(runner: QueryRunner): Promise<void> {
    const { key, integer } = await columnsOf(runner);
    for (const name of COLUMNS) {
      const column = name === 'parent_index' || name === 'depth' ? integer(name) : key(name);
      // A migration that was cut off on MySQL starts over.
      if (!(await runner.hasColumn('runs', name))) await runner.addColumn('runs', new TableColumn(nullable(column)));
    }
    const runs = await runner.getTable('runs');
    if (!runs!.indices.some(({ name }) => name === 'ix_runs_parent'))
      await runner.createIndex('runs', index('ix_runs_parent', 'parent_run_id', 'created_at', 'id'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex('runs', 'ix_runs_parent');
    for (const name of COLUMNS.toReversed()) await runner.dropColumn('runs', name);
  }
}
