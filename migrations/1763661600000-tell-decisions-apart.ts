import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columnsOf, nullable } from './columns.js';

/** Approvals keep the token of their decision: two that say the same are two. */
export class TellDecisionsApart1763661600000 implements MigrationInterface {
  readonly name = 'TellDecisionsApart1763661600000';

  async up(runner: QueryRunner): Promise<void> {
    const { key } = await columnsOf(runner);
    // A migration that was cut off on MySQL starts over.
    if (!(await runner.hasColumn('approvals', 'decision_token')))
      await runner.addColumn('approvals', new TableColumn(nullable(key('decision_token'))));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumn('approvals', 'decision_token');
  }
}
