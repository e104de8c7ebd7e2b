import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  nodeEvent,
  runEvent,
  workflowScope,
  type AppendRequest,
  type CommitNotice,
  type RunParent,
  type Submission,
} from '@baton/core';
import { SqlRunStore, SqlTaskStore, type Database } from '@baton/storage';
import { DATABASE_KINDS, DatabaseBench } from '../support/databases.js';
import { accepted, claim, claimedRun, completed, newTask, submission } from '../support/run-requests.js';

const PLACES = nodeEvent('children.started', { id: 'n', visit: 1, attempt: 1 }, 1_000, { key: 'kids', places: [0, 1] });

describe.each(DATABASE_KINDS)('runs that other runs start, on %s', (kind) => {
  const bench = new DatabaseBench(kind);
  let database: Database;
  let runs: SqlRunStore;
  let notices: CommitNotice[];

  beforeEach(async () => {
    database = await (await bench.fresh()).open();
    runs = new SqlRunStore(database);
    notices = [];
    runs.onCommit((notice) => notices.push(notice));
  });
  afterEach(async () => {
    await runs.close();
    await bench.closeAll();
  });
  afterAll(() => bench.stop());

  function child(parentId: string, index: number, change: Partial<Submission> = {}): Submission {
    const request = submission({ at: 2_000 + index, input: { n: index }, ...change });
    const parent: RunParent = { runId: parentId, nodeId: 'n', index, childId: request.runId, depth: 1 };
    return { ...request, parent };
  }

  /** A parent with two children. */
  async function parentOfTwo() {
    const { runId, epoch } = await claimedRun(runs);
    const starts = [child(runId, 0), child(runId, 1)];
    const append: AppendRequest = { runId, epoch, baseSeq: 1, events: [PLACES], starts };
    expect(await runs.append(append)).toEqual({ kind: 'appended', seq: 2 });
    return { runId, epoch, append, children: starts };
  }

  async function claimOf(runId: string): Promise<number> {
    const outcome = await runs.claim(claim(runId));
    if (outcome.kind !== 'claimed') throw new Error(`Not claimed: ${outcome.kind}`);
    return outcome.run.epoch;
  }

  const ended = (parentId: string, childId: string, output: number): Pick<AppendRequest, 'baseSeq' | 'events' | 'settle'> => ({
    ...{ baseSeq: 1, events: [runEvent('run.completed', 5_000, { output })] },
    settle: {
      ...{ kind: 'end', status: 'completed' },
      tells: { runId: parentId, payload: { child_id: childId, run_id: childId, status: 'completed', output } },
    },
  });

  test('become rows in the commit of the event that says so, due at once', async () => {
    const { runId, children } = await parentOfTwo();
    for (const { runId: id, parent, input, at } of children) {
      expect(await runs.findRun(id)).toMatchObject({
        ...{ status: 'queued', seq: 1, epoch: 0, wakeAt: at, createdAt: at, generation: 0, input, parent },
        ...{ taskId: null, continuedFrom: null, forkedFrom: null },
      });
      const [first, ...more] = await runs.readJournal(id, 0, 10);
      expect(more).toEqual([]);
      expect(first).toMatchObject({ seq: 1, epoch: 0, type: 'run.submitted' });
      expect(first!.payload).toMatchObject({ parent: { run_id: runId, node_id: 'n', index: parent!.index } });
    }
    const due = await runs.dueRuns({ now: Date.now(), limit: 10 });
    expect(due.map((run) => run.runId)).toEqual(expect.arrayContaining(children.map((one) => one.runId)));
    const { started, grown } = notices.at(-1)!;
    expect(started).toMatchObject(children.map((one) => ({ runId: one.runId, taskId: null, generation: 0 })));
    expect(grown).toHaveLength(3);
    expect(await runs.claim(claim(children[1]!.runId))).toMatchObject({ kind: 'claimed', run: { parent: children[1]!.parent } });
  });

  test('are there once when the append comes again after a lost reply, and not at all when it is fenced', async () => {
    const { runId, epoch, append } = await parentOfTwo();
    expect(await runs.append(append)).toEqual({ kind: 'appended', seq: 2 });
    const late = child(runId, 7);
    expect(await runs.append({ ...append, epoch: epoch - 1, baseSeq: 2, starts: [late] })).toMatchObject({ kind: 'fenced' });
    expect(await runs.findRun(late.runId)).toBeNull();
    expect(await runs.listRuns({ tenantId: 'default', parentId: runId, limit: 10 })).toHaveLength(2);
  });

  test('are listed by their parent, and by whether they live', async () => {
    const { runId, children } = await parentOfTwo();
    await accepted(runs);
    const query = { tenantId: 'default', parentId: runId, limit: 10 };
    expect((await runs.listRuns(query)).map(({ id }) => id)).toEqual([children[1]!.runId, children[0]!.runId]);
    const [first] = children;
    await runs.append({ runId: first!.runId, epoch: await claimOf(first!.runId), ...ended(runId, first!.runId, 1) });
    expect((await runs.listRuns({ ...query, live: true })).map(({ id }) => id)).toEqual([children[1]!.runId]);
    expect(await runs.listRuns({ ...query, tenantId: 'other' })).toEqual([]);
  });

  test('tell their parent of their end in the same commit, once, and ring who holds it', async () => {
    const { runId, children } = await parentOfTwo();
    const [{ runId: childId }] = children as [Submission];
    const append = { runId: childId, epoch: await claimOf(childId), ...ended(runId, childId, 7) };
    expect(await runs.append(append)).toEqual({ kind: 'appended', seq: 2 });
    expect(notices.at(-1)).toMatchObject({
      signalled: [{ runId, workerId: 'worker-1' }],
      grown: [{ runId: childId, ended: true }],
    });
    expect(await runs.append(append)).toEqual({ kind: 'appended', seq: 2 });
    const signals = await runs.readSignals([runId]);
    expect(signals).toMatchObject([{ type: 'child', at: 5_000, payload: { child_id: childId, status: 'completed', output: 7 } }]);
  });

  test('make a parked parent due, and keep one from parking', async () => {
    const { runId, epoch, children } = await parentOfTwo();
    const [first, second] = children as [Submission, Submission];
    const park = { runId, epoch, baseSeq: 2, events: [], settle: { kind: 'park', wakeAt: null } } as const;
    expect(await runs.append(park)).toEqual({ kind: 'appended', seq: 2 });
    await runs.append({ runId: first.runId, epoch: await claimOf(first.runId), ...ended(runId, first.runId, 1) });
    expect(await runs.findRun(runId)).toMatchObject({ status: 'waiting', wakeAt: 5_000, workerId: null });
    const again = await claimOf(runId);
    const [signal] = await runs.readSignals([runId]);
    await runs.append({ runId: second.runId, epoch: await claimOf(second.runId), ...ended(runId, second.runId, 2) });
    const parking = { ...park, epoch: again, consumed: [signal!.id] };
    expect(await runs.append(parking)).toEqual({ kind: 'inbox' });
  });

  test('in one batch with the parking of their parent either keep it awake or wake it', async () => {
    const { runId, epoch, children } = await parentOfTwo();
    const ends = await Promise.all(
      children.map(async ({ runId: id }) => ({ runId: id, epoch: await claimOf(id), ...ended(runId, id, 1) })),
    );
    const park = { runId, epoch, baseSeq: 2, events: [], settle: { kind: 'park', wakeAt: null } } as const;
    const [, parked] = await Promise.all([runs.append(ends[0]!), runs.append(park), runs.append(ends[1]!)]);
    expect(parked).toEqual({ kind: 'inbox' });
    expect(await runs.readSignals([runId])).toHaveLength(2);
    expect((await runs.findRun(runId))!.wakeAt).not.toBeNull();
  });

  test('do not tell a parent that has ended, or is not there', async () => {
    const { runId, epoch, children } = await parentOfTwo();
    const end = {
      events: [runEvent('run.completed', 3_000, { output: 1 })],
      settle: { kind: 'end', status: 'completed' },
    } as const;
    await runs.append({ runId, epoch, baseSeq: 2, ...end });
    for (const [{ runId: childId }, parentId] of [[children[0]!, runId] as const, [children[1]!, 'nobody'] as const]) {
      const append = { runId: childId, epoch: await claimOf(childId), ...ended(parentId, childId, 1) };
      expect(await runs.append(append)).toEqual({ kind: 'appended', seq: 2 });
    }
    expect(await runs.readSignals([runId, 'nobody'])).toEqual([]);
    expect(await runs.findRun(runId)).toMatchObject({ status: 'completed', wakeAt: null });
  });

  describe('that go on as new', () => {
    const goingOn = (runId: string, epoch: number, next: Submission): AppendRequest => ({
      ...{ runId, epoch, baseSeq: 1 },
      events: [runEvent('run.completed', 5_000, { output: null, continued_as: next.runId })],
      settle: { kind: 'end', status: 'completed', continuesAs: next },
    });
    const successor = (runId: string, change: Partial<Submission> = {}): Submission =>
      submission({
        continuedFrom: { run_id: runId, events: [{ signal_id: 3, payload: { name: 'go' } }] },
        ...{ at: 6_000, ...change },
      });

    test('end and begin in one commit, and name one another', async () => {
      const { runId, epoch } = await claimedRun(runs);
      const next = successor(runId);
      const append = goingOn(runId, epoch, next);
      expect(await runs.append(append)).toEqual({ kind: 'appended', seq: 2 });
      expect(await runs.append(append)).toEqual({ kind: 'appended', seq: 2 });
      expect(await runs.findRun(runId)).toMatchObject({ status: 'completed', continuedAs: next.runId, continuedFrom: null });
      expect(await runs.findRun(next.runId)).toMatchObject({ status: 'queued', continuedAs: null, continuedFrom: runId });
      const [first] = await runs.readJournal(next.runId, 0, 10);
      expect(first!.payload).toMatchObject({ continued_from: { run_id: runId, events: [{ payload: { name: 'go' } }] } });
      expect(await runs.claim(claim(next.runId))).toMatchObject({ kind: 'claimed', run: { continuedFrom: runId } });
    });

    test('keep their task running, with the new one as its live run', async () => {
      const tasks = new SqlTaskStore(database);
      const task = newTask();
      await tasks.create(task);
      const { runId, epoch } = await claimedRun(runs, { taskId: task.id });
      const next = successor(runId, { taskId: task.id });
      await runs.append(goingOn(runId, epoch, next));
      expect(await tasks.find('default', task.id)).toMatchObject({ status: 'running', liveRunId: next.runId, lastRunId: runId });
      expect(await runs.submit(submission({ taskId: task.id }))).toEqual({ kind: 'duplicate', liveRunId: next.runId });
      const end = { events: [completed(1), runEvent('run.completed', 7_000, { output: 1 })], baseSeq: 1 };
      const settle = { kind: 'end', status: 'completed' } as const;
      await runs.append({ runId: next.runId, epoch: await claimOf(next.runId), ...end, settle });
      expect(await tasks.find('default', task.id)).toMatchObject({ status: 'done', liveRunId: null, lastRunId: next.runId });
    });

    test('keep their places under limits', async () => {
      const scope = workflowScope('default', 'wf-1');
      const limit = { scope, tenantId: 'default', kind: 'workflow', name: 'answer', capacity: 1, onLimit: 'reject' } as const;
      const { runId, epoch } = await claimedRun(runs, { limits: [limit] });
      const next = successor(runId);
      await runs.append(goingOn(runId, epoch, next));
      expect(await runs.submit(submission({ limits: [limit] }))).toMatchObject({ kind: 'limited', liveRunId: next.runId });
      const end = { baseSeq: 1, events: [runEvent('run.completed', 7_000, { output: 1 })] };
      const settle = { kind: 'end', status: 'completed' } as const;
      await runs.append({ runId: next.runId, epoch: await claimOf(next.runId), ...end, settle });
      expect(await runs.submit(submission({ limits: [limit] }))).toMatchObject({ kind: 'accepted' });
    });

    test('are refused while signals wait besides those that are answered', async () => {
      const { runId, epoch } = await claimedRun(runs);
      const sent = await runs.signal(runId, 'event', { name: 'go' }, 4_000);
      const next = successor(runId);
      expect(await runs.append(goingOn(runId, epoch, next))).toEqual({ kind: 'inbox' });
      expect(await runs.findRun(next.runId)).toBeNull();
      const consumed = sent.kind === 'sent' ? [sent.signalId] : [];
      expect(await runs.append({ ...goingOn(runId, epoch, next), consumed })).toEqual({ kind: 'appended', seq: 2 });
    });
  });
});
