import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  BatonError,
  DEFAULT_TENANT,
  type BudgetLimits,
  type JsonObject,
  type JsonValue,
  type NodeContext,
  type StepUsage,
  type Usage,
} from '@baton/core';
import {
  loseReply,
  refuse,
  World,
  type NodeSketch,
  type SimulatedApi,
  type Work,
  type WorkerSettings,
} from '../../../test/support/in-memory/index.js';

let world: World;
let api: SimulatedApi;
/** Tokens of calls that were made, in their order. */
let calls: number[];

beforeEach(() => {
  world = new World();
  api = world.api('api');
  calls = [];
});

afterEach(() => {
  expect(world.db.problems()).toEqual([]);
});

/** Calls a model so many times in a row. Each call is expected to take 120 tokens at most, and takes 100. */
const loop =
  (turns: number, gate: () => Promise<void> = () => Promise.resolve()): Work =>
  async ({ step, reserve, nodeId }) => {
    for (let turn = 1; turn <= turns; turn += 1) {
      const key = `model-${turn}`;
      const usage = (): StepUsage => ({
        ...{ modelCalls: 1, promptTokens: 60, completionTokens: 40, costMicros: 7, model: 'local/m', agent: nodeId },
      });
      const ask = async (): Promise<number> => {
        await reserve(key, () => ({ modelCalls: 1, promptTokens: 60, completionTokens: 60, costMicros: 9 }));
        await gate();
        return calls.push(100);
      };
      await step(key, ask, { usage });
    }
    return 'done';
  };

/** Makes six calls, each of which fails three times before it is answered; `spent`: what a failure says that it has used. */
const stubborn =
  (spent: Usage | null = null): Work =>
  async ({ step, reserve, nodeId }) => {
    const usage = (): StepUsage => ({
      ...{ modelCalls: 1, promptTokens: 60, completionTokens: 40, costMicros: 7, model: 'local/m', agent: nodeId },
    });
    for (let call = 1; call <= 24; call += 1) {
      const key = `try-${call}`;
      const ask = async (): Promise<number> => {
        await reserve(key, () => ({ modelCalls: 1, promptTokens: 60, completionTokens: 60, costMicros: 9 }));
        calls.push(call % 4 === 0 ? 100 : (spent?.promptTokens ?? 0));
        if (call % 4 !== 0) throw new Error('no answer');
        return call;
      };
      await step(key, ask, { usage, spent: () => spent }).catch(() => undefined);
    }
    return 'done';
  };

async function startWorker(work: Work, settings: Partial<WorkerSettings> = {}) {
  const worker = await world.worker('w1', { handlers: { work }, ...settings }).start();
  worker.waker.start();
  return worker;
}

async function launch(nodes: Record<string, NodeSketch>, budget: JsonObject): Promise<string> {
  return world.launch(await world.publish('flow', nodes, { budget }));
}

const spent = (): number => calls.reduce((sum, tokens) => sum + tokens, 0);
const asked = () => api.runs.listApprovals({ status: 'open', tenantId: DEFAULT_TENANT, limit: 10 });
async function answer(decision: 'approve' | 'reject', payload: JsonValue = null): Promise<void> {
  const [open] = await asked();
  const id = `${open!.runId}.${open!.visit}.${open!.nodeId}`;
  await api.signaller.decide(DEFAULT_TENANT, id, { decision, by: 'ann', roles: ['operator'], comment: null, payload });
}
const endOf = async (runId: string) => api.runs.findRun(runId);

describe('a budget of tokens', () => {
  it('stops a loop before it is overdrawn, asks with the numbers, and lets it go on where it stood', async () => {
    await startWorker(loop(15));
    const runId = await launch({ a: {} }, { tokens: 1_000 });
    await world.untilStatus(runId, 'waiting');
    expect(spent()).toBe(900);
    expect(await asked()).toMatchObject([
      {
        ...{ runId, nodeId: '$budget', visit: 1, role: 'operator', proposal: { tokens: 1_000 } },
        title: 'The run has used 900 of 1000 tokens, and wants 120 more.',
        terms: { details: { scope: 'run', over: [{ amount: 'tokens', limit: 1_000, used: 900, wanted: 120 }] } },
      },
    ]);
    const run = await endOf(runId);
    expect(await api.explainer.explain(run!, await api.inspector.inspect(run!))).toMatchObject({
      code: 'waiting_for_budget',
      approvalId: `${runId}.1.$budget`,
    });

    await answer('approve');
    await world.untilStatus(runId, 'completed');
    expect(calls).toHaveLength(15);
    expect((await api.inspector.inspect((await endOf(runId))!)).state.usage).toMatchObject({ promptTokens: 900, modelCalls: 15 });
    expect(await asked()).toEqual([]);
  });

  it('is raised by what is granted, and asks again when that is gone', async () => {
    await startWorker(loop(4));
    const runId = await launch({ a: {} }, { tokens: 150 });
    await world.untilStatus(runId, 'waiting');
    await answer('approve', { tokens: 100 });
    await world.clock.until(() => calls.length === 2, 'one more call is made');
    await world.untilStatus(runId, 'waiting');
    expect(await asked()).toMatchObject([{ visit: 2, terms: { details: { over: [{ limit: 250, used: 200 }] } } }]);
    await expect(answer('approve', { tokens: -5 })).rejects.toMatchObject({ code: 'approval_payload_invalid' });
    await answer('reject');
    await world.untilStatus(runId, 'failed');
    expect((await endOf(runId))?.error).toMatchObject({
      code: 'budget_exceeded',
      message: expect.stringContaining('refused by ann'),
    });
  });

  it('fails the run at once where it says so', async () => {
    await startWorker(loop(4));
    const runId = await launch({ a: {} }, { tokens: 250, on_budget: 'fail' });
    await world.untilStatus(runId, 'failed');
    expect([spent(), (await endOf(runId))?.error?.code]).toEqual([200, 'budget_exceeded']);
    expect(await asked()).toEqual([]);
  });

  it('is never overdrawn by nodes that call at once; they ask once, together', async () => {
    const gates: (() => void)[] = [];
    const gate = () => new Promise<void>((resolve) => gates.push(resolve));
    await startWorker(loop(3, gate));
    const nodes = Object.fromEntries(Array.from({ length: 8 }, (_none, n) => [`n${n}`, {}]));
    const runId = await launch(nodes, { tokens: 1_000 });
    await world.clock.until(() => gates.length === 8, 'as many calls are in work as may be');
    expect(gates).toHaveLength(8);
    const openAll = setInterval(() => gates.splice(0).forEach((open) => open()), 1);
    await world.untilStatus(runId, 'waiting');
    expect(spent()).toBe(900);
    expect(await asked()).toHaveLength(1);
    await answer('approve', { tokens: 5_000 });
    await world.untilStatus(runId, 'completed');
    clearInterval(openAll);
    expect(calls).toHaveLength(24);
  });

  it('lets a call wait for what another does not need, before it asks', async () => {
    const gates: (() => void)[] = [];
    await startWorker(loop(1, () => new Promise((resolve) => gates.push(resolve))));
    const runId = await launch({ a: {}, b: {} }, { tokens: 220 });
    await world.clock.until(() => gates.length === 1, 'one call is in work');
    await world.clock.settle();
    expect(gates).toHaveLength(1);
    gates[0]!();
    await world.clock.until(() => gates.length === 2, 'the other one follows');
    gates[1]!();
    await world.untilStatus(runId, 'completed');
  });

  it.each<[string, NodeSketch]>([
    ['here', {}],
    ['in a pool', { pool: 'gpu' }],
  ])('is free of what a step has held and not used, once that is journaled: %s', async (_, sketch) => {
    const idle: Work = async ({ step, reserve }) => {
      const wanted = () => ({ modelCalls: 1, promptTokens: 120, completionTokens: 0, costMicros: 9 });
      const held: boolean[] = [];
      for (const key of ['one', 'two', 'three']) held.push(await step(key, () => reserve(key, wanted)));
      return held;
    };
    const member = await world.worker('m1', { handlers: { work: idle }, pools: ['gpu'], takesRuns: false }).start();
    member.waker.start();
    await startWorker(idle);
    const runId = await launch({ a: sketch }, { tokens: 130 });
    // No attempt has to end for it.
    await world.untilStatus(runId, 'completed', 5_000);
    expect((await endOf(runId))?.output).toEqual([true, true, true]);
  });

  it.each<[string, NodeSketch]>([
    ['here', {}],
    ['in a pool', { pool: 'gpu' }],
  ])('counts a call that fails and is made again within its node once: %s', async (_, sketch) => {
    const member = await world.worker('m1', { handlers: { work: stubborn() }, pools: ['gpu'], takesRuns: false }).start();
    member.waker.start();
    await startWorker(stubborn());
    const runId = await launch({ a: sketch }, { tokens: 450 });
    await world.clock.until(() => world.db.approvals.size > 0, 'it asks', 60_000);
    expect(calls).toEqual([0, 0, 0, 100, 0, 0, 0, 100, 0, 0, 0, 100, 0, 0, 0, 100]);
    expect(await asked()).toMatchObject([{ terms: { details: { over: [{ limit: 450, used: 400, wanted: 120 }] } } }]);
    const account = world.db.budgets.accounts.get(`${DEFAULT_TENANT}\nrun ${runId}`);
    expect(account).toMatchObject({ used: { tokens: 400 }, held: { tokens: 0 } });
  });

  it('counts what a call has used that failed, where its failure tells', async () => {
    await startWorker(stubborn({ modelCalls: 1, promptTokens: 30, completionTokens: 0, costMicros: 3 }));
    const runId = await launch({ a: {} }, { tokens: 450 });
    await world.clock.until(() => world.db.approvals.size > 0, 'it asks', 60_000);
    expect(calls).toEqual([30, 30, 30, 100, 30, 30, 30, 100]);
    expect(await asked()).toMatchObject([{ terms: { details: { over: [{ limit: 450, used: 380, wanted: 120 }] } } }]);
    const account = world.db.budgets.accounts.get(`${DEFAULT_TENANT}\nrun ${runId}`);
    expect(account).toMatchObject({ used: { tokens: 380, model_calls: 8 }, held: { tokens: 0 } });
  });

  describe('whose ledger does not answer when a failed call is told to it', () => {
    const failed: Usage = { modelCalls: 1, promptTokens: 30, completionTokens: 0, costMicros: 3 };
    const wanted = (): Usage => ({ modelCalls: 1, promptTokens: 60, completionTokens: 60, costMicros: 9 });
    const fail = async ({ step, reserve }: NodeContext, key: string): Promise<void> => {
      const broken = async (): Promise<never> => {
        await reserve(key, wanted);
        throw new Error('no answer');
      };
      await step(key, broken, { spent: () => failed }).catch(() => undefined);
    };
    const accountOf = (runId: string) => world.db.budgets.accounts.get(`${DEFAULT_TENANT}\nrun ${runId}`);
    const lost = new BatonError('storage_unavailable', 'no answer', {}, { retryable: true });

    it.each([
      ['that was not done, and another call', refuse(lost), 'first'],
      ['that was not done, and the same call again', refuse(lost), 'model-1'],
      ['that was done, and another call', loseReply(lost), 'first'],
      ['that was done, and the same call again', loseReply(lost), 'model-1'],
    ])('has room again for the next one, and counts both once: %s', async (_, fault, key) => {
      const worker = await startWorker(async (context) => {
        await fail(context, key);
        return loop(1)(context);
      });
      worker.ledger.calls.next('settle', fault);
      const runId = await launch({ a: {} }, { tokens: 160 });
      await world.untilStatus(runId, 'completed', 60_000);
      expect(accountOf(runId)).toMatchObject({ used: { tokens: 130, model_calls: 2 }, held: { tokens: 0 } });
      expect(worker.told('trouble')).toHaveLength(1);
    });

    it('keeps the same call waiting until it has heard of it', async () => {
      const worker = await startWorker(async (context) => {
        await fail(context, 'model-1');
        return loop(1)(context);
      });
      worker.ledger.calls.next('settle', refuse(lost));
      const hear = worker.ledger.calls.hold('settle');
      const runId = await launch({ a: {} }, { tokens: 300 });
      await world.clock.until(() => worker.ledger.calls.requests('settle').length === 2, 'it is told again');
      await world.clock.advance(10_000);
      expect(calls).toEqual([]);
      hear();
      await world.untilStatus(runId, 'completed', 60_000);
      expect(accountOf(runId)).toMatchObject({ used: { tokens: 130, model_calls: 2 }, held: { tokens: 0 } });
    });

    it('is told again when its node leaves work', async () => {
      const gate = Promise.withResolvers<null>();
      const worker = await startWorker((context) =>
        context.nodeId === 'a' ? fail(context, 'first').then(() => null) : gate.promise,
      );
      worker.ledger.calls.next('settle', refuse(lost));
      const runId = await launch({ a: {}, b: {} }, { tokens: 160 });
      await world.clock.until(() => world.story(runId).includes('node.completed a'), 'the node is done');
      await world.clock.settle();
      expect(accountOf(runId)).toMatchObject({ used: { tokens: 30 }, held: { tokens: 0 } });
      gate.resolve(null);
      await world.untilStatus(runId, 'completed');
    });
  });

  it('is free of a call whose usage cannot be told, and its node learns why the call is of no use', async () => {
    const codes: unknown[] = [];
    await startWorker(async (context) => {
      const { step, reserve } = context;
      const wanted = (): Usage => ({ modelCalls: 1, promptTokens: 60, completionTokens: 60, costMicros: 9 });
      const ask = async (): Promise<string> => {
        await reserve('odd', wanted);
        return 'x'.repeat(2_000);
      };
      const usage = (): StepUsage => {
        throw new TypeError('no usage');
      };
      await step('odd', ask, { usage }).catch((error: unknown) => codes.push(error instanceof BatonError ? error.code : error));
      return loop(1)(context);
    });
    const runId = await launch({ a: {} }, { tokens: 130 });
    await world.untilStatus(runId, 'completed', 60_000);
    expect([codes, spent()]).toEqual([['payload_too_large'], 100]);
  });

  it('is lowered by the start, and never raised', async () => {
    await startWorker(loop(4));
    const workflow = await world.publish('flow', { a: {} }, { budget: { model_calls: 3 } });
    const launchWith = (budget: BudgetLimits) =>
      api.starter.startWorkflowRun({ tenantId: DEFAULT_TENANT, workflow, input: null, budget, idempotency: null });
    const { id } = await launchWith({ model_calls: 1 });
    await world.untilStatus(id, 'waiting');
    expect(calls).toHaveLength(1);
    const fork = await api.forker.fork({ tenantId: DEFAULT_TENANT, runId: id, fromNode: 'a', idempotency: null });
    expect(fork.run.budget).toEqual({ model_calls: 1 });
    await api.signaller.tellToCancel({ tenantId: DEFAULT_TENANT, runId: fork.run.id, reason: 'seen', by: 'ann' });
    await world.untilStatus(fork.run.id, 'cancelled');
    const before = calls.length;
    const more = await launchWith({ model_calls: 10 });
    await world.untilStatus(more.id, 'waiting');
    expect(calls).toHaveLength(before + 3);
  });

  /** A call that wants too much is under way beside one that ends a second later. */
  const beside =
    (then: (context: NodeContext) => JsonValue): Work =>
    async (context) => {
      const { step, reserve } = context;
      const call = (key: string, completionTokens: number) => async () => {
        await reserve(key, () => ({ modelCalls: 1, promptTokens: 60, completionTokens, costMicros: 9 }));
        return calls.push(100);
      };
      const much = step('much', call('much', 5_000));
      await step('little', () => world.clock.sleep(1_000).then(() => null));
      const output = then(context);
      return output ?? (await much);
    };

  it('is not asked for by a node that has returned without the call that wants too much, while its output is put', async () => {
    const isPut = jest.spyOn(world.blobs, 'put').mockImplementation(async () => {
      await world.clock.sleep(50);
      return '0'.repeat(64);
    });
    await startWorker(
      beside(() => 'x'.repeat(70_000)),
      { options: { maxOutputBytes: 100_000 } },
    );
    const runId = await launch({ a: {} }, { tokens: 1_000 });
    await world.clock.until(() => ['completed', 'waiting'].includes(world.run(runId).status), 'it has ended, or asks');
    expect([world.run(runId).status, await asked(), isPut.mock.calls.length]).toEqual(['completed', [], 1]);
  });

  it('is asked for before a node that wants too much begins anew for a payload it lacks', async () => {
    const reader = beside(({ evaluate }) => (evaluate('nodes.a.output') === 'x'.repeat(70_000) ? null : 'other'));
    const handlers: Record<string, Work> = { work: () => 'x'.repeat(70_000), between: () => null, reader };
    await startWorker(reader, { handlers, options: { maxOutputBytes: 100_000 } });
    const between = { type: 'between', depends_on: ['a'] };
    const runId = await launch({ a: {}, between, b: { type: 'reader', depends_on: ['between'] } }, { tokens: 1_000 });
    await world.untilStatus(runId, 'waiting');
    expect(await asked()).toMatchObject([{ terms: { details: { over: [{ amount: 'tokens', wanted: 5_060 }] } } }]);
    await answer('approve', { tokens: 10_000 });
    await world.untilStatus(runId, 'completed');
    expect(calls).toHaveLength(1);
  });

  it('holds also for a node in a pool', async () => {
    const member = await world.worker('m1', { handlers: { work: loop(15) }, pools: ['gpu'], takesRuns: false }).start();
    member.waker.start();
    await startWorker(() => null);
    const runId = await launch({ a: { pool: 'gpu' } }, { tokens: 1_000 });
    await world.clock.until(() => [...world.db.approvals.values()].length === 1, 'it asks');
    expect(spent()).toBe(900);
    await answer('approve');
    await world.untilStatus(runId, 'completed');
    expect(calls).toHaveLength(15);
  });
});

describe('a budget of time', () => {
  it('asks while the node is in work, which goes on with its finished steps', async () => {
    const began: number[] = [];
    let hang = true;
    const work: Work = async ({ step, signal }) => {
      await step('first', () => began.push(1));
      if (hang) await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
      return 'done';
    };
    await startWorker(work);
    const runId = await launch({ a: {} }, { wall_time: 5 });
    await world.clock.until(() => began.length === 1, 'the node is in work');
    await world.clock.advance(6_000);
    await world.untilStatus(runId, 'waiting');
    expect(await asked()).toMatchObject([{ proposal: { wall_time: 5 } }]);
    hang = false;
    await answer('approve');
    await world.untilStatus(runId, 'completed');
    expect(began).toHaveLength(1);
  });
});
