import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columnsOf, createTable, index, primary, withDefault } from './columns.js';

/** Limits on live runs: their scopes, a row to lock each, and the places that runs hold or await in them. */
export class LimitRuns1763665000000 implements MigrationInterface {
  readonly name = 'LimitRuns1763665000000';

  async up(runner: QueryRunner): Promise<void> {
    const { key, instant, integer, tenant } = await columnsOf(runner);
    await createTable(
      runner,
      'run_scopes',
      [primary(key('id', 160)), tenant(), key('kind', 16), key('name'), integer('capacity'), key('on_limit', 16)],
      [index('ix_run_scopes_tenant', 'tenant_id', 'id')],
    );
    await createTable(
      runner,
      'run_places',
      [primary(key('run_id')), primary(key('scope_id', 160)), tenant(), key('status', 16), instant('at')],
      [index('ix_run_places_scope', 'scope_id', 'status', 'at', 'run_id'), index('ix_run_places_line', 'status', 'scope_id')],
    );
    // A migration that was cut off on MySQL starts over.
    if (!(await runner.hasColumn('runs', 'limited')))
      await runner.addColumn('runs', new TableColumn(withDefault(integer('limited'), 0)));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumn('runs', 'limited');
    await runner.dropTable('run_places', true);
    await runner.dropTable('run_scopes', true);
  }
}
