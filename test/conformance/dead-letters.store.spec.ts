import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { runEvent, type DeadLetterDraft } from '@baton/core';
import { SqlDeadLetterStore, SqlRunStore } from '@baton/storage';
import { DATABASE_KINDS, DatabaseBench } from '../support/databases.js';
import { claimedRun, WORKFLOW } from '../support/run-requests.js';

const ERROR = { code: 'node_failed', message: 'no', details: { node_id: 'n' } };
const DRAFT: DeadLetterDraft = { kind: 'run', nodeId: 'n', nodeType: 'work', error: ERROR, attempts: 3, failedNodes: 1 };

describe.each(DATABASE_KINDS)('dead letters on %s', (kind) => {
  const bench = new DatabaseBench(kind);
  let runs: SqlRunStore;
  let letters: SqlDeadLetterStore;

  beforeEach(async () => {
    const database = await (await bench.fresh()).open();
    runs = new SqlRunStore(database);
    letters = new SqlDeadLetterStore(database);
  });
  afterEach(async () => {
    await runs.close();
    await bench.closeAll();
  });
  afterAll(() => bench.stop());

  /** Ends a run that leaves this letter; asked twice, as after a lost reply. */
  async function leave(at: number, change: Partial<DeadLetterDraft> = {}): Promise<string> {
    const { runId, epoch } = await claimedRun(runs);
    const deadLetter = { ...DRAFT, ...change };
    const events = [runEvent('run.failed', at, { error: deadLetter.error })];
    const request = { runId, epoch, baseSeq: 1, events, settle: { kind: 'end', status: 'failed', deadLetter } as const };
    for (let time = 0; time < 2; time += 1) expect(await runs.append(request)).toEqual({ kind: 'appended', seq: 2 });
    return runId;
  }

  test('are written with the end of their run, once', async () => {
    const runId = await leave(1_000);
    expect(await letters.find('default', runId)).toEqual({
      ...{ ...DRAFT, runId, tenantId: 'default', taskId: null, workflow: WORKFLOW, at: 1_000, status: 'open' },
      ...{ replayRunId: null, resolvedAt: null, resolvedBy: null },
    });
    expect(await letters.find('other', runId)).toBeNull();
    expect(await letters.countOpen(10)).toBe(1);
  });

  test('are not written by a stale owner', async () => {
    const { runId, epoch } = await claimedRun(runs);
    const events = [runEvent('run.failed', 1, { error: ERROR })];
    const settle = { kind: 'end', status: 'failed', deadLetter: DRAFT } as const;
    expect(await runs.append({ runId, epoch: epoch - 1, baseSeq: 1, events, settle })).toMatchObject({ kind: 'fenced' });
    expect(await letters.find('default', runId)).toBeNull();
  });

  test('are listed newest first, page by page, by filters', async () => {
    const ids = [
      await leave(1_000),
      await leave(2_000, { nodeType: 'other' }),
      await leave(3_000, { error: { ...ERROR, code: 'timeout' } }),
    ];
    const list = async (query: object) => {
      const found = await letters.list({ tenantId: 'default', status: 'open', limit: 10, ...query });
      return found.map(({ runId }) => ids.indexOf(runId));
    };
    expect(await list({})).toEqual([2, 1, 0]);
    expect(await list({ limit: 2 })).toEqual([2, 1]);
    expect(await list({ before: { at: 2_000, runId: ids[1] } })).toEqual([0]);
    expect(await list({ nodeType: 'other' })).toEqual([1]);
    expect(await list({ code: 'timeout' })).toEqual([2]);
    expect(await list({ from: 2_000, to: 3_000 })).toEqual([1]);
    expect(await list({ workflowId: WORKFLOW.id })).toEqual([2, 1, 0]);
    expect(await list({ workflowId: 'other' })).toEqual([]);
    expect(await list({ tenantId: 'other' })).toEqual([]);
    expect(await list({ status: 'discarded' })).toEqual([]);
  });

  test('are shown of all tenants while they are open, page by page', async () => {
    const ids = [await leave(1_000), await leave(2_000), await leave(3_000)];
    await letters.resolve('default', ids[1]!, { status: 'discarded', at: 6, by: 'bob' });
    const open = async (offset: number) => (await letters.listOpen({ offset, limit: 1 })).map(({ runId }) => ids.indexOf(runId));
    expect([await open(0), await open(1), await open(2)]).toEqual([[2], [0], []]);
  });

  test('are settled once', async () => {
    const runId = await leave(1_000);
    const replayed = { status: 'replayed', replayRunId: 'next', at: 5, by: 'ann' } as const;
    expect(await letters.resolve('other', runId, replayed)).toBeNull();
    const expected = { status: 'replayed', replayRunId: 'next', resolvedAt: 5, resolvedBy: 'ann' };
    expect(await letters.resolve('default', runId, replayed)).toMatchObject(expected);
    expect(await letters.resolve('default', runId, { status: 'discarded', at: 6, by: 'bob' })).toMatchObject(expected);
    expect(await letters.countOpen(10)).toBe(0);
  });
});
