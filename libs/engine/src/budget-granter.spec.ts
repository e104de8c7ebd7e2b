import { beforeEach, expect, test } from '@jest/globals';
import type { BudgetAccount, DecideOutcome, TenantAsk, TenantBudget } from '@baton/core';
import { VirtualClock } from '../../../test/support/in-memory/index.js';
import { BudgetGranter } from './budget-granter.js';

const MINUTE = 60_000;

let clock: VirtualClock;
let asks: TenantAsk[];
/** When runs were let go on, and when the store was asked for asks. */
let granted: { runId: string; at: number }[];
let passes: number[];
let answered: (ask: TenantAsk) => void;

beforeEach(() => {
  clock = new VirtualClock();
  [asks, granted, passes, answered] = [[], [], [], () => undefined];
});

const ask = (runId: string, visit = 1): TenantAsk => {
  return { ...{ runId, nodeId: '$budget', visit, tenantId: 't' }, wanted: { tokens: 100 } };
};

/** Of a tenant whose budget has room for one call more, as far as this process knows. */
function granter(): BudgetGranter {
  const account = (name: string): BudgetAccount => {
    const none = { tokens: 0, cost_micros: 0, model_calls: 0 };
    return { tenantId: 't', account: name, used: none, held: none, granted: {} };
  };
  const budget: TenantBudget = { day: { tokens: 150 } };
  return new BudgetGranter(
    {
      runs: {
        decide: ({ runId, visit }) => {
          granted.push({ runId, at: clock.now() });
          const decided = asks.find((one) => one.runId === runId && one.visit === visit)!;
          asks = asks.filter((one) => one !== decided);
          answered(decided);
          return Promise.resolve({ kind: 'decided' } as DecideOutcome);
        },
      },
      store: {
        findAsks: () => {
          passes.push(clock.now());
          return Promise.resolve({ asks: [...asks], next: null });
        },
      },
      tenants: { refresh: () => Promise.resolve(budget) },
      ledger: { find: (_tenant, names) => Promise.resolve(names.map(account)), open: () => Promise.resolve() },
      ...{ clock, random: () => 0.5 },
      observer: {
        budgetsGranted: () => undefined,
        trouble: ({ error }) => {
          throw error;
        },
      },
    },
    { intervalMs: 2_000, pageSize: 100, pages: 10 },
  );
}

async function runFor(ms: number): Promise<void> {
  const actor = granter();
  actor.start();
  await clock.advance(ms);
  await actor.stop();
}

test('a run that asks again each time it is let go on is left alone for longer and longer, and no other run with it', async () => {
  answered = ({ runId, visit }) => void (runId === 'again' && asks.push(ask(runId, visit + 1)));
  asks = [ask('again')];
  setTimeoutOn(clock, 10 * MINUTE, () => asks.push(ask('other')));
  await runFor(60 * MINUTE);
  const times = granted.filter(({ runId }) => runId === 'again').map(({ at }) => at);
  const gaps = times.slice(1).map((at, place) => at - times[place]!);
  // Every four seconds it would be 900 times.
  expect(times.length).toBeLessThan(25);
  expect(gaps.slice(5).every((gap) => gap >= 64_000)).toBe(true);
  expect(Math.max(...gaps)).toBeLessThan(300_000);
  expect(granted.filter(({ runId }) => runId === 'other')).toHaveLength(1);
});

test('a run that asks again after it was long at work is let go on as soon as there is room', async () => {
  const actor = granter();
  for (let visit = 1; visit <= 5; visit += 1) {
    asks = [ask('a', visit)];
    expect(await actor.runOnce()).toEqual({ asks: 1, granted: 1 });
    await clock.advance(MINUTE);
  }
});

test('it looks seldom while nobody asks, and every few seconds where somebody does', async () => {
  await runFor(10 * MINUTE);
  expect(passes.length).toBeLessThanOrEqual(62);
  const idle = passes.length;
  asks = [{ ...ask('a'), wanted: { tokens: 1_000 } }];
  await runFor(10 * MINUTE);
  expect(passes.length - idle).toBeGreaterThanOrEqual(150);
  expect(granted).toEqual([]);
});

function setTimeoutOn(on: VirtualClock, ms: number, work: () => void): void {
  void on.sleep(ms).then(work);
}
