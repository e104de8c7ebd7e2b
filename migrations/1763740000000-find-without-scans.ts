import type { MigrationInterface, QueryRunner, TableIndex } from 'typeorm';
import { index } from './columns.js';

const OF_TASKS = index('ix_tasks_id', 'id');
const OF_LETTERS = index('ix_dead_letters_newest', 'status', 'at', 'run_id');
const OLD_OF_LETTERS = index('ix_dead_letters_open', 'status', 'run_id');

/** Ways to what was found by a scan: tasks of any tenant by their ids, and the newest open dead letters of all tenants. */
export class FindWithoutScans1763740000000 implements MigrationInterface {
  readonly name = 'FindWithoutScans1763740000000';

  async up(runner: QueryRunner): Promise<void> {
    await add(runner, 'tasks', OF_TASKS);
    await add(runner, 'dead_letters', OF_LETTERS);
    await remove(runner, 'dead_letters', OLD_OF_LETTERS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await add(runner, 'dead_letters', OLD_OF_LETTERS);
    await remove(runner, 'dead_letters', OF_LETTERS);
    await remove(runner, 'tasks', OF_TASKS);
  }
}

// A migration that was cut off on MySQL starts over.

async function add(runner: QueryRunner, table: string, added: TableIndex): Promise<void> {
  if (!(await has(runner, table, added))) await runner.createIndex(table, added);
}

async function remove(runner: QueryRunner, table: string, removed: TableIndex): Promise<void> {
  if (await has(runner, table, removed)) await runner.dropIndex(table, removed.name!);
}

async function has(runner: QueryRunner, table: string, { name }: TableIndex): Promise<boolean> {
  return (await runner.getTable(table))!.indices.some((one) => one.name === name);
}
