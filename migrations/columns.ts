import { Table, TableIndex, type QueryRunner, type TableColumnOptions } from 'typeorm';

/** The column types of both databases: one list of migrations runs on either. */
export interface Columns {
  /** An id or a name: compared byte by byte, also in letter case, accents and trailing blanks. */
  key: (name: string, length?: number) => TableColumnOptions;
  /** Text or JSON of any length. */
  text: (name: string) => TableColumnOptions;
  /** Milliseconds since the epoch. */
  instant: (name: string) => TableColumnOptions;
  integer: (name: string) => TableColumnOptions;
  /** Bytes: a mebibyte at least. */
  binary: (name: string) => TableColumnOptions;
  /** A number that the database counts up: the table's primary key. */
  counter: (name: string) => TableColumnOptions;
  tenant: () => TableColumnOptions;
}

const SQLITE: Columns = {
  key: (name) => ({ name, type: 'varchar' }),
  text: (name) => ({ name, type: 'text' }),
  instant: (name) => ({ name, type: 'bigint' }),
  integer: (name) => ({ name, type: 'integer' }),
  binary: (name) => ({ name, type: 'blob' }),
  counter: (name) => ({ name, type: 'integer', isPrimary: true, isGenerated: true, generationStrategy: 'increment' }),
  tenant: () => ({ name: 'tenant_id', type: 'varchar', default: "'default'" }),
};

/** MySQL and MariaDB name the binary collation that minds trailing blanks differently. */
function mysql(version: string): Columns {
  const charset = { charset: 'utf8mb4', collation: /mariadb/i.test(version) ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin' };
  return {
    key: (name, length = 64) => ({ name, type: 'varchar', length: String(length), ...charset }),
    text: (name) => ({ name, type: 'longtext', ...charset }),
    instant: (name) => ({ name, type: 'bigint' }),
    integer: (name) => ({ name, type: 'int' }),
    binary: (name) => ({ name, type: 'mediumblob' }),
    counter: (name) => ({ name, type: 'bigint', isPrimary: true, isGenerated: true, generationStrategy: 'increment' }),
    tenant: () => ({ name: 'tenant_id', type: 'varchar', length: '64', default: "'default'", ...charset }),
  };
}

export async function columnsOf(runner: QueryRunner): Promise<Columns> {
  if (runner.dataSource.options.type === 'better-sqlite3') return SQLITE;
  const [row] = (await runner.query('SELECT VERSION() AS version')) as [{ version: string }];
  return mysql(row.version);
}

export const primary = (column: TableColumnOptions): TableColumnOptions => ({ ...column, isPrimary: true });
export const nullable = (column: TableColumnOptions): TableColumnOptions => ({ ...column, isNullable: true });
export const withDefault = (column: TableColumnOptions, value: number): TableColumnOptions => ({ ...column, default: value });

export const index = (name: string, ...columnNames: string[]): TableIndex => new TableIndex({ name, columnNames });
export const unique = (name: string, ...columnNames: string[]): TableIndex =>
  new TableIndex({ name, columnNames, isUnique: true });

/** Creates a table with its indexes, unless it is there: a migration that was cut off on MySQL, where DDL commits by itself, starts over. */
export async function createTable(
  runner: QueryRunner,
  name: string,
  columns: TableColumnOptions[],
  indexes: TableIndex[] = [],
): Promise<void> {
  const engine = runner.dataSource.options.type === 'better-sqlite3' ? undefined : 'InnoDB';
  await runner.createTable(new Table({ name, columns, indices: indexes, engine }), true, false, true);
}
