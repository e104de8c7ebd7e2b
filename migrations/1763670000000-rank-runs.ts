import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columnsOf } from './columns.js';

/** The priority of a run. */
export class RankRuns1763670000000 implements MigrationInterface {
  readonly name = 'RankRuns1763670000000';

  async up(runner: QueryRunner): Promise<void> {
    const { key } = await columnsOf(runner);
    // A migration that was cut off on MySQL starts over.
    if (!(await runner.hasColumn('runs', 'priority')))
      await runner.addColumn('runs', new TableColumn({ ...key('priority', 8), default: "'normal'" }));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumn('runs', 'priority');
  }
}
