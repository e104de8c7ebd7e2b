import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { NewWorker } from '@baton/core';
import { SqlRunStore, SqlWorkerRegistry, type Database } from '@baton/storage';
import { DATABASE_KINDS, DatabaseBench } from '../support/databases.js';
import { eventually } from '../support/eventually.js';
import { claimedRun } from '../support/run-requests.js';

const IDLE = { runs: 0, nodes: 0 };

function worker(id: string): NewWorker {
  return { id, host: 'host-1', pid: 42, processStart: '12345', startedAt: 1_000, nodeTypes: ['echo', 'agent'] };
}

describe.each(DATABASE_KINDS)('WorkerRegistry on %s', (kind) => {
  const bench = new DatabaseBench(kind);
  let database: Database;
  let workers: SqlWorkerRegistry;

  beforeEach(async () => {
    database = await (await bench.fresh()).open();
    workers = new SqlWorkerRegistry(database);
  });
  afterEach(() => bench.closeAll());
  afterAll(() => bench.stop());

  test('knows which pools a worker serves, and whether it takes runs', async () => {
    await workers.register(worker('plain'), 60_000);
    await workers.register({ ...worker('pooled'), pools: ['gpu', 'net'], takesRuns: false }, 60_000);
    const byId = new Map((await workers.list()).map(({ id, pools, takesRuns }) => [id, { pools, takesRuns }]));
    expect(byId.get('plain')).toEqual({ pools: [], takesRuns: true });
    expect(byId.get('pooled')).toEqual({ pools: ['gpu', 'net'], takesRuns: false });
  });

  test('knows the tools of a worker, once it says so', async () => {
    await workers.register(worker('w1'), 60_000);
    expect(await workers.list()).toMatchObject([{ agentTools: null }]);
    await workers.register({ ...worker('w1'), agentTools: ['search', 'delegate'] }, 60_000);
    expect(await workers.list()).toMatchObject([{ agentTools: ['search', 'delegate'] }]);
    await workers.register({ ...worker('w1'), agentTools: [] }, 60_000);
    expect(await workers.list()).toMatchObject([{ agentTools: [] }]);
  });

  test('knows what a worker takes, and what it has in work, until it begins anew', async () => {
    const capacity = { runs: 10, nodes: 50 };
    await workers.register({ ...worker('w1'), capacity }, 60_000);
    expect(await workers.list()).toMatchObject([{ capacity, load: IDLE }]);
    expect(await workers.renew('w1', 60_000, { runs: 3, nodes: 7 })).toBe(true);
    expect(await workers.list()).toMatchObject([{ capacity, load: { runs: 3, nodes: 7 } }]);
    await workers.register({ ...worker('w1'), capacity: { runs: 1, nodes: 2 } }, 60_000);
    expect(await workers.list()).toMatchObject([{ capacity: { runs: 1, nodes: 2 }, load: IDLE }]);
  });

  test('lists a worker with its lease', async () => {
    const before = Date.now();
    await workers.register(worker('w1'), 60_000);
    expect(await workers.list()).toEqual([
      {
        ...{ ...worker('w1'), leaseUntil: expect.any(Number), live: true, agentTools: null, pools: [], takesRuns: true },
        ...{ capacity: null, load: IDLE },
      },
    ]);
    const { leaseUntil } = (await workers.list())[0]!;
    // The database runs on this machine: its clock is ours.
    expect(leaseUntil - before).toBeGreaterThanOrEqual(60_000);
    expect(leaseUntil - Date.now()).toBeLessThanOrEqual(60_000);
    expect(await workers.isLive('w1')).toBe(true);
    expect(await workers.isLive('W1')).toBe(false);
  });

  test('ends a lease with time, and does not renew it then', async () => {
    await workers.register(worker('w1'), 30);
    await eventually(async () => !(await workers.isLive('w1')), 'the lease has ended');
    expect(await workers.renew('w1', 60_000, IDLE)).toBe(false);
    expect(await workers.list()).toMatchObject([{ id: 'w1', live: false }]);
    await workers.register(worker('w1'), 60_000);
    expect(await workers.isLive('w1')).toBe(true);
  });

  test('extends a lease, also to the same instant', async () => {
    await workers.register(worker('w1'), 50);
    const renewals = await Promise.all([1, 2, 3].map(() => workers.renew('w1', 60_000, IDLE)));
    expect(renewals).toEqual([true, true, true]);
    expect((await workers.list())[0]!.leaseUntil).toBeGreaterThan(Date.now() + 30_000);
    expect(await workers.renew('nobody', 60_000, IDLE)).toBe(false);
  });

  test('expires a lease at once', async () => {
    await workers.register(worker('w1'), 60_000);
    expect(await workers.expire('w1')).toBe(true);
    expect(await workers.isLive('w1')).toBe(false);
    expect(await workers.renew('w1', 60_000, IDLE)).toBe(false);
    expect(await workers.expire('w1')).toBe(false);
    expect(await workers.expire('nobody')).toBe(false);
  });

  test('expires a lease for one of many, and not where it was renewed since it was seen', async () => {
    await workers.register(worker('w1'), 60_000);
    const { leaseUntil } = (await workers.list())[0]!;
    await workers.renew('w1', 90_000, IDLE);
    expect(await workers.expire('w1', leaseUntil)).toBe(false);
    expect(await workers.isLive('w1')).toBe(true);
    const seen = (await workers.list())[0]!.leaseUntil;
    const ended = await Promise.all(Array.from({ length: 5 }, () => workers.expire('w1', seen)));
    expect(ended.filter(Boolean)).toHaveLength(1);
    expect(await workers.isLive('w1')).toBe(false);
  });

  test('lists live ones first', async () => {
    for (const id of ['w1', 'w2', 'w3']) await workers.register(worker(id), 60_000);
    await workers.expire('w2');
    expect(
      (await workers.list())
        .map(({ id, live }) => `${id} ${live}`)
        .toSorted()
        .at(-1),
    ).toBe('w3 true');
    expect((await workers.list()).map(({ live }) => live)).toEqual([true, true, false]);
  });

  test('forgets the ones that ended long ago and hold no run, never a live one', async () => {
    const runs = new SqlRunStore(database);
    for (const id of ['live', 'worker-1', 'gone']) await workers.register(worker(id), 60_000);
    await claimedRun(runs);
    await workers.expire('worker-1');
    await workers.expire('gone');
    expect(await workers.forget(Date.now() - 30_000)).toBe(0);
    await eventually(async () => (await workers.forget(Date.now() + 3_600_000)) === 1, 'the gone one is forgotten');
    expect((await workers.list()).map(({ id }) => id)).toEqual(['live', 'worker-1']);
    await runs.close();
  });

  test('leaves out and removes the ones that ended longer ago than it was told', async () => {
    const strict = new SqlWorkerRegistry(database, { endedForMs: 0 });
    await workers.register(worker('gone'), 60_000);
    await workers.expire('gone');
    await eventually(async () => (await strict.list()).length === 0, 'it is left out');
    await eventually(async () => {
      await strict.list();
      return (await workers.list()).length === 0;
    }, 'it is removed');
    expect(await workers.forget(Date.now() + 60_000)).toBe(0);
  });
});
