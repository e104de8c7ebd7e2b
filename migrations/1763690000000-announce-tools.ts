import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columnsOf, nullable } from './columns.js';

/** The tools that the agents of a worker can be given; null in the row of a worker of a version that does not say. */
export class AnnounceTools1763690000000 implements MigrationInterface {
  readonly name = 'AnnounceTools1763690000000';

  async up(runner: QueryRunner): Promise<void> {
    const { text } = await columnsOf(runner);
    // A migration that was cut off on MySQL starts over.
    if (!(await runner.hasColumn('workers', 'agent_tools')))
      await runner.addColumn('workers', new TableColumn(nullable(text('agent_tools'))));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumn('workers', 'agent_tools');
  }
}
