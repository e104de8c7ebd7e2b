import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsOf, createTable, index, primary } from './columns.js';

/** Where the bytes of a blob lie and how far it has come; and which runs refer to which blobs. */
export class ReferToBlobs1763721000000 implements MigrationInterface {
  readonly name = 'ReferToBlobs1763721000000';

  async up(runner: QueryRunner): Promise<void> {
    const { key, tenant } = await columnsOf(runner);
    const binary = runner.dataSource.options.type === 'better-sqlite3' ? '' : ' CHARACTER SET ascii COLLATE ascii_bin';
    const columns = [
      `encoding varchar(16)${binary} NOT NULL DEFAULT 'identity'`,
      `place varchar(16)${binary} NOT NULL DEFAULT 'sql'`,
      `state varchar(16)${binary} NOT NULL DEFAULT 'kept'`,
      `object_name varchar(64)${binary} NULL`,
    ];
    for (const column of columns)
      if (!(await runner.hasColumn('blobs', column.split(' ')[0]!))) await runner.query(`ALTER TABLE blobs ADD COLUMN ${column}`);
    await createTable(
      runner,
      'blob_references',
      [primary(tenant()), primary(key('digest')), primary(key('run_id'))],
      [index('ix_blob_references_run', 'run_id')],
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('blob_references', true);
    for (const column of ['object_name', 'state', 'place', 'encoding'])
      await runner.query(`ALTER TABLE blobs DROP COLUMN ${column}`);
  }
}
