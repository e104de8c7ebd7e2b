import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SqlRunStore, SqlTaskStore, type Database } from '@baton/storage';
import { DATABASE_KINDS, DatabaseBench } from '../support/databases.js';
import { claim, claimedRun, completed, ending, newTask, submission } from '../support/run-requests.js';

describe.each(DATABASE_KINDS)('TaskStore on %s', (kind) => {
  const bench = new DatabaseBench(kind);
  let database: Database;
  let tasks: SqlTaskStore;

  beforeEach(async () => {
    database = await (await bench.fresh()).open();
    tasks = new SqlTaskStore(database);
  });
  afterEach(() => bench.closeAll());
  afterAll(() => bench.stop());

  test('keeps a task', async () => {
    const task = newTask({ title: 'Ümläut 😀', description: 'why', input: { list: [1, null, 'x'] }, at: 1_000 });
    const kept = {
      ...{ id: task.id, tenantId: 'default', title: 'Ümläut 😀', description: 'why', input: task.input, status: 'pending' },
      ...{ liveRunId: null, lastRunId: null, createdAt: 1_000, updatedAt: 1_000 },
    };
    expect(await tasks.create(task)).toEqual({ kind: 'created', task: kept });
    expect(await tasks.find('default', task.id)).toEqual(kept);
    expect(await tasks.find('acme', task.id)).toBeNull();
  });

  test('lets each tenant have its own ids', async () => {
    await tasks.create(newTask({ id: '1', title: 'ours' }));
    expect((await tasks.create(newTask({ id: '1', title: 'theirs', tenantId: 'acme' }))).kind).toBe('created');
    expect((await tasks.find('default', '1'))!.title).toBe('ours');
    expect((await tasks.find('acme', '1'))!.title).toBe('theirs');
  });

  test('creates once under concurrent requests with one id', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, index) => tasks.create(newTask({ id: '7', title: `t${index}` }))),
    );
    expect(outcomes.map((outcome) => outcome.kind).toSorted()).toEqual(['created', ...Array<string>(19).fill('replayed')]);
    const titles = outcomes.map((outcome) => ('task' in outcome ? outcome.task.title : null));
    expect(new Set(titles).size).toBe(1);
  });

  test('honours the Idempotency-Key within the tenant', async () => {
    const idempotency = { key: 'k', requestDigest: 'one' };
    const first = newTask({ idempotency });
    await tasks.create(first);
    expect(await tasks.create(newTask({ idempotency }))).toMatchObject({ kind: 'replayed', task: { id: first.id } });
    expect(await tasks.create(newTask({ idempotency: { key: 'k', requestDigest: 'two' } }))).toEqual({
      ...{ kind: 'key_reused', taskId: first.id },
    });
    expect((await tasks.create(newTask({ idempotency, tenantId: 'acme' }))).kind).toBe('created');
  });

  test('lists newest first, page by page', async () => {
    for (const [index, at] of [1, 2, 2, 2, 3].entries()) await tasks.create(newTask({ id: `t${index}`, at }));
    await tasks.create(newTask({ tenantId: 'acme', at: 9 }));
    const seen: string[] = [];
    for (let page = await tasks.list('default', { limit: 2 }); page.length > 0;) {
      seen.push(...page.map(({ id }) => id));
      page = await tasks.list('default', { before: page.at(-1)!, limit: 2 });
    }
    expect(seen).toEqual(['t4', 't3', 't2', 't1', 't0']);
  });

  test('lists those of a status and of a title that begins so, page by page', async () => {
    const runs = new SqlRunStore(database);
    for (const [index, title] of ['Ask a', 'ask b', 'Ask c', 'Write d', 'Ask e'].entries()) {
      await tasks.create(newTask({ id: `t${index}`, title, at: index }));
    }
    await tasks.create(newTask({ title: 'Ask z', tenantId: 'acme' }));
    await runs.submit(submission({ runId: 'r', taskId: 't2' }));
    const idsOf = async (page: Parameters<typeof tasks.list>[1]) => (await tasks.list('default', page)).map(({ id }) => id);
    expect(await idsOf({ limit: 9, filter: { titlePrefix: 'Ask' } })).toEqual(['t4', 't2', 't0']);
    expect(await idsOf({ limit: 9, filter: { status: 'running' } })).toEqual(['t2']);
    expect(await idsOf({ limit: 2, filter: { status: 'pending' } })).toEqual(['t4', 't3']);
    expect(await idsOf({ limit: 2, filter: { status: 'pending' }, before: { createdAt: 3, id: 't3' } })).toEqual(['t1', 't0']);
    expect(await idsOf({ limit: 9, filter: { status: 'pending', titlePrefix: 'Ask' } })).toEqual(['t4', 't0']);
  });

  test('shows the journals of its runs as activities, oldest run first, page by page', async () => {
    const runs = new SqlRunStore(database);
    const task = newTask({ id: 'abc' });
    await tasks.create(task);
    await tasks.create(newTask({ id: 'ABC' }));
    await claimedRun(runs, { runId: 'other', taskId: 'ABC' });
    for (const [runId, at] of [
      ['z', 1],
      ['a', 2],
    ] as const) {
      await claimedRun(runs, { runId, at, taskId: 'abc' });
      await runs.append({ runId, epoch: 1, baseSeq: 1, events: [completed(at)] });
      await runs.append({ runId, epoch: 1, baseSeq: 2, ...ending(at) });
    }
    const places: string[] = [];
    let last: { afterRunId?: string; afterSeq?: number } = {};
    for (;;) {
      const page = await tasks.activities('default', 'abc', { ...last, limit: 2 });
      if (page.length === 0) break;
      places.push(...page.map(({ runId, seq }) => `${runId}${seq}`));
      last = { afterRunId: page.at(-1)!.runId, afterSeq: page.at(-1)!.seq };
    }
    expect(places).toEqual(['z1', 'z2', 'z3', 'a1', 'a2', 'a3']);
    expect(await tasks.activities('acme', 'abc', { limit: 10 })).toEqual([]);
    await runs.close();
  });

  test('follows its runs through all states', async () => {
    const runs = new SqlRunStore(database);
    await tasks.create(newTask({ id: 't', at: 1 }));
    await runs.submit(submission({ runId: 'r', taskId: 't', at: 5 }));
    expect(await tasks.find('default', 't')).toMatchObject({ status: 'running', liveRunId: 'r', updatedAt: 5 });
    await runs.claim(claim('r'));
    await runs.append({ runId: 'r', epoch: 1, baseSeq: 1, ...ending(1) });
    expect(await tasks.find('default', 't')).toMatchObject({ status: 'done', liveRunId: null, lastRunId: 'r', updatedAt: 2_000 });
    await runs.close();
  });

  test('keeps the conflicts that were decided before SQL, newest first', async () => {
    const conflict = {
      tenantId: 'default',
      taskId: 't',
      runId: null,
      method: 'upfront',
      holder: 'api/1',
      tokenLength: 0,
    } as const;
    for (const at of [1, 2, 3]) await tasks.recordConflict({ ...conflict, at });
    const history = await tasks.lockHistory('default', 't', 2);
    expect(history.map(({ at }) => at)).toEqual([3, 2]);
    expect(history[0]).toEqual({
      ...{ id: expect.any(Number), taskId: 't', runId: null, operation: 'submit', event: 'conflict', method: 'upfront' },
      ...{ holder: 'api/1', tokenLength: 0, at: 3 },
    });
    expect(await tasks.lockHistory('acme', 't', 2)).toEqual([]);
  });
});
