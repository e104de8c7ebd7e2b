import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { approvalId, nodeEvent, USUAL_ASK, type ApprovalAsk, type ApprovalDecision, type EventDraft } from '@baton/core';
import { SqlRunStore } from '@baton/storage';
import { DATABASE_KINDS, DatabaseBench } from '../support/databases.js';
import { accepted, claim, claimedRun, ending, submission } from '../support/run-requests.js';

const TENANT = { tenantId: 'default', status: 'open', limit: 10 } as const;

function asked(nodeId: string, at: number, dueAt: number | null = null, visit = 1): EventDraft {
  const payload = { key: 'decision', awaits: { kind: 'approval' }, wake_at: dueAt, reason: `Approve ${nodeId}?` } as const;
  return nodeEvent('node.suspended', { id: nodeId, visit, attempt: 1 }, at, payload);
}

/** The same with terms of its own. */
function askedOf(nodeId: string, at: number, terms: Partial<ApprovalAsk>): EventDraft {
  const ask = { ...USUAL_ASK, due_at: null, ...terms };
  const wake_at = ask.escalates_at ?? ask.due_at;
  const payload = { key: `decision-${ask.escalation}`, awaits: { kind: 'approval', ask } as const, wake_at, reason: 'Pay?' };
  return nodeEvent('node.suspended', { id: nodeId, visit: 1, attempt: 1 }, at, payload);
}

function decision(runId: string, nodeId: string, change: Partial<ApprovalDecision> = {}): ApprovalDecision {
  return {
    runId,
    nodeId,
    visit: 1,
    decision: 'approve',
    token: randomUUID(),
    link: null,
    roles: ['viewer', 'operator'],
    by: 'ann',
    comment: null,
    payload: { n: 1 },
    at: 5_000,
    ...change,
  };
}

describe.each(DATABASE_KINDS)('approvals on %s', (kind) => {
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

  /** A run that is parked, its nodes waiting for people. */
  async function waitingRun(...events: EventDraft[]): Promise<{ runId: string; epoch: number; seq: number }> {
    const { runId, epoch } = await claimedRun(runs);
    await runs.append({ runId, epoch, baseSeq: 1, events, settle: { kind: 'park', wakeAt: null } });
    return { runId, epoch, seq: 1 + events.length };
  }

  test('open with the commit of the wait, and are listed by how long they have waited', async () => {
    const { runId } = await waitingRun(asked('late', 3_000), asked('early', 2_000, 9_000));
    const open = await runs.listApprovals(TENANT);
    expect(open).toEqual([
      {
        ...{ runId, nodeId: 'early', visit: 1, tenantId: 'default', title: 'Approve early?', status: 'open' },
        ...{ role: 'operator', escalatesAt: null, proposal: null, votes: [] },
        terms: { assignees: [], excluded: [], approvals: 1, rejections: 1 },
        ...{
          requestedAt: 2_000,
          dueAt: 9_000,
          decision: null,
          decidedBy: null,
          decidedAt: null,
          comment: null,
          decisionToken: null,
        },
      },
      expect.objectContaining({ nodeId: 'late', requestedAt: 3_000, dueAt: null }),
    ]);
    const after = { requestedAt: 2_000, id: `${runId}.1.early` };
    expect(await runs.listApprovals({ ...TENANT, after })).toEqual([open[1]]);
    expect(await runs.listApprovals({ ...TENANT, tenantId: 'other' })).toEqual([]);
    expect(await runs.listApprovals({ ...TENANT, runId: 'other' })).toEqual([]);
  });

  test('are decided once, and tell their run in the same commit', async () => {
    const { runId } = await waitingRun(asked('a', 2_000));
    const outcome = await runs.decide(decision(runId, 'a', { comment: 'fine' }));
    expect(outcome).toMatchObject({
      kind: 'decided',
      approval: { status: 'decided', decision: 'approve', decidedBy: 'ann', decidedAt: 5_000, comment: 'fine' },
    });
    expect(await runs.listApprovals(TENANT)).toEqual([]);
    const payload = { node_id: 'a', visit: 1, decision: 'approve', by: 'ann', comment: 'fine', payload: { n: 1 } };
    expect(await runs.readSignals([runId])).toMatchObject([{ type: 'decide', payload, at: 5_000 }]);
    expect(await runs.findRun(runId)).toMatchObject({ wakeAt: 5_000 });

    const second = await runs.decide(decision(runId, 'a', { decision: 'reject', by: 'bob', at: 6_000 }));
    expect(second).toMatchObject({ kind: 'refused', reason: 'closed', approval: { decision: 'approve', decidedBy: 'ann' } });
    expect(await runs.readSignals([runId])).toHaveLength(1);
  });

  test('are decided by one of many at once', async () => {
    const { runId } = await waitingRun(asked('a', 2_000));
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => runs.decide(decision(runId, 'a'))));
    expect(outcomes.filter((outcome) => outcome.kind === 'decided')).toHaveLength(1);
    expect(await runs.readSignals([runId])).toHaveLength(1);
  });

  test('know a decision that was sent again after a lost reply', async () => {
    const { runId } = await waitingRun(asked('a', 2_000));
    const made = decision(runId, 'a');
    await runs.decide(made);
    expect(await runs.decide(made)).toMatchObject({ kind: 'decided' });
    expect(await runs.readSignals([runId])).toHaveLength(1);
  });

  test('that nobody asked for are missing', async () => {
    const { runId } = await waitingRun(asked('a', 2_000));
    for (const other of [decision(runId, 'b'), decision(runId, 'a', { visit: 2 }), decision('nobody', 'a')])
      expect(await runs.decide(other)).toEqual({ kind: 'missing' });
    expect(await runs.readSignals([runId])).toEqual([]);
  });

  test('close at their deadline, whether or not a worker has noticed', async () => {
    const { runId, seq } = await waitingRun(asked('a', 2_000, 4_000));
    expect(await runs.decide(decision(runId, 'a', { at: 4_000 }))).toMatchObject({
      ...{ kind: 'refused', reason: 'closed' },
      approval: { status: 'open' },
    });
    await runs.signal(runId, 'event', { name: 'x' }, 4_500);
    const outcome = await runs.claim(claim(runId));
    const epoch = outcome.kind === 'claimed' ? outcome.run.epoch : 0;
    const resumed = { key: 'decision', output: { kind: 'timeout' }, signal_id: null };
    const events = [nodeEvent('node.resumed', { id: 'a', visit: 1, attempt: 1 }, 4_600, resumed)];
    expect(await runs.append({ runId, epoch, baseSeq: seq, events })).toEqual({ kind: 'appended', seq: seq + 1 });
    expect(await runs.listApprovals(TENANT)).toEqual([]);
    expect(await runs.findApproval({ runId, nodeId: 'a', visit: 1 })).toMatchObject({ status: 'closed', decision: null });
  });

  test('close with their run, but for those that were decided', async () => {
    const { runId, epoch } = await claimedRun(runs);
    await runs.append({ runId, epoch, baseSeq: 1, events: [asked('a', 2_000), asked('b', 2_000)] });
    await runs.decide(decision(runId, 'a'));
    const end = ending(1);
    await runs.append({
      runId,
      epoch,
      baseSeq: 3,
      events: end.events,
      settle: { kind: 'end', status: 'completed', closesApprovals: true },
    });
    expect(await runs.listApprovals(TENANT)).toEqual([]);
    expect(await runs.findApproval({ runId, nodeId: 'a', visit: 1 })).toMatchObject({ status: 'decided' });
    expect(await runs.decide(decision(runId, 'b'))).toMatchObject({ reason: 'closed', approval: { status: 'closed' } });
  });

  test('that take several people are told to their run by the last of them', async () => {
    const { runId } = await waitingRun(askedOf('a', 2_000, { approvals: 2, proposal: { sum: 5 } }));
    expect(await runs.decide(decision(runId, 'a'))).toMatchObject({ kind: 'voted', approval: { status: 'open' } });
    expect(await runs.readSignals([runId])).toEqual([]);
    expect(await runs.decide(decision(runId, 'a'))).toMatchObject({ kind: 'refused', reason: 'voted' });
    const changed = decision(runId, 'a', { by: 'bob', payload: { sum: 4 }, link: { id: 'l1', issuedBy: 'root' } });
    expect(await runs.decide(changed)).toMatchObject({ kind: 'voted', approval: { proposal: { sum: 4 } } });
    const key = { runId, nodeId: 'a', visit: 1 };
    expect(await runs.findApproval(key)).toMatchObject({
      proposal: { sum: 4 },
      votes: [
        { by: 'ann', superseded: true },
        { by: 'bob', link: { id: 'l1', issuedBy: 'root' } },
      ],
    });
    expect(await runs.decide(decision(runId, 'a', { payload: null }))).toMatchObject({ kind: 'decided' });
    expect(await runs.readSignals([runId])).toMatchObject([
      { payload: { payload: { sum: 4 }, votes: [{ by: 'bob' }, { by: 'ann' }] } },
    ]);
  });

  test('count each of many who decide at once', async () => {
    const { runId } = await waitingRun(askedOf('a', 2_000, { approvals: 5 }));
    const people = Array.from({ length: 10 }, (_none, n) => runs.decide(decision(runId, 'a', { by: `p${n}` })));
    const kinds = (await Promise.all(people)).map((outcome) => outcome.kind).toSorted();
    expect(kinds).toEqual(['decided', ...Array<string>(5).fill('refused'), ...Array<string>(4).fill('voted')]);
    expect(await runs.readSignals([runId])).toHaveLength(1);
  });

  test('pass to others, and stay open meanwhile', async () => {
    const { runId, seq } = await waitingRun(askedOf('a', 2_000, { approvals: 2, escalates_at: 4_000, due_at: 9_000 }));
    await runs.decide(decision(runId, 'a', { at: 3_000 }));
    await runs.signal(runId, 'event', { name: 'x' }, 4_000);
    const outcome = await runs.claim(claim(runId));
    const epoch = outcome.kind === 'claimed' ? outcome.run.epoch : 0;
    const resumed = { key: 'decision-0', output: { kind: 'timeout' }, signal_id: null };
    const events = [nodeEvent('node.resumed', { id: 'a', visit: 1, attempt: 1 }, 4_000, resumed)];
    expect(await runs.append({ runId, epoch, baseSeq: seq, events })).toMatchObject({ kind: 'appended' });
    expect(await runs.listApprovals(TENANT)).toMatchObject([{ role: 'operator', votes: [{ by: 'ann' }] }]);
    const escalated = askedOf('a', 4_001, { approvals: 2, role: 'admin', assignees: ['cleo'], escalation: 1, due_at: 9_000 });
    await runs.append({ runId, epoch, baseSeq: seq + 1, events: [escalated] });
    expect(await runs.listApprovals({ ...TENANT, role: 'operator' })).toEqual([]);
    expect(await runs.listApprovals({ ...TENANT, role: 'admin' })).toMatchObject([
      { requestedAt: 2_000, dueAt: 9_000, escalatesAt: null, terms: { assignees: ['cleo'] }, votes: [{ by: 'ann' }] },
    ]);
    expect(await runs.decide(decision(runId, 'a', { by: 'bob' }))).toMatchObject({ reason: 'role' });
    const cleo = decision(runId, 'a', { by: 'cleo', roles: ['viewer', 'operator', 'admin'] });
    expect(await runs.decide(cleo)).toMatchObject({ kind: 'decided' });
  });

  test('are found by their role, node, workflow and age', async () => {
    const { runId } = await waitingRun(askedOf('a', 2_000, {}), askedOf('b', 3_000, { role: 'admin' }));
    const idsOf = async (more: object) => (await runs.listApprovals({ ...TENANT, ...more })).map(({ nodeId }) => nodeId);
    expect(await idsOf({ role: 'operator' })).toEqual(['a']);
    expect(await idsOf({ nodeId: 'b' })).toEqual(['b']);
    expect(await idsOf({ requestedFrom: 3_000 })).toEqual(['b']);
    expect(await idsOf({ requestedTo: 3_000 })).toEqual(['a']);
    const { workflow } = (await runs.findRun(runId))!;
    expect(await idsOf({ workflowId: workflow.id })).toEqual(['a', 'b']);
    expect(await idsOf({ workflowId: 'another' })).toEqual([]);
  });

  test('that are decided or closed are listed apart, the newest first', async () => {
    const { runId } = await waitingRun(...['a', 'b', 'c', 'd'].map((id, index) => asked(id, 2_000 + index)));
    for (const id of ['a', 'c']) await runs.decide(decision(runId, id));
    const list = (more: object = {}) => runs.listApprovals({ ...TENANT, status: 'decided', ...more });
    const decided = await list();
    expect(decided).toMatchObject([{ nodeId: 'c', decision: 'approve', decidedBy: 'ann', decidedAt: 5_000 }, { nodeId: 'a' }]);
    const after = { requestedAt: decided[0]!.requestedAt, id: approvalId(decided[0]!) };
    expect(await list({ after })).toEqual([decided[1]]);
    expect(await list({ status: 'closed' })).toEqual([]);

    const claimed = await runs.claim(claim(runId, { at: 6_000 }));
    if (claimed.kind !== 'claimed') throw new Error(claimed.kind);
    const settle = { kind: 'end', status: 'completed', closesApprovals: true } as const;
    const consumed = (await runs.readSignals([runId])).map(({ id }) => id);
    await runs.append({ runId, epoch: claimed.run.epoch, baseSeq: 5, ...ending(1), consumed, settle });
    expect((await list({ status: 'closed' })).map(({ nodeId }) => nodeId)).toEqual(['d', 'b']);
  });

  test('of a later visit are new ones', async () => {
    const { runId } = await waitingRun(asked('a', 2_000), asked('a', 3_000, null, 2));
    await runs.decide(decision(runId, 'a'));
    expect(await runs.listApprovals(TENANT)).toMatchObject([{ nodeId: 'a', visit: 2 }]);
  });

  test('of the same visit are new ones too, once the one before is answered', async () => {
    const { runId } = await waitingRun(asked('a', 2_000));
    await runs.decide(decision(runId, 'a', { comment: 'first' }));
    const claimed = await runs.claim(claim(runId, { at: 6_000 }));
    if (claimed.kind !== 'claimed') throw new Error(claimed.kind);
    const [signal] = await runs.readSignals([runId]);
    const output = { kind: 'signal', payload: {} } as const;
    const resumed = nodeEvent('node.resumed', { id: 'a', visit: 1, attempt: 1 }, 6_000, {
      ...{ key: 'decision', output, signal_id: signal!.id },
    });
    await runs.append({
      ...{ runId, epoch: claimed.run.epoch, baseSeq: 2, events: [resumed, asked('a', 7_000)], consumed: [signal!.id] },
      settle: { kind: 'park', wakeAt: null },
    });
    expect(await runs.listApprovals(TENANT)).toMatchObject([{ nodeId: 'a', visit: 1, requestedAt: 7_000, decision: null }]);
    const again = await runs.decide(decision(runId, 'a', { decision: 'reject', comment: 'second', at: 8_000 }));
    expect(again).toMatchObject({ kind: 'decided', approval: { decision: 'reject', comment: 'second' } });
    expect(await runs.readSignals([runId])).toMatchObject([{ type: 'decide', payload: { comment: 'second' } }]);
  });

  test('a fork says what it takes over, in its row and in its first event', async () => {
    const fork = {
      forked_from: { run_id: 'old', seq: 7, nodes: ['b'] },
      snapshot: [{ id: 'a', status: 'completed', visit: 1, output: { n: 1 } } as const],
    };
    const { runId } = await accepted(runs, { fork });
    expect(await runs.findRun(runId)).toMatchObject({ forkedFrom: 'old', seq: 1 });
    expect((await runs.readJournal(runId, 0, 10))[0]!.payload).toMatchObject(fork);
    expect(await runs.claim(claim(runId))).toMatchObject({ kind: 'claimed', run: { forkedFrom: 'old' } });
  });

  test('runs are listed by workflow and by when they were accepted', async () => {
    const workflow = { ...submission().workflow, id: 'wf-2' };
    const ids: string[] = [];
    for (const at of [1_000, 2_000, 3_000]) ids.unshift((await accepted(runs, { workflow, at })).runId);
    await accepted(runs, { at: 2_000 });
    const query = { tenantId: 'default', workflowId: 'wf-2', limit: 10 };
    const idsOf = async (more: object) => (await runs.listRuns({ ...query, ...more })).map(({ id }) => id);
    expect(await idsOf({})).toEqual(ids);
    expect(await idsOf({ createdFrom: 2_000 })).toEqual(ids.slice(0, 2));
    expect(await idsOf({ createdFrom: 2_000, createdTo: 3_000 })).toEqual([ids[1]]);
    expect(await idsOf({ before: { createdAt: 2_000, runId: ids[1]! } })).toEqual([ids[2]]);
  });
});
