import { randomUUID } from 'node:crypto';
import { createConnection } from 'mysql2/promise';
import { openDatabase, type Database } from '@baton/storage';

/** Migrating each database anew would take most of the time of the tests: it is done once, and what it has made is copied. */
export interface MigratedModel {
  /** A further empty database on the server; returns its URL. MariaDB only. */
  createDatabase(): Promise<string>;
}

/** A default that no operator should have, so that no column relies on it. */
const DATABASE_DEFAULTS = 'CHARACTER SET latin1 COLLATE latin1_swedish_ci';

const freshName = (): string => `t_${randomUUID().replaceAll('-', '')}`;

/** Migrates one database of the server, of which each `createDatabase` makes a copy. */
export async function migrateModel(serverUrl: string): Promise<MigratedModel> {
  const model = freshName();
  const execute = async (sql: string): Promise<unknown> => {
    const connection = await createConnection({ uri: `${serverUrl}/mysql`, multipleStatements: true });
    try {
      return (await connection.query(sql))[0];
    } finally {
      await connection.end();
    }
  };
  await execute(`CREATE DATABASE ${model} ${DATABASE_DEFAULTS}`);
  const database = await openDatabase({ url: `${serverUrl}/${model}`, poolSize: 1 });
  await database.migrate();
  await database.close();
  const tables = (await execute(`SHOW TABLES FROM ${model}`)) as Record<string, string>[];
  const copies = tables
    .flatMap((row) => Object.values(row))
    .flatMap((table) => [`CREATE TABLE ${table} LIKE ${model}.${table}`, `INSERT INTO ${table} SELECT * FROM ${model}.${table}`]);
  return {
    async createDatabase() {
      const name = freshName();
      await execute([`CREATE DATABASE ${name} ${DATABASE_DEFAULTS}`, `USE ${name}`, ...copies].join(';'));
      return `${serverUrl}/${name}`;
    },
  };
}

/** What a migrated SQLite database consists of, as statements that make another empty one like it. */
export function describeSqlite({ sqlite }: Database): string {
  const objects = sqlite
    .prepare<[], { name: string; sql: string; type: string }>(
      "SELECT name, sql, type FROM sqlite_master WHERE sql IS NOT NULL AND name <> 'sqlite_sequence' ORDER BY rowid",
    )
    .all();
  const rows = objects
    .filter(({ type }) => type === 'table')
    .flatMap(({ name }) =>
      sqlite
        .prepare<[], Record<string, string | number | null>>(`SELECT * FROM ${name}`)
        .all()
        .map((row) => insertInto(name, row)),
    );
  return ['BEGIN', ...objects.map(({ sql }) => sql), ...rows, 'COMMIT'].join(';\n');
}

function insertInto(table: string, row: Record<string, string | number | null>): string {
  const values = Object.values(row).map((value) =>
    typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value),
  );
  return `INSERT INTO ${table} (${Object.keys(row).join(', ')}) VALUES (${values.join(', ')})`;
}
