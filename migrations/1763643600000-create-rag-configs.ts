import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsOf, createTable, nullable, primary } from './columns.js';

/** How each tenant's documents are embedded, and the texts from which they can be embedded anew. */
export class CreateRagConfigs1763643600000 implements MigrationInterface {
  readonly name = 'CreateRagConfigs1763643600000';

  async up(runner: QueryRunner): Promise<void> {
    const { key, text, instant, integer, tenant } = await columnsOf(runner);
    await createTable(runner, 'rag_configs', [
      ...[primary(tenant()), integer('revision'), text('active'), nullable(text('next'))],
      ...[nullable(key('run_id')), text('leftovers'), instant('updated_at')],
    ]);
    await createTable(runner, 'document_texts', [primary(key('document_id')), tenant(), text('text')]);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['document_texts', 'rag_configs']) await runner.dropTable(table, true);
  }
}
