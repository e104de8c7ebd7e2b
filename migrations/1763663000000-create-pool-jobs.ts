import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columnsOf, createTable, index, nullable, primary, withDefault } from './columns.js';

/** Nodes that are out in pools, and what pools a worker serves. */
export class CreatePoolJobs1763663000000 implements MigrationInterface {
  readonly name = 'CreatePoolJobs1763663000000';

  async up(runner: QueryRunner): Promise<void> {
    const { key, text, instant, integer, tenant } = await columnsOf(runner);
    await createTable(
      runner,
      'pool_jobs',
      [
        ...[primary(key('id', 80)), key('run_id'), integer('seq'), tenant(), key('node_id'), integer('visit')],
        ...[integer('attempt'), key('pool'), instant('dispatched_at'), instant('deadline'), integer('generation')],
        ...[integer('takes'), nullable(key('worker_id', 128)), nullable(key('token')), nullable(instant('taken_at'))],
      ],
      [index('ix_pool_jobs_age', 'dispatched_at', 'id'), index('ix_pool_jobs_run', 'run_id')],
    );
    // A migration that was cut off on MySQL starts over.
    for (const column of [nullable(text('pools')), withDefault(integer('takes_runs'), 1)])
      if (!(await runner.hasColumn('workers', column.name))) await runner.addColumn('workers', new TableColumn(column));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumn('workers', 'takes_runs');
    await runner.dropColumn('workers', 'pools');
    await runner.dropTable('pool_jobs', true);
  }
}
