import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { DATABASE_KINDS, DatabaseBench } from '../support/databases.js';

const TABLES = [
  ...[
    'agents',
    'chunks',
    'documents',
    'journal',
    'lock_history',
    'pool_jobs',
    'removed_runs',
    'runs',
    'signals',
    'tasks',
    'unarchived_runs',
    'workers',
    'workflows',
  ],
];

describe.each(DATABASE_KINDS)('the schema on %s', (kind) => {
  const bench = new DatabaseBench(kind);
  afterEach(() => bench.closeAll());
  afterAll(() => bench.stop());

  test('has a tenant in every table', async () => {
    const database = await (await bench.fresh()).open();
    const runner = database.dataSource.createQueryRunner();
    const tables = await runner.getTables(TABLES);
    await runner.release();
    expect(new Set(tables.map(({ name }) => name.split('.').at(-1)))).toEqual(new Set(TABLES));
    for (const table of tables) {
      const tenant = table.columns.find(({ name }) => name === 'tenant_id');
      expect({ table: table.name, default: String(tenant?.default).replaceAll("'", '') }).toEqual({
        table: table.name,
        default: 'default',
      });
    }
  });

  test('is taken down and built up again by its migrations', async () => {
    const database = await (await bench.fresh()).open();
    const { length } = database.dataSource.migrations;
    for (let undone = 0; undone < length; undone += 1) await database.dataSource.undoLastMigration({ transaction: 'none' });
    await expect(database.dataSource.query('SELECT 1 FROM runs')).rejects.toThrow(/no such table|doesn't exist/i);
    await database.migrate();
    expect(await database.read('SELECT 1 FROM runs')).toEqual([]);
  });
});
