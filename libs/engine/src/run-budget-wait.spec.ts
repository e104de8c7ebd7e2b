import { expect, it } from '@jest/globals';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { compilePlan, initialState, WorkflowDefinitionSchema, type Clock, type ReserveOutcome, type Run } from '@baton/core';
import { RunBudget } from './run-budget.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const LOOKS = 20_000;

it('leaves nothing behind of each look that a waiting call takes', async () => {
  const definition = WorkflowDefinitionSchema.parse({ name: 'flow', nodes: [{ id: 'a', type: 'work' }] });
  const facts = { id: 'r', taskId: null, tenantId: 'default', workflow: 'flow', input: null };
  const stop = new AbortController();
  const heap: number[] = [];
  let looks = 0;
  const reserve = (): Promise<ReserveOutcome> => {
    if (looks % LOOKS === 0) {
      collectGarbage();
      heap.push(process.memoryUsage().heapUsed);
    }
    if (looks === 2 * LOOKS) stop.abort();
    looks += 1;
    return Promise.resolve({ kind: 'busy' });
  };
  const clock: Pick<Clock, 'now' | 'sleep'> = { now: () => 0, sleep: () => new Promise((resolve) => void setImmediate(resolve)) };
  const budget = new RunBudget({
    ...{ run: { id: 'r', tenantId: 'default' } as Run, state: initialState(compilePlan(definition), facts), clock },
    ...{ observer: { trouble: () => undefined }, fence: { epoch: 1 }, configured: { tokens: 100 } },
    ledger: { reserve, settle: () => Promise.resolve() },
    tenants: { find: () => null, refresh: () => Promise.resolve(null) },
  });
  const wanted = { tokens: 10, cost_micros: 0, model_calls: 1 };
  await expect(budget.reserve({ id: 'a', visit: 1 }, 'call', () => wanted, stop.signal)).rejects.toThrow();
  const [, before, after] = heap;
  expect((after! - before!) / LOOKS).toBeLessThan(50);
});
