import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsOf, createTable, index, nullable, primary } from './columns.js';

/** Dead letters: what is left of runs that failed for good, or went on without a node that did. */
export class KeepDeadLetters1763665100000 implements MigrationInterface {
  readonly name = 'KeepDeadLetters1763665100000';

  async up(runner: QueryRunner): Promise<void> {
    const { key, text, instant, integer, tenant } = await columnsOf(runner);
    await createTable(
      runner,
      'dead_letters',
      [
        ...[primary(key('run_id')), tenant(), key('kind', 16), nullable(key('node_id')), nullable(key('node_type'))],
        ...[key('code', 64), text('error'), integer('attempts'), integer('failed_nodes'), instant('at'), key('status', 16)],
        ...[nullable(key('replay_run_id')), nullable(instant('resolved_at')), nullable(key('resolved_by', 128))],
      ],
      [index('ix_dead_letters_status', 'tenant_id', 'status', 'at', 'run_id')],
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('dead_letters', true);
  }
}
