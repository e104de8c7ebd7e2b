import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsOf, createTable, index, primary } from './columns.js';

/** What calls of models have used: by run, day, node, agent and model, written with the events that say so. */
export class SumUsage1763680000000 implements MigrationInterface {
  readonly name = 'SumUsage1763680000000';

  async up(runner: QueryRunner): Promise<void> {
    const { key, instant, integer, tenant } = await columnsOf(runner);
    await createTable(
      runner,
      'run_usage',
      [
        ...[primary(key('run_id')), primary(key('day', 10)), primary(key('node_id')), primary(key('agent'))],
        ...[primary(key('model', 200)), tenant(), key('workflow_id'), key('workflow_name')],
        // As wide as instants: sums of tokens outgrow 32 bits.
        ...[integer('model_calls'), instant('prompt_tokens'), instant('completion_tokens'), instant('cost_micros')],
      ],
      [index('ix_run_usage_day', 'tenant_id', 'day', 'workflow_id')],
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('run_usage', true);
  }
}
