import { beforeEach, describe, expect, test } from '@jest/globals';
import { DEFAULT_TENANT, type JsonObject, type Role } from '@baton/core';
import { World, type SimulatedApi, type SimulatedWorker } from '../../../test/support/in-memory/index.js';
import { ApprovalNode } from './approval-node.js';

const MINUTE = 60_000;
let world: World;
let api: SimulatedApi;

beforeEach(() => {
  world = new World();
  api = world.api('api');
});

async function startWorker(id: string): Promise<SimulatedWorker> {
  const node = new ApprovalNode(world.clock);
  const worker = await world.worker(id, { handlers: { approval: (context) => node.execute(context) } }).start();
  worker.waker.start();
  return worker;
}

async function ask(config: JsonObject): Promise<string> {
  const workflow = await world.publish('asks', { a: { type: 'approval', config } });
  const runId = await world.launch(workflow);
  await world.untilStatus(runId, 'waiting');
  return runId;
}

const openOnes = (role: Role) => api.runs.listApprovals({ status: 'open', tenantId: DEFAULT_TENANT, role, limit: 10 });
const decide = (runId: string, by: string, roles: readonly Role[]) =>
  api.signaller.decide(DEFAULT_TENANT, `${runId}.1.a`, { decision: 'approve', by, roles, comment: null, payload: null });

describe('an approval that nobody decides', () => {
  test('passes to others in time, also at another worker, and keeps the votes', async () => {
    const worker = await startWorker('w1');
    const runId = await ask({ approvals: 2, deadline: 600, escalate: [{ after: 60, role: 'admin' }] });
    await decide(runId, 'ann', ['operator']);
    worker.crash();
    await startWorker('w2');
    await world.clock.advance(MINUTE);
    await world.clock.until(() => [...world.db.approvals.values()][0]?.role === 'admin', 'it has passed to the admins');
    expect(await openOnes('operator')).toEqual([]);
    await expect(decide(runId, 'bob', ['operator'])).rejects.toMatchObject({ code: 'approval_forbidden' });
    await decide(runId, 'root', ['operator', 'admin']);
    await world.untilStatus(runId, 'completed');
    const run = await api.runs.findRun(runId);
    expect(run?.output).toMatchObject({ approved: true, by: 'root', votes: [{ by: 'ann' }, { by: 'root' }] });
  });

  test('ends at its deadline, whoever is asked then', async () => {
    await startWorker('w1');
    const runId = await ask({ deadline: 600, on_timeout: 'approve', escalate: [{ after: 60, role: 'admin' }] });
    await world.clock.advance(10 * MINUTE);
    await world.untilStatus(runId, 'completed');
    expect((await api.runs.findRun(runId))?.output).toMatchObject({ approved: true, timed_out: true });
    expect(await openOnes('admin')).toEqual([]);
    await expect(decide(runId, 'root', ['operator', 'admin'])).rejects.toMatchObject({ code: 'approval_closed' });
  });

  test('takes a decision that is made while it passes on', async () => {
    const worker = await startWorker('w1');
    const runId = await ask({ escalate: [{ after: 60, role: 'admin' }] });
    worker.crash();
    await world.clock.advance(2 * MINUTE);
    await decide(runId, 'ann', ['operator']);
    await startWorker('w2');
    await world.untilStatus(runId, 'completed');
    expect((await api.runs.findRun(runId))?.output).toMatchObject({ approved: true, by: 'ann' });
  });
});
