import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsOf, createTable, index, nullable, primary } from './columns.js';

/** Payloads under their SHA-256, the files that wait for their run, and documents that are on their way out. */
export class KeepFiles1763640000000 implements MigrationInterface {
  readonly name = 'KeepFiles1763640000000';

  async up(runner: QueryRunner): Promise<void> {
    const { key, text, instant, integer, binary, tenant } = await columnsOf(runner);
    await createTable(runner, 'blobs', [primary(tenant()), primary(key('digest')), integer('bytes'), instant('created_at')]);
    await createTable(runner, 'blob_parts', [
      ...[primary(tenant()), primary(key('digest')), primary(integer('part')), binary('content')],
    ]);
    await createTable(
      runner,
      'uploads',
      [
        ...[primary(key('run_id')), primary(integer('position')), tenant(), nullable(text('name')), nullable(text('title'))],
        ...[nullable(text('media_type')), nullable(key('digest')), integer('bytes'), nullable(text('refusal'))],
        instant('created_at'),
      ],
      [index('ix_uploads_digest', 'tenant_id', 'digest'), index('ix_uploads_created', 'created_at')],
    );
    if (!(await runner.hasColumn('documents', 'removed_at'))) {
      await runner.query('ALTER TABLE documents ADD COLUMN removed_at bigint NULL');
      await runner.createIndex('documents', index('ix_documents_removed', 'removed_at'));
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['uploads', 'blob_parts', 'blobs']) await runner.dropTable(table, true);
    await runner.dropIndex('documents', 'ix_documents_removed');
    await runner.query('ALTER TABLE documents DROP COLUMN removed_at');
  }
}
