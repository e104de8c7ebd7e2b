import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columnsOf, createTable, index, nullable, primary } from './columns.js';

/** Approvals that wait for people, runs that say what they fork, and the way from a workflow to its runs. */
export class CreateApprovals1763658000000 implements MigrationInterface {
  readonly name = 'CreateApprovals1763658000000';

  async up(runner: QueryRunner): Promise<void> {
    const { key, text, instant, integer, tenant } = await columnsOf(runner);
    await createTable(
      runner,
      'approvals',
      [
        ...[primary(key('id', 160)), tenant(), key('run_id'), key('node_id'), integer('visit')],
        ...[text('title'), key('status', 16), instant('requested_at'), nullable(instant('due_at'))],
        ...[
          nullable(key('decision', 16)),
          nullable(key('decided_by')),
          nullable(instant('decided_at')),
          nullable(text('comment')),
        ],
      ],
      [index('ix_approvals_open', 'tenant_id', 'status', 'requested_at', 'id'), index('ix_approvals_run', 'run_id')],
    );
    // A migration that was cut off on MySQL starts over.
    if (!(await runner.hasColumn('runs', 'forked_from')))
      await runner.addColumn('runs', new TableColumn(nullable(key('forked_from'))));
    const runs = await runner.getTable('runs');
    if (!runs!.indices.some(({ name }) => name === 'ix_runs_workflow'))
      await runner.createIndex('runs', index('ix_runs_workflow', 'tenant_id', 'workflow_id', 'created_at', 'id'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex('runs', 'ix_runs_workflow');
    await runner.dropColumn('runs', 'forked_from');
    await runner.dropTable('approvals', true);
  }
}
