import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import {
  nodeEvent,
  runEvent,
  workflowScope,
  type AppendOutcome,
  type AppendRequest,
  type ClaimOutcome,
  type EventDraft,
  type RevisionDraft,
  type Run,
  type Submission,
} from '@baton/core';
import { SqlRunStore, SqlTaskStore, SqlWorkerRegistry, type Database } from '@baton/storage';
import { DATABASE_KINDS, DatabaseBench } from '../support/databases.js';
import { accepted, claim, claimedRun, completed, ending, newTask, started } from '../support/run-requests.js';

// Requests that are alone, or few, may be committed another way than those of a batch: they must come to the same.

const PLAIN_END = { ...ending(9), settle: { kind: 'end', status: 'completed', withoutTask: true } } as const;
const USAGE = 'day, node_id, agent, model, model_calls, prompt_tokens, completion_tokens, tenant_id, workflow_id, workflow_name';
const FAILURE = { code: 'node_failed', message: 'no', retryable: false };
const PATCH = {
  ...{ base: 0, digest: 'e'.repeat(64), previousDigest: 'd'.repeat(64), by: 'ann', reason: 'more', at: 5_000, token: 'p' },
  diff: { nodes: { added: [], changed: [], removed: [] }, edges: { added: [], removed: [] }, fields: [] },
  patch: [{ op: 'add', path: '/nodes/-', value: { id: 'b' } }],
} satisfies Omit<RevisionDraft, 'runId'>;
const LIMIT = { tenantId: 'default', kind: 'workflow', name: 'w', capacity: 99, onLimit: 'reject' } as const;

function answered(agent: string, tokens: number): EventDraft {
  const usage = { ...{ model_calls: 1, prompt_tokens: tokens, completion_tokens: 1, cost_micros: 0 }, model: 'openai/m', agent };
  return nodeEvent('step.completed', { id: 'n', visit: 1, attempt: 1 }, 1_000, { key: `model-${tokens}`, output: 'yes', usage });
}

describe.each(DATABASE_KINDS)('on %s a request alone, or among few, comes to what it comes to in a batch:', (kind) => {
  const bench = new DatabaseBench(kind);
  let database: Database;
  let runs: SqlRunStore;
  let workers: SqlWorkerRegistry;
  let tasks: SqlTaskStore;
  let bystander: Submission;

  beforeAll(async () => {
    database = await (await bench.fresh()).open();
    runs = new SqlRunStore(database);
    workers = new SqlWorkerRegistry(database);
    tasks = new SqlTaskStore(database);
    bystander = await accepted(runs);
    const worker = { host: 'h', pid: 1, processStart: '1', startedAt: 1, nodeTypes: [] };
    await workers.register({ id: 'lives', ...worker }, 600_000);
  });
  afterAll(async () => {
    await runs.close();
    await bench.stop();
  });

  /** What nobody can tell apart in two runs that have fared the same. */
  async function seen(runId: string, outcome: AppendOutcome | ClaimOutcome): Promise<unknown> {
    const told = outcome.kind === 'claimed' ? { ...outcome, run: anonymous(outcome.run) } : outcome;
    const journal = await runs.readJournal(runId, 0, 100);
    const row = await runs.findRun(runId);
    const locks = row === null || row.taskId === null ? [] : await tasks.lockHistory('default', row.taskId, 10);
    return {
      told,
      row: row === null ? null : anonymous(row),
      journal: journal.map((event) => ({ ...event, runId: '' })),
      unseen: await database.read('SELECT claim_room, unproductive_claims FROM runs WHERE id = ?', [runId]),
      usage: await database.read(`SELECT ${USAGE} FROM run_usage WHERE run_id = ? ORDER BY agent`, [runId]),
      signals: (await runs.readSignals([runId])).map(({ type }) => type),
      locks: locks.map(({ event, holder }) => `${event} ${holder}`),
    };
  }

  const anonymous = ({ id: _id, taskId, startedAt, ...run }: Run) => ({
    ...run,
    ofTask: taskId !== null,
    hasStarted: startedAt !== null,
  });

  async function compare(prepare: () => Promise<[runId: string, ask: () => Promise<AppendOutcome | ClaimOutcome>]>) {
    const [aloneId, askAlone] = await prepare();
    const alone = await seen(aloneId, await askAlone());
    const [id, ask] = await prepare();
    const [outcome] = await Promise.all([ask(), runs.signal(bystander.runId, 'cancel', {}, 1)]);
    expect(alone).toEqual(await seen(id, outcome));
    const neighbour = await claimedRun(runs);
    const [idAmongFew, askAmongFew] = await prepare();
    const beside = runs.append({ ...neighbour, baseSeq: 1, events: [completed(1)] });
    const [outcomeAmongFew] = await Promise.all([askAmongFew(), beside]);
    expect(alone).toEqual(await seen(idAmongFew, outcomeAmongFew));
    expect(await beside).toEqual({ kind: 'appended', seq: 2 });
    expect(await runs.readJournal(neighbour.runId, 1, 100)).toMatchObject([{ seq: 2, type: 'node.completed' }]);
    return alone as { told: AppendOutcome | ClaimOutcome };
  }

  test.each<[string, string, Partial<Submission>, (runId: string) => Promise<unknown>, Partial<ReturnType<typeof claim>>]>([
    ['a fresh run', 'claimed', {}, async () => {}, {}],
    ['one that comes early', 'not_due', { at: 9_000 }, async () => {}, { at: 1_000 }],
    ['one with signals', 'claimed', {}, async (runId) => runs.signal(runId, 'pause', {}, 1), {}],
    [
      'an outdated job',
      'outdated',
      {},
      async (runId) => runs.raiseGenerations([{ runId, taskId: null, generation: 0 }], 5_000),
      { generation: 0 },
    ],
    ['a run that is held', 'held', {}, async (runId) => runs.claim(claim(runId, { workerId: 'lives' })), {}],
    ['the run of a dead worker', 'claimed', {}, async (runId) => runs.claim(claim(runId, { workerId: 'dead' })), {}],
    ['no run', 'missing', {}, async () => {}, {}],
  ])('a claim of %s is %s', async (what, expected, change, before, request) => {
    const { told } = await compare(async () => {
      const { runId } = await accepted(runs, { at: 5_000, ...change });
      await before(runId);
      const id = what === 'no run' ? randomUUID() : runId;
      return [id, () => runs.claim(claim(id, { at: 6_000, token: 't', ...request }))];
    });
    expect(told.kind).toBe(expected);
  });

  test('a claim of a run of a task leaves its lock', async () => {
    const { told } = await compare(async () => {
      const task = newTask();
      await tasks.create(task);
      const { runId } = await accepted(runs, { taskId: task.id, at: 5_000 });
      const lock = { method: 'redis', holder: 'worker/1', tokenLength: 32 } as const;
      return [runId, () => runs.claim(claim(runId, { at: 6_000, token: 't', lock }))];
    });
    expect(told.kind).toBe('claimed');
  });

  test('a claim of a parked run that is due takes it', async () => {
    const { told } = await compare(async () => {
      const parked = await claimedRun(runs, { at: 5_000 });
      await runs.append({ ...parked, baseSeq: 1, events: [started(1)], settle: { kind: 'park', wakeAt: 5_500 } });
      return [parked.runId, () => runs.claim(claim(parked.runId, { at: 6_000, token: 't' }))];
    });
    expect(told).toMatchObject({ kind: 'claimed', claims: 2, run: { status: 'running', epoch: 2 } });
  });

  const first = { baseSeq: 1, events: [completed(1)] };
  const asked = { ...first, events: [answered('a', 5), answered('b', 7), answered('a', 11)] };
  test.each<[string, string, (claimed: Awaited<ReturnType<typeof claimedRun>>) => Promise<unknown>, object]>([
    ['progress', 'appended', async () => {}, first],
    ['what is no progress', 'appended', async () => {}, { ...first, events: [started(1), started(2)] }],
    ['what was used', 'appended', async () => {}, asked],
    [
      'what was used besides',
      'appended',
      async (claimed) => runs.append({ ...claimed, ...asked }),
      { baseSeq: 4, events: [answered('a', 13)] },
    ],
    ['an end', 'appended', async ({ runId }) => runs.signal(runId, 'pause', {}, 1), { baseSeq: 1, ...PLAIN_END }],
    [
      'an end that knows of no patch',
      'inbox',
      async ({ runId }) => runs.patch({ ...PATCH, runId }),
      { baseSeq: 1, ...PLAIN_END, settle: { ...PLAIN_END.settle, revision: 0 } },
    ],
    ['what is there already', 'appended', async (claimed) => runs.append({ ...claimed, ...first }), first],
    [
      'what is not there',
      'fenced',
      async (claimed) => runs.append({ ...claimed, ...first }),
      { ...first, events: [completed(2)] },
    ],
    ['what leaves a gap', 'fenced', async () => {}, { ...first, baseSeq: 2 }],
    ['an older epoch', 'fenced', async ({ runId }) => runs.claim(claim(runId, { workerId: 'w2', token: 'x' })), first],
    ['what comes after the end', 'fenced', async (claimed) => runs.append({ ...claimed, baseSeq: 1, ...PLAIN_END }), first],
    [
      'what comes after a hand-back',
      'fenced',
      async (claimed) =>
        runs.append({ ...claimed, baseSeq: 1, events: [], settle: { kind: 'hand_back', wakeAt: 1, uncounted: true } }),
      first,
    ],
  ])('an append of %s is %s', async (_what, expected, before, deed) => {
    const { told } = await compare(async () => {
      const claimed = await claimedRun(runs, { at: 5_000 });
      await before(claimed);
      return [claimed.runId, () => runs.append({ ...claimed, ...first, ...deed })];
    });
    expect(told.kind).toBe(expected);
  });

  /** Each plain by itself, none like another. */
  const KINDS: readonly Pick<AppendRequest, 'events' | 'settle'>[] = [
    first,
    { events: [started(1), started(2)] },
    asked,
    { events: [answered('c', 3), completed(1), started(2)] },
    PLAIN_END,
    { ...PLAIN_END, events: [runEvent('run.completed', 12, { output: 1 })] },
    { events: [runEvent('run.failed', 15, { error: FAILURE })], settle: { kind: 'end', status: 'failed' } },
  ];

  test.each([
    ['nothing else', [], []],
    ['one that is fenced', [{ baseSeq: 7, events: [completed(1)] }], ['fenced']],
  ])('appends of all kinds beside %s', async (_what, others, expected) => {
    const prepare = (): Promise<Awaited<ReturnType<typeof claimedRun>>> => claimedRun(runs, { at: 5_000 });
    const alone: unknown[] = [];
    for (const deed of KINDS) {
      const claimed = await prepare();
      alone.push(await seen(claimed.runId, await runs.append({ ...claimed, baseSeq: 1, ...deed })));
    }
    const claims = await Promise.all([...KINDS, ...others].map(prepare));
    const outcomes = await Promise.all(
      [...KINDS, ...others].map((deed, index) => runs.append({ ...claims[index]!, baseSeq: 1, ...deed })),
    );
    expect(outcomes.slice(KINDS.length).map((outcome) => outcome.kind)).toEqual(expected);
    const together = KINDS.map((_, index) => seen(claims[index]!.runId, outcomes[index]!));
    expect(await Promise.all(together)).toEqual(alone);
  });

  test('an end under limits frees its places', async () => {
    const limits = [{ ...LIMIT, scope: workflowScope('default', 'w') }];
    const { told } = await compare(async () => {
      const claimed = await claimedRun(runs, { at: 5_000, limits });
      return [claimed.runId, () => runs.append({ ...claimed, baseSeq: 1, ...PLAIN_END })];
    });
    expect(told.kind).toBe('appended');
  });

  test('a run that begins to undo says so', async () => {
    const { told } = await compare(async () => {
      const claimed = await claimedRun(runs, { at: 5_000 });
      const events = [runEvent('run.compensating', 6_000, { error: FAILURE, node_id: null })];
      return [claimed.runId, () => runs.append({ ...claimed, baseSeq: 1, events })];
    });
    expect(told.kind).toBe('appended');
  });
});
