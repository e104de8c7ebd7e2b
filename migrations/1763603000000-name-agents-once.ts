import type { MigrationInterface, QueryRunner } from 'typeorm';
import { unique } from './columns.js';

const INDEX = unique('uq_agents_name', 'tenant_id', 'name');

/** An agent is called by its name, so a tenant has each name once. */
export class NameAgentsOnce1763603000000 implements MigrationInterface {
  readonly name = 'NameAgentsOnce1763603000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.createIndex('agents', INDEX);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex('agents', INDEX);
  }
}
