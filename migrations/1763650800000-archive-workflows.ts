import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columnsOf, nullable } from './columns.js';

/** Workflows keep the text of their author, and can be archived. */
export class ArchiveWorkflows1763650800000 implements MigrationInterface {
  readonly name = 'ArchiveWorkflows1763650800000';

  async up(runner: QueryRunner): Promise<void> {
    const { key, text, instant } = await columnsOf(runner);
    for (const column of [instant('archived_at'), text('source'), key('source_format', 8)]) {
      // A migration that was cut off on MySQL starts over.
      if (!(await runner.hasColumn('workflows', column.name)))
        await runner.addColumn('workflows', new TableColumn(nullable(column)));
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of ['source_format', 'source', 'archived_at']) await runner.dropColumn('workflows', name);
  }
}
