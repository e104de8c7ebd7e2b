import { afterAll, expect, test } from '@jest/globals';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import * as storage from '@baton/storage';
import { openDatabase, type Database } from '@baton/storage';
import { DatabaseBench } from '../support/databases.js';
import { fillTables } from '../support/filled-tables.js';
import { startMariaDb, type Service } from '../support/services.js';
import { tourStores } from '../support/store-tour/index.js';

// What the stores ask stays cheap when the tables are long: the statements that they really execute, over tables of which each asks for little.

const ROWS = 2_000;
/** What a statement may look at beyond the rows that it returns or changes: other rows of the same run, parent, scope or page. */
const LOOKS = 300;

/** Statements that look at all that they are about, and why they may. */
const WHOLE: readonly { sql: RegExp; because: string }[] = [
  { sql: /COUNT\(\*\) AS n FROM runs GROUP BY status/, because: 'asked at a scrape, for a hundredth of the time at most' },
  { sql: /FROM workers WHERE lease_until > /, because: 'lists the workers that there are' },
  { sql: /SUM\(chunk_count\)/, because: 'counted once when a tenant embeds its documents anew' },
  { sql: /SUBSTR\(title/, because: 'somebody looks for the documents of a tenant by how their titles begin' },
  { sql: /SELECT MAX\(other\.version\)/, because: 'the workflows of a tenant: as many as its people have written' },
  { sql: /UNION SELECT target FROM target_calls/, because: 'the targets of a tenant, in the last minutes' },
  { sql: /letters\.(code|node_type) = /, because: 'somebody looks for a kind among the open dead letters of a tenant' },
  {
    sql: /FROM run_(counts|costs)/,
    because: 'sums of the hours or days of a period, never of its runs; a few besides that nothing has counted yet',
  },
  {
    sql: /SELECT payload FROM journal .* AND node_id = /,
    because: 'once for a call that a dead worker has left: the journal of its run',
  },
  { sql: /FROM budget_holds AS holds/, because: 'a sweep of the calls in work that hold of a budget: a row each' },
  { sql: /count\(\*\) FROM run_logs WHERE run_logs.run_id = removed_runs/, because: 'in an index, and a log has a bound' },
  { sql: /DELETE FROM run_logs .* AS first_lines/s, because: 'looks at the first lines of a long log, and removes them' },
  { sql: /FROM blobs WHERE created_at/, because: 'a sweep of what crashes have left, once in minutes' },
];
/** Methods that are not toured, and why. */
const UNTOURED: Readonly<Record<string, string>> = {
  'SqlRagConfigStore.list': 'reads the configurations of all tenants when one embeds anew: a row each',
};

const isWhole = (sql: string): boolean => WHOLE.some((one) => one.sql.test(sql));

let server: Service | null = null;
const sqlite = new DatabaseBench('sqlite file');
afterAll(async () => {
  await server?.stop();
  await sqlite.stop();
});

async function expectTour(database: Database): Promise<void> {
  const calls = await tourStores(database);
  const stores = Object.keys(storage).filter((name) => name.startsWith('Sql'));
  expect(calls.seen.toSorted()).toEqual(stores.toSorted());
  expect(calls.missed.filter((method) => !(method in UNTOURED))).toEqual([]);
}

interface Executed {
  sql: string;
  examined: number;
  touched: number;
}

/** A statement without its values. */
const shapeOf = (sql: string): string => sql.replaceAll(/'[^']*'|\b\d+\b/g, '?').replaceAll(/\?(, \?)+/g, '?');

test('MariaDB looks at no more rows than a statement is about, and finds them by an index', async () => {
  // Its slow log says of each statement how many rows it has examined.
  server = await startMariaDb({ args: ['--log-output=TABLE', '--long-query-time=0'] });
  const admin = await createConnection({ uri: `${server.url}/mysql`, supportBigNumbers: true });
  await admin.query('CREATE DATABASE plans');
  const database = await openDatabase({ url: `${server.url}/plans` });
  await database.migrate();
  await fillTables(database, ROWS);
  const [tables] = await admin.query<RowDataPacket[]>('SHOW TABLES FROM plans');
  for (const row of tables) await admin.query('ANALYZE TABLE plans.??', [Object.values(row)[0]]);
  await admin.query('SET GLOBAL slow_query_log = 1');
  await expectTour(database);
  await admin.query('SET GLOBAL slow_query_log = 0');
  const [rows] = await admin.query<(RowDataPacket & { sql: string; examined: number; sent: number; affected: number })[]>(
    "SELECT CONVERT(sql_text USING utf8mb4) AS `sql`, rows_examined AS examined, rows_sent AS sent, rows_affected AS affected FROM mysql.slow_log WHERE db = 'plans'",
  );
  const executed = rows.map(({ sql, examined, sent, affected }): Executed => ({ sql, examined, touched: sent + affected }));
  expect(executed.length).toBeGreaterThan(200);
  const tooMuch = executed.filter(({ sql, examined, touched }) => examined > LOOKS + 3 * touched && !isWhole(sql));
  expect(tooMuch).toEqual([]);
  await admin.query('USE plans');
  const scans: string[] = [];
  for (const sql of new Map(executed.map((one) => [shapeOf(one.sql), one.sql])).values()) {
    if (!/^\s*\(?(SELECT|UPDATE|DELETE)/i.test(sql) || isWhole(sql)) continue;
    const [plan] = await admin.query<RowDataPacket[]>(`EXPLAIN ${sql}`);
    for (const { table, type, rows: estimate } of plan) {
      const isScan = (type === 'ALL' || type === 'index') && /^\w+$/.test(String(table)) && Number(estimate) >= ROWS / 2;
      if (isScan) scans.push(`${table} ${type} ${estimate}: ${sql}`);
    }
  }
  expect(scans).toEqual([]);
  await admin.end();
  await database.close();
}, 120_000);

test('SQLite scans no table, and begins a page where the last one ended', async () => {
  const database = await (await sqlite.fresh()).open();
  await fillTables(database, ROWS);
  const connection = database.sqlite;
  const prepare = connection.prepare.bind(connection);
  const prepared = new Set<string>();
  connection.prepare = (sql: string) => {
    prepared.add(sql);
    return prepare(sql);
  };
  await expectTour(database);
  connection.prepare = prepare;
  const plans = [...prepared]
    .filter((sql) => /^\s*(SELECT|UPDATE|DELETE|INSERT|REPLACE)/i.test(sql) && !isWhole(sql))
    .map((sql) => ({ sql, plan: explain(prepare, sql) }));
  expect(plans.length).toBeGreaterThan(100);
  // What is scanned under another name is the result of a subquery, or VALUES.
  const names = new Set(
    (await database.read<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'")).map(({ name }) => name),
  );
  const isScan = (sql: string, step: string): boolean => {
    const scanned = /^SCAN (\w+)/.exec(step)?.[1];
    const isAlias = scanned !== undefined && new RegExp(`(FROM|JOIN) "?\\w+"? (AS )?"?${scanned}"?\\b`, 'i').test(sql);
    return scanned !== undefined && (names.has(scanned) || isAlias);
  };
  expect(plans.filter(({ sql, plan }) => plan.some((step) => isScan(sql, step)))).toEqual([]);
  const pages = plans.flatMap(({ sql, plan }) => {
    const [, column] = /(\w+) [<>]= \? AND \([\w.]+ [<>] \? OR /.exec(sql) ?? [];
    return column === undefined ? [] : [{ sql, plan, column }];
  });
  const unbounded = /[<>] \? OR \([\w.]+ = \? AND /;
  expect(plans.filter(({ sql }) => unbounded.test(sql))).toEqual([]);
  expect(pages.length).toBeGreaterThanOrEqual(10);
  expect(pages.filter(({ plan, column }) => !plan.some((step) => new RegExp(`\\b${column}[<>]`).test(step)))).toEqual([]);
});

function explain(prepare: Database['sqlite']['prepare'], sql: string): string[] {
  const marks = sql.match(/\?/g)?.length ?? 0;
  const steps = prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`);
  return steps.all(...Array.from({ length: marks }, () => null)).map(({ detail }) => detail);
}
