import { afterAll, afterEach, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openDatabase, SqlRunStore } from '@baton/storage';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { DatabaseBench } from '../support/databases.js';
import { accepted } from '../support/run-requests.js';
import { CACHE } from '../support/services.js';

// What was acknowledged is on the disk: each commit that was waited for has made the system write it there.

const COMMITS = 20;
// In memory, where other suites have theirs, the server sees that there is nothing to flush.
const MARIADB = new DatabaseBench('mariadb', CACHE);
afterEach(() => MARIADB.closeAll());
afterAll(() => MARIADB.stop());

async function count(admin: Connection): Promise<{ fsyncs: number; commits: number }> {
  const [rows] = await admin.query<(RowDataPacket & { Variable_name: string; Value: string })[]>(
    "SHOW GLOBAL STATUS WHERE Variable_name IN ('Innodb_data_fsyncs', 'Com_commit')",
  );
  const status = new Map(rows.map((row) => [row.Variable_name, Number(row.Value)]));
  return { fsyncs: status.get('Innodb_data_fsyncs')!, commits: status.get('Com_commit')! };
}

/** What the server did for the work. */
async function spent(admin: Connection, work: () => Promise<unknown>): Promise<{ fsyncs: number; commits: number }> {
  const before = await count(admin);
  await work();
  const after = await count(admin);
  return { fsyncs: after.fsyncs - before.fsyncs, commits: after.commits - before.commits };
}

test('MariaDB flushes once for each commit, however many runs share it, and says where it does not', async () => {
  const fresh = await MARIADB.fresh();
  const database = await fresh.open();
  const runs = new SqlRunStore(database);
  const admin = await createConnection({ uri: fresh.url });
  await accepted(runs);
  const inTurn = async (): Promise<void> => {
    for (let commit = 0; commit < COMMITS; commit += 1) await accepted(runs);
  };
  const alone = await spent(admin, inTurn);
  expect(alone.commits).toBe(COMMITS);
  expect(alone.fsyncs).toBeGreaterThanOrEqual(COMMITS);
  const shared = await spent(admin, () => Promise.all(Array.from({ length: COMMITS }, () => accepted(runs))));
  expect(shared.commits).toBeLessThanOrEqual(2);
  expect(shared.fsyncs).toBeLessThan(COMMITS);
  expect(await database.findLossyCommit()).toBeNull();

  // The other way round, or the count would say nothing.
  await admin.query('SET GLOBAL innodb_flush_log_at_trx_commit = 2');
  expect((await spent(admin, inTurn)).fsyncs).toBeLessThan(COMMITS);
  expect(await database.findLossyCommit()).toBe('commits are not flushed to the disk: innodb_flush_log_at_trx_commit = 2');
  await admin.query('SET GLOBAL innodb_flush_log_at_trx_commit = 1');
  expect(await database.findLossyCommit()).toBeNull();
  await admin.end();
  await runs.close();
}, 120_000);

test('SQLite flushes for each commit', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'baton-flush-'));
  /** As the kernel sees it. */
  const flushes = async (commits: number): Promise<number> => {
    const trace = join(dir, `trace-${commits}`);
    const script = [process.execPath, '--import', './test/support/typescript-hooks.ts', 'test/support/commit-in-turn.ts'];
    const strace = ['-f', '-qq', '-e', 'trace=fsync,fdatasync', '-o', trace];
    await promisify(execFile)('strace', [...strace, ...script, `sqlite:${join(dir, `${commits}.sqlite`)}`, String(commits)]);
    return readFileSync(trace, 'utf8').match(/\bf(data)?sync\(/g)?.length ?? 0;
  };
  const [without, together] = await Promise.all([flushes(0), flushes(COMMITS)]);
  expect(together - without).toBeGreaterThanOrEqual(COMMITS);
  expect(together - without).toBeLessThan(2 * COMMITS);
  rmSync(dir, { recursive: true, force: true });
}, 60_000);

test('SQLite says where it does not', async () => {
  const database = await openDatabase({ url: 'sqlite::memory:' });
  expect(await database.findLossyCommit()).toBe('the database is in memory alone');
  await database.close();
  const dir = mkdtempSync(join(tmpdir(), 'baton-flush-'));
  const onDisk = await openDatabase({ url: `sqlite:${join(dir, 'baton.sqlite')}` });
  expect(await onDisk.findLossyCommit()).toBeNull();
  onDisk.sqlite.pragma('synchronous = NORMAL');
  expect(await onDisk.findLossyCommit()).toBe('commits are not flushed to the disk: synchronous = 1');
  await onDisk.close();
  rmSync(dir, { recursive: true, force: true });
});
