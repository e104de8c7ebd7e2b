import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columnsOf, index, nullable, withDefault } from './columns.js';

const OPEN_LETTERS = 'ix_dead_letters_open';

/** What a worker takes and has in work, and a way through the open dead letters of all tenants. */
export class AnnouncePlaces1763665500000 implements MigrationInterface {
  readonly name = 'AnnouncePlaces1763665500000';

  async up(runner: QueryRunner): Promise<void> {
    const { integer } = await columnsOf(runner);
    const limits = ['max_runs', 'max_nodes'].map((name) => nullable(integer(name)));
    const loads = ['runs_in_work', 'nodes_in_work'].map((name) => withDefault(integer(name), 0));
    // A migration that was cut off on MySQL starts over.
    for (const column of [...limits, ...loads])
      if (!(await runner.hasColumn('workers', column.name))) await runner.addColumn('workers', new TableColumn(column));
    const letters = await runner.getTable('dead_letters');
    if (!letters!.indices.some(({ name }) => name === OPEN_LETTERS))
      await runner.createIndex('dead_letters', index(OPEN_LETTERS, 'status', 'run_id'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex('dead_letters', OPEN_LETTERS);
    for (const column of ['nodes_in_work', 'runs_in_work', 'max_nodes', 'max_runs']) await runner.dropColumn('workers', column);
  }
}
