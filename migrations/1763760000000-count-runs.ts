import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsOf, createTable, primary } from './columns.js';

/**
 * How runs ended and what they cost, added up by hour and day: which runs are in these sums already, and up to where all are. The mark is in
 * no index, so that whoever submits and ends runs pays nothing for it.
 */
export class CountRuns1763760000000 implements MigrationInterface {
  readonly name = 'CountRuns1763760000000';

  async up(runner: QueryRunner): Promise<void> {
    const { key, instant, integer, tenant } = await columnsOf(runner);
    const slot = [primary(tenant()), primary(key('span', 4)), primary(instant('slot_at')), primary(key('workflow_id'))];
    await createTable(runner, 'run_counts', [
      ...[...slot, primary(key('status', 16)), primary(integer('band')), key('workflow_name')],
      // As wide as instants: sums outgrow 32 bits.
      ...[instant('runs'), instant('total_ms')],
    ]);
    await createTable(runner, 'run_costs', [
      ...[...slot, primary(key('agent')), primary(key('model', 200)), key('workflow_name')],
      ...[instant('model_calls'), instant('prompt_tokens'), instant('completion_tokens'), instant('cost_micros')],
    ]);
    await createTable(runner, 'actor_progress', [tenant(), primary(key('name')), instant('at')]);
    // A migration that was cut off on MySQL starts over.
    await runner.query("DELETE FROM actor_progress WHERE name = 'run counter'");
    await runner.query("INSERT INTO actor_progress (name, at) VALUES ('run counter', 0)");
    if (!(await runner.hasColumn('runs', 'counted')))
      await runner.query('ALTER TABLE runs ADD COLUMN counted integer NOT NULL DEFAULT 0');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE runs DROP COLUMN counted');
    for (const table of ['actor_progress', 'run_costs', 'run_counts']) await runner.dropTable(table, true);
  }
}
