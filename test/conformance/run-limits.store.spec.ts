import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { workflowScope, tenantScope, type RunLimit, type SubmitOutcome } from '@baton/core';
import { SqlRunPlaces, SqlRunStore, SqlTaskStore, type Database } from '@baton/storage';
import { DATABASE_KINDS, DatabaseBench, type FreshDatabase } from '../support/databases.js';
import { claim, ending, newTask, submission, WORKFLOW } from '../support/run-requests.js';

const SCOPE = workflowScope('default', WORKFLOW.id);

function limit(change: Partial<RunLimit> = {}): RunLimit {
  return {
    ...{ scope: SCOPE, tenantId: 'default', kind: 'workflow', name: WORKFLOW.name, capacity: 2, onLimit: 'reject' },
    ...change,
  };
}

const tenant = (change: Partial<RunLimit> = {}): RunLimit =>
  limit({ scope: tenantScope('default'), kind: 'tenant', name: 'default', ...change });

const kinds = (outcomes: readonly SubmitOutcome[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(outcomes, ({ kind }) => kind)].map(([kind, some]) => [kind, some.length]));

describe.each(DATABASE_KINDS)('limits on live runs on %s', (kind) => {
  const bench = new DatabaseBench(kind);
  const stores: SqlRunStore[] = [];
  let fresh: FreshDatabase;
  let database: Database;
  let runs: SqlRunStore;
  let places: SqlRunPlaces;
  let clock = 0;

  async function another(): Promise<SqlRunStore> {
    const store = new SqlRunStore(await fresh.open());
    stores.push(store);
    return store;
  }

  /** Submits a run, later than the one before. */
  async function submit(limits: RunLimit[], store = runs): Promise<{ runId: string; outcome: SubmitOutcome }> {
    clock += 1;
    const request = submission({ limits, at: clock });
    return { runId: request.runId, outcome: await store.submit(request) };
  }

  async function end(runId: string): Promise<void> {
    const claimed = await runs.claim(claim(runId));
    if (claimed.kind !== 'claimed') throw new Error(`not claimed: ${claimed.kind}`);
    const { seq, epoch } = claimed.run;
    const outcome = await runs.append({ runId, epoch, baseSeq: seq, ...ending(1) });
    expect(outcome).toMatchObject({ kind: 'appended' });
  }

  /** What an admitter does with one line. */
  async function admitFirst(scope = SCOPE): Promise<string[]> {
    const first = await places.firstInLine(scope, 10);
    const outcomes = await Promise.all(first.map((run) => runs.admit({ ...run, at: 9_000 })));
    return first.filter((_, index) => outcomes[index] === 'admitted').map(({ runId }) => runId);
  }

  const load = async (scope = SCOPE) => {
    const found = (await places.list('default', 10)).find((candidate) => candidate.scope === scope);
    return found === undefined ? null : { taken: found.taken, waiting: found.waiting };
  };

  beforeEach(async () => {
    fresh = await bench.fresh();
    database = await fresh.open();
    runs = await another();
    places = new SqlRunPlaces(database);
    clock = 1_000;
  });
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close();
    await bench.closeAll();
  });
  afterAll(() => bench.stop());

  test('two processes that race for the places of one limit take exactly as many as there are', async () => {
    const other = await another();
    const both = [runs, other];
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, (_, index) => both[index % 2]!.submit(submission({ limits: [limit({ capacity: 7 })] }))),
    );
    expect(kinds(outcomes)).toEqual({ accepted: 7, limited: 53 });
    expect(await load()).toEqual({ taken: 7, waiting: 0 });
    expect(await runs.countRuns()).toEqual({ queued: 7 });
    expect(outcomes.find((outcome) => outcome.kind === 'limited')).toMatchObject({ live: 7, limit: { capacity: 7 } });
  });

  test('a place is free again in the commit of the end of its run', async () => {
    const first = await submit([limit({ capacity: 1 })]);
    const refused = await submit([limit({ capacity: 1 })]);
    expect(refused.outcome).toEqual({ kind: 'limited', limit: limit({ capacity: 1 }), live: 1, liveRunId: first.runId });
    await end(first.runId);
    expect(await load()).toEqual({ taken: 0, waiting: 0 });
    expect((await submit([limit({ capacity: 1 })])).outcome.kind).toBe('accepted');
  });

  test('a run whose acceptance was not heard takes its place once, and stands in line once', async () => {
    for (const [onLimit, standing] of [
      ['queue', { taken: 1, waiting: 1 }],
      ['cancel_oldest', { taken: 1, waiting: 0 }],
    ] as const) {
      const scope = workflowScope('default', onLimit);
      const requests = [1, 2].map((at) => submission({ limits: [limit({ scope, capacity: 1, onLimit })], at }));
      const first = [await runs.submit(requests[0]!), await runs.submit(requests[1]!)];
      expect(kinds(first)).toEqual({ accepted: 2 });
      // The reply was lost: the same requests again, in another process too.
      expect(await Promise.all(requests.map((request) => runs.submit(request)))).toEqual(first);
      const other = await another();
      expect(await other.submit(requests[1]!)).toEqual(first[1]);
      expect(await load(scope)).toEqual(standing);
      const told = await runs.readSignals(requests.map(({ runId }) => runId));
      expect(told.map(({ type }) => type)).toEqual(onLimit === 'queue' ? [] : ['cancel']);
      await end(requests[0]!.runId);
      expect(await load(scope)).toEqual({ ...standing, taken: onLimit === 'queue' ? 0 : 1 });
    }
  });

  test('a refused run leaves no trace, and its task free', async () => {
    const tasks = new SqlTaskStore(database);
    const task = newTask();
    await tasks.create(task);
    const elsewhere = [limit({ scope: workflowScope('default', 'other'), capacity: 2 })];
    await submit([limit({ capacity: 1 })]);
    await submit(elsewhere);
    // In one batch: the first gets the task's mark, and is refused.
    const twice = [[limit({ capacity: 1 })], elsewhere].map((limits) => submission({ taskId: task.id, limits }));
    const [refused, next] = await Promise.all(twice.map((request) => runs.submit(request)));
    expect(refused).toMatchObject({ kind: 'limited' });
    expect(next).toMatchObject({ kind: 'accepted' });
    expect(await runs.findRun(twice[0]!.runId)).toBeNull();
    expect(await tasks.find('default', task.id)).toMatchObject({ status: 'running', liveRunId: twice[1]!.runId });
  });

  test('runs in line wait without a job, and are admitted in order, one for each place', async () => {
    const queue = [limit({ capacity: 2, onLimit: 'queue' })];
    const live = [await submit(queue), await submit(queue)];
    const waiting = [await submit(queue), await submit(queue), await submit(queue)];
    for (const { outcome } of waiting)
      expect(outcome).toMatchObject({ kind: 'accepted', run: { status: 'queued', wakeAt: null } });
    const [next] = waiting;
    expect((await runs.readJournal(next!.runId, 0, 10))[0]!.payload).toMatchObject({ waits_for_place: true });
    expect(await runs.claim(claim(next!.runId))).toEqual({ kind: 'not_due', wakeAt: null });
    expect(await places.placeInLine(waiting[2]!.runId)).toEqual({ limit: queue[0], taken: 2, ahead: 2, since: clock });
    expect(await admitFirst()).toEqual([]);
    // Nobody passes the line, though a place is free.
    await end(live[0]!.runId);
    const late = await submit(queue);
    expect(late.outcome).toMatchObject({ kind: 'accepted', run: { wakeAt: null } });
    expect(await admitFirst()).toEqual([next!.runId]);
    expect(await runs.readSignals([next!.runId])).toMatchObject([{ type: 'admit' }]);
    expect(await runs.claim(claim(next!.runId))).toMatchObject({ kind: 'claimed', signals: true });
    expect(await load()).toEqual({ taken: 2, waiting: 3 });
    expect(await runs.admit({ runId: next!.runId, limits: queue, at: 9_001 })).toBe('none');
  });

  test('two processes that admit the same line give each place away once', async () => {
    const queue = [limit({ capacity: 3, onLimit: 'queue' })];
    const live = [await submit(queue), await submit(queue), await submit(queue)];
    const waiting: string[] = [];
    for (let index = 0; index < 10; index += 1) waiting.push((await submit(queue)).runId);
    await end(live[0]!.runId);
    await end(live[1]!.runId);
    const other = await another();
    const ask = (store: SqlRunStore) => Promise.all(waiting.map((runId) => store.admit({ runId, limits: queue, at: 9_000 })));
    const [mine, theirs] = await Promise.all([ask(runs), ask(other)]);
    expect([...mine, ...theirs].filter((outcome) => outcome === 'admitted')).toHaveLength(2);
    expect((await runs.readSignals(waiting)).map(({ runId }) => runId).toSorted()).toEqual(waiting.slice(0, 2).toSorted());
    expect(await load()).toEqual({ taken: 3, waiting: 8 });
  });

  test('a run that is blocked by another of its limits leaves the line to those behind it', async () => {
    const both = (name: string) => [
      tenant({ capacity: 2, onLimit: 'queue' }),
      limit({ scope: workflowScope('default', name), name, capacity: 1, onLimit: 'queue' }),
    ];
    const a = await submit(both('a'));
    const b = await submit(both('b'));
    const secondA = await submit(both('a'));
    const c = await submit(both('c'));
    expect(await load(tenantScope('default'))).toEqual({ taken: 2, waiting: 2 });
    await end(b.runId);
    expect(await admitFirst(tenantScope('default'))).toEqual([]);
    expect(await places.placeInLine(secondA.runId)).toMatchObject({ limit: { name: 'a' }, ahead: 0 });
    expect(await admitFirst(tenantScope('default'))).toEqual([c.runId]);
    await end(c.runId);
    await end(a.runId);
    expect(await admitFirst(workflowScope('default', 'a'))).toEqual([secondA.runId]);
    expect(await load(tenantScope('default'))).toEqual({ taken: 1, waiting: 0 });
    expect(await places.scopesWithLine({ limit: 10 })).toEqual([]);
  });

  test('a run that ends in line leaves it', async () => {
    const queue = [limit({ capacity: 1, onLimit: 'queue' })];
    await submit(queue);
    const waiting = await submit(queue);
    await runs.signal(waiting.runId, 'cancel', {}, clock);
    await end(waiting.runId);
    expect(await load()).toEqual({ taken: 1, waiting: 0 });
    expect(await runs.admit({ runId: waiting.runId, limits: queue, at: 9_000 })).toBe('none');
  });

  test('the newest displaces the oldest, which is told in the same commit', async () => {
    const newest = [limit({ capacity: 2, onLimit: 'cancel_oldest' })];
    const [first, second] = [await submit(newest), await submit(newest)];
    const third = await submit(newest);
    expect(third.outcome).toMatchObject({ kind: 'accepted', run: { wakeAt: clock } });
    expect(await runs.readSignals([first.runId, second.runId])).toMatchObject([
      { runId: first.runId, type: 'cancel', payload: { by: 'limit', reason: expect.stringContaining(third.runId) } },
    ]);
    expect(await load()).toEqual({ taken: 2, waiting: 0 });
    // All at once: each displaces another, the newest two stay.
    const other = await another();
    const many = Array.from({ length: 6 }, (_, index) => submission({ limits: newest, at: 2_000 + index }));
    await Promise.all(many.map((request, index) => (index % 2 === 0 ? runs : other).submit(request)));
    expect(await load()).toEqual({ taken: 2, waiting: 0 });
    const told = await runs.readSignals([first, second, third].map(({ runId }) => runId).concat(many.map(({ runId }) => runId)));
    expect(told).toHaveLength(7);
    expect(new Set(told.map(({ runId }) => runId)).size).toBe(7);
  });

  test('other runs pay nothing, and limits do not see them', async () => {
    await runs.submit(submission());
    expect(await places.list('default', 10)).toEqual([]);
    expect((await submit([limit({ capacity: 1 })])).outcome.kind).toBe('accepted');
    expect(await places.list('other', 10)).toEqual([]);
    expect(await runs.countQueued(10)).toBe(2);
    expect(await runs.countQueued(1)).toBe(1);
    expect(await runs.countQueued(10, 'default')).toBe(2);
    expect(await runs.countQueued(10, 'nobody')).toBe(0);
  });
});
