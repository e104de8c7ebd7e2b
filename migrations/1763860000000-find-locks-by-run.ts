import type { MigrationInterface, QueryRunner } from 'typeorm';
import { index } from './columns.js';

// The rows of a run are read in the order of their ids, with which both databases end an index.
const BY_RUN = index('ix_lock_history_run', 'run_id');

/** The way to what a run has left in the history of the locks of its task, however long that is. */
export class FindLocksByRun1763860000000 implements MigrationInterface {
  readonly name = 'FindLocksByRun1763860000000';

  async up(runner: QueryRunner): Promise<void> {
    // A migration that was cut off on MySQL starts over.
    const { indices } = (await runner.getTable('lock_history'))!;
    if (!indices.some(({ name }) => name === BY_RUN.name)) await runner.createIndex('lock_history', BY_RUN);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex('lock_history', BY_RUN);
  }
}
