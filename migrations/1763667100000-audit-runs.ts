import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsOf, createTable, index, primary } from './columns.js';

/** What auditors have found, and the way to the runs that have just ended. */
export class AuditRuns1763667100000 implements MigrationInterface {
  readonly name = 'AuditRuns1763667100000';

  async up(runner: QueryRunner): Promise<void> {
    const { key, text, instant, tenant } = await columnsOf(runner);
    const columns = [primary(key('run_id')), primary(key('kind', 16)), tenant(), text('detail'), instant('found_at')];
    await createTable(runner, 'audit_findings', columns, [index('ix_audit_findings_found', 'found_at')]);
    // A migration that was cut off on MySQL starts over.
    const runs = await runner.getTable('runs');
    if (!runs!.indices.some(({ name }) => name === 'ix_runs_finished'))
      await runner.createIndex('runs', index('ix_runs_finished', 'finished_at', 'id'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex('runs', 'ix_runs_finished');
    await runner.dropTable('audit_findings', true);
  }
}
