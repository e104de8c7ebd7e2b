import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import BetterSqlite3 from 'better-sqlite3';
import { openDatabase, SqlRunStore, SqlTaskStore, type Database } from '@baton/storage';
import { migrations } from '../../migrations/index.js';
import { DatabaseBench, type FreshDatabase } from '../support/databases.js';
import { accepted, claimedRun, completed, ending, newTask, submission } from '../support/run-requests.js';

const bench = new DatabaseBench('sqlite file');
let fresh: FreshDatabase;
let database: Database;
let runs: SqlRunStore;

beforeEach(async () => {
  fresh = await bench.fresh();
  database = await fresh.open({ boundMs: 2_000 });
  runs = new SqlRunStore(database, { boundMs: 2_000 });
});
afterEach(async () => {
  await runs.close();
  await bench.closeAll();
});
afterAll(() => bench.stop());

/** A connection of another process. */
function raw(): BetterSqlite3.Database {
  return new BetterSqlite3(fresh.url.slice('sqlite:'.length), { timeout: 0 });
}

test('commits are on the disk when they are acknowledged', async () => {
  expect(await database.facts()).toEqual({ name: 'SQLite', version: expect.stringMatching(/^3\./), flushesAtCommit: true });
  expect(database.sqlite.pragma('journal_mode', { simple: true })).toBe('wal');
  expect(database.sqlite.pragma('busy_timeout', { simple: true })).toBe(0);
});

test('writes wait, without stopping the process, while another process holds the file', async () => {
  const other = raw();
  const { runId, epoch } = await claimedRun(runs);
  other.exec('BEGIN IMMEDIATE');
  const waiting = [
    runs.append({ runId, epoch, baseSeq: 1, events: [completed(1)] }),
    runs.submit(submission()),
    new SqlTaskStore(database).create(newTask()),
  ];
  // The process goes on meanwhile, and so do reads.
  for (let turns = 0; turns < 50; turns += 1) {
    await pause(1);
    expect(await runs.findRun(runId)).toMatchObject({ seq: 1 });
  }
  other.exec('COMMIT');
  expect((await Promise.all(waiting)).map(({ kind }) => kind)).toEqual(['appended', 'accepted', 'created']);
  other.close();
});

test('a file that stays busy fails writes within their bound, and only them', async () => {
  const impatient = new SqlRunStore(database, { boundMs: 200 });
  const other = raw();
  other.exec('BEGIN IMMEDIATE');
  await expect(impatient.submit(submission())).rejects.toMatchObject({ code: 'storage_unavailable' });
  await expect(new SqlTaskStore(database).create(newTask())).rejects.toMatchObject({ code: 'storage_unavailable' });
  other.exec('ROLLBACK');
  expect((await impatient.submit(submission())).kind).toBe('accepted');
  expect(await impatient.countRuns()).toEqual({ queued: 1 });
  await impatient.close();
  other.close();
});

test('many processes bring one file up to date at once', async () => {
  const url = `${fresh.url}.empty`;
  const databases = await Promise.all([1, 2, 3, 4].map(() => openDatabase({ url })));
  await Promise.all(databases.map((each) => each.migrate()));
  expect(await databases[0]!.read('SELECT name FROM migrations')).toHaveLength(migrations.length);
  for (const each of databases) await each.close();
});

test('a commit is one turn: no reader of the process sees half of it', async () => {
  const tasks = new SqlTaskStore(database);
  const live = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const task = newTask();
      await tasks.create(task);
      return { ...(await claimedRun(runs, { taskId: task.id })), taskId: task.id };
    }),
  );
  const read = new AbortController();
  const reader = (async () => {
    while (!read.signal.aborted) {
      await nextTurn();
      const [row] = await database.read<{ halves: number }>(
        `SELECT COUNT(*) AS halves FROM runs JOIN tasks ON tasks.id = runs.task_id
         WHERE (runs.finished_at IS NULL) <> (tasks.live_run_id IS NOT NULL)
            OR (runs.finished_at IS NOT NULL) <> EXISTS (SELECT 1 FROM journal WHERE run_id = runs.id AND type = 'run.completed')`,
      );
      expect(row!.halves).toBe(0);
    }
  })();
  for (const { runId, epoch } of live) {
    await Promise.all([runs.append({ runId, epoch, baseSeq: 1, ...ending(1) }), accepted(runs)]);
  }
  read.abort();
  await reader;
  expect(await runs.countRuns()).toEqual({ completed: 20, queued: 20 });
});

test('plain writes beside the group commit lose nothing', async () => {
  const tasks = new SqlTaskStore(database);
  const ids = Array.from({ length: 200 }, (_, index) => `t${index}`);
  await Promise.all(
    ids.map(async (id) => {
      await tasks.create(newTask({ id }));
      const { runId, epoch } = await claimedRun(runs, { taskId: id });
      await runs.append({ runId, epoch, baseSeq: 1, ...ending(1) });
    }),
  );
  expect(await runs.countRuns()).toEqual({ completed: 200 });
  const seen = await tasks.list('default', { limit: 500 });
  expect(seen.filter(({ status }) => status === 'done')).toHaveLength(200);
});
