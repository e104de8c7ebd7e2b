import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DEFAULT_TENANT } from '@baton/core';
import { MemoryRunStore, World, type NodeSketch, type SimulatedApi } from '../../../test/support/in-memory/index.js';
import { BulkRuns, type BulkRequest } from './bulk-runs.js';
import { PlanCache } from './plan-cache.js';
import { PoolRouting } from './pool-routing.js';

let world: World;
let api: SimulatedApi;
let bulk: BulkRuns;

beforeEach(() => {
  world = new World();
  api = world.api('a1');
  const pools = new PoolRouting({ routes: new Map([['train', 'gpu']]), queueMs: 1, timeoutMs: 1 });
  const { runs, workflows, signaller, forker, inspector } = api;
  bulk = new BulkRuns({ runs, workflows, signaller, forker, inspector, plans: new PlanCache(workflows, 10), pools });
});

afterEach(() => {
  expect(world.db.problems()).toEqual([]);
});

async function submit(name: string, nodes: Record<string, NodeSketch>): Promise<string> {
  return world.submit(await world.publish(name, nodes));
}

async function cancel(filter: BulkRequest['filter'], limit = 100) {
  const { done, more } = await bulk.execute({
    ...{ tenantId: DEFAULT_TENANT, action: 'cancel', filter, limit, reason: 'enough', by: 'ann' },
  });
  return { told: done.map(({ runId }) => runId).sort(), more };
}

const wishes = (runId: string) => world.db.inboxOf(runId).map(({ type }) => type);

describe('many runs at once', () => {
  it("are all runs of the tenant where nothing is said, and nobody else's", async () => {
    const own = [await submit('a', { n: {} }), await submit('b', { n: {} })];
    const { id, name, version, digest } = await world.publish('a', { n: {} });
    const foreign = { runId: 'foreign', tenantId: 'acme', taskId: null, workflow: { id, name, version, digest }, input: null };
    await new MemoryRunStore(world.db).submit({ ...foreign, idempotency: null, at: 1, lock: null });
    expect(await cancel({})).toEqual({ told: own, more: false });
    expect([wishes(own[0]!), wishes('foreign')]).toEqual([['cancel'], []]);
  });

  it('are those with a node that goes to a pool: named, routed there by its type, or patched so', async () => {
    const named = await submit('named', { a: {}, b: { depends_on: ['a'], pool: 'gpu' } });
    const routed = await submit('routed', { a: { type: 'train' } });
    const elsewhere = await submit('elsewhere', { a: { type: 'train', pool: 'net' } });
    const [patched, unpatched] = [await submit('none', { a: {} }), await submit('none', { a: {} })];
    const value = { id: 'more', type: 'work', pool: 'gpu' };
    const request = { tenantId: DEFAULT_TENANT, runId: patched, revision: 0, reason: 'x', by: 'ann' };
    await api.patcher.patch({ ...request, patch: [{ op: 'add', path: '/nodes/-', value }] });
    const worker = await world.worker('w1', { handlers: { work: () => new Promise(() => undefined) } }).start();
    world.dispatch(patched);
    await world.clock.until(() => world.story(patched).includes('run.patched'), 'the patch is taken up');
    worker.crash();

    expect(await cancel({ pool: 'gpu' })).toEqual({ told: [named, routed, patched], more: false });
    expect([...wishes(elsewhere), ...wishes(unpatched)]).toEqual([]);
    expect(await cancel({ pool: 'gpu', workflow: 'routed' })).toEqual({ told: [routed], more: false });
    expect(await cancel({ pool: 'net' })).toEqual({ told: [elsewhere], more: false });
  });

  it('are found behind any number of others, and are as many as the limit', async () => {
    const old = [await submit('gpu', { a: { pool: 'gpu' } }), await submit('gpu', { a: { pool: 'gpu' } })];
    const other = await world.publish('other', { a: {} });
    await world.clock.advance(1);
    for (let n = 0; n < 1_001; n += 1) await world.submit(other);
    expect(await cancel({ pool: 'gpu' }, 1)).toEqual({ told: [old[1]], more: true });
    expect(await cancel({ pool: 'gpu' }, 2)).toEqual({ told: old, more: false });
  });

  it('are those that are named, each answered once, and none of others', async () => {
    const [first, second, third] = [await submit('a', { n: {} }), await submit('a', { n: {} }), await submit('b', { n: {} })];
    const runIds = [second, 'nobody', first, second];
    const { done, refused, more } = await bulk.execute({
      ...{ tenantId: DEFAULT_TENANT, action: 'cancel', filter: { runIds }, limit: 1, reason: 'enough', by: 'ann' },
    });
    expect(done.map(({ runId }) => runId).toSorted()).toEqual([first, second].toSorted());
    expect([refused.map(({ runId, code }) => [runId, code]), more]).toEqual([[['nobody', 'run_not_found']], false]);
    expect([wishes(first), wishes(second), wishes(third)]).toEqual([['cancel'], ['cancel'], []]);
    const elsewhere = {
      tenantId: 'acme',
      action: 'cancel' as const,
      filter: { runIds: [third] },
      limit: 9,
      reason: 'x',
      by: 'eve',
    };
    expect((await bulk.execute(elsewhere)).refused).toMatchObject([{ runId: third, code: 'run_not_found' }]);
  });
});
