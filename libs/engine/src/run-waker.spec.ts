import { beforeEach, describe, expect, it } from '@jest/globals';
import { BatonError, type WorkflowRef } from '@baton/core';
import { refuse, World, type SimulatedWorker, type WorkerSettings } from '../../../test/support/in-memory/index.js';

const GRACE_MS = 2_000;

let world: World;
let workflow: WorkflowRef;

beforeEach(async () => {
  world = new World();
  workflow = await world.publish('flow', { only: {} });
});

/** A process whose waker the test calls; it takes no jobs. */
const waking = (id: string, waker: WorkerSettings['waker'] = {}): SimulatedWorker =>
  world.worker(id, { handlers: { work: () => null }, waker });

const submitMany = async (count: number): Promise<string[]> => {
  const runIds: string[] = [];
  for (let n = 0; n < count; n += 1) runIds.push(await world.submit(workflow));
  return runIds;
};

describe('RunWaker', () => {
  it('makes the job that was never made, once its maker has had its time', async () => {
    const { waker } = waking('w1');
    const runId = await world.submit(workflow);
    expect(await waker.runOnce()).toEqual({ due: 0, raised: 0, wiped: false });
    await world.clock.advance(GRACE_MS);
    expect(await waker.runOnce()).toEqual({ due: 1, raised: 1, wiped: false });
    expect([...world.queueService.jobs.keys()]).toEqual([`${runId}.1`]);
  });

  it('leaves alone a run whose job waits', async () => {
    const { waker } = waking('w1');
    const runId = await world.launch(workflow);
    await world.clock.advance(GRACE_MS);
    expect(await waker.runOnce()).toEqual({ due: 1, raised: 0, wiped: false });
    expect(world.run(runId).generation).toBe(0);
  });

  it('brings back the run of a dead holder, and raises it only once', async () => {
    const stuck = await world.worker('dead', { handlers: { work: () => new Promise(() => undefined) } }).start();
    const runId = await world.launch(workflow);
    await world.clock.until(() => world.run(runId).workerId === 'dead', 'the run is claimed');
    const { waker } = waking('w1');
    stuck.crash();
    await world.clock.advance(4_000);
    expect(await waker.runOnce()).toMatchObject({ due: 0 });
    await world.clock.advance(2_000);
    expect(await waker.runOnce()).toEqual({ due: 1, raised: 1, wiped: false });
    expect(await waker.runOnce()).toEqual({ due: 1, raised: 0, wiped: false });
    expect(world.run(runId)).toMatchObject({ generation: 1, workerId: null });
  });

  it('keeps timers: a parked run comes back at its instant, not before', async () => {
    const { waker } = waking('w1');
    const runId = await world.submit(workflow);
    world.run(runId).wakeAt = world.clock.now() + 60_000;
    await world.clock.advance(60_000 + GRACE_MS - 1);
    expect(await waker.runOnce()).toMatchObject({ due: 0 });
    await world.clock.advance(1);
    expect(await waker.runOnce()).toMatchObject({ due: 1, raised: 1 });
  });

  it('goes through everything at once when the queue was wiped, all pages, without the grace', async () => {
    const { waker } = waking('w1', { batch: 10 });
    const runIds = await submitMany(35);
    runIds.forEach((runId) => world.dispatch(runId));
    world.queueService.wipe();
    expect(await waker.runOnce()).toEqual({ due: 35, raised: 35, wiped: true });
    expect(world.queueService.jobs.size).toBe(35);
    expect(await waker.runOnce()).toMatchObject({ wiped: false });
  });

  it('remembers a wipe until all is swept', async () => {
    const { waker, runs } = waking('w1');
    await submitMany(3);
    world.queueService.wipe();
    runs.calls.next('dueRuns', refuse(new BatonError('storage_unavailable', 'away')));
    await expect(waker.runOnce()).rejects.toThrow('away');
    expect(await waker.runOnce()).toEqual({ due: 3, raised: 3, wiped: true });
  });

  it('looks again at what it could not wake', async () => {
    const { waker } = waking('w1', { batch: 2 });
    await submitMany(2);
    await world.clock.advance(GRACE_MS + 10);
    const queue = waking('w2').queue;
    expect(await queue.takeWipeNotice()).toBe(false);
    world.queueService.reachable = false;
    await expect(waker.runOnce()).rejects.toThrow('cannot be reached');
    world.queueService.reachable = true;
    expect(await waker.runOnce()).toMatchObject({ raised: 2 });
  });

  it('sees what has come due since the last pass though a long backlog waits before it', async () => {
    const { waker } = waking('w1', { batch: 5 });
    for (const runId of await submitMany(50)) world.dispatch(runId);
    await world.clock.advance(GRACE_MS);
    for (let pass = 0; pass < 10; pass += 1) await waker.runOnce();
    await world.clock.advance(100);
    const lost = await world.submit(workflow);
    await world.clock.advance(GRACE_MS);
    await waker.runOnce();
    expect(world.run(lost).generation).toBe(1);
  });

  it('gets past more runs of one instant than a page holds, with a long backlog before them', async () => {
    const { waker } = waking('w1', { batch: 5 });
    for (const runId of await submitMany(100)) world.dispatch(runId);
    await world.clock.advance(GRACE_MS + 5_000);
    for (let pass = 0; pass < 21; pass += 1) await waker.runOnce();
    await world.clock.advance(5_000);
    const lost = await submitMany(23);
    await world.clock.advance(GRACE_MS);
    for (let pass = 0; pass < 5; pass += 1) await waker.runOnce();
    expect(lost.filter((runId) => world.run(runId).generation !== 1)).toEqual([]);
  });

  it('raises each run once however many wakers look', async () => {
    const wakers = ['w1', 'w2', 'w3'].map((id) => waking(id).waker);
    await submitMany(20);
    await world.clock.advance(GRACE_MS);
    const passes = await Promise.all(wakers.map((waker) => waker.runOnce()));
    expect(passes.reduce((sum, { raised }) => sum + raised, 0)).toBe(20);
    expect(world.queueService.jobs.size).toBe(20);
  });

  it('of many wakers one hears of a wipe', async () => {
    await submitMany(5);
    world.queueService.wipe();
    const passes = await Promise.all(['w1', 'w2'].map((id) => waking(id).waker.runOnce()));
    expect(passes.filter(({ wiped }) => wiped)).toHaveLength(1);
  });

  it('dispatches at once what a dead worker held, whatever waits before it, and what it had taken and not claimed', async () => {
    const consumption = world.queueService.consume(() => new Promise(() => undefined), 'dead');
    const taken = await world.launch(workflow);
    consumption.stop();
    for (const runId of await submitMany(20)) world.dispatch(runId);
    const held = await submitMany(7);
    for (const runId of held) Object.assign(world.run(runId), { workerId: 'dead', epoch: 1 });
    const { waker } = waking('w1', { batch: 3 });
    expect(await waker.rescue(['another'])).toBe(0);
    expect(await waker.rescue(['dead'])).toBe(8);
    expect([taken, ...held].map((runId) => world.run(runId).generation)).toEqual(Array.from({ length: 8 }, () => 1));
    expect([...world.queueService.jobs.keys()].filter((id) => id.endsWith('.1'))).toHaveLength(8);
  });

  it('rings once for a dead holder, however many of its runs it finds', async () => {
    const held = await submitMany(7);
    for (const runId of held) Object.assign(world.run(runId), { workerId: 'dead', epoch: 1 });
    const { waker } = waking('w1', { batch: 3, graceMs: 0 });
    while ((await waker.runOnce()).raised > 0);
    expect(held.map((runId) => world.run(runId).generation)).toEqual(held.map(() => 1));
    expect(world.bellService.rung).toEqual([{ kind: 'death', workerId: 'dead' }]);
  });

  it('rings for a worker that it is told is dead, also when the queue is away', async () => {
    const { waker } = waking('w1');
    await waker.rescue(['d1']);
    world.queueService.reachable = false;
    await expect(waker.rescue(['d2'])).rejects.toThrow();
    expect(world.bellService.rung).toEqual(['d1', 'd2'].map((workerId) => ({ kind: 'death', workerId })));
  });

  it('goes on after trouble, at its own pace, until stopped', async () => {
    const worker = waking('w1');
    worker.queue.calls.next('takeWipeNotice', refuse(new Error('away')));
    worker.waker.start();
    await world.clock.advance(3_500);
    await worker.waker.stop();
    expect(worker.told('trouble')).toMatchObject([{ what: 'waker' }]);
    expect(worker.told('wakerPassed')).toHaveLength(3);
    expect(world.clock.pending).toBe(0);
  });
});
