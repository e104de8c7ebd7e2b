import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DEFAULT_TENANT, type JsonObject, type JsonValue, type StepUsage } from '@baton/core';
import {
  VirtualClock,
  World,
  type NodeSketch,
  type SimulatedApi,
  type Work,
  type WorkerSettings,
} from '../../../test/support/in-memory/index.js';

let world: World;
let api: SimulatedApi;
/** Calls that were made. */
let calls: number;
/** What lets the calls in work end, where they wait for it. */
let gates: (() => void)[];
let gated: boolean;
let opening: NodeJS.Timeout | undefined;

beforeEach(() => {
  world = new World();
  api = world.api('api');
  [calls, gates, gated] = [0, [], false];
});

afterEach(() => {
  clearInterval(opening);
  expect(world.db.problems()).toEqual([]);
  expect([...world.db.budgets.holds.values()]).toEqual([]);
});

/** Calls a model so many times. Each call is expected to take 120 tokens at most, and takes 100. */
const loop =
  (turns: number): Work =>
  async ({ step, reserve, nodeId, signal }) => {
    for (let turn = 1; turn <= turns; turn += 1) {
      const key = `model-${turn}`;
      const usage = (): StepUsage => ({
        ...{ modelCalls: 1, promptTokens: 60, completionTokens: 40, costMicros: 7, model: 'local/m', agent: nodeId },
      });
      const ask = async (): Promise<number> => {
        await reserve(key, () => ({ modelCalls: 1, promptTokens: 60, completionTokens: 60, costMicros: 9 }));
        calls += 1;
        if (gated)
          await new Promise<void>((resolve, reject) => {
            gates.push(resolve);
            signal.addEventListener('abort', () => reject(signal.reason as Error));
          });
        return 100;
      };
      await step(key, ask, { usage });
    }
    return 'done';
  };

/** Runs its children, one for each item of its input. */
const parent: Work = async ({ runChildren, input }) => {
  const outcomes = await runChildren('children', { workflow: 'child', inputs: input as JsonValue[], tolerated: 100 });
  return outcomes.map((outcome) => outcome?.status ?? null);
};

async function startWorker(id: string, handlers: Record<string, Work>, settings: Partial<WorkerSettings> = {}) {
  const worker = await world.worker(id, { handlers, ...settings }).start();
  worker.waker.start();
  return worker;
}

async function launch(nodes: Record<string, NodeSketch>, budget?: JsonObject, input: JsonValue = null): Promise<string> {
  return world.launch(await world.publish('flow', nodes, budget === undefined ? {} : { budget }), input);
}

const asked = () => api.runs.listApprovals({ status: 'open', tenantId: DEFAULT_TENANT, limit: 10 });
async function answer(decision: 'approve' | 'reject', payload: JsonValue = null): Promise<void> {
  const [open] = await asked();
  const id = `${open!.runId}.${open!.visit}.${open!.nodeId}`;
  await api.signaller.decide(DEFAULT_TENANT, id, { decision, by: 'ann', roles: ['operator', 'admin'], comment: null, payload });
}
const usedOf = (account: string) => world.db.budgets.accounts.get(`${DEFAULT_TENANT}\n${account}`)?.used.tokens;
const today = () => new Date(world.clock.now()).toISOString().slice(0, 10);
/** Lets every call end from now on. */
function openGates(): void {
  opening = setInterval(() => gates.splice(0).forEach((open) => open()), 1);
}
/** Grants what is asked until nobody asks. */
async function grantAll(runId: string, payload: JsonValue): Promise<void> {
  const isOpen = () => [...world.db.approvals.values()].some(({ status }) => status === 'open');
  while (world.run(runId).status !== 'completed') {
    await world.clock.until(() => isOpen() || world.run(runId).status === 'completed', 'it asks or has ended');
    if (isOpen()) await answer('approve', payload);
  }
}

describe('a budget of a run with nodes in pools', () => {
  it('is never overdrawn by those that call at once', async () => {
    gated = true;
    const member = await startWorker('m1', { work: loop(1) }, { pools: ['gpu'], takesRuns: false });
    await startWorker('w1', { work: loop(1) });
    const nodes = Object.fromEntries(Array.from({ length: 6 }, (_none, n) => [`n${n}`, n < 4 ? { pool: 'gpu' } : {}]));
    const runId = await launch(nodes, { tokens: 400 });
    await world.clock.until(() => gates.length === 3, 'as many calls are in work as may be');
    await world.clock.settle();
    expect(calls).toBe(3);
    openGates();
    await world.clock.until(() => world.db.approvals.size > 0, 'it asks');
    expect([calls, usedOf(`run ${runId}`)]).toEqual([3, 300]);
    expect(await asked()).toMatchObject([{ terms: { details: { over: [{ limit: 400, used: 300, wanted: 120 }] } } }]);
    await answer('approve', { tokens: 1_000 });
    await world.untilStatus(runId, 'completed');
    expect([calls, member.told('trouble')]).toEqual([6, []]);
  });
});

describe('a budget of a run with children', () => {
  it('is that of the whole tree: a child asks for what the run above it lacks, and all may use what is granted', async () => {
    await startWorker('w1', { work: loop(3), parent });
    await world.publish('child', { a: {} });
    const runId = await launch({ p: { type: 'parent' } }, { tokens: 1_000, role: 'admin' }, [1, 2, 3, 4]);
    await world.clock.until(() => world.db.approvals.size > 0, 'a child asks');
    await world.clock.settle();
    expect(usedOf(`run ${runId}`)).toBe(900);
    const [open] = await asked();
    expect(open).toMatchObject({ role: 'admin', title: 'The run above it has used 900 of 1000 tokens, and wants 120 more.' });
    expect(open!.runId).not.toBe(runId);
    await grantAll(runId, { tokens: 10_000 });
    expect([calls, usedOf(`run ${runId}`)]).toEqual([12, 1_200]);
    const fork = await api.forker.fork({ tenantId: DEFAULT_TENANT, runId: open!.runId, fromNode: 'a', idempotency: null });
    expect(fork.run.budget).toBeNull();
    await world.untilStatus(fork.run.id, 'completed');
  });

  it('fails the child where the run above it says so', async () => {
    await startWorker('w1', { work: loop(3), parent });
    await world.publish('child', { a: {} });
    const runId = await launch({ p: { type: 'parent' } }, { model_calls: 4, on_budget: 'fail' }, [1, 2]);
    await world.untilStatus(runId, 'completed');
    expect(calls).toBe(4);
    expect((await api.runs.findRun(runId))?.output).toContain('failed');
  });
});

describe('a budget of a tenant', () => {
  beforeEach(() => void world.db.budgets.tenants.set(DEFAULT_TENANT, { day: { tokens: 1_000 } }));

  it('is shared by its runs on all workers, which ask an admin', async () => {
    gated = true;
    await startWorker('w1', { work: loop(1) });
    await startWorker('w2', { work: loop(1) });
    const workflow = await world.publish('flow', { a: {}, b: {}, c: {} });
    const runIds = await Promise.all(Array.from({ length: 4 }, () => world.launch(workflow)));
    await world.clock.until(() => gates.length === 8, 'as many calls are in work as may be');
    await world.clock.settle();
    expect(calls).toBe(8);
    openGates();
    await world.clock.until(() => world.db.approvals.size > 0, 'one asks');
    await world.clock.settle();
    expect(usedOf(`day ${today()}`)).toBe(900);
    expect((await asked())[0]).toMatchObject({
      role: 'admin',
      title: 'The tenant has used 900 of 1000 tokens, and wants 120 more.',
      dueAt: Date.parse(`${today()}T00:00:00Z`) + 86_400_000,
    });
    for (const runId of runIds) await grantAll(runId, { tokens: 500 });
    expect([calls, usedOf(`day ${today()}`)]).toEqual([12, 1_200]);
  });

  it('is free of what a failed call has held before the call is made again within its node', async () => {
    const stubborn: Work = async (context) => {
      const broken = async (): Promise<never> => {
        await context.reserve('broken', () => ({ modelCalls: 1, promptTokens: 900, completionTokens: 0, costMicros: 0 }));
        throw new Error('no answer');
      };
      // Under the same key, and then under others.
      for (let tries = 1; tries <= 3; tries += 1) await context.step('broken', broken).catch(() => undefined);
      return loop(9)(context);
    };
    await startWorker('w1', { work: stubborn });
    const runId = await launch({ a: {} });
    await world.untilStatus(runId, 'completed', 60_000);
    expect([calls, usedOf(`day ${today()}`), await asked()]).toEqual([9, 900, []]);
  });

  it('is renewed with the next day: what waits goes on without a grant', async () => {
    world = new World(new VirtualClock(Date.UTC(2026, 2, 31, 23, 59, 30)));
    world.db.budgets.tenants.set(DEFAULT_TENANT, { day: { tokens: 1_000 }, month: { tokens: 1_100 } });
    await startWorker('w1', { work: loop(12) });
    const runId = await launch({ a: {} });
    await world.untilStatus(runId, 'waiting');
    expect(calls).toBe(9);
    await world.untilStatus(runId, 'completed');
    expect([calls, usedOf('day 2026-04-01'), usedOf('month 2026-03'), usedOf('month 2026-04')]).toEqual([12, 300, 900, 300]);
    expect(world.story(runId)).toContain('budget.renewed');
  });

  describe('that has room again', () => {
    const open = async () => (await asked()).map(({ visit }) => visit);
    async function startAll() {
      const worker = await startWorker('w1', { work: loop(1) });
      const workflow = await world.publish('flow', { a: {} });
      for (let run = 0; run < 12; run += 1) await world.launch(workflow);
      await world.clock.until(() => world.db.approvals.size === 3, 'three ask');
      return worker;
    }

    it('lets the runs go on that fit into it, and no others', async () => {
      const worker = await startAll();
      const second = world.worker('w2', { handlers: {} });
      expect(await worker.budgetGranter.runOnce()).toEqual({ asks: 3, granted: 0 });
      world.db.budgets.tenants.set(DEFAULT_TENANT, { day: { tokens: 1_100 }, month: { tokens: 9_000 } });
      // As many may look at once as there are workers.
      const passes = await Promise.all([worker, second].map(({ budgetGranter }) => budgetGranter.runOnce()));
      expect(passes.reduce((sum, { granted }) => sum + granted, 0)).toBe(1);
      await world.clock.until(() => calls === 10, 'one goes on');
      await world.clock.settle();
      expect(await worker.budgetGranter.runOnce()).toEqual({ asks: 2, granted: 0 });
      expect([calls, await open()]).toEqual([10, [1, 1]]);
      await world.clock.advance(10_000);
      world.db.budgets.tenants.set(DEFAULT_TENANT, { day: { tokens: 9_000 }, month: { tokens: 1_300 } });
      expect(await worker.budgetGranter.runOnce()).toEqual({ asks: 2, granted: 2 });
      await world.clock.until(() => calls === 12, 'all go on');
      await world.clock.settle();
      expect([await open(), usedOf(`day ${today()}`)]).toEqual([[], 1_200]);
      const [decided] = await api.runs.listApprovals({ status: 'decided', tenantId: DEFAULT_TENANT, limit: 10 });
      expect(decided).toMatchObject({
        ...{ decision: 'approve', decidedBy: 'baton', comment: 'The budget of the tenant has room for it.' },
      });
      // Nothing is granted beyond the limit.
      expect(world.db.budgets.accounts.get(`${DEFAULT_TENANT}\nday ${today()}`)?.granted).toEqual({});
      expect([worker, second].flatMap((one) => one.told('trouble'))).toEqual([]);
    });

    it('lets no more go on before those who were let go have called', async () => {
      const worker = await startAll();
      const second = world.worker('w2', { handlers: {} });
      worker.crash();
      world.db.budgets.tenants.set(DEFAULT_TENANT, { day: { tokens: 1_100 } });
      expect(await second.budgetGranter.runOnce()).toEqual({ asks: 3, granted: 1 });
      await world.clock.advance(9_999);
      expect(await second.budgetGranter.runOnce()).toEqual({ asks: 2, granted: 0 });
      // Its worker may be gone; the ledger shows all that calls.
      await world.clock.advance(1);
      expect(await second.budgetGranter.runOnce()).toEqual({ asks: 2, granted: 1 });
    });

    it('in a period that was not limited before counts what was used in it', async () => {
      const worker = await startAll();
      world.db.budgets.tenants.set(DEFAULT_TENANT, { month: { tokens: 1_100 } });
      expect(await worker.budgetGranter.runOnce()).toEqual({ asks: 3, granted: 1 });
      await world.clock.until(() => calls === 10, 'one goes on');
      await world.clock.settle();
      expect([usedOf(`month ${today().slice(0, 7)}`), await open()]).toEqual([1_000, [1, 1]]);
    });

    it('lets them go on without any', async () => {
      const worker = await startAll();
      world.db.budgets.tenants.delete(DEFAULT_TENANT);
      expect(await worker.budgetGranter.runOnce()).toEqual({ asks: 3, granted: 3 });
      await world.clock.until(() => calls === 12, 'all go on');
      await world.clock.settle();
      expect(await open()).toEqual([]);
    });

    it('because somebody has granted more to one of them lets the others go on', async () => {
      const worker = await startAll();
      worker.budgetGranter.start();
      await answer('approve', { tokens: 5_000 });
      await world.clock.until(() => calls === 12, 'all go on', 10_000);
      await worker.budgetGranter.stop();
      await world.clock.settle();
      expect(await open()).toEqual([]);
    });

    it('makes nobody ask: a worker looks at the limit as it is before it does', async () => {
      const raise: Work = async (context) => {
        await loop(9)(context);
        world.db.budgets.tenants.set(DEFAULT_TENANT, { day: { tokens: 1_100 } });
        await context.step('raised', () => null);
        world.db.budgets.tenants.delete(DEFAULT_TENANT);
        return loop(12)(context);
      };
      await startWorker('w1', { work: raise });
      const runId = await launch({ a: {} });
      await world.untilStatus(runId, 'completed');
      expect([calls, world.db.approvals.size]).toEqual([12, 0]);
    });
  });

  it('counts what a dead worker has journaled, and nothing else that it held', async () => {
    gated = true;
    const first = await startWorker('w1', { work: loop(2) });
    const runId = await launch({ a: {}, b: {} });
    await world.clock.until(() => gates.length === 2, 'both call');
    // What the ledger is told of the step of one of them is lost with the worker.
    const settling = first.ledger.calls.hold('settle');
    gates.shift()!();
    await world.clock.until(() => world.story(runId).includes('step.completed a'), 'its answer is journaled');
    first.crash();
    settling();
    gates = [];
    const second = await startWorker('w2', { work: loop(2) });
    await world.clock.until(() => gates.length === 2, 'another worker goes on');
    expect(await second.budgetSweeper.runOnce()).toMatchObject({ settled: 1 });
    expect(await second.budgetSweeper.runOnce()).toMatchObject({ settled: 0, released: 0 });
    expect(usedOf(`day ${today()}`)).toBe(100);
    openGates();
    await world.untilStatus(runId, 'completed');
    expect(usedOf(`day ${today()}`)).toBe(400);
  });
});
