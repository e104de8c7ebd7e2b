import { beforeEach, describe, expect, it } from '@jest/globals';
import type { WorkflowRef } from '@baton/core';
import { MemoryPools, World, type SimulatedApi } from '../../../test/support/in-memory/index.js';
import { announceCommits } from './announce-commits.js';

let world: World;
let api: SimulatedApi;
let workflow: WorkflowRef;
let silence: () => void;

beforeEach(async () => {
  world = new World();
  api = world.api('a1');
  workflow = await world.publish('answer', { only: {} });
  silence = announceCommits({
    ...{ runs: api.runs, doorbell: api.bell, queue: api.queue, observer: api.observer },
    pools: new MemoryPools(world.poolService),
  });
});

const signal = (runId: string): Promise<unknown> => api.runs.signal(runId, 'cancel', {}, world.clock.now());

describe('announceCommits', () => {
  it('rings for a journal that has grown', async () => {
    const run = await api.starter.startWorkflowRun({ tenantId: 'default', workflow, input: null, idempotency: null });
    expect(world.bellService.rung).toEqual([{ kind: 'journal', runId: run.id, taskId: null, seq: 1, ended: false }]);
  });

  it('makes a job for a signalled run that nobody holds, and rings nobody', async () => {
    const runId = await world.submit(workflow);
    await signal(runId);
    await world.clock.settle();
    expect([...world.queueService.jobs.keys()]).toEqual([`${runId}.0`]);
    expect(world.bellService.rung).toEqual([]);
  });

  it('rings the worker that holds a signalled run, and makes no job', async () => {
    const runId = await world.submit(workflow);
    world.run(runId).workerId = 'w1';
    await signal(runId);
    expect(world.bellService.rung).toEqual([{ kind: 'inbox', runId, workerId: 'w1' }]);
    expect(world.queueService.jobs.size).toBe(0);
  });

  it('leaves it to the waker when the queue is away', async () => {
    world.queueService.reachable = false;
    const runId = await world.submit(workflow);
    await signal(runId);
    await world.clock.settle();
    expect(api.observer.told).toMatchObject([{ name: 'dispatchFailed', detail: [runId, expect.any(Error)] }]);
  });

  it('says nothing more once stopped', async () => {
    silence();
    await signal(await world.submit(workflow));
    expect([world.bellService.rung, world.queueService.jobs.size]).toEqual([[], 0]);
  });
});
