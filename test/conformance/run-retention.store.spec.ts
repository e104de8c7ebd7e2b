import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { runAccount, runEvent, type CreatedPlace } from '@baton/core';
import { SqlRunLogStore, SqlRunRetention, SqlRunStore, SqlTaskStore, type Database } from '@baton/storage';
import { DATABASE_KINDS, DatabaseBench } from '../support/databases.js';
import { accepted, claim, claimedRun, completed, ending, newTask, submission } from '../support/run-requests.js';

const END = 2_000;
const PAGE = { tenantId: 'default', before: END + 1, unarchivedSince: 0, after: null, limit: 10 };
const AT = 5_000;

describe.each(DATABASE_KINDS)('RunRetention on %s', (kind) => {
  const bench = new DatabaseBench(kind);
  let database: Database;
  let runs: SqlRunStore;
  let retention: SqlRunRetention;

  beforeEach(async () => {
    database = await (await bench.fresh()).open();
    runs = new SqlRunStore(database);
    retention = new SqlRunRetention(database);
  });
  afterEach(async () => {
    await runs.close();
    await bench.closeAll();
  });
  afterAll(() => bench.stop());

  async function endedRun(change: Parameters<typeof claimedRun>[1] = {}): Promise<string> {
    const { runId, epoch } = await claimedRun(runs, { at: 1_000, ...change });
    await runs.append({ runId, epoch, baseSeq: 1, ...ending(1) });
    return runId;
  }
  async function removeEnded(change: Partial<Parameters<SqlRunRetention['findEnded']>[0]> = {}) {
    const { runs: ended, next } = await retention.findEnded({ ...PAGE, ...change });
    await retention.takeAway(ended, AT);
    return { removed: ended.length, next };
  }
  const rowsOf = async (runId: string): Promise<Record<string, number>> => {
    const tables = ['journal', 'blob_references', 'budget_accounts', 'lock_history', 'removed_runs', 'run_usage', 'run_logs'];
    const counts = await Promise.all(
      tables.map(async (table) => {
        const [column, value] = table === 'budget_accounts' ? ['account', runAccount(runId)] : ['run_id', runId];
        const [row] = await database.read<{ n: number }>(`SELECT count(*) AS n FROM ${table} WHERE ${column} = ?`, [value]);
        return [table, row!.n] as const;
      }),
    );
    return Object.fromEntries(counts.filter(([, rows]) => rows > 0));
  };

  test('takes away a run that ended before, with all that is its own, and nothing of others', async () => {
    const tasks = new SqlTaskStore(database);
    const task = newTask();
    await tasks.create(task);
    const lock = { holder: 'api', tokenLength: 32, method: 'redis' } as const;
    const reference = { $blob: { sha256: 'a'.repeat(64), bytes: 9, media_type: 'application/json' } };
    const idempotency = { key: 'k', requestDigest: 'd' };
    const old = await endedRun({ taskId: task.id, lock, input: reference, idempotency });
    await database.writeAll([
      {
        sql: `INSERT INTO budget_accounts VALUES ('default', ?, 0, 0, 0, 0, 0, 0, '{}', 0)`,
        values: [runAccount(old)],
      },
      { sql: `INSERT INTO run_usage VALUES (?, '2026-03-01', 'n', 'a', 'm', 'default', 'w', 'w', 1, 1, 1, 1)`, values: [old] },
    ]);
    const live = await claimedRun(runs, { at: 1_000 });
    const said = { tenantId: 'default', nodeId: 'n', visit: 1, attempt: 1, at: 1, message: 'm', fields: null, bytes: 1 };
    await new SqlRunLogStore(database).append([old, live.runId].map((runId) => ({ ...said, level: 'info', runId })));
    expect(await removeEnded({ before: END })).toEqual({ removed: 0, next: null });
    expect(await removeEnded()).toEqual({ removed: 1, next: null });
    expect(await runs.findRun(old)).toBeNull();
    expect(await tasks.find('default', task.id)).toMatchObject({ status: 'done', lastRunId: null });
    const left = { journal: 2, blob_references: 1, budget_accounts: 1, lock_history: 1, run_usage: 1, run_logs: 1 };
    expect(await rowsOf(old)).toEqual({ ...left, removed_runs: 1 });
    expect(await retention.clear(AT, 10)).toEqual({ cleared: 0, isMore: false });
    expect(await retention.clear(AT + 1, 10)).toEqual({ cleared: 1, isMore: false });
    expect(await retention.clear(AT + 1, 10)).toEqual({ cleared: 0, isMore: false });
    expect(await rowsOf(old)).toEqual({ run_usage: 1 });
    expect(await runs.findRun(live.runId)).not.toBeNull();
    expect(await rowsOf(live.runId)).toMatchObject({ run_logs: 1 });
    expect(await runs.submit(submission({ idempotency }))).toMatchObject({ kind: 'accepted' });
  });

  test('keeps a child while its parent lives, and a run whose dead letter is open', async () => {
    const parent = await claimedRun(runs, { at: 1_000 });
    const child = await accepted(runs, {
      at: 1_000,
      parent: { runId: parent.runId, nodeId: 'n', index: 0, childId: 'c', depth: 1 },
    });
    const taken = await runs.claim(claim(child.runId));
    if (taken.kind !== 'claimed') throw new Error('not claimed');
    await runs.append({ runId: child.runId, epoch: taken.run.epoch, baseSeq: 1, ...ending(1) });
    const lettered = await endedRun();
    await database.write({
      sql: `INSERT INTO dead_letters (run_id, tenant_id, kind, code, error, attempts, failed_nodes, at, status)
            VALUES (?, 'default', 'run', 'x', '{}', 1, 0, 1, 'open')`,
      values: [lettered],
    });
    expect(await removeEnded()).toEqual({ removed: 0, next: null });
    await runs.append({ runId: parent.runId, epoch: parent.epoch, baseSeq: 1, ...ending(1) });
    await database.write({ sql: "UPDATE dead_letters SET status = 'replayed'", values: [] });
    expect(await removeEnded()).toEqual({ removed: 3, next: null });
  });

  test('finds the runs of one tenant at a time, passing by those that have not ended, or not before', async () => {
    const mine = await endedRun();
    const theirs = [await endedRun({ tenantId: 'acme' }), await endedRun({ tenantId: 'acme', at: 1_001 })];
    await claimedRun(runs, { tenantId: 'acme', at: 999 });
    const late = await claimedRun(runs, { tenantId: 'acme', at: 998 });
    const end = { events: [runEvent('run.completed', END + 1, { output: 1 })], settle: ending(1).settle };
    await runs.append({ runId: late.runId, epoch: late.epoch, baseSeq: 1, ...end });
    const page = { ...PAGE, tenantId: 'acme', limit: 3 };
    const first = await retention.findEnded({ ...page, after: null });
    expect(first.runs).toEqual([{ runId: theirs[0], tenantId: 'acme', taskId: null, isCounted: false }]);
    expect(first.next).toEqual({ createdAt: 1_000, runId: theirs[0] });
    const second = await retention.findEnded({ ...page, after: first.next });
    expect([second.runs.map(({ runId }) => runId), second.next]).toEqual([[theirs[1]], null]);
    await retention.takeAway([...first.runs, ...second.runs], AT);
    expect(await runs.findRun(theirs[1]!)).toBeNull();
    expect(await removeEnded({ tenantId: 'acme', before: END + 2 })).toEqual({ removed: 1, next: null });
    expect(await runs.findRun(mine)).not.toBeNull();
  });

  test('names the tenants that have runs, one after the other', async () => {
    expect(await retention.nextTenant('')).toBeNull();
    for (const tenantId of ['b', 'a', 'b', 'B']) await accepted(runs, { tenantId });
    const tenants: string[] = [];
    for (let next = await retention.nextTenant(''); next !== null; next = await retention.nextTenant(next)) tenants.push(next);
    expect(tenants).toEqual(['B', 'a', 'b']);
  });

  test('knows which runs could not be archived, until they are taken away', async () => {
    const [one, other] = [await endedRun(), await endedRun()];
    const trouble = { runId: one, tenantId: 'default', detail: 'no answer', at: 3_000 };
    await retention.reportUnarchived(trouble);
    await retention.reportUnarchived({ ...trouble, runId: other, at: 4_000 });
    await retention.reportUnarchived({ ...trouble, detail: 'no room', at: 5_000 });
    const known = await retention.findUnarchived({ since: 4_000, limit: 10 });
    expect(known.map(({ runId, detail, at }) => [runId, detail, at])).toEqual([
      [one, 'no room', 5_000],
      [other, 'no answer', 4_000],
    ]);
    expect(await retention.findUnarchived({ since: 4_001, limit: 10 })).toEqual([{ ...trouble, detail: 'no room', at: 5_000 }]);
    await retention.remove({ tenantId: 'default', runId: one, at: AT });
    expect(await retention.findUnarchived({ since: 0, limit: 10 })).toMatchObject([{ runId: other }]);
    expect(await removeEnded({ unarchivedSince: 4_000 })).toEqual({ removed: 0, next: null });
    expect(await removeEnded({ unarchivedSince: 4_001 })).toEqual({ removed: 1, next: null });
    expect(await retention.findUnarchived({ since: 0, limit: 10 })).toEqual([]);
  });

  describe('on demand', () => {
    const remove = (runId: string, tenantId = 'default') => retention.remove({ tenantId, runId, at: AT });
    async function childOf(parentId: string, index: number): Promise<{ runId: string; epoch: number }> {
      const parent = { runId: parentId, nodeId: 'n', index, childId: `c${index}`, depth: 1 };
      const { runId } = await accepted(runs, { parent });
      const taken = await runs.claim(claim(runId));
      if (taken.kind !== 'claimed') throw new Error('not claimed');
      return { runId, epoch: taken.run.epoch };
    }
    const end = ({ runId, epoch }: { runId: string; epoch: number }) => runs.append({ runId, epoch, baseSeq: 1, ...ending(1) });

    test('takes away a run that has ended just now, and those below it, and nothing of others', async () => {
      const root = await claimedRun(runs, { at: 1_000 });
      const children = [await childOf(root.runId, 0), await childOf(root.runId, 1)];
      const grandchild = await childOf(children[1]!.runId, 0);
      for (const run of [grandchild, ...children, root]) await end(run);
      const other = await endedRun();
      expect(await remove(root.runId, 'another')).toEqual({ kind: 'missing' });
      expect(await remove(root.runId)).toEqual({ kind: 'removed', runs: 4 });
      expect(await remove(root.runId)).toEqual({ kind: 'missing' });
      const family = [root, grandchild, ...children].map(({ runId }) => runId);
      for (const runId of family)
        expect([await runs.findRun(runId), await rowsOf(runId)]).toMatchObject([null, { removed_runs: 1 }]);
      expect(await retention.clear(AT + 1, 10)).toEqual({ cleared: 4, isMore: false });
      for (const runId of family) expect(await rowsOf(runId)).toEqual({});
      expect(await runs.findRun(other)).not.toBeNull();
      expect(await rowsOf(other)).toEqual({ journal: 2 });
      const [counted] = await database.read<{ runs: number | string }>(
        "SELECT sum(runs) AS runs FROM run_counts WHERE span = 'day'",
        [],
      );
      expect(Number(counted!.runs)).toBe(4);
    });

    test('leaves one that has not ended, or whose parent has not, or one below it', async () => {
      const root = await claimedRun(runs, { at: 1_000 });
      const child = await childOf(root.runId, 0);
      const grandchild = await childOf(child.runId, 0);
      expect(await remove(root.runId)).toEqual({ kind: 'live', runId: root.runId });
      await end(child);
      expect(await remove(child.runId)).toEqual({ kind: 'live', runId: root.runId });
      await end(root);
      expect(await remove(root.runId)).toEqual({ kind: 'live', runId: grandchild.runId });
      await end(grandchild);
      expect(await remove(child.runId)).toEqual({ kind: 'removed', runs: 2 });
      expect(await remove(root.runId)).toEqual({ kind: 'removed', runs: 1 });
    });

    test('leaves one whose dead letter is open', async () => {
      const runId = await endedRun();
      await database.write({
        sql: `INSERT INTO dead_letters (run_id, tenant_id, kind, code, error, attempts, failed_nodes, at, status)
              VALUES (?, 'default', 'run', 'x', '{}', 1, 0, 1, 'open')`,
        values: [runId],
      });
      expect(await remove(runId)).toEqual({ kind: 'lettered', runId });
      await database.write({ sql: "UPDATE dead_letters SET status = 'discarded'", values: [] });
      expect(await remove(runId)).toEqual({ kind: 'removed', runs: 1 });
    });
  });

  test('forgets why a run was kept that is taken away while another process reports that', async () => {
    const runId = await endedRun();
    await removeEnded();
    await retention.reportUnarchived({ runId, tenantId: 'default', detail: 'd', at: AT });
    expect(await retention.clear(AT + 1, 10)).toEqual({ cleared: 1, isMore: false });
    expect(await retention.findUnarchived({ since: 0, limit: 10 })).toEqual([]);
  });

  test('removes a long log piece by piece', async () => {
    const runId = await endedRun();
    const said = { runId, tenantId: 'default', nodeId: 'n', visit: 1, attempt: 1, at: 1, message: 'm', fields: null, bytes: 1 };
    const logs = new SqlRunLogStore(database);
    for (let part = 0; part < 5; part += 1)
      await logs.append(Array.from({ length: 500 }, () => ({ ...said, level: 'info' as const })));
    await removeEnded();
    expect(await retention.clear(AT + 1, 10)).toEqual({ cleared: 0, isMore: true });
    expect(await rowsOf(runId)).toMatchObject({ run_logs: 500 });
    expect(await retention.clear(AT + 1, 10)).toEqual({ cleared: 1, isMore: false });
    expect(await rowsOf(runId)).toEqual({});
  });

  test('goes through the runs page by page', async () => {
    for (let count = 0; count < 3; count += 1) await endedRun();
    let after: CreatedPlace | null = null;
    const removed: number[] = [];
    do {
      const page = await removeEnded({ after, limit: 2 });
      removed.push(page.removed);
      after = page.next;
    } while (after !== null);
    expect(removed).toEqual([2, 1]);
    expect(await retention.clear(AT + 1, 2)).toEqual({ cleared: 2, isMore: true });
    expect(await retention.clear(AT + 1, 2)).toEqual({ cleared: 1, isMore: false });
  });

  async function endedAfter(count: number): Promise<string> {
    const { runId, epoch } = await claimedRun(runs, { at: 1_000 });
    const events = Array.from({ length: count }, (_none, output) => completed(output));
    await runs.append({ runId, epoch, baseSeq: 1, events });
    await runs.append({ runId, epoch, baseSeq: count + 1, ...ending(1) });
    return runId;
  }

  test('removes a long journal piece by piece', async () => {
    const runId = await endedAfter(2_500);
    await removeEnded();
    expect(await retention.clear(AT + 1, 10)).toEqual({ cleared: 0, isMore: true });
    expect(await rowsOf(runId)).toEqual({ journal: 502, removed_runs: 1 });
    expect(await retention.clear(AT + 1, 10)).toEqual({ cleared: 1, isMore: false });
    expect(await rowsOf(runId)).toEqual({});
  });

  test('removes the rows of fewer runs at once where they have many', async () => {
    const ids = [await endedAfter(900), await endedAfter(900), await endedAfter(900)];
    await removeEnded();
    expect(await retention.clear(AT + 1, 10)).toEqual({ cleared: 2, isMore: true });
    expect(await retention.clear(AT + 1, 10)).toEqual({ cleared: 1, isMore: false });
    for (const runId of ids) expect(await rowsOf(runId)).toEqual({});
  });

  test('draws by chance whose rows it removes, so that replicas rarely see to the same', async () => {
    const ids = await Promise.all(Array.from({ length: 24 }, () => endedRun()));
    await removeEnded({ limit: 100 });
    expect(await retention.clear(AT + 1, 12)).toEqual({ cleared: 12, isMore: true });
    const left = await database.read<{ id: string }>('SELECT run_id AS id FROM removed_runs ORDER BY run_id');
    // By chance just these, once in millions.
    expect(left.map(({ id }) => id)).not.toEqual(ids.toSorted().slice(12));
    expect(await retention.clear(AT + 1, 12)).toEqual({ cleared: 12, isMore: false });
  });
});
