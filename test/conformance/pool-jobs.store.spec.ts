import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import {
  nodeEvent,
  poolJobId,
  type CommitNotice,
  type EventDraft,
  type PoolJob,
  type PoolJobKey,
  type PoolJobOutcome,
  type PoolOutcome,
} from '@baton/core';
import { SqlRunStore, SqlWorkerRegistry, type Database } from '@baton/storage';
import { DATABASE_KINDS, DatabaseBench, type FreshDatabase } from '../support/databases.js';
import { accepted, claim, claimedRun, completed, ending } from '../support/run-requests.js';

const DEADLINE = 9_000_000_000_000;

function dispatched(nodeId: string, at = 1_000, deadline = DEADLINE): EventDraft {
  return nodeEvent('node.dispatched', { id: nodeId, visit: 1, attempt: 1 }, at, { pool: 'gpu', deadline });
}

const COMPLETED: PoolOutcome = { kind: 'completed', output: { n: 1 }, skip: [], repeat: false };

describe.each(DATABASE_KINDS)('pool jobs on %s', (kind) => {
  const bench = new DatabaseBench(kind);
  let fresh: FreshDatabase;
  let database: Database;
  let runs: SqlRunStore;
  let workers: SqlWorkerRegistry;
  let notices: CommitNotice[];

  beforeEach(async () => {
    fresh = await bench.fresh();
    database = await fresh.open();
    runs = new SqlRunStore(database);
    workers = new SqlWorkerRegistry(database);
    notices = [];
    runs.onCommit((notice) => notices.push(notice));
    const process = { host: 'h', pid: 1, processStart: '1', startedAt: 1, nodeTypes: [] };
    for (const id of ['holder', 'other']) await workers.register({ id, ...process, pools: ['gpu'], takesRuns: false }, 60_000);
  });
  afterEach(async () => {
    await runs.close();
    await bench.closeAll();
  });
  afterAll(() => bench.stop());

  /** A parked run, its nodes out in a pool from seq 2 on. */
  async function parkedRun(...events: EventDraft[]): Promise<{ runId: string; epoch: number; seq: number }> {
    const { runId, epoch } = await claimedRun(runs);
    await runs.append({ runId, epoch, baseSeq: 1, events, settle: { kind: 'park', wakeAt: DEADLINE } });
    return { runId, epoch, seq: 1 + events.length };
  }

  const find = async ({ runId, seq }: PoolJobKey): Promise<PoolJob | undefined> => (await runs.findPoolJobs(runId, [seq]))[0];

  async function take({ runId, seq }: PoolJobKey, change: object = {}): Promise<PoolJobOutcome> {
    const request = { runId, seq, kind: 'take', workerId: 'holder', token: 'mine', generation: 0, at: 2_000, ...change } as const;
    return runs.changePoolJob(request);
  }
  const finish = ({ runId, seq }: PoolJobKey, token = 'mine'): Promise<PoolJobOutcome> =>
    runs.changePoolJob({ runId, seq, kind: 'finish', token, outcome: COMPLETED, at: 3_000 });

  test('open with the commit that dispatches their nodes, which tells of them', async () => {
    const { runId } = await parkedRun(completed(1), dispatched('a'), dispatched('b', 1_001));
    expect(notices.at(-1)!.dispatched).toEqual([3, 4].map((seq) => ({ runId, seq, pool: 'gpu', generation: 0 })));
    expect((await runs.findPoolJobs(runId, [3, 4, 5])).toSorted((a, b) => a.seq - b.seq)).toEqual(
      [
        { seq: 3, nodeId: 'a', dispatchedAt: 1_000 },
        { seq: 4, nodeId: 'b', dispatchedAt: 1_001 },
      ].map((own) => ({
        ...{ runId, tenantId: 'default', visit: 1, attempt: 1, pool: 'gpu', deadline: DEADLINE },
        ...{ generation: 0, takes: 0, workerId: null, token: null, takenAt: null, ...own },
      })),
    );
  });

  test('are taken by one of many, who may ask again', async () => {
    const { runId } = await parkedRun(dispatched('a'));
    const key = { runId, seq: 2 };
    const takers = Array.from({ length: 20 }, () => randomUUID());
    const outcomes = await Promise.all(takers.map((token) => take(key, { token })));
    const winners = takers.filter((_, index) => outcomes[index]!.kind === 'done');
    expect(winners).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome.kind === 'refused' && outcome.reason === 'held')).toHaveLength(19);
    const job = { workerId: 'holder', token: winners[0], takes: 1, takenAt: 2_000 };
    expect(await take(key, { token: winners[0] })).toMatchObject({ kind: 'done', job });
    expect(await find(key)).toMatchObject(job);
  });

  test('end with a signal to their run, once, in one commit', async () => {
    const { runId } = await parkedRun(dispatched('a'));
    const key = { runId, seq: 2 };
    await take(key);
    expect(await finish(key, 'other')).toEqual({ kind: 'refused', reason: 'outdated' });
    const outcomes = await Promise.all([finish(key), finish(key), finish(key)]);
    expect(outcomes.map((outcome) => outcome.kind).toSorted()).toEqual(['done', 'refused', 'refused']);
    expect(await find(key)).toBeUndefined();
    const payload = { node_id: 'a', visit: 1, attempt: 1, dispatch: 2, outcome: COMPLETED };
    expect(await runs.readSignals([runId])).toMatchObject([{ type: 'pool', payload, at: 3_000 }]);
    expect(await runs.findRun(runId)).toMatchObject({ status: 'waiting', wakeAt: 3_000 });
    expect(notices.at(-1)!.signalled).toMatchObject([{ runId, taskId: null, generation: 0, workerId: null }]);
  });

  test('tell their run of steps, and wake it only where they are told to', async () => {
    const { runId } = await parkedRun(dispatched('a'));
    const key = { runId, seq: 2 };
    await take(key);
    const step = { ...key, kind: 'step', token: 'mine', output: { big: 'x'.repeat(1_000) }, at: 3_000 } as const;
    const told = notices.length;
    expect(await runs.changePoolJob({ ...step, key: 'one', wakes: false })).toMatchObject({ kind: 'done' });
    expect([notices.length, (await runs.findRun(runId))!.wakeAt]).toEqual([told, DEADLINE]);
    await runs.changePoolJob({ ...step, key: 'two', wakes: true });
    expect((await runs.findRun(runId))!.wakeAt).toBe(3_000);
    const keys = (await runs.readSignals([runId])).map(({ payload }) => (payload['step'] as { key: string }).key);
    expect(keys).toEqual(['one', 'two']);
    expect(await runs.changePoolJob({ ...step, token: 'other', key: 'three', wakes: true })).toMatchObject({ kind: 'refused' });
  });

  test('ring whoever holds their run, also for a step that wakes nobody', async () => {
    const { runId, epoch } = await claimedRun(runs);
    await runs.append({ runId, epoch, baseSeq: 1, events: [dispatched('a')] });
    const key = { runId, seq: 2 };
    await take(key);
    await runs.changePoolJob({ ...key, kind: 'step', token: 'mine', key: 'k', output: 1, wakes: false, at: 3_000 });
    expect(notices.at(-1)!.signalled).toMatchObject([{ runId, workerId: 'worker-1' }]);
    const parked = await runs.append({ runId, epoch, baseSeq: 2, events: [], settle: { kind: 'park', wakeAt: null } });
    expect(parked).toEqual({ kind: 'inbox' });
  });

  test('are removed when their run calls them back, and refuse what comes then', async () => {
    const { runId, epoch } = await claimedRun(runs);
    await runs.append({ runId, epoch, baseSeq: 1, events: [dispatched('a'), dispatched('b')] });
    await take({ runId, seq: 2 });
    await runs.append({ runId, epoch, baseSeq: 3, events: [completed(1)], closedPoolJobs: [2] });
    expect((await runs.findPoolJobs(runId, [2, 3])).map(({ seq }) => seq)).toEqual([3]);
    expect(await finish({ runId, seq: 2 })).toEqual({ kind: 'refused', reason: 'gone' });
    expect(await runs.readSignals([runId])).toEqual([]);
  });

  test('go with their run', async () => {
    const { runId, epoch } = await claimedRun(runs);
    const other = await parkedRun(dispatched('a'));
    await runs.append({ runId, epoch, baseSeq: 1, events: [dispatched('a'), dispatched('b')] });
    await take({ runId, seq: 2 });
    const end = ending(1);
    await runs.append({
      runId,
      epoch,
      baseSeq: 3,
      ...end,
      settle: { ...end.settle!, closesPoolJobs: true } as typeof end.settle,
    });
    expect(await runs.findPoolJobs(runId, [2, 3])).toEqual([]);
    expect(await finish({ runId, seq: 2 })).toEqual({ kind: 'refused', reason: 'gone' });
    expect(await find({ runId: other.runId, seq: 2 })).toBeDefined();
  });

  test('do not open with an append that is refused', async () => {
    const { runId, epoch } = await claimedRun(runs);
    await runs.claim(claim(runId, { workerId: 'other' }));
    expect(await runs.append({ runId, epoch, baseSeq: 1, events: [dispatched('a')] })).toMatchObject({ kind: 'fenced' });
    expect(await find({ runId, seq: 2 })).toBeUndefined();
    expect(notices.flatMap((notice) => notice.dispatched)).toEqual([]);
  });

  test('are given back, and are idle as long as no live worker holds them', async () => {
    const { runId } = await parkedRun(
      dispatched('a', 1_000),
      dispatched('b', 1_000),
      dispatched('c', 900),
      dispatched('d', 5_000),
    );
    const idle = async (change: object = {}): Promise<string[]> =>
      (await runs.idlePoolJobs({ now: 2_000, dispatchedBy: 4_000, limit: 10, ...change })).map(({ nodeId }) => nodeId);
    expect(await idle()).toEqual(['c', 'a', 'b']);
    expect(await idle({ limit: 2 })).toEqual(['c', 'a']);
    expect(await idle({ after: { dispatchedAt: 1_000, id: poolJobId({ runId, seq: 2 }) } })).toEqual(['b']);
    expect(await idle({ now: DEADLINE })).toEqual([]);
    await take({ runId, seq: 2 });
    expect(await idle()).toEqual(['c', 'b']);
    await runs.changePoolJob({ runId, seq: 2, kind: 'release', token: 'mine' });
    expect(await find({ runId, seq: 2 })).toMatchObject({ takes: 0, workerId: null, token: null, generation: 0 });
    await take({ runId, seq: 2 });
    await workers.expire('holder');
    expect(await idle()).toEqual(['c', 'a', 'b']);
    const raise = { runId, seq: 2, kind: 'raise', token: 'mine', generation: 0 } as const;
    const raised = await Promise.all([runs.changePoolJob(raise), runs.changePoolJob(raise)]);
    expect(raised.map((outcome) => outcome.kind).toSorted()).toEqual(['done', 'refused']);
    expect(await find({ runId, seq: 2 })).toMatchObject({ takes: 1, workerId: null, token: null, generation: 1 });
    expect(await take({ runId, seq: 2 })).toEqual({ kind: 'refused', reason: 'outdated' });
    expect(await finish({ runId, seq: 2 })).toEqual({ kind: 'refused', reason: 'outdated' });
  });

  test('are taken from several processes at once, each once', async () => {
    const others = [await fresh.open(), await fresh.open()].map((opened) => new SqlRunStore(opened));
    const events = Array.from({ length: 30 }, (_, index) => dispatched(`n${index}`));
    const { runId } = await parkedRun(...events);
    const seqs = events.map((_, index) => index + 2);
    const outcomes = await Promise.all(
      [runs, ...others].flatMap((store, index) =>
        seqs.map((seq) =>
          store.changePoolJob({
            runId,
            seq,
            kind: 'take',
            workerId: 'holder',
            token: `${index} ${seq}`,
            generation: 0,
            at: 2_000,
          }),
        ),
      ),
    );
    expect(outcomes.filter(({ kind: outcome }) => outcome === 'done')).toHaveLength(30);
    expect((await runs.findPoolJobs(runId, seqs)).every(({ takes }) => takes === 1)).toBe(true);
    for (const store of others) await store.close();
  });

  test('know no run that is not there', async () => {
    await accepted(runs);
    expect(await take({ runId: 'nobody', seq: 2 })).toEqual({ kind: 'refused', reason: 'gone' });
    expect(await runs.findPoolJobs('nobody', [])).toEqual([]);
  });
});
