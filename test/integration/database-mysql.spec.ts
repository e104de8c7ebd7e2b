import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createConnection } from 'mysql2/promise';
import { openDatabase, SqlTaskStore, type Database } from '@baton/storage';
import { DatabaseBench, type FreshDatabase } from '../support/databases.js';
import { until } from '../support/redis-clients.js';
import { newTask } from '../support/run-requests.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const BOUND_MS = 1_500;
const bench = new DatabaseBench('mariadb');
let fresh: FreshDatabase;
let proxy: TcpProxy;
let database: Database;

beforeAll(async () => {
  await bench.mariaDb();
});
beforeEach(async () => {
  fresh = await bench.fresh();
  proxy = await TcpProxy.start((await bench.mariaDb()).port);
  database = await openDatabase({
    ...{ url: proxy.through(fresh.url), poolSize: 2, boundMs: BOUND_MS },
    ...{ connectTimeoutMs: 300, statementTimeoutMs: 300 },
  });
});
afterEach(async () => {
  await database.close();
  await proxy.close();
  await bench.closeAll();
});
afterAll(() => bench.stop());

test('a pool whose connections get no answer fails all who wait for one within their bound, and serves again when it is healed', async () => {
  const touch = { sql: 'UPDATE tasks SET title = ? WHERE id = ?', values: ['late', 'none'] };
  proxy.swallow();
  const startedAt = performance.now();
  const outcomes = await Promise.allSettled([
    ...Array.from({ length: 40 }, () => database.read('SELECT 1 AS one')),
    ...Array.from({ length: 10 }, () => database.write(touch)),
  ]);
  expect(performance.now() - startedAt).toBeLessThan(BOUND_MS + 1_000);
  for (const outcome of outcomes) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'storage_unavailable' } });
  }
  proxy.forward();
  expect(await database.read('SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('a write whose row is locked fails within its bound, although a further try has just begun', async () => {
  const slow = await openDatabase({ url: fresh.url, poolSize: 2, statementTimeoutMs: 1_000, boundMs: BOUND_MS });
  const { id } = newTask();
  await new SqlTaskStore(slow).create(newTask({ id }));
  const other = await createConnection({ uri: fresh.url });
  await other.beginTransaction();
  await other.query('SELECT id FROM tasks WHERE id = ? FOR UPDATE', [id]);
  const startedAt = performance.now();
  const write = slow.write({ sql: 'UPDATE tasks SET title = ? WHERE id = ?', values: ['late', id] });
  await expect(write).rejects.toMatchObject({ code: 'storage_unavailable' });
  expect(performance.now() - startedAt).toBeLessThan(BOUND_MS + 250);
  await other.end();
  await slow.close();
});

test('a text stays a text, whatever the SQL mode of the server', async () => {
  const admin = await createConnection({ uri: (await bench.mariaDb()).url });
  await admin.query("SET GLOBAL sql_mode = 'NO_BACKSLASH_ESCAPES'");
  try {
    const opened = await fresh.open();
    const tasks = new SqlTaskStore(opened);
    const title = "' OR '1' = '1' -- \\' OR 1 = 1 -- ";
    // More at once than one connection can serve.
    const made = await Promise.all(Array.from({ length: 8 }, () => tasks.create({ ...newTask(), title })));
    for (const { task } of made as { task: { tenantId: string; id: string } }[]) {
      expect(await tasks.find(task.tenantId, task.id)).toMatchObject({ title });
    }
    expect(await tasks.find('default', "none\\' OR 1 = 1 -- ")).toBeNull();
  } finally {
    await admin.query('SET GLOBAL sql_mode = DEFAULT');
    await admin.end();
  }
});

describe('migrating over a half-open connection', () => {
  /** Another migrates, as far as the database knows, until it lets go. */
  const holdMigrationLock = async (): Promise<() => Promise<void>> => {
    const other = await createConnection({ uri: fresh.url });
    const name = createHash('sha256')
      .update(`baton migrate ${new URL(fresh.url).pathname.slice(1)}`)
      .digest('hex');
    await other.query('SELECT GET_LOCK(?, 0)', [name]);
    return () => other.end();
  };
  const isWaiting = async (): Promise<boolean> => {
    const [row] = await database.read<{ n: number }>(
      "SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND INFO LIKE 'SELECT GET_LOCK%'",
    );
    return row!.n === 1;
  };

  test('fails within seconds where the answer is lost, not after the time that a migration may take', async () => {
    const letGo = await holdMigrationLock();
    const migrated = database.migrate().then(
      () => 'migrated',
      (error: unknown) => String(error),
    );
    await until(isWaiting);
    proxy.swallowOpen();
    await letGo();
    expect(await migrated).toContain('The answer of MySQL to a migration is lost.');
  });

  test('waits for a server that is at work for longer than that', async () => {
    const letGo = await holdMigrationLock();
    const migrated = database.migrate();
    await until(isWaiting);
    const asked = proxy.requests;
    await until(() => proxy.requests >= asked + 6, 30_000);
    await letGo();
    await migrated;
  });
});
