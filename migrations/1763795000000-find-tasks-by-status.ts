import type { MigrationInterface, QueryRunner } from 'typeorm';
import { index } from './columns.js';

const BY_STATUS = index('ix_tasks_status', 'tenant_id', 'status', 'created_at', 'id');

/** The tasks of a status, newest first, however many there are of others. */
export class FindTasksByStatus1763795000000 implements MigrationInterface {
  readonly name = 'FindTasksByStatus1763795000000';

  async up(runner: QueryRunner): Promise<void> {
    const { indices } = (await runner.getTable('tasks'))!;
    if (!indices.some(({ name }) => name === BY_STATUS.name)) await runner.createIndex('tasks', BY_STATUS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex('tasks', BY_STATUS);
  }
}
