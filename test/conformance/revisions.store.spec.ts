import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { runEvent, RUN_HAD_ENDED, type EventDraft, type RevisionDraft } from '@baton/core';
import { SqlRunStore } from '@baton/storage';
import { DATABASE_KINDS, DatabaseBench } from '../support/databases.js';
import { accepted, claim, claimedRun, ending } from '../support/run-requests.js';

const DIFF = {
  nodes: { added: ['b'], changed: [], removed: [] },
  edges: { added: [{ from: 'a', to: 'b' }], removed: [] },
  fields: [],
};

function draft(runId: string, base: number, change: Partial<RevisionDraft> = {}): RevisionDraft {
  return {
    ...{ runId, base, digest: 'e'.repeat(64), previousDigest: 'd'.repeat(64), diff: DIFF, by: 'ann', reason: 'more' },
    ...{ patch: [{ op: 'add', path: '/nodes/-', value: { id: 'b' } }], at: 5_000, token: `token-${base}`, ...change },
  };
}

function patched(revision: number): EventDraft {
  const made = { revision, digest: 'e'.repeat(64), previous_digest: 'd'.repeat(64), by: 'ann', reason: 'more' };
  return runEvent('run.patched', 6_000, { ...made, added: ['b'], changed: [], removed: [] });
}

function refused(revision: number): EventDraft {
  const made = { revision, digest: 'e'.repeat(64), previous_digest: 'd'.repeat(64), by: 'ann', reason: 'more' };
  return runEvent('run.patch_refused', 7_000, { ...made, error: { code: 'patch_refused', message: 'too late' } });
}

describe.each(DATABASE_KINDS)('revisions on %s', (kind) => {
  const bench = new DatabaseBench(kind);
  let runs: SqlRunStore;

  beforeEach(async () => {
    runs = new SqlRunStore(await (await bench.fresh()).open());
  });
  afterEach(async () => {
    await runs.close();
    await bench.closeAll();
  });
  afterAll(() => bench.stop());

  const list = (runId: string) => runs.listRevisions({ runId, limit: 10 });

  test('are kept with their number, and tell their run in the same commit', async () => {
    const { runId, tenantId } = await accepted(runs);
    const outcome = await runs.patch(draft(runId, 0));
    const { base: _base, ...made } = draft(runId, 0);
    const revision = { ...made, tenantId, revision: 1, status: 'waiting', answeredAt: null, refusal: null };
    expect(outcome).toEqual({ kind: 'patched', revision });
    expect(await list(runId)).toEqual([revision]);
    expect(await runs.findRun(runId)).toMatchObject({ revision: 1, wakeAt: expect.any(Number) });
    const payload = { revision: 1, digest: made.digest, previous_digest: made.previousDigest, by: 'ann', reason: 'more' };
    expect(await runs.readSignals([runId])).toMatchObject([{ type: 'patch', payload, at: 5_000 }]);
  });

  test('wake a parked run', async () => {
    const { runId, epoch } = await claimedRun(runs);
    await runs.append({ runId, epoch, baseSeq: 1, events: [], settle: { kind: 'park', wakeAt: null, paused: true } });
    await runs.patch(draft(runId, 0));
    expect(await runs.findRun(runId)).toMatchObject({ status: 'paused', wakeAt: 5_000 });
    expect(await runs.claim(claim(runId))).toMatchObject({ kind: 'claimed', signals: true, run: { revision: 1 } });
  });

  test('are made of the revision that the run has, by one of many at once', async () => {
    const { runId } = await accepted(runs);
    const tokens = Array.from({ length: 10 }, (_, n) => `caller-${n}`);
    const outcomes = await Promise.all(tokens.map((token) => runs.patch(draft(runId, 0, { token }))));
    expect(outcomes.filter(({ kind: outcome }) => outcome === 'patched')).toHaveLength(1);
    expect(outcomes.filter(({ kind: outcome }) => outcome === 'stale')).toEqual(Array(9).fill({ kind: 'stale', revision: 1 }));
    expect(await list(runId)).toHaveLength(1);
    expect(await runs.readSignals([runId])).toHaveLength(1);
    expect(await runs.patch(draft(runId, 1))).toMatchObject({ kind: 'patched', revision: { revision: 2 } });
    expect(await runs.patch(draft(runId, 5, { token: 'ahead' }))).toEqual({ kind: 'stale', revision: 2 });
  });

  test('know a request that comes again, whatever came after it', async () => {
    const { runId, epoch } = await claimedRun(runs);
    const first = await runs.patch(draft(runId, 0));
    expect(await runs.patch(draft(runId, 0))).toEqual(first);
    await runs.patch(draft(runId, 1));
    await runs.append({ runId, epoch, baseSeq: 1, ...ending(1) });
    expect(await runs.patch(draft(runId, 0))).toMatchObject({ kind: 'patched', revision: { revision: 1, status: 'refused' } });
    expect(await list(runId)).toHaveLength(2);
  });

  test('are refused where there is no live run', async () => {
    expect(await runs.patch(draft('nobody', 0))).toEqual({ kind: 'missing' });
    const { runId, epoch } = await claimedRun(runs);
    await runs.append({ runId, epoch, baseSeq: 1, ...ending(1) });
    expect(await runs.patch(draft(runId, 0))).toEqual({ kind: 'ended' });
    expect(await list(runId)).toEqual([]);
  });

  test('get their answer in the commit of its event', async () => {
    const { runId, epoch } = await claimedRun(runs);
    for (const base of [0, 1, 2]) await runs.patch(draft(runId, base));
    const consumed = (await runs.readSignals([runId])).slice(0, 2).map(({ id }) => id);
    await runs.append({ runId, epoch, baseSeq: 1, events: [patched(1), refused(2)], consumed });
    expect(await list(runId)).toMatchObject([
      { revision: 3, status: 'waiting', answeredAt: null, refusal: null },
      { revision: 2, status: 'refused', answeredAt: 7_000, refusal: 'too late' },
      { revision: 1, status: 'applied', answeredAt: 6_000, refusal: null },
    ]);
    expect(await runs.readSignals([runId])).toHaveLength(1);
    expect((await runs.listRevisions({ runId, standing: true, limit: 10 })).map(({ revision }) => revision)).toEqual([3, 1]);
    expect((await runs.listRevisions({ runId, before: 3, limit: 1 })).map(({ revision }) => revision)).toEqual([2]);
    expect((await runs.listRevisions({ runId, token: 'token-0', limit: 1 })).map(({ revision }) => revision)).toEqual([1]);
  });

  test('hold up an end that does not know of them', async () => {
    const { runId, epoch } = await claimedRun(runs);
    await runs.patch(draft(runId, 0));
    const end = { runId, epoch, baseSeq: 1, events: ending(1).events };
    const settle = { kind: 'end', status: 'completed' } as const;
    expect(await runs.append({ ...end, settle: { ...settle, revision: 0 } })).toEqual({ kind: 'inbox' });
    expect(await runs.findRun(runId)).toMatchObject({ status: 'running', seq: 1 });
    expect(await runs.append({ ...end, settle: { ...settle, revision: 1 } })).toMatchObject({ kind: 'appended' });
  });

  test('that still wait are refused when their run ends, and say so', async () => {
    const { runId, epoch } = await claimedRun(runs);
    await runs.patch(draft(runId, 0));
    await runs.patch(draft(runId, 1));
    const other = await accepted(runs);
    await runs.patch(draft(other.runId, 0));
    const consumed = (await runs.readSignals([runId])).slice(0, 1).map(({ id }) => id);
    await runs.append({ runId, epoch, baseSeq: 1, events: [patched(1)], consumed });
    const cancelled = runEvent('run.cancelled', 9_000, { reason: 'enough' });
    await runs.append({ runId, epoch, baseSeq: 2, events: [cancelled], settle: { kind: 'end', status: 'cancelled' } });
    expect(await list(runId)).toMatchObject([
      { revision: 2, status: 'refused', answeredAt: 9_000, refusal: RUN_HAD_ENDED },
      { revision: 1, status: 'applied' },
    ]);
    expect(await list(other.runId)).toMatchObject([{ revision: 1, status: 'waiting' }]);
  });
});
