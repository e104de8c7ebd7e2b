import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { workflowScope, type AppendRequest, type Logger, type Submission } from '@baton/core';
import { openDatabase, SqlRunPlaces, SqlRunStore, SqlTaskStore, type Database } from '@baton/storage';
import { migrations } from '../../migrations/index.js';
import { createDatabase } from '../support/create-database.js';
import { DatabaseBench, type FreshDatabase } from '../support/databases.js';
import { eventually } from '../support/eventually.js';
import { COMMIT, isWholeReply } from '../support/mysql-commit-reply.js';
import { accepted, claim, claimedRun, completed, ending, newTask, submission } from '../support/run-requests.js';
import { startMariaDb, type Service } from '../support/services.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const bench = new DatabaseBench('mariadb');
let server: Service;
let fresh: FreshDatabase;
let direct: SqlRunStore;
let tasks: SqlTaskStore;

beforeAll(async () => {
  server = await bench.mariaDb();
});
beforeEach(async () => {
  fresh = await bench.fresh();
  direct = new SqlRunStore(await fresh.open());
  tasks = new SqlTaskStore(await fresh.open());
});
afterEach(async () => {
  await direct.close();
  await bench.closeAll();
});
afterAll(() => bench.stop());

async function journalOf(runId: string): Promise<string[]> {
  return (await direct.readJournal(runId, 0, 100)).map(({ seq, epoch, type }) => `${seq} ${epoch} ${type}`);
}

function childSubmission(parentId: string): Submission {
  const child = submission();
  return { ...child, parent: { runId: parentId, nodeId: 'n', index: 0, childId: child.runId, depth: 1 } };
}

/** A claimed child, and how it ends. */
async function childOf(parentId: string): Promise<{ end: AppendRequest }> {
  const { runId, epoch } = await claimedRun(direct, childSubmission(parentId));
  const { events } = ending(1);
  const tells = { runId: parentId, payload: { child_id: runId, run_id: runId, status: 'completed', output: 1 } };
  return { end: { runId, epoch, baseSeq: 1, events, settle: { kind: 'end', status: 'completed', tells } } };
}

async function raw(): Promise<Connection> {
  return await createConnection({ uri: fresh.url });
}

test('a thousand runs share their commits', async () => {
  const commits = async (): Promise<number> => {
    const connection = await raw();
    const [rows] = await connection.query<RowDataPacket[]>("SHOW GLOBAL STATUS LIKE 'Com_commit'");
    await connection.end();
    return Number(rows[0]!.Value);
  };
  const before = await commits();
  await Promise.all(
    Array.from({ length: 1_000 }, async (_, index) => {
      const claimed = await claimedRun(direct);
      await direct.append({ ...claimed, baseSeq: 1, events: [completed(index)] });
      await direct.append({ ...claimed, baseSeq: 2, ...ending(index) });
    }),
  );
  expect(await direct.countRuns()).toEqual({ completed: 1_000 });
  // 4,000 writes.
  expect((await commits()) - before).toBeLessThan(100);
});

test('one run alone waits for nobody: a write is one commit', async () => {
  const sizes: number[] = [];
  const store = new SqlRunStore(await fresh.open(), { observer: ({ requests }) => sizes.push(requests) });
  const { runId, epoch } = await claimedRun(store);
  await store.append({ runId, epoch, baseSeq: 1, ...ending(1) });
  expect(sizes).toEqual([1, 1, 1]);
  await store.close();
});

test('a crowd moves in halves: a commit leaves one of them to the next', async () => {
  const sizes: number[] = [];
  const store = new SqlRunStore(await fresh.open(), { observer: ({ requests }) => sizes.push(requests) });
  await Promise.all(Array.from({ length: 200 }, () => accepted(store)));
  expect(sizes).toEqual([100, 100]);
  await store.close();
});

test('many processes bring one database up to date at once', async () => {
  const url = await createDatabase(server);
  const databases = await Promise.all([1, 2, 3, 4].map(() => openDatabase({ url, poolSize: 2 })));
  await Promise.all(databases.map((database) => database.migrate()));
  await Promise.all(databases.map((database) => database.migrate()));
  expect(await databases[0]!.read('SELECT name FROM migrations')).toHaveLength(migrations.length);
  expect(await databases[0]!.facts()).toEqual({
    name: 'MariaDB',
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    flushesAtCommit: true,
  });
  await Promise.all(databases.map((database) => database.close()));
});

describe('rows that another transaction has locked', () => {
  test('hold up only the run that needs them', async () => {
    const [locked, free] = [await claimedRun(direct), await claimedRun(direct)];
    const holder = await raw();
    await holder.query('START TRANSACTION');
    await holder.query('SELECT * FROM runs WHERE id = ? FOR UPDATE', [locked.runId]);
    const waiting = direct.append({ ...locked, baseSeq: 1, events: [completed(1)] });
    expect(await direct.append({ ...free, baseSeq: 1, events: [completed(1)] })).toEqual({ kind: 'appended', seq: 2 });
    await holder.query('ROLLBACK');
    expect(await waiting).toEqual({ kind: 'appended', seq: 2 });
    await holder.end();
  });

  test('hold up only the task that needs them', async () => {
    const [lockedTask, freeTask] = [newTask(), newTask()];
    for (const task of [lockedTask, freeTask]) await tasks.create(task);
    const ends = newTask();
    await tasks.create(ends);
    const live = await claimedRun(direct, { taskId: ends.id });
    const holder = await raw();
    await holder.query('START TRANSACTION');
    for (const { id } of [lockedTask, ends]) {
      await holder.query("SELECT * FROM tasks WHERE tenant_id = 'default' AND id = ? FOR UPDATE", [id]);
    }
    const submitted = direct.submit(submission({ taskId: lockedTask.id }));
    const ended = direct.append({ ...live, baseSeq: 1, ...ending(1) });
    expect((await direct.submit(submission({ taskId: freeTask.id }))).kind).toBe('accepted');
    await holder.query('ROLLBACK');
    expect((await submitted).kind).toBe('accepted');
    expect(await ended).toEqual({ kind: 'appended', seq: 2 });
    await holder.end();
  });

  test('hold up only the child that wants to tell its parent', async () => {
    const [locked, free] = [await claimedRun(direct), await claimedRun(direct)];
    const [first, second] = [await childOf(locked.runId), await childOf(free.runId)];
    const holder = await raw();
    await holder.query('START TRANSACTION');
    await holder.query('SELECT * FROM runs WHERE id = ? FOR UPDATE', [locked.runId]);
    const waiting = direct.append(first.end);
    expect(await direct.append(second.end)).toEqual({ kind: 'appended', seq: 2 });
    expect(await journalOf(first.end.runId)).toHaveLength(1);
    await holder.query('ROLLBACK');
    expect(await waiting).toEqual({ kind: 'appended', seq: 2 });
    expect(await direct.readSignals([locked.runId, free.runId])).toHaveLength(2);
    await holder.end();
  });

  test('fail what waits for them longer than the bound', async () => {
    const store = new SqlRunStore(await fresh.open(), { boundMs: 300 });
    const { runId, epoch } = await claimedRun(store);
    const holder = await raw();
    await holder.query('START TRANSACTION');
    await holder.query('SELECT * FROM runs WHERE id = ? FOR UPDATE', [runId]);
    const refused = store.append({ runId, epoch, baseSeq: 1, events: [completed(1)] });
    await expect(refused).rejects.toMatchObject({ code: 'storage_unavailable', options: { retryAfterSeconds: 1 } });
    await holder.end();
    await store.close();
    expect(await journalOf(runId)).toHaveLength(1);
  });
});

describe('through a network that fails', () => {
  let proxy: TcpProxy;
  let database: Database;
  let store: SqlRunStore;
  let warnings: number;

  const logger: Logger = { debug: () => {}, info: () => {}, error: () => {}, warn: () => void (warnings += 1) };

  beforeEach(async () => {
    proxy = await TcpProxy.start(server.port);
    warnings = 0;
    database = await openDatabase({
      url: proxy.through(fresh.url),
      connectTimeoutMs: 300,
      statementTimeoutMs: 300,
      boundMs: 1_500,
    });
    store = new SqlRunStore(database, { boundMs: 3_000, logger });
  });
  afterEach(async () => {
    await store.close();
    await database.close();
    await proxy.close();
  });

  describe.each(['reset', 'hang'] as const)('a COMMIT whose reply is lost (%s) counts once', (after) => {
    test('for a submission, with and without a task or a key', async () => {
      const task = newTask();
      await tasks.create(task);
      for (const change of [{}, { taskId: task.id }, { idempotency: { key: 'k', requestDigest: 'd' } }]) {
        proxy.eatReply(COMMIT, { after, isWhole: isWholeReply });
        const request = submission(change);
        expect(await store.submit(request)).toMatchObject({ kind: 'accepted', run: { id: request.runId } });
        expect(await journalOf(request.runId)).toEqual(['1 0 run.submitted']);
      }
      expect(proxy.eaten).toBe(3);
    });

    test('for a submission that takes a place, stands in line, or displaces another', async () => {
      const scopes = { queue: workflowScope('default', 'a'), cancel_oldest: workflowScope('default', 'b') };
      for (const onLimit of ['queue', 'cancel_oldest'] as const) {
        const limit = { scope: scopes[onLimit], tenantId: 'default', kind: 'workflow', name: 'w', capacity: 1, onLimit } as const;
        for (const at of [1, 2]) {
          proxy.eatReply(COMMIT, { after, isWhole: isWholeReply });
          expect(await store.submit(submission({ limits: [limit], at }))).toMatchObject({ kind: 'accepted' });
        }
      }
      const places = await new SqlRunPlaces(await fresh.open()).list('default', 10);
      const loads = places.map(({ scope, taken, waiting }) => ({ scope, taken, waiting }));
      expect(loads).toContainEqual({ scope: scopes.queue, taken: 1, waiting: 1 });
      expect(loads).toContainEqual({ scope: scopes.cancel_oldest, taken: 1, waiting: 0 });
      expect(proxy.eaten).toBe(4);
    });

    test('for children that start, and a child that tells its parent', async () => {
      const parent = await claimedRun(store);
      const starts = [childSubmission(parent.runId), childSubmission(parent.runId)];
      proxy.eatReply(COMMIT, { after, isWhole: isWholeReply });
      expect(await store.append({ ...parent, baseSeq: 1, events: [completed(1)], starts })).toEqual({ kind: 'appended', seq: 2 });
      expect(await direct.listRuns({ tenantId: 'default', parentId: parent.runId, limit: 10 })).toHaveLength(2);
      const child = await childOf(parent.runId);
      proxy.eatReply(COMMIT, { after, isWhole: isWholeReply });
      expect(await store.append(child.end)).toEqual({ kind: 'appended', seq: 2 });
      expect(await direct.readSignals([parent.runId])).toHaveLength(1);
      expect(proxy.eaten).toBe(2);
    });

    test('for a claim', async () => {
      const { runId } = await accepted(store);
      proxy.eatReply(COMMIT, { after, isWhole: isWholeReply });
      expect(await store.claim(claim(runId))).toMatchObject({ kind: 'claimed', claims: 1, run: { epoch: 1 } });
      expect(await direct.findRun(runId)).toMatchObject({ epoch: 1 });
      expect(proxy.eaten).toBe(1);
    });

    test('for appends, parks and ends', async () => {
      const claimed = await claimedRun(store);
      const deeds: Pick<AppendRequest, 'events' | 'settle' | 'baseSeq'>[] = [
        { baseSeq: 1, events: [completed(1), completed(2)] },
        { baseSeq: 3, ...ending(3) },
      ];
      for (const deed of deeds) {
        proxy.eatReply(COMMIT, { after, isWhole: isWholeReply });
        expect(await store.append({ ...claimed, ...deed })).toEqual({
          kind: 'appended',
          seq: deed.baseSeq + deed.events.length,
        });
      }
      const parked = await claimedRun(store);
      proxy.eatReply(COMMIT, { after, isWhole: isWholeReply });
      expect(await store.append({ ...parked, baseSeq: 1, events: [], settle: { kind: 'park', wakeAt: null } })).toEqual({
        ...{ kind: 'appended', seq: 1 },
      });
      expect(await journalOf(claimed.runId)).toEqual([
        ...['1 0 run.submitted', '2 1 node.completed', '3 1 node.completed', '4 1 run.completed'],
      ]);
      expect(proxy.eaten).toBe(3);
    });

    test('for a signal', async () => {
      const { runId } = await accepted(store);
      proxy.eatReply(COMMIT, { after, isWhole: isWholeReply });
      const sent = await store.signal(runId, 'cancel', { by: 'x' }, 5);
      expect(await direct.readSignals([runId])).toEqual([
        { id: sent.kind === 'sent' ? sent.signalId : 0, runId, type: 'cancel', payload: { by: 'x' }, at: 5 },
      ]);
      expect(proxy.eaten).toBe(1);
    });
  });

  test('an append whose reply is lost is fenced when another has claimed meanwhile', async () => {
    const { runId, epoch } = await claimedRun(store);
    // The writer loses its connection while it holds the row, and the run is claimed before the writer comes back.
    proxy.eatReply('FOR UPDATE SKIP LOCKED', { after: 'hang' });
    const late = store.append({ runId, epoch, baseSeq: 1, events: [completed(1)] });
    await eventually(() => proxy.eaten === 1, 'the reply is eaten');
    proxy.refuse();
    expect(await direct.claim(claim(runId, { workerId: 'w2' }))).toMatchObject({ kind: 'claimed', run: { epoch: 2 } });
    proxy.forward();
    expect(await late).toEqual({ kind: 'fenced', reason: 'epoch' });
    expect(await journalOf(runId)).toEqual(['1 0 run.submitted']);
  });

  test('every run ends once while one request in ten is cut off', async () => {
    proxy.slow(0, 0, 0.1);
    const patient = new SqlRunStore(database, { boundMs: 30_000 });
    const runIds = await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const claimed = await claimedRun(patient);
        for (const baseSeq of [1, 2, 3]) {
          expect(await patient.append({ ...claimed, baseSeq, events: [completed(baseSeq)] })).toEqual({
            kind: 'appended',
            seq: baseSeq + 1,
          });
        }
        expect(await patient.append({ ...claimed, baseSeq: 4, ...ending(index) })).toEqual({ kind: 'appended', seq: 5 });
        return claimed.runId;
      }),
    );
    proxy.forward();
    for (const runId of runIds) {
      expect(await journalOf(runId)).toEqual([
        ...['1 0 run.submitted', '2 1 node.completed', '3 1 node.completed', '4 1 node.completed', '5 1 run.completed'],
      ]);
    }
    await patient.close();
  }, 40_000);

  test('a half-open connection is given up, and the next one is used', async () => {
    const { runId, epoch } = await claimedRun(store);
    proxy.swallowOpen();
    expect(await store.append({ runId, epoch, baseSeq: 1, events: [completed(1)] })).toEqual({ kind: 'appended', seq: 2 });
    expect(await store.findRun(runId)).toMatchObject({ seq: 2 });
  });

  test('a database that is away fails writes and reads within their bounds, logs once a second, and is used again when it is back', async () => {
    const { runId, epoch } = await claimedRun(store);
    proxy.refuse();
    const startedAt = performance.now();
    const outcomes = await Promise.allSettled([
      store.append({ runId, epoch, baseSeq: 1, events: [completed(1)] }),
      ...Array.from({ length: 20 }, () => store.submit(submission())),
      store.findRun(runId),
    ]);
    expect(performance.now() - startedAt).toBeLessThan(4_500);
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'storage_unavailable' } });
    expect(warnings).toBeGreaterThanOrEqual(1);
    expect(warnings).toBeLessThanOrEqual(4);
    expect(await store.ping()).toBe(false);
    proxy.forward();
    expect(await store.append({ runId, epoch, baseSeq: 1, events: [completed(1)] })).toEqual({ kind: 'appended', seq: 2 });
    expect(await store.ping()).toBe(true);
  });
});

test('a server that is killed and started again loses nothing that was acknowledged', async () => {
  const own = await startMariaDb();
  const database = await openDatabase({ url: await createDatabase(own) });
  await database.migrate();
  const store = new SqlRunStore(database, { boundMs: 30_000 });
  const total = 400;
  let done = 0;
  const work = Promise.all(
    Array.from({ length: total }, async (_, index) => {
      const { runId, epoch } = await claimedRun(store);
      for (let baseSeq = 1; baseSeq < 6; baseSeq += 1)
        await store.append({ runId, epoch, baseSeq, events: [completed(baseSeq)] });
      await store.append({ runId, epoch, baseSeq: 6, ...ending(index) });
      done += 1;
      return runId;
    }),
  );
  let current = own;
  for (const share of [0.05, 0.4]) {
    await eventually(async () => (await acknowledgedEvents(database)) > share * total * 6, 'work is under way');
    const exited = once(current.child, 'exit');
    current.child.kill('SIGKILL');
    await exited;
    current = await startMariaDb({ dir: own.dir, port: own.port });
  }
  expect(done).toBeLessThan(total);
  const runIds = await work;
  expect(await store.countRuns()).toEqual({ completed: total });
  for (const runId of runIds.slice(0, 50)) {
    expect((await store.readJournal(runId, 0, 20)).map(({ seq, epoch }) => `${seq} ${epoch}`)).toEqual([
      ...['1 0', '2 1', '3 1', '4 1', '5 1', '6 1', '7 1'],
    ]);
  }
  await store.close();
  await database.close();
  await current.stop();
}, 60_000);

async function acknowledgedEvents(database: Database): Promise<number> {
  const [row] = await database.read<{ n: number }>('SELECT COUNT(*) AS n FROM journal');
  return row!.n;
}
