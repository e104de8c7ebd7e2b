import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';

/** Rows and bytes of tables, indexes included, by table. */
export type DatabaseSize = ReadonlyMap<string, { rows: number; bytes: number }>;

/** Counts the rows, and the pages that InnoDB has for them. */
export async function readDatabaseSize(url: string): Promise<DatabaseSize> {
  const connection = await createConnection(url);
  try {
    const tables = await sizeOfTables(connection);
    const size = new Map<string, { rows: number; bytes: number }>();
    for (const [table, bytes] of tables) size.set(table, { rows: await countRows(connection, table), bytes });
    return size;
  } finally {
    await connection.end();
  }
}

/** As of now: the sizes are statistics, which ANALYZE makes anew. */
async function sizeOfTables(connection: Connection): Promise<Map<string, number>> {
  const sql = `SELECT table_name AS name, data_length + index_length AS bytes FROM information_schema.tables WHERE table_schema = DATABASE()`;
  const [tables] = await connection.query<(RowDataPacket & { name: string })[]>(sql);
  await connection.query('ANALYZE TABLE ??', [tables.map(({ name }) => name)]);
  const [sizes] = await connection.query<(RowDataPacket & { name: string; bytes: number | string })[]>(sql);
  return new Map(sizes.map(({ name, bytes }) => [name, Number(bytes)]));
}

async function countRows(connection: Connection, table: string): Promise<number> {
  const [rows] = await connection.query<(RowDataPacket & { n: number })[]>('SELECT COUNT(*) AS n FROM ??', [table]);
  return rows[0]!.n;
}

/** What tables have gained. */
export function growth(after: DatabaseSize, before: DatabaseSize): DatabaseSize {
  return new Map(
    [...after].map(([table, { rows, bytes }]) => {
      const was = before.get(table) ?? { rows: 0, bytes: 0 };
      return [table, { rows: rows - was.rows, bytes: bytes - was.bytes }];
    }),
  );
}

export function total(size: DatabaseSize): { rows: number; bytes: number } {
  const sum = { rows: 0, bytes: 0 };
  for (const { rows, bytes } of size.values()) {
    sum.rows += rows;
    sum.bytes += bytes;
  }
  return sum;
}
