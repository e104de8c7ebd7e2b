import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { nodeEvent, toWireStepUsage, type EventDraft, type StepUsage, type UsageQuery } from '@baton/core';
import { SqlRunStore, SqlUsageStore } from '@baton/storage';
import { DATABASE_KINDS, DatabaseBench } from '../support/databases.js';
import { claimedRun, WORKFLOW } from '../support/run-requests.js';

const USED: StepUsage = {
  ...{ modelCalls: 1, promptTokens: 70, completionTokens: 30, costMicros: 5 },
  ...{ model: 'local/m', agent: 'writer' },
};
const DAY = Date.parse('2026-03-01T12:00:00Z');
const NEXT_DAY = Date.parse('2026-03-02T00:00:00Z');
const ALL: UsageQuery = { tenantId: 'default', from: '2026-01-01', to: '2026-12-31', groupBy: [], limit: 100 };
const times = (n: number) => ({ modelCalls: n, promptTokens: 70 * n, completionTokens: 30 * n, costMicros: 5 * n });

let steps = 0;
function step(change: Partial<StepUsage> & { node?: string; at?: number } = {}): EventDraft {
  const { node = 'n', at = DAY, ...usage } = change;
  const payload = { key: `k${(steps += 1)}`, output: null, usage: toWireStepUsage({ ...USED, ...usage }) };
  return nodeEvent('step.completed', { id: node, visit: 1, attempt: 1 }, at, payload);
}

describe.each(DATABASE_KINDS)('usage on %s', (kind) => {
  const bench = new DatabaseBench(kind);
  let runs: SqlRunStore;
  let store: SqlUsageStore;

  beforeEach(async () => {
    const database = await (await bench.fresh()).open();
    runs = new SqlRunStore(database);
    store = new SqlUsageStore(database);
  });
  afterEach(async () => {
    await runs.close();
    await bench.closeAll();
  });
  afterAll(() => bench.stop());

  async function journal(events: EventDraft[], tenantId = 'default', workflow = WORKFLOW): Promise<string> {
    const { runId, epoch } = await claimedRun(runs, { tenantId, workflow });
    expect(await runs.append({ runId, epoch, baseSeq: 1, events })).toMatchObject({ kind: 'appended' });
    return runId;
  }

  const sum = async (query: Partial<UsageQuery> = {}) => await store.sum({ ...ALL, ...query });

  test('is nothing where no model was called', async () => {
    await journal([nodeEvent('step.completed', { id: 'n', visit: 1, attempt: 1 }, DAY, { key: 'k', output: 1 })]);
    expect(await sum()).toEqual([]);
    expect(await sum({ groupBy: ['day'] })).toEqual([]);
  });

  test('sums what the same commit and later ones bring', async () => {
    const { runId, epoch } = await claimedRun(runs);
    await runs.append({ runId, epoch, baseSeq: 1, events: [step(), step(), step({ node: 'other' })] });
    await runs.append({ runId, epoch, baseSeq: 4, events: [step()] });
    expect(await sum()).toEqual([{ group: {}, usage: times(4) }]);
    expect(await sum({ groupBy: ['node'] })).toEqual([
      { group: { node: 'n' }, usage: times(3) },
      { group: { node: 'other' }, usage: times(1) },
    ]);
  });

  test('counts an append once that is asked for again, and none of a stale owner', async () => {
    const { runId, epoch } = await claimedRun(runs);
    const request = { runId, epoch, baseSeq: 1, events: [step()] };
    for (let time = 0; time < 2; time += 1) expect(await runs.append(request)).toEqual({ kind: 'appended', seq: 2 });
    expect(await runs.append({ runId, epoch: epoch - 1, baseSeq: 2, events: [step()] })).toMatchObject({ kind: 'fenced' });
    expect(await sum()).toEqual([{ group: {}, usage: times(1) }]);
  });

  test('is summed by day of UTC, workflow, run, node, agent and model, what costs most first', async () => {
    const other = { ...WORKFLOW, id: 'wf-2', name: 'other' };
    const first = await journal([step(), step({ at: NEXT_DAY, model: 'Local/m' }), step({ agent: 'critic', costMicros: 100 })]);
    const second = await journal([step()], 'default', other);
    expect((await sum({ groupBy: ['day'] })).map(({ group, usage }) => [group.day, usage.modelCalls])).toEqual([
      ['2026-03-01', 3],
      ['2026-03-02', 1],
    ]);
    const workflows = await sum({ groupBy: ['workflow'] });
    expect(workflows.map(({ group, workflowName, usage }) => [group.workflow, workflowName, usage.costMicros])).toEqual([
      ['wf-1', 'answer', 110],
      ['wf-2', 'other', 5],
    ]);
    expect((await sum({ groupBy: ['run'] })).map(({ group }) => group.run)).toEqual([first, second]);
    const both = await sum({ groupBy: ['agent', 'model'], limit: 2 });
    expect(both.map(({ group }) => group)).toEqual([
      { agent: 'critic', model: 'local/m' },
      { agent: 'writer', model: 'local/m' },
    ]);
  });

  test('is found by what is asked for, of one tenant', async () => {
    const runId = await journal([step(), step({ agent: 'critic' }), step({ at: NEXT_DAY }), step({ model: 'a/b' })]);
    await journal([step()], 'other');
    const calls = async (query: Partial<UsageQuery>) => (await sum(query))[0]?.usage.modelCalls ?? 0;
    expect(await calls({ runId })).toBe(4);
    expect(await calls({ workflowId: WORKFLOW.id })).toBe(4);
    expect(await calls({ agent: 'critic' })).toBe(1);
    expect(await calls({ model: 'a/b' })).toBe(1);
    expect(await calls({ from: '2026-03-02' })).toBe(1);
    expect(await calls({ to: '2026-03-01' })).toBe(3);
    expect(await calls({ tenantId: 'other' })).toBe(1);
    expect(await calls({ tenantId: 'none' })).toBe(0);
  });

  test('outgrows 32 bits, and names that are too long do not lose it', async () => {
    const big = { promptTokens: 2_000_000_000, costMicros: 9_000_000_000, agent: 'ä'.repeat(100), model: 'm'.repeat(300) };
    await journal([step(big), step(big)]);
    expect(await sum()).toMatchObject([{ usage: { modelCalls: 2, promptTokens: 4_000_000_000, costMicros: 18_000_000_000 } }]);
  });
});
