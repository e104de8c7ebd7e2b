import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  figuresOf,
  nodeEvent,
  runEvent,
  toWireStepUsage,
  type CostDimension,
  type EventDraft,
  type StatisticsQuery,
  type StepUsage,
  type TerminalRunStatus,
} from '@baton/core';
import { SqlRunRetention, SqlRunStore, SqlRunTally, SqlStatisticsStore, type Database } from '@baton/storage';
import { DATABASE_KINDS, DatabaseBench } from '../support/databases.js';
import { accepted, claim, WORKFLOW } from '../support/run-requests.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const FIRST = Date.parse('2026-03-01T00:00:00Z');
const ALL = { tenantId: 'default', span: 'day', from: FIRST, to: FIRST + 10 * DAY } as const;
const OTHER = { ...WORKFLOW, id: 'wf-2', name: 'other' };
const USED: StepUsage = {
  ...{ modelCalls: 1, promptTokens: 70, completionTokens: 30, costMicros: 5 },
  ...{ model: 'local/m', agent: 'writer' },
};

interface Ended {
  at?: number;
  ms?: number;
  status?: TerminalRunStatus;
  workflow?: typeof WORKFLOW;
  tenantId?: string;
  used?: Partial<StepUsage>[];
}

describe.each(DATABASE_KINDS)('statistics on %s', (kind) => {
  const bench = new DatabaseBench(kind);
  let database: Database;
  let runs: SqlRunStore;
  let store: SqlStatisticsStore;
  let tally: SqlRunTally;

  beforeEach(async () => {
    database = await (await bench.fresh()).open();
    runs = new SqlRunStore(database);
    store = new SqlStatisticsStore(database);
    tally = new SqlRunTally(database);
  });
  afterEach(async () => {
    await runs.close();
    await bench.closeAll();
  });
  afterAll(() => bench.stop());

  async function run({ at = FIRST + HOUR, ms = 1_000, status = 'completed', used = [], ...whose }: Ended = {}): Promise<string> {
    const { runId } = await accepted(runs, { at: at - ms, ...whose });
    await runs.claim(claim(runId, { at: at - ms }));
    const steps = used.map((usage, n) => {
      const payload = { key: `k${n}`, output: null, usage: toWireStepUsage({ ...USED, ...usage }) };
      return nodeEvent('step.completed', { id: 'n', visit: 1, attempt: 1 }, at, payload);
    });
    const events: EventDraft[] = [
      ...steps,
      status === 'failed'
        ? runEvent('run.failed', at, { error: { code: 'node_failed', message: 'x' } })
        : runEvent(`run.${status}` as 'run.completed', at, { output: null }),
    ];
    const settle = { kind: 'end', status } as const;
    expect(await runs.append({ runId, epoch: 1, baseSeq: 1, events, settle })).toMatchObject({ kind: 'appended' });
    return runId;
  }

  async function countAll(): Promise<number> {
    const page = await tally.endedRuns({ after: { finishedAt: 0, runId: '' }, until: FIRST + 100 * DAY, limit: 1_000 });
    return await tally.count(
      page.map(({ runId }) => runId),
      page.at(-1)?.finishedAt ?? 0,
    );
  }

  /** The same, whether the runs are in the sums or not. */
  async function expectAlways(check: () => Promise<void>): Promise<void> {
    await check();
    await countAll();
    await check();
  }

  const counts = (query: Partial<StatisticsQuery> = {}) => store.counts({ ...ALL, groupBy: ['band'], ...query });
  const costs = (groupBy: CostDimension[], query: Partial<StatisticsQuery & { limit: number }> = {}) =>
    store.costs({ ...ALL, limit: 100, groupBy, ...query });

  test('are nothing where nothing has ended', async () => {
    await accepted(runs);
    expect(await counts()).toEqual([]);
    expect(await costs([])).toEqual([]);
    expect(await costs(['slot'])).toEqual([]);
    expect(await store.busiest({ ...ALL, limit: 9 })).toEqual([]);
  });

  test('tell how runs ended and how long those took that completed', async () => {
    for (const ms of [100, 200, 200, 90_000]) await run({ ms });
    await run({ status: 'failed', ms: 5 });
    await run({ status: 'cancelled', ms: 7_000 });
    await run({ tenantId: 'another' });
    await expectAlways(async () =>
      expect(figuresOf(await counts())).toEqual({
        ...{ ended: 6, completed: 4, failed: 1, cancelled: 1, successRate: 0.8 },
        durationMs: { mean: 22_625, p50: 200, p95: 90_000 },
      }),
    );
  });

  test('count what has ended since the sums were made, and each run once', async () => {
    await run();
    await countAll();
    await run();
    expect(figuresOf(await counts())).toMatchObject({ ended: 2 });
    expect(await countAll()).toBe(1);
    expect(await countAll()).toBe(0);
    expect(figuresOf(await counts())).toMatchObject({ ended: 2, durationMs: { mean: 1_000, p50: 1_000, p95: 1_000 } });
  });

  test('count a run that was passed by as soon as it is found', async () => {
    await run({ at: FIRST + 5 * HOUR });
    await countAll();
    await run({ at: FIRST + 2 * HOUR, used: [{}] });
    expect(await countAll()).toBe(1);
    expect(figuresOf(await counts())).toMatchObject({ ended: 2 });
    expect(await costs([])).toMatchObject([{ usage: { modelCalls: 1 } }]);
    expect(await tally.countedTo()).toBe(FIRST + 5 * HOUR);
  });

  test('keep what has been counted when runs are deleted, and count again what is done again', async () => {
    const runId = await run({ used: [{}] });
    await countAll();
    for (const table of ['runs', 'run_usage'])
      await database.write({ sql: `DELETE FROM ${table} WHERE ${table === 'runs' ? 'id' : 'run_id'} = ?`, values: [runId] });
    expect(figuresOf(await counts())).toMatchObject({ ended: 1 });
    expect(await costs([])).toMatchObject([{ usage: { modelCalls: 1 } }]);
    await run({ used: [{}] });
    expect(figuresOf(await counts())).toMatchObject({ ended: 2 });
  });

  test('keep what is removed before it was counted', async () => {
    await run({ used: [{}] });
    const retention = new SqlRunRetention(database);
    const page = { tenantId: 'default', before: FIRST + DAY, unarchivedSince: 0, after: null, limit: 10 };
    const { runs: ended } = await retention.findEnded(page);
    expect(ended).toMatchObject([{ isCounted: false }]);
    await retention.takeAway(ended, FIRST + 2 * DAY);
    expect(figuresOf(await counts())).toMatchObject({ ended: 1 });
    expect(await costs([])).toMatchObject([{ usage: { modelCalls: 1 } }]);
  });

  test('belong to the hour and the day of the end', async () => {
    await run({ at: FIRST + HOUR - 1 });
    await run({ at: FIRST + HOUR });
    await run({ at: FIRST + DAY - 1, used: [{}] });
    await run({ at: FIRST + DAY });
    await expectAlways(async () => {
      const days = await store.counts({ ...ALL, groupBy: ['slot'] });
      expect(days.map(({ slotAt, runs: ended }) => [slotAt, ended])).toEqual([
        [FIRST, 3],
        [FIRST + DAY, 1],
      ]);
      const hours = await store.counts({ ...ALL, span: 'hour', to: FIRST + 2 * HOUR, groupBy: ['slot'] });
      expect(hours.map(({ slotAt, runs: ended }) => [slotAt, ended])).toEqual([
        [FIRST, 1],
        [FIRST + HOUR, 1],
      ]);
      expect(figuresOf(await counts({ from: FIRST + DAY }))).toMatchObject({ ended: 1 });
      expect(await costs(['slot'], { span: 'hour' })).toMatchObject([{ slotAt: FIRST + 23 * HOUR }]);
    });
  });

  test('are told apart by workflow, the busiest first', async () => {
    await run({ workflow: OTHER });
    await run({ status: 'failed' });
    await run();
    await expectAlways(async () => {
      expect(await store.busiest({ ...ALL, limit: 9 })).toEqual(['wf-1', 'wf-2']);
      expect(await store.busiest({ ...ALL, limit: 1 })).toEqual(['wf-1']);
      const groups = await store.counts({ ...ALL, groupBy: ['workflow'] });
      expect(groups.map(({ workflow, status, runs: ended }) => [workflow?.name, status, ended])).toEqual([
        ['answer', 'completed', 1],
        ['answer', 'failed', 1],
        ['other', 'completed', 1],
      ]);
      expect(figuresOf(await counts({ workflowIds: ['wf-2'] }))).toMatchObject({ ended: 1, completed: 1 });
    });
  });

  test('have what the runs used, by slot, workflow, agent and model, what costs most first', async () => {
    await run({ used: [{}, {}, { agent: 'critic', costMicros: 100 }] });
    await run({ used: [{ model: 'a/b' }], workflow: OTHER, at: FIRST + DAY });
    await run();
    await expectAlways(async () => {
      expect(await costs([])).toEqual([{ usage: { modelCalls: 4, promptTokens: 280, completionTokens: 120, costMicros: 115 } }]);
      expect((await costs(['slot'])).map(({ slotAt, usage }) => [slotAt, usage.costMicros])).toEqual([
        [FIRST, 110],
        [FIRST + DAY, 5],
      ]);
      expect((await costs(['workflow'])).map(({ workflow, usage }) => [workflow?.name, usage.costMicros])).toEqual([
        ['answer', 110],
        ['other', 5],
      ]);
      expect((await costs(['agent', 'model'])).map(({ agent, model, usage }) => [agent, model, usage.costMicros])).toEqual([
        ['critic', 'local/m', 100],
        ['writer', 'local/m', 10],
        ['writer', 'a/b', 5],
      ]);
      expect(await costs(['agent'], { workflowIds: ['wf-2'] })).toMatchObject([{ agent: 'writer', usage: { costMicros: 5 } }]);
      expect(await costs(['agent'], { limit: 1 })).toMatchObject([{ agent: 'critic' }]);
    });
  });

  test('leave live runs out, which are told by what they are now', async () => {
    await run();
    await accepted(runs);
    await accepted(runs, { workflow: OTHER });
    await runs.claim(claim((await accepted(runs)).runId));
    await accepted(runs, { tenantId: 'another' });
    expect(await store.live('default')).toEqual({ queued: 2, running: 1 });
    expect(await store.live('default', 'wf-2')).toEqual({ queued: 1 });
    expect(figuresOf(await counts())).toMatchObject({ ended: 1 });
  });
});
