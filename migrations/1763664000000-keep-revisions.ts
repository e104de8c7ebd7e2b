import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columnsOf, createTable, index, nullable, primary, withDefault } from './columns.js';

/** Patches of runs, and in the run's row the number of the last one. */
export class KeepRevisions1763664000000 implements MigrationInterface {
  readonly name = 'KeepRevisions1763664000000';

  async up(runner: QueryRunner): Promise<void> {
    const { key, text, instant, integer, tenant } = await columnsOf(runner);
    await createTable(
      runner,
      'revisions',
      [
        ...[primary(key('run_id')), primary(integer('revision')), tenant(), key('status', 16)],
        ...[key('digest'), key('previous_digest'), text('patch'), text('diff'), key('author', 128), text('reason')],
        ...[instant('at'), nullable(instant('answered_at')), nullable(text('refusal')), key('token')],
      ],
      [index('ix_revisions_token', 'run_id', 'token')],
    );
    // A migration that was cut off on MySQL starts over.
    if (!(await runner.hasColumn('runs', 'revision')))
      await runner.addColumn('runs', new TableColumn(withDefault(integer('revision'), 0)));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumn('runs', 'revision');
    await runner.dropTable('revisions', true);
  }
}
