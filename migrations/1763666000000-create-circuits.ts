import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsOf, createTable, index, nullable, primary } from './columns.js';

/** What workers know of the targets that nodes call: their circuits, and their calls minute by minute. */
export class CreateCircuits1763666000000 implements MigrationInterface {
  readonly name = 'CreateCircuits1763666000000';

  async up(runner: QueryRunner): Promise<void> {
    const { key, text, instant, integer, tenant } = await columnsOf(runner);
    const target = [primary(tenant()), primary(key('target', 300))];
    await createTable(
      runner,
      'circuits',
      [
        ...[...target, integer('failures'), nullable(instant('opened_at')), nullable(instant('open_until'))],
        ...[nullable(key('probe_token')), nullable(instant('probe_until'))],
        ...[nullable(text('last_error')), nullable(instant('failed_at')), instant('changed_at'), integer('revision')],
      ],
      [index('ix_circuits_troubled', 'failures', 'changed_at')],
    );
    await createTable(
      runner,
      'target_calls',
      [...target, primary(instant('minute_at')), integer('calls'), integer('failures'), instant('total_ms'), integer('max_ms')],
      [index('ix_target_calls_minute', 'minute_at')],
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('target_calls', true);
    await runner.dropTable('circuits', true);
  }
}
