import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  DEFAULT_TENANT,
  parseApprovalId,
  rolesWithin,
  USUAL_ASK,
  type BatonError,
  type JsonValue,
  type Role,
  type WorkflowRef,
} from '@baton/core';
import { World, type SimulatedApi } from '../../../test/support/in-memory/index.js';
import { decisionRefusal } from './signal-run.js';

let world: World;
let api: SimulatedApi;
let workflow: WorkflowRef;
const signal = new AbortController().signal;

beforeEach(async () => {
  world = new World();
  api = world.api('a1');
  workflow = await world.publish('flow', { only: {} });
});

const wish = (runId: string, reason = 'x') => ({ tenantId: DEFAULT_TENANT, runId, reason, by: 'ann' });
const endless = (): Promise<JsonValue> => new Promise(() => undefined);

describe('cancel', () => {
  it('answers with the run as it ended', async () => {
    await world.worker('w1', { handlers: { work: endless } }).start();
    const runId = await world.launch(workflow);
    await world.clock.until(() => world.journal(runId).length === 3, 'the node runs');
    const cancelled = api.signaller.cancel(wish(runId, 'enough'), signal);
    await world.clock.advance(1_500);
    expect(await cancelled).toMatchObject({ id: runId, status: 'cancelled' });
  });

  it('answers null when nobody has acted within the wait; the signal stays', async () => {
    const runId = await world.submit(workflow);
    const cancelled = api.signaller.cancel(wish(runId, 'enough'), signal);
    await world.clock.advance(3_000);
    expect(await cancelled).toBeNull();
    expect(world.db.inboxOf(runId)).toMatchObject([{ type: 'cancel', payload: { reason: 'enough', by: 'ann' } }]);
  });

  it('knows no run of another tenant', async () => {
    const runId = await world.submit(workflow);
    await expect(api.signaller.cancel({ ...wish(runId), tenantId: 'other' }, signal)).rejects.toMatchObject({
      code: 'run_not_found',
    });
    await expect(api.signaller.cancel(wish('none'), signal)).rejects.toMatchObject({ code: 'run_not_found' });
    expect(world.db.inboxOf(runId)).toEqual([]);
  });

  it('refuses a run that has ended, also one that ends between the look and the signal', async () => {
    const runId = await world.submit(workflow);
    api.runs.calls.next('signal', { before: () => world.db.endRun(world.run(runId), 'completed', world.clock.now()) });
    await expect(api.signaller.cancel(wish(runId), signal)).rejects.toMatchObject({ code: 'run_ended' });
    await expect(api.signaller.cancel(wish(runId), signal)).rejects.toMatchObject({ code: 'run_ended' });
    expect(api.runs.calls.requests('signal')).toHaveLength(1);
  });
});

describe('decide', () => {
  it('refuses whom it is told to refuse beforehand, in the same words', async () => {
    const ask = { ...USUAL_ASK, due_at: null, approvals: 2, excluded: ['ann'] };
    const asks = { awaits: { kind: 'approval', ask }, until: null, reason: 'Ship it?' } as const;
    await world.worker('w1', { handlers: { work: ({ waitFor }) => waitFor('wait', asks) } }).start();
    const runId = await world.launch(workflow);
    await world.untilStatus(runId, 'waiting');
    const id = `${runId}.1.only`;
    const told = async (by: string, role: Role): Promise<BatonError | null> => {
      const approval = await api.runs.findApproval(parseApprovalId(id)!);
      return decisionRefusal(approval!, { by, roles: rolesWithin(role), link: null, at: world.clock.now() });
    };
    const decide = async (by: string, role: Role): Promise<BatonError | null> => {
      const decision = { decision: 'approve', by, roles: rolesWithin(role), comment: null, payload: null } as const;
      return api.signaller.decide(DEFAULT_TENANT, id, decision).then(
        () => null,
        (error: unknown) => error as BatonError,
      );
    };
    for (const [by, role, code] of [
      ['ann', 'admin', 'approval_forbidden'],
      ['vic', 'viewer', 'approval_forbidden'],
      ['bob', 'operator', undefined],
      ['bob', 'operator', 'already_voted'],
      ['cleo', 'operator', undefined],
      ['dora', 'operator', 'approval_closed'],
    ] as const) {
      const before = await told(by, role);
      const answer = await decide(by, role);
      expect([by, before?.code]).toEqual([by, code]);
      expect([answer?.code, answer?.message]).toEqual([code, before?.message]);
    }
  });
});
