import { beforeEach, describe, expect, it } from '@jest/globals';
import { BatonError } from '@baton/core';
import { MemoryWorkflowStore, refuse, World } from '../../../test/support/in-memory/index.js';
import { PlanCache } from './plan-cache.js';

let world: World;
let workflows: MemoryWorkflowStore;

beforeEach(() => {
  world = new World();
  workflows = new MemoryWorkflowStore(world.db);
});

const reads = (): number => workflows.calls.requests('findByDigest').length;

describe('PlanCache', () => {
  it('compiles a digest once, also for many who ask at once', async () => {
    const { digest } = await world.publish('flow', { only: {} });
    const plans = new PlanCache(workflows, 10);
    const [one, two] = await Promise.all([plans.get(digest), plans.get(digest)]);
    expect(one).toBe(two);
    expect(one.digest).toBe(digest);
    expect(reads()).toBe(1);
  });

  it('drops the plan that was not used for longest', async () => {
    const digests: string[] = [];
    for (const name of ['a', 'b', 'c']) digests.push((await world.publish(name, { only: {} })).digest);
    const plans = new PlanCache(workflows, 2);
    for (const index of [0, 1, 0, 2, 0]) await plans.get(digests[index]!);
    expect(reads()).toBe(3);
    await plans.get(digests[1]!);
    expect(reads()).toBe(4);
  });

  it('does not remember a failure', async () => {
    const { digest } = await world.publish('flow', { only: {} });
    const plans = new PlanCache(workflows, 10);
    workflows.calls.next('findByDigest', refuse(new BatonError('storage_unavailable', 'away')));
    await expect(plans.get(digest)).rejects.toMatchObject({ code: 'storage_unavailable' });
    expect((await plans.get(digest)).digest).toBe(digest);
  });

  it('says which digest nobody has published', async () => {
    await expect(new PlanCache(workflows, 10).get('none')).rejects.toMatchObject({
      code: 'workflow_not_found',
      context: { digest: 'none' },
    });
  });
});
