import { beforeEach, describe, expect, it } from '@jest/globals';
import { BatonError, type JsonValue, type NodeContext } from '@baton/core';
import { refuse, World, type SimulatedWorker } from '../../../test/support/in-memory/index.js';

const AWAY = new BatonError('storage_unavailable', 'away');

let world: World;
let entered: NodeContext[];
let finish: (output: JsonValue) => void;

beforeEach(() => {
  world = new World();
  entered = [];
});

/** A worker with one run in work. */
async function working(settings: { ttlMs?: number; renewMs?: number } = {}): Promise<{ worker: SimulatedWorker; runId: string }> {
  const { promise, resolve } = Promise.withResolvers<JsonValue>();
  finish = resolve;
  const handlers = {
    work: (context: NodeContext): Promise<JsonValue> => {
      entered.push(context);
      return promise;
    },
  };
  const worker = await world.worker('w1', { handlers, ...settings }).start();
  const runId = await world.launch(await world.publish('flow', { only: {} }));
  await world.clock.until(() => world.journal(runId).length === 3, 'the node runs');
  return { worker, runId };
}

describe('LeaseKeeper', () => {
  it('keeps the lease for as long as it runs, and ends it with its goodbye', async () => {
    const { worker, runId } = await working();
    await world.clock.advance(60_000);
    expect(world.db.isLive('w1')).toBe(true);
    expect(worker.keeper.isLive()).toBe(true);
    finish(null);
    await world.untilStatus(runId, 'completed');
    await worker.shutDown(0);
    expect(world.db.isLive('w1')).toBe(false);
    expect(world.clock.pending).toBe(0);
  });

  it('says goodbye without an error when the database is away', async () => {
    const worker = await world.worker('w1', { handlers: {} }).start();
    worker.registry.calls.every('expire', refuse(AWAY));
    await worker.keeper.stop();
    expect(worker.told('trouble')).toMatchObject([{ what: 'goodbye' }]);
  });

  it('lets everything go when the lease has ended without its doing, announces itself again, and hands back', async () => {
    const { worker, runId } = await working();
    world.db.workers.get('w1')!.leaseUntil = world.clock.now();
    await world.clock.advance(1_000);
    expect(entered[0]!.signal.aborted).toBe(true);
    expect(worker.told('runLetGo')).toMatchObject([{ reason: 'lease_lost' }]);
    expect(world.db.isLive('w1')).toBe(true);
    await world.clock.advance(1_000);
    expect(world.run(runId)).toMatchObject({ workerId: null, status: 'queued', unproductiveClaims: 0 });
  });

  it('goes on while renewals fail, until the end of the lease', async () => {
    const { worker } = await working({ ttlMs: 5_000, renewMs: 1_000 });
    await world.clock.advance(1_000);
    worker.registry.calls.every('renew', refuse(AWAY));
    await world.clock.advance(4_900);
    expect(worker.keeper.isLive()).toBe(true);
    expect(entered[0]!.signal.aborted).toBe(false);
    await world.clock.advance(100);
    expect(worker.keeper.isLive()).toBe(false);
    expect(entered[0]!.signal.aborted).toBe(true);
  });

  it('lets go at the end of the lease also while a renewal hangs', async () => {
    const { worker } = await working({ ttlMs: 5_000, renewMs: 1_000 });
    worker.registry.calls.hold('renew');
    await world.clock.advance(4_900);
    expect(entered[0]!.signal.aborted).toBe(false);
    await world.clock.advance(200);
    expect(entered[0]!.signal.aborted).toBe(true);
    expect(worker.told('runLetGo')).toMatchObject([{ reason: 'lease_lost' }]);
  });

  it('hears rings for its own runs only', async () => {
    const { worker, runId } = await working();
    const reads = (): number => worker.runs.calls.requests('readSignals').length;
    const before = reads();
    worker.bell.ring([
      { kind: 'inbox', runId, workerId: 'another' },
      { kind: 'journal', runId, taskId: null, seq: 3, ended: false },
      { kind: 'inbox', runId: 'not held', workerId: 'w1' },
    ]);
    await world.clock.settle();
    expect(reads()).toBe(before);
    worker.bell.ring([{ kind: 'inbox', runId, workerId: 'w1' }]);
    await world.clock.settle();
    expect(reads()).toBe(before + 1);
  });

  it('ends the leases of predecessors whose process is gone, of no other', async () => {
    for (const id of ['gone', 'alive']) await world.worker(id, { handlers: {} }).keeper.start(() => false);
    const keeper = world.worker('w1', { handlers: {} }).keeper;
    expect(await keeper.start(({ processStart }) => processStart === 'gone')).toEqual(['gone']);
    expect(['gone', 'alive', 'w1'].map((id) => world.db.isLive(id))).toEqual([false, true, true]);
  });

  it('does not take itself for a predecessor', async () => {
    expect(await world.worker('w1', { handlers: {} }).keeper.start(() => true)).toEqual([]);
    expect(world.db.isLive('w1')).toBe(true);
  });
});
