import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  holdId,
  nodeEvent,
  NO_AMOUNTS,
  ROLES,
  runAccount,
  runEvent,
  toWireStepUsage,
  type AccountTerms,
  type BudgetHold,
  type BudgetLedger,
  type HoldFence,
  type RunStore,
  type TenantAsk,
  type TenantBudgetStore,
} from '@baton/core';
import { SqlBudgetLedger, SqlRunStore, SqlTenantBudgetStore } from '@baton/storage';
import { DATABASE_KINDS, DatabaseBench, type DatabaseKind } from '../support/databases.js';
import {
  MemoryBudgetLedger,
  MemoryDatabase,
  MemoryRunStore,
  MemoryTenantBudgetStore,
  VirtualClock,
} from '../support/in-memory/index.js';
import { claim, claimedRun } from '../support/run-requests.js';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const DAY = 'day 2026-03-01';
const MONTH = 'month 2026-03';

let lastStep = 0;
function hold(change: Partial<BudgetHold> & { fence?: HoldFence } = {}): BudgetHold {
  const named = { runId: 'r', nodeId: 'n', visit: 1, step: `s${(lastStep += 1)}`, fence: { epoch: 1 }, ...change };
  return { id: holdId(named), tenantId: 'default', accounts: [DAY], wanted: wanting(100), ...named };
}
const wanting = (tokens: number) => ({ tokens, cost_micros: 7, model_calls: 1 });
const using = wanting;
const upTo = (tokens: number, account = DAY, granted = {}): AccountTerms => ({ account, limits: { tokens }, granted });

describe.each([...DATABASE_KINDS, 'memory'] as const)('BudgetLedger on %s', (kind: DatabaseKind | 'memory') => {
  const bench = kind === 'memory' ? null : new DatabaseBench(kind);
  const clock = new VirtualClock(NOW);
  let open: () => Promise<BudgetLedger>;
  let ledger: BudgetLedger;
  let tenants: TenantBudgetStore;
  let runs: RunStore;

  beforeEach(async () => {
    const fresh = await bench?.fresh();
    const memory = new MemoryDatabase(clock);
    open = async () => (fresh === undefined ? new MemoryBudgetLedger(memory) : new SqlBudgetLedger(await fresh.open(), clock));
    ledger = await open();
    tenants = fresh === undefined ? new MemoryTenantBudgetStore(memory) : new SqlTenantBudgetStore(await fresh.open());
    runs = fresh === undefined ? new MemoryRunStore(memory) : new SqlRunStore(await fresh.open());
  });
  afterEach(async () => {
    if (runs instanceof SqlRunStore) await runs.close();
    await bench?.closeAll();
  });
  afterAll(() => bench?.stop());

  const accountOf = async (account = DAY) => (await ledger.find('default', [account]))[0];

  test('holds what fits, makes wait what may fit, and refuses what never will, with the numbers', async () => {
    const [one, other] = [hold(), hold()];
    expect(await ledger.reserve(one, [upTo(250)])).toEqual({ kind: 'held' });
    expect(await ledger.reserve(other, [upTo(250)])).toEqual({ kind: 'held' });
    expect(await ledger.reserve(hold(), [upTo(250)])).toEqual({ kind: 'busy' });
    await ledger.settle(one, using(80));
    await ledger.settle(other, null);
    expect(await accountOf()).toEqual({
      ...{ tenantId: 'default', account: DAY, granted: {}, used: using(80), held: NO_AMOUNTS },
    });
    expect(await ledger.reserve(hold({ wanted: wanting(171) }), [upTo(250)])).toEqual({
      ...{ kind: 'over', account: DAY, over: [{ amount: 'tokens', limit: 250, used: 80, wanted: 171 }] },
    });
    expect(await ledger.reserve(hold({ tenantId: 'other' }), [upTo(100)])).toEqual({ kind: 'held' });
  });

  test('holds of all accounts or of none', async () => {
    const terms = [upTo(1_000), upTo(150, MONTH)];
    expect(await ledger.reserve(hold({ accounts: [DAY, MONTH] }), terms)).toEqual({ kind: 'held' });
    expect(await ledger.reserve(hold({ accounts: [DAY, MONTH] }), terms)).toEqual({ kind: 'busy' });
    expect(await ledger.reserve(hold({ accounts: [DAY, MONTH], wanted: wanting(151) }), terms)).toMatchObject({
      ...{ kind: 'over', account: MONTH },
    });
    expect((await accountOf())?.held).toEqual(wanting(100));
  });

  test('counts each hold, each end and each grant once, however often it is said', async () => {
    const one = hold();
    for (let time = 0; time < 2; time += 1) expect(await ledger.reserve(one, [upTo(100)])).toEqual({ kind: 'held' });
    for (const used of [using(100), using(100), null]) await ledger.settle(one, used);
    expect(await accountOf()).toMatchObject({ used: using(100), held: NO_AMOUNTS });
    expect(await ledger.reserve(hold(), [upTo(100)])).toMatchObject({ kind: 'over' });
    const [more, most] = [upTo(100, DAY, { tokens: 100 }), upTo(100, DAY, { tokens: 150 })];
    expect(await ledger.reserve(hold(), [more])).toEqual({ kind: 'held' });
    expect(await ledger.reserve(hold(), [more])).toEqual({ kind: 'busy' });
    expect(await ledger.reserve(hold({ wanted: wanting(50) }), [most])).toEqual({ kind: 'held' });
    expect(await ledger.reserve(hold({ runId: 'another', wanted: wanting(30) }), [upTo(100, DAY, { tokens: 30 })])).toEqual({
      kind: 'held',
    });
  });

  test('is exact where processes ask at once', async () => {
    const others = [ledger, await open(), await open()];
    const holds = Array.from({ length: 60 }, () => hold());
    const outcomes = await Promise.all(holds.map((one, n) => others[n % 3]!.reserve(one, [upTo(2_050)])));
    expect(outcomes.filter(({ kind: outcome }) => outcome === 'held')).toHaveLength(20);
    const held = holds.filter((_one, n) => outcomes[n]!.kind === 'held');
    await Promise.all(held.flatMap((one, n) => others.map((each) => each.settle(one, n % 2 === 0 ? using(90) : null))));
    expect(await accountOf()).toMatchObject({ used: { tokens: 900, cost_micros: 70, model_calls: 10 }, held: NO_AMOUNTS });
  });

  test('forgets periods, and no run', async () => {
    const account = runAccount('r');
    await ledger.reserve(hold({ accounts: [DAY, account] }), [upTo(1_000), upTo(1_000, account)]);
    expect(await ledger.forget(NOW)).toBe(0);
    expect(await ledger.forget(NOW + 1)).toBe(1);
    expect(await accountOf()).toBeUndefined();
    expect(await accountOf(account)).toBeDefined();
    const next = hold();
    expect(await ledger.reserve(next, [upTo(100)])).toEqual({ kind: 'held' });
  });

  test('stands beside the budgets of tenants, each kept until it is taken away', async () => {
    const budget = { day: { tokens: 1_000_000_000_000 }, on_budget: 'fail' } as const;
    await tenants.save('a', { month: { cost_micros: 5 } }, NOW);
    await tenants.save('a', budget, NOW);
    expect([await tenants.find('a'), await tenants.find('b')]).toEqual([budget, null]);
    await tenants.save('a', null, NOW);
    expect(await tenants.find('a')).toBeNull();
  });

  test('finds the runs that wait for the budget of their tenant, page by page, until somebody has answered', async () => {
    const ask = async (runId: string, scope: 'run' | 'tenant', tenantId: string): Promise<void> => {
      const { epoch } = await claimedRun(runs, { runId, tenantId });
      const over = ['tokens', 'model_calls'] as const;
      const reached = {
        ...{ number: 1, scope, until: null, role: 'admin' as const },
        over: over.map((amount, n) => ({ amount, limit: 10, used: 9, wanted: 7 + n, grant: 10 })),
      };
      await runs.append({ runId, epoch, baseSeq: 1, events: [runEvent('budget.reached', NOW, reached)] });
    };
    // Ids of runs are in the order in which they were started. The first page of one has nothing to show.
    await ask('run-3', 'tenant', 'b');
    await ask('run-2', 'tenant', 'a');
    await ask('run-1', 'run', 'a');
    const all = async (limit: number): Promise<TenantAsk[]> => {
      const found: TenantAsk[] = [];
      for (let after: string | null = ''; after !== null;) {
        const page = await tenants.findAsks({ after, limit });
        found.push(...page.asks);
        after = page.next;
      }
      return found;
    };
    const key = { nodeId: '$budget', visit: 1, wanted: { tokens: 7, model_calls: 8 } };
    const expected = ['a', 'b'].map((tenantId, n) => ({ runId: `run-${n + 2}`, tenantId, ...key }));
    expect([await all(10), await all(1)]).toEqual([expected, expected]);
    const answer = { decision: 'approve', token: 't', by: 'ann', roles: ROLES, link: null, comment: null, payload: {} } as const;
    await runs.decide({ runId: 'run-2', nodeId: '$budget', visit: 1, ...answer, at: NOW });
    expect(await all(1)).toEqual(expected.slice(1));
  });
});

describe.each(DATABASE_KINDS)('what is left behind of budgets on %s', (kind) => {
  const bench = new DatabaseBench(kind);
  let runs: SqlRunStore;
  let ledger: SqlBudgetLedger;

  beforeEach(async () => {
    const database = await (await bench.fresh()).open();
    runs = new SqlRunStore(database);
    ledger = new SqlBudgetLedger(database, new VirtualClock(NOW));
  });
  afterEach(async () => {
    await runs.close();
    await bench.closeAll();
  });
  afterAll(() => bench.stop());

  test('counts each end of a hold once where the reply of a commit is lost, and the hold stands anew', async () => {
    const once = await (await bench.fresh()).open();
    const transact: typeof once.transact = async (reads, decide) => {
      await once.transact(reads, decide);
      return once.transact(reads, decide);
    };
    const twice = new SqlBudgetLedger(
      Object.create(once, { transact: { value: transact } }) as typeof once,
      new VirtualClock(NOW),
    );
    const [first, again, short] = [hold(), hold(), hold()] as const;
    await twice.reserve(again, [upTo(1_000)]);
    // What is asked while the first one is under way shares a transaction.
    await Promise.all([
      twice.reserve(first, [upTo(1_000)]),
      ...[twice.settle(again, using(50)), twice.reserve(again, [upTo(1_000)])],
      ...[twice.reserve(short, [upTo(1_000)]), twice.settle(short, using(20))],
    ]);
    expect(await twice.find('default', [DAY])).toMatchObject([{ used: { tokens: 70 }, held: { tokens: 200 } }]);
  });

  const usage = { ...using(0), modelCalls: 1, promptTokens: 60, completionTokens: 20, costMicros: 7, model: 'm', agent: 'a' };
  const step = (held: BudgetHold | null) => {
    const payload = { key: 'k', output: null, usage: toWireStepUsage(usage), ...(held !== null && { hold: held.id }) };
    return nodeEvent('step.completed', { id: 'n', visit: 1, attempt: 1 }, NOW, payload);
  };

  test('is found once nobody can journal its step any more, with what the journal says of it', async () => {
    const { runId, epoch } = await claimedRun(runs);
    const [journaled, lost, late] = [0, 0, 1].map((more) => hold({ runId, fence: { epoch: epoch + more } })) as [
      ...[BudgetHold, BudgetHold, BudgetHold],
    ];
    for (const one of [journaled, lost]) await ledger.reserve(one, [upTo(1_000)]);
    await runs.append({ runId, epoch, baseSeq: 1, events: [step(journaled), step(null)] });
    expect(await ledger.findAbandoned(10)).toEqual([]);
    expect(await runs.claim(claim(runId, { workerId: 'worker-2' }))).toMatchObject({
      kind: 'claimed',
      run: { epoch: epoch + 1 },
    });
    await ledger.reserve(late, [upTo(1_000)]);
    const abandoned = await ledger.findAbandoned(10);
    expect(new Map(abandoned.map(({ hold: one, used }) => [one.id, used]))).toEqual(
      new Map([
        [journaled.id, { tokens: 80, cost_micros: 7, model_calls: 1 }],
        [lost.id, null],
      ]),
    );
    expect(abandoned.map(({ hold: one }) => one)).toContainEqual(journaled);
    for (const { hold: one, used } of abandoned) await ledger.settle(one, used);
    expect((await ledger.find('default', [DAY]))[0]).toMatchObject({ used: { tokens: 80 }, held: wanting(100) });
  });

  test('and of a job of a pool once another has it', async () => {
    const { runId } = await claimedRun(runs);
    const left = hold({ runId, fence: { jobId: `${runId}.2`, token: 'gone' } });
    await ledger.reserve(left, [upTo(1_000)]);
    expect(await ledger.findAbandoned(10)).toEqual([{ hold: left, used: null }]);
  });

  test('an account begins with what was used before there was a budget', async () => {
    const { runId, epoch } = await claimedRun(runs);
    await runs.append({ runId, epoch, baseSeq: 1, events: [step(null), step(null)] });
    const accounts = [DAY, MONTH, runAccount(runId)];
    await ledger.open('default', [DAY, MONTH]);
    const begun = { used: { tokens: 160, cost_micros: 14, model_calls: 2 }, held: NO_AMOUNTS };
    const opened = (await ledger.find('default', accounts)).toSorted((one, other) => one.account.localeCompare(other.account));
    expect(opened).toMatchObject([DAY, MONTH].map((account) => ({ account, ...begun })));
    await ledger.reserve(
      hold({ runId, accounts }),
      accounts.map((account) => upTo(1_000, account)),
    );
    for (const account of await ledger.find('default', accounts)) expect(account.used.tokens).toBe(160);
    await ledger.open('default', accounts);
    for (const account of await ledger.find('default', accounts)) expect(account.held.tokens).toBe(100);
  });
});
