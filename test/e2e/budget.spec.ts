import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@baton/core';
import { isSettled } from '../support/budget-holds.js';
import { call, textOf } from '../support/client.js';
import { DEPLOYMENTS, type Deployment } from '../support/deployments.js';
import { eventually } from '../support/eventually.js';

const VISITS = 40;

/** Asks a model again and again: each answer is paid for. */
const LOOPING: JsonObject = {
  name: 'looping',
  budget: { tokens: 1_000 },
  nodes: [
    {
      id: 'again',
      type: 'loop',
      config: {
        ...{ until: `visit >= ${VISITS}`, max_visits: 100 },
        body: { type: 'agent', config: { role: 'clerk', instructions: 'Say how long.', max_tokens: 50 } },
      },
    },
  ],
};

describe.each(DEPLOYMENTS)('a budget %s', (_name, deploy) => {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await deploy({});
  }, 90_000);
  afterAll(() => deployment.stop(), 30_000);

  it('of 1,000 tokens stops a loop, asks, and lets it go on once somebody grants more', async () => {
    const [url] = deployment.urls as [string];
    const find = async (path: string): Promise<JsonObject> => (await call(url, 'GET', path)).body;
    expect((await call(url, 'POST', '/api/v1/workflows', LOOPING)).status).toBe(201);
    expect((await call(url, 'PUT', '/api/v1/budget', { month: { model_calls: 1_000 } })).status).toBe(200);
    const started = await call(url, 'POST', '/api/v1/runs', { workflow: 'looping', input: { question: 'How long?' } });
    const run = `/api/v1/runs/${textOf(started.body, 'run_id')}`;
    await eventually(async () => (await find(run))['status'] === 'waiting', 'the budget is used up', 30_000);
    const status = await find(run);
    expect(status['why']).toMatchObject({
      code: 'waiting_for_budget',
      sentence: expect.stringContaining(' of 1000 tokens, and wants '),
    });
    const [tokens] = (status['budget'] as JsonObject)['amounts'] as [{ used: number; limit: number }];
    expect(tokens.limit).toBe(1_000);
    expect(tokens.used).toBeLessThanOrEqual(1_000);
    const calls = (status['usage'] as JsonObject)['model_calls'] as number;
    expect(calls).toBeGreaterThan(0);
    expect(calls).toBeLessThan(VISITS);

    const [open] = (await find('/api/v1/approvals'))['items'] as [JsonObject];
    expect(open).toMatchObject({
      ...{ kind: 'budget', status: 'open', payload: { tokens: 1_000 } },
      details: { scope: 'run', over: [{ amount: 'tokens', limit: 1_000, used: tokens.used }] },
    });
    const grant = { decision: 'approve', payload: { tokens: 100_000 } };
    expect((await call(url, 'POST', `/approvals/${textOf(open, 'id')}/decide`, grant)).status).toBe(200);
    await eventually(async () => (await find(run))['status'] === 'completed', 'the run has ended', 30_000);
    const ended = await find(run);
    expect(ended['usage']).toMatchObject({ model_calls: VISITS });
    expect(ended['budget']).toMatchObject({ amounts: [{ limit: 101_000, granted: 100_000 }], asking: null });
    const settled = { amount: 'model_calls', limit: 1_000, used: VISITS, held: 0, left: 1_000 - VISITS };
    await eventually(async () => isSettled(await find('/api/v1/budget')), 'all is settled', 30_000);
    expect(await find('/api/v1/budget')).toMatchObject({ source: 'tenant', periods: [{ period: 'month', amounts: [settled] }] });
  }, 90_000);
});
