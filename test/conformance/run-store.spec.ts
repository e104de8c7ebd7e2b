import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { nodeEvent, runEvent, type CommitNotice, type SubmitOutcome, type TaskStore } from '@baton/core';
import { SqlRunStore, SqlTaskStore, SqlWorkerRegistry, type Database } from '@baton/storage';
import { DATABASE_KINDS, DatabaseBench, type FreshDatabase } from '../support/databases.js';
import {
  accepted,
  claim,
  claimedRun,
  completed,
  ending,
  newTask,
  started,
  submission,
  WORKFLOW,
} from '../support/run-requests.js';

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);
const kinds = (outcomes: readonly SubmitOutcome[]): string[] => outcomes.map(({ kind }) => kind).toSorted();

describe.each(DATABASE_KINDS)('RunStore on %s', (kind) => {
  const bench = new DatabaseBench(kind);
  const stores: SqlRunStore[] = [];
  let fresh: FreshDatabase;
  let database: Database;
  let runs: SqlRunStore;
  let tasks: TaskStore;
  let workers: SqlWorkerRegistry;

  /** A store of another process. */
  async function another(options: ConstructorParameters<typeof SqlRunStore>[1] = {}): Promise<SqlRunStore> {
    const store = new SqlRunStore(await fresh.open(), options);
    stores.push(store);
    return store;
  }

  async function journalOf(runId: string): Promise<string[]> {
    return (await runs.readJournal(runId, 0, 100)).map(({ seq, epoch, type }) => `${seq} ${epoch} ${type}`);
  }

  async function liveWorker(id: string): Promise<void> {
    await workers.register({ id, host: 'h', pid: 1, processStart: '1', startedAt: 1, nodeTypes: [] }, 60_000);
  }

  beforeEach(async () => {
    fresh = await bench.fresh();
    database = await fresh.open();
    runs = await another();
    tasks = new SqlTaskStore(database);
    workers = new SqlWorkerRegistry(database);
  });
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close();
    await bench.closeAll();
  });
  afterAll(() => bench.stop());

  describe('submit', () => {
    test('writes the run, its first event and the mark of its task in one commit', async () => {
      const task = newTask();
      await tasks.create(task);
      const notices: CommitNotice[] = [];
      runs.onCommit((notice) => notices.push(notice));
      const request = submission({ taskId: task.id, input: { deep: ['ä', '\u0000', '😀'] }, at: 1_000 });
      const outcome = await runs.submit(request);
      const { runId } = request;
      expect(outcome).toEqual({
        kind: 'accepted',
        run: expect.objectContaining({ id: runId, status: 'queued', seq: 1, epoch: 0 }),
      });
      expect(await runs.findRun(runId)).toEqual({
        ...{
          id: runId,
          tenantId: 'default',
          taskId: task.id,
          workflow: WORKFLOW,
          status: 'queued',
          input: request.input,
          seq: 1,
        },
        ...{ epoch: 0, workerId: null, wakeAt: 1_000, generation: 0, createdAt: 1_000, startedAt: null, finishedAt: null },
        ...{ output: null, error: null, forkedFrom: null, revision: 0, limited: false, priority: 'normal' },
        ...{ parent: null, continuedFrom: null, continuedAs: null, startedBy: null, budget: null },
      });
      expect(await tasks.find('default', task.id)).toMatchObject({ status: 'running', liveRunId: runId, lastRunId: null });
      expect(await runs.readJournal(runId, 0, 10)).toEqual([
        {
          ...{ runId, seq: 1, epoch: 0, type: 'run.submitted', nodeId: null, visit: 0, attempt: 0, at: 1_000 },
          payload: { workflow_id: 'wf-1', workflow_name: 'answer', workflow_version: 1, digest: WORKFLOW.digest },
        },
      ]);
      expect(notices).toEqual([
        { grown: [{ runId, taskId: task.id, seq: 1, ended: false }], signalled: [], started: [], dispatched: [] },
      ]);
    });

    test('accepts one of a hundred submissions for one task, from two processes', async () => {
      const task = newTask();
      await tasks.create(task);
      const other = await another();
      const lock = { method: 'redis', holder: 'api/1', tokenLength: 32 } as const;
      const outcomes = await Promise.all(
        Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? runs : other).submit(submission({ taskId: task.id, lock }))),
      );
      const winner = outcomes.find((outcome) => outcome.kind === 'accepted');
      expect(kinds(outcomes)).toEqual(['accepted', ...times(99, 'duplicate')]);
      expect(outcomes.filter((outcome) => outcome.kind === 'duplicate').map(({ liveRunId }) => liveRunId)).toEqual(
        times(99, winner!.run.id),
      );
      expect(await runs.listRuns({ tenantId: 'default', taskId: task.id, limit: 10 })).toHaveLength(1);
      const history = await tasks.lockHistory('default', task.id, 200);
      expect(history.filter(({ event }) => event === 'acquired')).toEqual([
        expect.objectContaining({ runId: winner!.run.id, operation: 'submit', method: 'redis', tokenLength: 32 }),
      ]);
      const conflicts = history.filter(({ event }) => event === 'conflict');
      expect(conflicts).toHaveLength(99);
      expect(conflicts.every(({ runId, method }) => runId === winner!.run.id && method === 'sql')).toBe(true);
    });

    test('accepts the next one when the live run has ended', async () => {
      const task = newTask();
      await tasks.create(task);
      const { runId, epoch } = await claimedRun(runs, { taskId: task.id });
      expect((await runs.submit(submission({ taskId: task.id }))).kind).toBe('duplicate');
      await runs.append({ runId, epoch, baseSeq: 1, ...ending(1) });
      expect((await runs.submit(submission({ taskId: task.id }))).kind).toBe('accepted');
    });

    test('refuses a task that does not exist, also when another tenant has it', async () => {
      const task = newTask({ tenantId: 'acme' });
      await tasks.create(task);
      const request = submission({ taskId: task.id });
      expect(await runs.submit(request)).toEqual({ kind: 'task_missing' });
      expect(await runs.findRun(request.runId)).toBeNull();
      expect((await runs.submit(submission({ taskId: task.id, tenantId: 'acme' }))).kind).toBe('accepted');
    });

    test('takes ids apart by every byte', async () => {
      const ids = ['abc', 'ABC', 'ábc', 'abc ', 'abc  '];
      for (const id of ids) expect((await tasks.create(newTask({ id }))).kind).toBe('created');
      for (const id of ids) await accepted(runs, { runId: id, taskId: id });
      for (const id of ids) {
        expect(await runs.findRun(id)).toMatchObject({ id, taskId: id });
        expect(await tasks.find('default', id)).toMatchObject({ id, liveRunId: id });
        expect(await runs.claim(claim(id))).toMatchObject({ kind: 'claimed', run: { id, epoch: 1 } });
        expect(await runs.append({ runId: id, epoch: 1, baseSeq: 1, ...ending(1) })).toEqual({ kind: 'appended', seq: 2 });
      }
      expect(await runs.countRuns()).toEqual({ completed: 5 });
      expect(await runs.findRun('Abc')).toBeNull();
    });

    test('keeps any text as it is', async () => {
      const texts = [
        "'; COMMIT; DROP TABLE runs; -- ",
        String.raw`\'); DROP TABLE runs; -- `,
        '"; ? ?? :id %s \u0000 \u2028 /*',
        '\\',
      ];
      await Promise.all(
        texts.map(async (text, index) => {
          const id = `${text}${index}`;
          await tasks.create(newTask({ id }));
          const request = submission({ runId: id, taskId: id, input: text, idempotency: { key: text, requestDigest: text } });
          await runs.submit({ ...request, lock: { method: 'redis', holder: text, tokenLength: 1 } });
          expect(await runs.claim(claim(id, { workerId: text }))).toMatchObject({ run: { id, input: text, workerId: text } });
          await runs.signal(id, 'cancel', { reason: text }, 1);
          expect(await runs.readSignals([id])).toMatchObject([{ runId: id, payload: { reason: text } }]);
          const events = [runEvent('run.completed', 1, { output: text })];
          await runs.append({ runId: id, epoch: 1, baseSeq: 1, events, settle: { kind: 'end', status: 'completed' } });
          expect(await runs.findRun(id)).toMatchObject({ status: 'completed', output: text });
        }),
      );
      expect(await runs.countRuns()).toEqual({ completed: texts.length });
    });

    test('answers a repeated Idempotency-Key with its run, and refuses it for another request', async () => {
      const idempotency = { key: 'k', requestDigest: 'one' };
      const first = await accepted(runs, { idempotency });
      expect(await runs.submit(submission({ idempotency }))).toMatchObject({ kind: 'replayed', run: { id: first.runId } });
      const reused = submission({ idempotency: { key: 'k', requestDigest: 'two' } });
      expect(await runs.submit(reused)).toEqual({ kind: 'key_reused', runId: first.runId });
      expect((await runs.submit(submission({ idempotency, tenantId: 'acme' }))).kind).toBe('accepted');
    });

    test('accepts one of many concurrent submissions with one key, and replays it to the others', async () => {
      const task = newTask();
      await tasks.create(task);
      const other = await another();
      const request = { taskId: task.id, idempotency: { key: 'k', requestDigest: 'one' } };
      const outcomes = await Promise.all(
        Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? runs : other).submit(submission(request))),
      );
      expect(kinds(outcomes)).toEqual(['accepted', ...times(39, 'replayed')]);
      const ids = outcomes.map((outcome) => ('run' in outcome ? outcome.run.id : null));
      expect(new Set(ids).size).toBe(1);
    });

    test('recognises its own run when a lost reply makes the caller ask again', async () => {
      const task = newTask();
      await tasks.create(task);
      const request = submission({ taskId: task.id, idempotency: { key: 'k', requestDigest: 'one' } });
      const twice = await Promise.all([runs.submit(request), runs.submit(request)]);
      expect(kinds([...twice, await runs.submit(request)])).toEqual(['accepted', 'accepted', 'accepted']);
      const untasked = submission();
      expect(kinds([await runs.submit(untasked), await runs.submit(untasked)])).toEqual(['accepted', 'accepted']);
      expect(await journalOf(request.runId)).toEqual(['1 0 run.submitted']);
    });
  });

  describe('claim', () => {
    test('raises the epoch, and gives the run to the worker', async () => {
      const { runId } = await accepted(runs, { at: 1_000, input: [1] });
      expect(await runs.claim(claim(runId, { workerId: 'w', at: 5_000, generation: 0 }))).toEqual({
        kind: 'claimed',
        claims: 1,
        signals: false,
        run: expect.objectContaining({
          ...{
            id: runId,
            epoch: 1,
            workerId: 'w',
            status: 'running',
            startedAt: 5_000,
            wakeAt: 1_000,
            input: [1],
            workflow: WORKFLOW,
          },
        }),
      });
    });

    test('gives a run to one of many workers, in two processes', async () => {
      const other = await another();
      const { runId } = await accepted(runs);
      const ids = Array.from({ length: 20 }, (_, index) => `w${index}`);
      for (const id of ids) await liveWorker(id);
      const outcomes = await Promise.all(
        ids.map((workerId, index) => (index % 2 === 0 ? runs : other).claim(claim(runId, { workerId }))),
      );
      const [winner, ...more] = outcomes.filter((outcome) => outcome.kind === 'claimed');
      expect(more).toEqual([]);
      const held = { kind: 'held', workerId: winner!.run.workerId };
      expect(outcomes.filter((outcome) => outcome.kind !== 'claimed')).toEqual(times(19, held));
      expect(await runs.findRun(runId)).toMatchObject({ epoch: 1, workerId: winner!.run.workerId });
    });

    test('takes a run over when the lease of its holder has ended, not before', async () => {
      const { runId } = await accepted(runs);
      await liveWorker('w1');
      await runs.claim(claim(runId, { workerId: 'w1' }));
      expect(await runs.claim(claim(runId, { workerId: 'w2' }))).toEqual({ kind: 'held', workerId: 'w1' });
      await workers.expire('w1');
      expect(await runs.claim(claim(runId, { workerId: 'w2' }))).toMatchObject({ kind: 'claimed', claims: 2, run: { epoch: 2 } });
    });

    test('answers a claim whose reply was lost with the same epoch', async () => {
      const { runId } = await accepted(runs);
      await liveWorker('w1');
      const request = claim(runId, { workerId: 'w1' });
      const first = await runs.claim(request);
      expect(await runs.claim(request)).toEqual(first);
      expect(await runs.claim({ ...request, token: randomUUID() })).toEqual({ kind: 'held', workerId: 'w1' });
    });

    test('refuses what is outdated, not due, ended or missing', async () => {
      const { runId } = await accepted(runs, { at: 1_000 });
      expect(await runs.raiseGenerations([{ runId, taskId: null, generation: 0 }], 1_000)).toHaveLength(1);
      expect(await runs.claim(claim(runId, { generation: 0 }))).toEqual({ kind: 'outdated' });
      expect(await runs.claim(claim(runId, { at: -1 }))).toEqual({ kind: 'not_due', wakeAt: 1_000 });
      expect((await runs.claim(claim(runId, { generation: 1, at: 1_000 }))).kind).toBe('claimed');
      await runs.append({ runId, epoch: 1, baseSeq: 1, events: [], settle: { kind: 'park', wakeAt: null } });
      expect(await runs.claim(claim(runId))).toEqual({ kind: 'not_due', wakeAt: null });
      await runs.signal(runId, 'cancel', {}, 2_000);
      expect(await runs.claim(claim(runId))).toMatchObject({ kind: 'claimed', signals: true });
      await runs.append({ runId, epoch: 2, baseSeq: 1, ...ending(1) });
      expect(await runs.claim(claim(runId))).toEqual({ kind: 'ended', status: 'completed' });
      expect(await runs.claim(claim('nope'))).toEqual({ kind: 'missing' });
    });

    test('counts claims in a row without progress', async () => {
      const { runId } = await accepted(runs);
      const next = async (): Promise<number> => {
        const outcome = await runs.claim(claim(runId));
        return outcome.kind === 'claimed' ? outcome.claims : 0;
      };
      expect([await next(), await next()]).toEqual([1, 2]);
      await runs.append({ runId, epoch: 2, baseSeq: 1, events: [started(1)] });
      expect(await next()).toBe(3);
      await runs.append({ runId, epoch: 3, baseSeq: 2, events: [completed(1)] });
      expect(await next()).toBe(1);
      await runs.append({ runId, epoch: 4, baseSeq: 3, events: [], settle: { kind: 'hand_back', wakeAt: 1, uncounted: true } });
      expect(await next()).toBe(1);
      await runs.append({ runId, epoch: 5, baseSeq: 3, events: [], settle: { kind: 'hand_back', wakeAt: 1, uncounted: false } });
      expect(await next()).toBe(2);
    });

    test('records the lock in the history of the task', async () => {
      const task = newTask();
      await tasks.create(task);
      const { runId } = await accepted(runs, { taskId: task.id });
      await runs.claim(claim(runId, { at: 7_000_000_000_000, lock: { method: 'memory', holder: 'worker/w', tokenLength: 32 } }));
      expect(await tasks.lockHistory('default', task.id, 10)).toEqual([
        {
          ...{ id: expect.any(Number), taskId: task.id, runId, operation: 'advance', event: 'acquired', method: 'memory' },
          ...{ holder: 'worker/w', tokenLength: 32, at: 7_000_000_000_000 },
        },
      ]);
    });
  });

  describe('append', () => {
    test('continues the journal without a gap, many runs at once', async () => {
      const claimed = await Promise.all(Array.from({ length: 30 }, () => claimedRun(runs)));
      await Promise.all(
        claimed.map(async ({ runId, epoch }, index) => {
          // In flight together: they must land in order.
          const outcomes = await Promise.all([
            runs.append({ runId, epoch, baseSeq: 1, events: [started(1), completed(index)] }),
            runs.append({ runId, epoch, baseSeq: 3, events: [started(2)] }),
            runs.append({ runId, epoch, baseSeq: 4, ...ending(index) }),
          ]);
          expect(outcomes).toEqual([3, 4, 5].map((seq) => ({ kind: 'appended', seq })));
        }),
      );
      for (const [index, { runId }] of claimed.entries()) {
        expect(await journalOf(runId)).toEqual([
          ...['1 0 run.submitted', '2 1 node.started', '3 1 node.completed', '4 1 node.started', '5 1 run.completed'],
        ]);
        expect(await runs.findRun(runId)).toMatchObject({ seq: 5, output: index, status: 'completed' });
      }
    });

    test('fences an old epoch, whatever it believes the journal to be', async () => {
      const { runId, epoch } = await claimedRun(runs);
      await runs.append({ runId, epoch, baseSeq: 1, events: [started(1)] });
      await runs.claim(claim(runId, { workerId: 'w2' }));
      await runs.append({ runId, epoch: 2, baseSeq: 2, events: [started(2)] });
      for (const baseSeq of [0, 1, 2, 3, 4]) {
        expect(await runs.append({ runId, epoch, baseSeq, events: [started(1)] })).toEqual({ kind: 'fenced', reason: 'epoch' });
      }
      const park = { events: [], settle: { kind: 'park', wakeAt: null } } as const;
      expect(await runs.append({ runId, epoch, baseSeq: 3, ...park })).toEqual({ kind: 'fenced', reason: 'epoch' });
      expect(await journalOf(runId)).toEqual(['1 0 run.submitted', '2 1 node.started', '3 2 node.started']);
    });

    test('recognises its own events when a reply was lost, and nobody else’s', async () => {
      const { runId, epoch } = await claimedRun(runs);
      const request = { runId, epoch, baseSeq: 1, events: [started(1), completed(1)] };
      const twice = await Promise.all([runs.append(request), runs.append(request)]);
      expect([...twice, await runs.append(request)]).toEqual(times(3, { kind: 'appended', seq: 3 }));
      expect(await runs.append({ ...request, events: [started(1), completed(2)] })).toEqual({ kind: 'fenced', reason: 'seq' });
      expect(await runs.append({ ...request, baseSeq: 7 })).toEqual({ kind: 'fenced', reason: 'seq' });
      const park = { events: [], settle: { kind: 'park', wakeAt: null } } as const;
      expect(await runs.append({ ...request, ...park })).toEqual({ kind: 'fenced', reason: 'seq' });
      const end = { runId, epoch, baseSeq: 3, ...ending(1) };
      expect([await runs.append(end), await runs.append(end)]).toEqual(times(2, { kind: 'appended', seq: 4 }));
      expect(await journalOf(runId)).toHaveLength(4);
    });

    test('ends the run, its task and its inbox in one commit, and takes nothing after it', async () => {
      const task = newTask();
      await tasks.create(task);
      const { runId, epoch } = await claimedRun(runs, { taskId: task.id });
      await runs.signal(runId, 'cancel', {}, 1);
      const error = { code: 'node_failed', message: 'no' };
      const failed = runEvent('run.failed', 9_000, { error });
      const outcome = await runs.append({
        runId,
        epoch,
        baseSeq: 1,
        events: [failed],
        settle: { kind: 'end', status: 'failed' },
      });
      expect(outcome).toEqual({ kind: 'appended', seq: 2 });
      expect(await runs.findRun(runId)).toMatchObject({
        ...{ status: 'failed', wakeAt: null, workerId: null, finishedAt: 9_000, error, output: null },
      });
      expect(await tasks.find('default', task.id)).toMatchObject({ status: 'failed', liveRunId: null, lastRunId: runId });
      expect(await runs.readSignals([runId])).toEqual([]);
      expect(await runs.append({ runId, epoch, baseSeq: 2, events: [started(1)] })).toEqual({ kind: 'fenced', reason: 'ended' });
      expect(await runs.signal(runId, 'cancel', {}, 1)).toEqual({ kind: 'ended' });
    });

    test('refuses a terminal event that is not the end of the run', async () => {
      const { runId, epoch } = await claimedRun(runs);
      const { events, settle } = ending(1);
      await expect(runs.append({ runId, epoch, baseSeq: 1, events })).rejects.toMatchObject({ code: 'internal' });
      await expect(runs.append({ runId, epoch, baseSeq: 1, events: [...events, started(1)], settle })).rejects.toMatchObject({
        code: 'internal',
      });
      expect(await journalOf(runId)).toHaveLength(1);
    });

    test('is missing without a run', async () => {
      expect(await runs.append({ runId: 'nope', epoch: 1, baseSeq: 0, events: [] })).toEqual({
        kind: 'fenced',
        reason: 'missing',
      });
    });

    test('parks until the instant or a signal, and releases the baton once', async () => {
      const { runId, epoch } = await claimedRun(runs);
      const park = { runId, epoch, baseSeq: 1, events: [], settle: { kind: 'park', wakeAt: 90_000 } } as const;
      expect(await runs.append(park)).toEqual({ kind: 'appended', seq: 1 });
      expect(await runs.findRun(runId)).toMatchObject({ status: 'waiting', workerId: null, wakeAt: 90_000 });
      expect(await runs.append(park)).toEqual({ kind: 'appended', seq: 1 });
      // Released is released: the same epoch writes nothing more.
      expect(await runs.append({ runId, epoch, baseSeq: 1, events: [started(1)] })).toEqual({ kind: 'fenced', reason: 'epoch' });
    });

    test('does not park over a signal, and writes nothing then', async () => {
      const { runId, epoch } = await claimedRun(runs);
      const sent = await runs.signal(runId, 'cancel', {}, 1);
      const park = { runId, epoch, baseSeq: 1, events: [started(1)], settle: { kind: 'park', wakeAt: null } } as const;
      expect(await runs.append(park)).toEqual({ kind: 'inbox' });
      expect(await journalOf(runId)).toHaveLength(1);
      expect(sent.kind).toBe('sent');
      const consumed = sent.kind === 'sent' ? [sent.signalId] : [];
      expect(await runs.append({ ...park, consumed })).toEqual({ kind: 'appended', seq: 2 });
      expect(await runs.readSignals([runId])).toEqual([]);
    });

    test('does not park over a signal of the same commit, but over one that is answered in it', async () => {
      const commits: number[] = [];
      const store = await another({ observer: ({ requests }) => commits.push(requests) });
      const { runId, epoch } = await claimedRun(store);
      const park = { runId, epoch, baseSeq: 1, events: [], settle: { kind: 'park', wakeAt: null } } as const;
      commits.splice(0);
      const [sent, parked] = await Promise.all([store.signal(runId, 'pause', {}, 1), store.append(park)]);
      expect(parked).toEqual({ kind: 'inbox' });
      expect(sent.kind).toBe('sent');
      const consumed = sent.kind === 'sent' ? [sent.signalId] : [];
      const answer = { runId, epoch, baseSeq: 1, events: [started(1)], consumed };
      const outcomes = await Promise.all([store.append(answer), store.append({ ...park, baseSeq: 2 })]);
      expect(outcomes).toEqual(times(2, { kind: 'appended', seq: 2 }));
      expect(commits).toEqual([2, 2]);
      expect(await runs.findRun(runId)).toMatchObject({ status: 'waiting', wakeAt: null });
      expect(await runs.readSignals([runId])).toEqual([]);
    });

    test('never loses a signal to a park, whichever comes first', async () => {
      const other = await another();
      const claimed = await Promise.all(Array.from({ length: 40 }, () => claimedRun(runs)));
      const outcomes = await Promise.all(
        claimed.map(async ({ runId, epoch }, index) => {
          const sender = index % 2 === 0 ? runs : other;
          const parks = { runId, epoch, baseSeq: 1, events: [], settle: { kind: 'park', wakeAt: null } } as const;
          const [parked, sent] = await Promise.all([runs.append(parks), sender.signal(runId, 'cancel', {}, 5)]);
          expect(sent.kind).toBe('sent');
          expect(await runs.findRun(runId)).toMatchObject({
            wakeAt: expect.any(Number),
            status: parked.kind === 'inbox' ? 'running' : 'waiting',
          });
          expect(await runs.readSignals([runId])).toHaveLength(1);
          return parked.kind;
        }),
      );
      expect(outcomes.every((outcome) => outcome === 'inbox' || outcome === 'appended')).toBe(true);
    });

    test('hands back for another worker to claim, whatever became of the appends before', async () => {
      const { runId, epoch } = await claimedRun(runs);
      await runs.append({ runId, epoch, baseSeq: 1, events: [started(1)] });
      const handBack = {
        runId,
        epoch,
        baseSeq: 1,
        events: [],
        settle: { kind: 'hand_back', wakeAt: 77, uncounted: false },
      } as const;
      expect(await runs.append(handBack)).toEqual({ kind: 'appended', seq: 2 });
      expect(await runs.findRun(runId)).toMatchObject({ status: 'queued', workerId: null, wakeAt: 77, seq: 2 });
    });
  });

  describe('signals', () => {
    test('wait in the inbox in order, make the run due, and name its holder', async () => {
      const notices: CommitNotice[] = [];
      const { runId, epoch } = await claimedRun(runs);
      runs.onCommit((notice) => notices.push(notice));
      expect(await runs.signal(runId, 'cancel', { by: 'a' }, 10)).toMatchObject({ kind: 'sent', workerId: 'worker-1' });
      expect(await runs.signal(runId, 'cancel', { by: 'b' }, 11)).toMatchObject({ kind: 'sent', workerId: 'worker-1' });
      expect(await runs.readSignals([runId, 'nope'])).toEqual(
        ['a', 'b'].map((by, index) => ({ id: expect.any(Number), runId, type: 'cancel', payload: { by }, at: 10 + index })),
      );
      const dispatch = { runId, tenantId: 'default', taskId: null, priority: 'normal', generation: 0, claims: 1 };
      expect(notices).toEqual(
        times(2, {
          ...{ grown: [], signalled: [{ ...dispatch, workerId: 'worker-1' }] },
          ...{ started: [], dispatched: [] },
        }),
      );
      const ids = (await runs.readSignals([runId])).map(({ id }) => id);
      await runs.append({ runId, epoch, baseSeq: 1, events: [], consumed: ids, settle: { kind: 'park', wakeAt: null } });
      expect(await runs.signal(runId, 'cancel', {}, 12)).toMatchObject({ kind: 'sent', workerId: null });
      expect(await runs.findRun(runId)).toMatchObject({ wakeAt: 12 });
    });

    test('get ids of their own when many share a commit', async () => {
      const claimed = await Promise.all(Array.from({ length: 20 }, () => claimedRun(runs)));
      const sent = await Promise.all(claimed.map(({ runId }) => runs.signal(runId, 'cancel', {}, 1)));
      const stored = await runs.readSignals(claimed.map(({ runId }) => runId));
      const told = sent.map((outcome, index) => `${outcome.kind === 'sent' ? outcome.signalId : 0} ${claimed[index]!.runId}`);
      expect(new Set(told)).toEqual(new Set(stored.map(({ id, runId }) => `${id} ${runId}`)));
      expect(stored).toHaveLength(20);
    });

    test('that say the same at the same instant are two, also beside a claim', async () => {
      const { runId } = await accepted(runs);
      await runs.signal(runId, 'event', { name: 'tick' }, 5);
      const [, second] = await Promise.all([runs.claim(claim(runId)), runs.signal(runId, 'event', { name: 'tick' }, 5)]);
      const ids = (await runs.readSignals([runId])).map(({ id }) => id);
      expect(ids).toHaveLength(2);
      expect(second).toMatchObject({ kind: 'sent', signalId: ids[1] });
    });

    test('are missing without a run', async () => {
      expect(await runs.signal('nope', 'cancel', {}, 1)).toEqual({ kind: 'missing' });
    });
  });

  test('what a statement that fails leaves in its error are no values: it is logged', async () => {
    const { runId, epoch } = await claimedRun(runs);
    const subject = { id: 'n', visit: null as unknown as number, attempt: 1 };
    const event = nodeEvent('node.completed', subject, 1_000, { output: 'my secret' });
    const outcomes = await Promise.allSettled([
      runs.append({ runId, epoch, baseSeq: 1, events: [event] }),
      database.read('SELECT no_column FROM runs WHERE id = ?', ['my secret']),
      database.write({ sql: 'UPDATE runs SET no_column = ?', values: ['my secret'] }),
      tasks.create(newTask({ title: null as unknown as string, description: 'my secret' })),
    ]);
    for (const outcome of outcomes) {
      expect(outcome.status).toBe('rejected');
      expect(inspect(outcome, { depth: 5, maxStringLength: null })).not.toContain('my secret');
    }
  });

  describe('due runs', () => {
    test('are the ones whose time has come and that no live lease holds, page by page', async () => {
      const early = await Promise.all([3, 1, 2].map((at) => accepted(runs, { runId: `r${at}`, at })));
      await accepted(runs, { runId: 'late', at: 5_000 });
      await liveWorker('alive');
      await accepted(runs, { runId: 'held', at: 1 });
      await runs.claim(claim('held', { workerId: 'alive' }));
      await accepted(runs, { runId: 'orphan', at: 2 });
      await runs.claim(claim('orphan', { workerId: 'dead' }));
      expect(early).toHaveLength(3);
      const first = await runs.dueRuns({ now: 4_999, limit: 2 });
      expect(first).toEqual([
        { runId: 'r1', taskId: null, generation: 0, wakeAt: 1, deadWorkerId: null },
        { runId: 'orphan', taskId: null, generation: 0, wakeAt: 2, deadWorkerId: 'dead' },
      ]);
      const rest = await runs.dueRuns({ now: 4_999, after: first[1], limit: 10 });
      expect(rest.map(({ runId }) => runId)).toEqual(['r2', 'r3']);
      await workers.expire('alive');
      expect(await runs.dueRuns({ now: 1, limit: 10 })).toContainEqual(
        expect.objectContaining({ runId: 'held', deadWorkerId: 'alive' }),
      );
    });

    test('are told by the worker that they died with, page by page', async () => {
      await accepted(runs, { runId: 'waiting', at: 1 });
      await liveWorker('alive');
      for (const [runId, workerId] of [
        ...[['a1', 'a'] as const, ['b1', 'b'] as const, ['a2', 'a'] as const, ['c1', 'c'] as const],
        ['h1', 'alive'] as const,
      ]) {
        await accepted(runs, { runId, at: 1 });
        await runs.claim(claim(runId, { workerId }));
      }
      const heldBy = ['a', 'b', 'alive'];
      const first = await runs.dueRuns({ now: 2, limit: 2, heldBy });
      expect(first).toMatchObject([
        { runId: 'a1', deadWorkerId: 'a' },
        { runId: 'a2', deadWorkerId: 'a' },
      ]);
      expect(await runs.dueRuns({ now: 2, limit: 2, heldBy, after: first[1] })).toMatchObject([
        { runId: 'b1', deadWorkerId: 'b' },
      ]);
      expect(await runs.dueRuns({ now: 0, limit: 2, heldBy })).toEqual([]);
    });

    test('have their generation raised by one of many processes, and only while they are due', async () => {
      const other = await another();
      const dispatches = await Promise.all(
        Array.from({ length: 20 }, async () => ({ runId: (await accepted(runs, { at: 1 })).runId, taskId: null, generation: 0 })),
      );
      const raised = await Promise.all([runs, other, runs].map((store) => store.raiseGenerations(dispatches, 2)));
      expect(
        raised
          .flat()
          .map(({ runId }) => runId)
          .toSorted(),
      ).toEqual(dispatches.map(({ runId }) => runId).toSorted());
      expect(raised.flat().every(({ generation }) => generation === 1)).toBe(true);
      const again = dispatches.map((dispatch) => ({ ...dispatch, generation: 1 }));
      expect(await runs.raiseGenerations(again, 0)).toEqual([]);
      await liveWorker('alive');
      for (const { runId } of again) await runs.claim(claim(runId, { workerId: 'alive' }));
      expect(await runs.raiseGenerations(again, 2)).toEqual([]);
    });

    test('keep their priority, and tell whose turn it is when they are to be dispatched', async () => {
      const { runId } = await accepted(runs, { tenantId: 'acme', priority: 'low', at: 1 });
      expect(await runs.findRun(runId)).toMatchObject({ priority: 'low' });
      expect(await runs.findRun((await accepted(runs)).runId)).toMatchObject({ priority: 'normal' });
      const dispatch = { runId, taskId: null, tenantId: 'acme', priority: 'low' };
      expect(await runs.raiseGenerations([{ runId, taskId: null, generation: 0 }], 2)).toEqual([{ ...dispatch, generation: 1 }]);
      const notices: CommitNotice[] = [];
      runs.onCommit((notice) => notices.push(notice));
      await runs.signal(runId, 'pause', {}, 3);
      expect(notices.flatMap(({ signalled }) => signalled)).toEqual([{ ...dispatch, generation: 1, workerId: null }]);
    });

    test('lose their dead holder when their generation is raised: it writes nothing any more, and its claim is told', async () => {
      const { runId, epoch } = await claimedRun(runs, { at: 1 });
      const raised = await runs.raiseGenerations([{ runId, taskId: null, generation: 0 }], 2);
      expect(raised).toMatchObject([{ runId, generation: 1, claims: 1 }]);
      expect(await runs.dueRuns({ now: 2, limit: 10 })).toMatchObject([{ runId, generation: 1, deadWorkerId: null }]);
      expect(await runs.append({ runId, epoch, baseSeq: 1, events: [started(1)] })).toEqual({ kind: 'fenced', reason: 'epoch' });
      expect(await runs.claim(claim(runId, { generation: 1 }))).toMatchObject({ kind: 'claimed', run: { epoch: 2 } });
    });
  });

  describe('reading', () => {
    test('lists runs by tenant, task and status, newest first, page by page', async () => {
      const task = newTask();
      await tasks.create(task);
      for (const at of [1, 2, 3, 4]) await accepted(runs, { runId: `r${at}`, at: Math.min(at, 3) });
      await accepted(runs, { runId: 'tasked', taskId: task.id, at: 9 });
      await accepted(runs, { runId: 'foreign', tenantId: 'acme', at: 9 });
      const ids = async (query: Partial<Parameters<typeof runs.listRuns>[0]>): Promise<string[]> =>
        (await runs.listRuns({ tenantId: 'default', limit: 10, ...query })).map(({ id }) => id);
      expect(await ids({})).toEqual(['tasked', 'r4', 'r3', 'r2', 'r1']);
      expect(await ids({ before: { createdAt: 3, runId: 'r4' }, limit: 2 })).toEqual(['r3', 'r2']);
      expect(await ids({ taskId: task.id })).toEqual(['tasked']);
      expect(await ids({ tenantId: 'acme' })).toEqual(['foreign']);
      expect(await ids({ idPrefix: 'r' })).toEqual(['r4', 'r3', 'r2', 'r1']);
      expect([await ids({ idPrefix: 'r3', status: 'queued' }), await ids({ idPrefix: 'fo' })]).toEqual([['r3'], []]);
      await runs.claim(claim('r2'));
      expect(await ids({ status: 'running' })).toEqual(['r2']);
      expect(await runs.countRuns()).toEqual({ queued: 5, running: 1 });
    });

    test('pages through a journal, and refuses an event of a newer version', async () => {
      const { runId, epoch } = await claimedRun(runs);
      await runs.append({ runId, epoch, baseSeq: 1, events: [started(1), started(2), started(3)] });
      expect((await runs.readJournal(runId, 1, 2)).map(({ seq, attempt }) => [seq, attempt])).toEqual([
        [2, 1],
        [3, 2],
      ]);
      await database.write({ sql: 'UPDATE journal SET v = 2 WHERE run_id = ? AND seq = 3', values: [runId] });
      await expect(runs.readJournal(runId, 0, 10)).rejects.toMatchObject({
        code: 'unknown_event_version',
        context: { seq: 3, v: 2 },
      });
    });

    test('knows the live runs among runs and tasks, of whatever tenant, and who holds them', async () => {
      for (const tenantId of ['default', 'acme']) await tasks.create(newTask({ id: 'shared', tenantId }));
      await tasks.create(newTask({ id: 'idle' }));
      const alone = await claimedRun(runs);
      const waiting = await accepted(runs, { taskId: 'shared' });
      const foreign = await claimedRun(runs, { taskId: 'shared', tenantId: 'acme' });
      const ended = await claimedRun(runs);
      await runs.append({ ...ended, baseSeq: 1, ...ending(1) });
      const live = await runs.liveRuns({ runIds: [alone.runId, ended.runId, 'none'], taskIds: ['shared', 'idle', 'none'] });
      const byId = (left: { runId: string }, right: { runId: string }): number => (left.runId < right.runId ? -1 : 1);
      expect(live.toSorted(byId)).toEqual(
        [
          { runId: alone.runId, taskId: null, workerId: 'worker-1' },
          { runId: waiting.runId, taskId: 'shared', workerId: null },
          { runId: foreign.runId, taskId: 'shared', workerId: 'worker-1' },
        ].toSorted(byId),
      );
      expect(await runs.liveRuns({ runIds: [], taskIds: [] })).toEqual([]);
    });

    test('answers a ping, and takes nothing more once it is closed', async () => {
      expect(await runs.ping()).toBe(true);
      await runs.close();
      await expect(runs.submit(submission())).rejects.toMatchObject({ code: 'storage_unavailable' });
    });
  });

  describe('the group commit', () => {
    test('shares commits: what is asked for while one is in flight goes with the next', async () => {
      const commits: number[] = [];
      const store = await another({ observer: ({ requests }) => commits.push(requests), maxRequests: 200 });
      await Promise.all(Array.from({ length: 500 }, () => accepted(store)));
      expect(commits.reduce((sum, requests) => sum + requests, 0)).toBe(500);
      expect(commits.length).toBeLessThanOrEqual(5);
      expect(Math.max(...commits)).toBeLessThanOrEqual(200);
    });

    test('lets a request that cannot be written fail alone', async () => {
      const good = await Promise.all(Array.from({ length: 9 }, () => claimedRun(runs)));
      const bad = await claimedRun(runs);
      const outcomes = await Promise.allSettled([
        ...good.slice(0, 4).map(({ runId, epoch }) => runs.append({ runId, epoch, baseSeq: 1, events: [completed(1)] })),
        runs.append({ ...bad, baseSeq: 1, events: [{ ...started(1), at: NaN }] }),
        ...good.slice(4).map(({ runId, epoch }) => runs.append({ runId, epoch, baseSeq: 1, events: [completed(1)] })),
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual([...[...times(4, 'fulfilled'), 'rejected', ...times(5, 'fulfilled')]]);
      expect(await journalOf(bad.runId)).toHaveLength(1);
      for (const { runId } of good) expect(await journalOf(runId)).toHaveLength(2);
    });

    test('holds for a request larger than a commit', async () => {
      const store = await another({ maxBytes: 1_000 });
      const input = 'x'.repeat(100_000);
      const requests = await Promise.all(Array.from({ length: 3 }, () => accepted(store, { input })));
      for (const { runId } of requests) expect((await runs.findRun(runId))!.input).toBe(input);
    });
  });
});
