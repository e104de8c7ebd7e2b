import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsOf, createTable, index, nullable } from './columns.js';

/** The lines that the nodes of runs have logged. */
export class KeepRunLogs1763810000000 implements MigrationInterface {
  readonly name = 'KeepRunLogs1763810000000';

  async up(runner: QueryRunner): Promise<void> {
    const { key, text, instant, integer, counter, tenant } = await columnsOf(runner);
    await createTable(
      runner,
      'run_logs',
      [
        ...[counter('id'), tenant(), key('run_id'), key('node_id'), integer('visit'), integer('attempt')],
        ...[integer('level'), instant('at'), integer('bytes'), text('message'), nullable(text('fields'))],
      ],
      // With the bytes, so that what a run has kept is summed in the index.
      [index('ix_run_logs_run', 'run_id', 'id', 'bytes')],
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('run_logs', true);
  }
}
