import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsOf, createTable, index, nullable, primary } from './columns.js';

/** What runs leave behind for people, and until when a blob is kept that nothing refers to yet. */
export class CreateArtifacts1763720000000 implements MigrationInterface {
  readonly name = 'CreateArtifacts1763720000000';

  async up(runner: QueryRunner): Promise<void> {
    const { key, text, instant, integer, tenant } = await columnsOf(runner);
    await createTable(
      runner,
      'artifacts',
      [
        ...[primary(key('id')), tenant(), key('run_id'), nullable(text('node_id')), text('name'), text('media_type')],
        ...[key('digest'), integer('bytes'), instant('created_at')],
      ],
      [
        index('ix_artifacts_created', 'tenant_id', 'created_at', 'id'),
        index('ix_artifacts_run', 'run_id', 'created_at', 'id'),
        index('ix_artifacts_digest', 'tenant_id', 'digest'),
      ],
    );
    if (!(await runner.hasColumn('blobs', 'kept_until')))
      await runner.query('ALTER TABLE blobs ADD COLUMN kept_until bigint NOT NULL DEFAULT 0');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE blobs DROP COLUMN kept_until');
    await runner.dropTable('artifacts', true);
  }
}
