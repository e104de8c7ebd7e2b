import { openDatabase, type Database } from '@baton/storage';

/** Runs that are copied, each with its journal: of those that have ended. */
const TEMPLATES = 1_000;
/** Copies of one statement: long enough to be fast, short enough for the log of the database. */
const COPIES_AT_ONCE = 20;

/**
 * Copies runs that have ended, and their journals, until the table has so many. A copy differs in its id, which is older than that of any run to come,
 * and in its instants.
 */
export async function multiplyRuns(url: string, wanted: number): Promise<void> {
  const database = await openDatabase({ url, statementTimeoutMs: 600_000, boundMs: 600_000 });
  try {
    const [row] = await database.read<{ n: number }>('SELECT COUNT(*) AS n FROM runs');
    const copies = Math.ceil((wanted - row!.n) / TEMPLATES);
    for (const table of ['runs', 'journal']) {
      const columns = await columnsOf(database, table);
      for (let from = 1; from <= copies; from += COPIES_AT_ONCE)
        await database.write({
          sql: copySql(database, table, columns, from, Math.min(copies, from + COPIES_AT_ONCE - 1)),
          values: [],
        });
    }
    if (database.dialect === 'mysql') await database.read('ANALYZE TABLE runs, journal');
  } finally {
    await database.close();
  }
}

function copySql(database: Database, table: string, columns: readonly string[], from: number, to: number): string {
  const numbers = Array.from({ length: to - from + 1 }, (_, index) => `SELECT ${from + index} AS n`).join(' UNION ALL ');
  const own = columns.map((column) => copied(database, table, column));
  const templates = `SELECT id FROM runs WHERE id > '01' AND status = 'completed' ORDER BY id LIMIT ${TEMPLATES}`;
  return `INSERT INTO ${table} (${columns.join(', ')}) SELECT ${own.join(', ')} FROM ${table}
    JOIN (${templates}) AS templates ON templates.id = ${table}.${table === 'runs' ? 'id' : 'run_id'} JOIN (${numbers}) AS copies`;
}

/** An id of eight digits in place of the first eight, which are those of its instant. */
function copied(database: Database, table: string, column: string): string {
  if (column === (table === 'runs' ? 'id' : 'run_id')) {
    const rest = `SUBSTR(${table}.${column}, 9)`;
    return database.dialect === 'sqlite' ? `printf('%08d', copies.n) || ${rest}` : `CONCAT(LPAD(copies.n, 8, '0'), ${rest})`;
  }
  return column.endsWith('_at') && column !== 'wake_at' ? `${table}.${column} - 1000 * copies.n` : `${table}.${column}`;
}

async function columnsOf(database: Database, table: string): Promise<string[]> {
  const sql =
    database.dialect === 'sqlite'
      ? 'SELECT name FROM pragma_table_info(?)'
      : 'SELECT column_name AS name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ?';
  return (await database.read<{ name: string }>(sql, [table])).map(({ name }) => name);
}
