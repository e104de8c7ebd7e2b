import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columnsOf, nullable } from './columns.js';

const ADDED = ['role', 'escalates_at', 'terms', 'proposal', 'votes'];

/** Approvals say who decides them, how many it takes, what is proposed, and who has said what. */
export class WeighApprovals1763700000000 implements MigrationInterface {
  readonly name = 'WeighApprovals1763700000000';

  async up(runner: QueryRunner): Promise<void> {
    const { key, instant, text } = await columnsOf(runner);
    const columns = [
      { ...key('role', 16), default: "'operator'" },
      ...[nullable(instant('escalates_at')), nullable(text('terms')), nullable(text('proposal')), nullable(text('votes'))],
    ];
    // A migration that was cut off on MySQL starts over.
    for (const column of columns)
      if (!(await runner.hasColumn('approvals', column.name))) await runner.addColumn('approvals', new TableColumn(column));
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of ADDED) await runner.dropColumn('approvals', name);
  }
}
