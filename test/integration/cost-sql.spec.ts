import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { nodeEvent } from '@baton/core';
import { openDatabase, SqlRunLogStore, SqlRunStore, SqlTaskStore, type Database } from '@baton/storage';
import { DatabaseBench } from '../support/databases.js';
import { accepted, claim, completed, ending, newTask, submission, WORKFLOW } from '../support/run-requests.js';
import { TcpProxy } from '../support/tcp-proxy.js';

// The budget of docs/performance.md. Who needs another statement on this path changes the number here, and says there what it is for.

const COUNTED = [
  'select',
  'insert',
  'insert_select',
  'update',
  'update_multi',
  'delete',
  'delete_multi',
  'commit',
  'begin',
  'set_option',
];

const bench = new DatabaseBench('mariadb');
let proxy: TcpProxy;
let database: Database;
let store: SqlRunStore;
let tasks: SqlTaskStore;
let observer: Connection;

beforeEach(async () => {
  const server = await bench.mariaDb();
  const fresh = await bench.fresh();
  proxy = await TcpProxy.start(server.port);
  database = await openDatabase({ url: proxy.through(fresh.url), poolSize: 1 });
  store = new SqlRunStore(database);
  tasks = new SqlTaskStore(await fresh.open());
  observer = await createConnection({ uri: fresh.url });
  // Opens the writer's connection.
  await accepted(store);
});
afterEach(async () => {
  await store.close();
  await database.close();
  await observer.end();
  await proxy.close();
  await bench.closeAll();
});
afterAll(() => bench.stop());

async function statements(): Promise<number> {
  const [rows] = await observer.query<(RowDataPacket & { Variable_name: string; Value: string })[]>(
    "SHOW GLOBAL STATUS LIKE 'Com\\_%'",
  );
  const counted = new Set(COUNTED.map((name) => `Com_${name}`));
  return rows.filter((row) => counted.has(row.Variable_name)).reduce((sum, row) => sum + Number(row.Value), 0);
}

/** What the work takes: exchanges with the server, and statements. */
async function cost(work: () => Promise<unknown>): Promise<{ roundTrips: number; statements: number }> {
  const [requestsBefore, statementsBefore] = [proxy.requests, await statements()];
  await work();
  return { roundTrips: proxy.requests - requestsBefore, statements: (await statements()) - statementsBefore };
}

const all = (requests: number, work: (index: number) => Promise<unknown>): Promise<unknown> =>
  Promise.all(Array.from({ length: requests }, (_, index) => work(index)));

/** Large batches fill more than one packet of the network: only their statements count. */
test.each([2, 50])('a commit of %i takes its few statements and round trips', async (size) => {
  const requests = Array.from({ length: size }, () => submission());
  const expectCost = async (work: (index: number) => Promise<unknown>, budget: { roundTrips: number; statements: number }) => {
    const spent = await cost(() => all(size, work));
    expect(size === 2 ? spent : { ...spent, roundTrips: budget.roundTrips }).toEqual(budget);
  };
  // Two inserts, and COMMIT.
  await expectCost((index) => store.submit(requests[index]!), { roundTrips: 1, statements: 3 });
  // The row and its inbox; the row, and COMMIT.
  await expectCost((index) => store.claim(claim(requests[index]!.runId)), { roundTrips: 2, statements: 4 });
  // The row; events, the row, and COMMIT.
  const append = (index: number, baseSeq: number) => ({ runId: requests[index]!.runId, epoch: 1, baseSeq });
  await expectCost((index) => store.append({ ...append(index, 1), events: [completed(1)] }), { roundTrips: 2, statements: 4 });
  // The row; events, the row, what is left in the inbox, and COMMIT.
  const end = { ...ending(1), settle: { kind: 'end', status: 'completed', withoutTask: true } } as const;
  await expectCost((index) => store.append({ ...append(index, 2), ...end }), { roundTrips: 2, statements: 5 });
  expect(await cost(() => store.findRuns(requests.map(({ runId }) => runId)))).toMatchObject({ statements: 1 });
});

test.each([2, 4, 30])('%i appends that are plain share a round trip, and its statements', async (size) => {
  const requests = await Promise.all(Array.from({ length: size }, () => accepted(store)));
  await all(size, (index) => store.claim(claim(requests[index]!.runId)));
  const run = { tenantId: 'default', taskId: null, limited: false, workflow: WORKFLOW };
  const usage = {
    ...{ model_calls: 1, prompt_tokens: 5, completion_tokens: 1, cost_micros: 0 },
    model: 'openai/m',
    agent: 'a',
  };
  const answered = nodeEvent('step.completed', { id: 'n', visit: 1, attempt: 1 }, 1_000, { key: 'model', output: 1, usage });
  const append = (index: number) => ({
    runId: requests[index]!.runId,
    epoch: 1,
    baseSeq: 1,
    run,
    events: [answered, completed(1)],
  });
  // The lock, events, the rows, what was used, and COMMIT.
  expect(await cost(() => all(size, (index) => store.append(append(index))))).toEqual({ roundTrips: 1, statements: 5 });
});

test('a run that is alone takes a round trip for each commit', async () => {
  const { runId } = await accepted(store);
  const run = { tenantId: 'default', taskId: null, limited: false, workflow: WORKFLOW };
  // The lock, the row, the run as claimed, and COMMIT.
  expect(await cost(() => store.claim(claim(runId)))).toEqual({ roundTrips: 1, statements: 4 });
  // The lock, events, the row, and COMMIT.
  const append = { runId, epoch: 1, run };
  expect(await cost(() => store.append({ ...append, baseSeq: 1, events: [completed(1)] }))).toEqual({
    roundTrips: 1,
    statements: 4,
  });
  // The lock, events, the row, what is left in the inbox, and COMMIT.
  const end = { ...ending(1), settle: { kind: 'end', status: 'completed', withoutTask: true } } as const;
  expect(await cost(() => store.append({ ...append, baseSeq: 2, ...end }))).toEqual({ roundTrips: 1, statements: 5 });
});

async function bytesSent(): Promise<number> {
  const [[row]] = await observer.query<(RowDataPacket & { Value: string })[]>("SHOW GLOBAL STATUS LIKE 'Bytes_received'");
  return Number(row!.Value);
}

test('a commit of many sends few bytes for each: what has changed, and what all have in common once', async () => {
  const size = 200;
  const requests = Array.from({ length: size }, () => submission());
  const bytes = async (work: (index: number) => Promise<unknown>): Promise<number> => {
    const before = await bytesSent();
    await all(size, work);
    return Math.ceil(((await bytesSent()) - before) / size);
  };
  expect(await bytes((index) => store.submit(requests[index]!))).toBeLessThan(500);
  // Thrice its id, its token, and an instant.
  expect(await bytes((index) => store.claim(claim(requests[index]!.runId)))).toBeLessThan(215);
  const append = (index: number, baseSeq: number) => ({ runId: requests[index]!.runId, epoch: 1, baseSeq });
  // Its event, and its id twice.
  expect(await bytes((index) => store.append({ ...append(index, 1), events: [completed(1)] }))).toBeLessThan(235);
  // Its event, and its id thrice.
  const end = { ...ending(1), settle: { kind: 'end', status: 'completed', withoutTask: true } } as const;
  expect(await bytes((index) => store.append({ ...append(index, 2), ...end }))).toBeLessThan(275);
});

test.each([1, 2])('the rows of %i runs keep room for a claim, and have it again when they are released', async (size) => {
  const requests = Array.from({ length: size }, () => submission());
  const rooms = async (): Promise<number[]> => {
    const [rows] = await observer.query<(RowDataPacket & { room: number })[]>(
      'SELECT CHAR_LENGTH(IFNULL(claim_room, "")) AS room FROM runs WHERE id IN (?)',
      [requests.map(({ runId }) => runId)],
    );
    return [...new Set(rows.map(({ room }) => room))];
  };
  await all(size, (index) => store.submit(requests[index]!));
  expect(await rooms()).toEqual([96]);
  await all(size, (index) => store.claim(claim(requests[index]!.runId)));
  expect(await rooms()).toEqual([0]);
  const release = { epoch: 1, baseSeq: 1, events: [], settle: { kind: 'hand_back', wakeAt: 1, uncounted: false } } as const;
  await all(size, (index) => store.append({ runId: requests[index]!.runId, ...release }));
  expect(await rooms()).toEqual([96]);
});

test('a run of a task takes one round trip more to submit, and none to end', async () => {
  const task = newTask();
  await tasks.create(task);
  const lock = { method: 'redis', holder: 'api/1', tokenLength: 32 } as const;
  const request = submission({ taskId: task.id, lock, idempotency: { key: 'k', requestDigest: 'd' } });
  // The key and the task; the mark, two inserts, the lock's record, and COMMIT.
  expect(await cost(() => store.submit(request))).toEqual({ roundTrips: 2, statements: 7 });
  await store.claim(claim(request.runId));
  const end = { runId: request.runId, epoch: 1, baseSeq: 1, ...ending(1) };
  expect(await cost(() => store.append(end))).toEqual({ roundTrips: 2, statements: 7 });
});

test('what runs log takes one insert for the lines of all of them, and one read for those that are new to the worker', async () => {
  const logs = new SqlRunLogStore(database);
  const said = {
    tenantId: 'default',
    nodeId: 'n',
    visit: 1,
    attempt: 1,
    level: 'info',
    at: 1,
    message: 'm',
    fields: null,
    bytes: 1,
  } as const;
  const lines = Array.from({ length: 100 }, (_, n) => ({ ...said, runId: `run-${n % 20}` }));
  const one = { statements: 1 };
  expect(await cost(() => logs.append(lines))).toMatchObject(one);
  expect(await cost(() => logs.sizes(lines.map(({ runId }) => runId)))).toMatchObject(one);
});

test('what a status reads takes a statement each: the row, the inbox, and what the journal has beyond the fold', async () => {
  const { runId } = await accepted(store);
  const one = { roundTrips: 1, statements: 1 };
  expect(await cost(() => store.findRun(runId))).toEqual(one);
  expect(await cost(() => store.readSignals([runId]))).toEqual(one);
  expect(await cost(() => store.readJournal(runId, 0, 1_000))).toEqual(one);
});
