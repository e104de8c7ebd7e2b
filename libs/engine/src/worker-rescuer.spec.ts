import { beforeEach, describe, expect, it } from '@jest/globals';
import { BatonError, WorkerPresence, type Attendance, type JsonValue, type NodeContext } from '@baton/core';
import { refuse, World, type SimulatedWorker } from '../../../test/support/in-memory/index.js';
import { WorkerRescuer } from './worker-rescuer.js';

const CONFIRM_MS = 150;
const INTERVAL_MS = 300;

/** What the connections say, as a test sets it. */
class SetPresence extends WorkerPresence {
  present: string[] = ['w1', 'w2'];
  session = 's';
  fault: Error | null = null;

  async look(): Promise<Attendance | null> {
    if (this.fault !== null) throw this.fault;
    return { session: this.session, present: new Set(this.present), workers: this.present.length };
  }
}

let world: World;
let presence: SetPresence;
let fate: ReturnType<ConstructorParameters<typeof WorkerRescuer>[0]['fateOf']>;
let w1: SimulatedWorker;

beforeEach(() => {
  world = new World();
  presence = new SetPresence();
  fate = 'unknown';
});

function rescuerOf(worker: SimulatedWorker): WorkerRescuer {
  const { registry, waker, observer } = worker;
  const fateOf = (): typeof fate => fate;
  return new WorkerRescuer(
    { presence, registry, waker, fateOf, clock: world.clock, observer, random: () => 0.5 },
    { workerId: worker.id, intervalMs: INTERVAL_MS, confirmMs: CONFIRM_MS },
  );
}

/** Two workers; w2 has a run in work. Returns the rescuer of w1. */
async function twoWorkers(): Promise<{ rescuer: WorkerRescuer; w2: SimulatedWorker; runId: string }> {
  const untilAborted = ({ signal }: NodeContext): Promise<JsonValue> =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
  const handlers = { work: untilAborted };
  const w2 = await world.worker('w2', { handlers }).start();
  const runId = await world.launch(await world.publish('flow', { only: {} }));
  await world.clock.until(() => world.run(runId).workerId === 'w2', 'w2 has the run');
  w1 = await world.worker('w1', { handlers }).start();
  const rescuer = rescuerOf(w1);
  expect(await rescuer.runOnce()).toBe(INTERVAL_MS);
  return { rescuer, w2, runId };
}

const rescued = (): unknown[] => w1.told('workerRescued');

describe('WorkerRescuer', () => {
  it('takes over at once from a worker whose connections and process are gone', async () => {
    const { rescuer, w2, runId } = await twoWorkers();
    w2.crash();
    presence.present = ['w1'];
    fate = 'gone';
    await rescuer.runOnce();
    await world.clock.until(() => world.run(runId).workerId === 'w1', 'w1 has the run', 1_000);
    expect(world.run(runId)).toMatchObject({ epoch: 2, generation: 1 });
    expect(rescued()).toEqual([{ workerId: 'w2', sign: 'process', raised: 1 }]);
    expect(await rescuer.runOnce()).toBe(INTERVAL_MS);
  });

  it('rings once for a worker that was killed, whoever else has found it', async () => {
    const { rescuer, w2 } = await twoWorkers();
    const other = rescuerOf(await world.worker('w3', { handlers: {} }).start());
    await other.runOnce();
    w2.crash();
    presence.present = ['w1', 'w3'];
    fate = 'gone';
    await Promise.all([rescuer.runOnce(), other.runOnce()]);
    await Promise.all([rescuer.runOnce(), other.runOnce()]);
    const deaths = world.bellService.rung.filter(({ kind }) => kind === 'death');
    expect(deaths).toEqual([{ kind: 'death', workerId: 'w2' }]);
  });

  it('looks twice where nothing but the connections tells', async () => {
    const { rescuer, w2, runId } = await twoWorkers();
    w2.crash();
    presence.present = ['w1'];
    expect(await rescuer.runOnce()).toBe(CONFIRM_MS);
    expect(world.db.isLive('w2')).toBe(true);
    expect(await rescuer.runOnce()).toBe(INTERVAL_MS);
    await world.clock.until(() => world.run(runId).workerId === 'w1', 'w1 has the run', 1_000);
    expect(rescued()).toEqual([{ workerId: 'w2', sign: 'connections', raised: 1 }]);
  });

  it('lets a worker be that is back at the second look, or whose process lives', async () => {
    const { rescuer } = await twoWorkers();
    presence.present = ['w1'];
    await rescuer.runOnce();
    presence.present = ['w1', 'w2'];
    expect(await rescuer.runOnce()).toBe(INTERVAL_MS);
    presence.present = ['w1'];
    fate = 'alive';
    expect(await rescuer.runOnce()).toBe(CONFIRM_MS);
    expect(await rescuer.runOnce()).toBe(INTERVAL_MS);
    expect(world.db.isLive('w2')).toBe(true);
    expect(rescued()).toEqual([]);
  });

  it('ends no lease that is renewed while it looks, and looks again', async () => {
    const { rescuer } = await twoWorkers();
    presence.present = ['w1'];
    fate = 'gone';
    w1.registry.calls.next('expire', { before: () => void (world.db.workers.get('w2')!.leaseUntil += 1) });
    expect(await rescuer.runOnce()).toBe(CONFIRM_MS);
    expect(rescued()).toEqual([]);
    await rescuer.runOnce();
    expect(rescued()).toHaveLength(1);
  });

  it('kills nobody for an outage of Redis or of its own connection', async () => {
    const { rescuer } = await twoWorkers();
    presence.present = [];
    presence.session = 'another';
    fate = 'gone';
    expect(await rescuer.runOnce()).toBe(INTERVAL_MS);
    expect(await rescuer.runOnce()).toBe(INTERVAL_MS);
    expect(world.db.isLive('w2')).toBe(true);
  });

  it('is not concerned about APIs, about who has said goodbye, or about itself', async () => {
    const { rescuer, w2 } = await twoWorkers();
    presence.present = ['w1', 'w2', 'api'];
    await rescuer.runOnce();
    const goodbye = w2.shutDown(0);
    await world.clock.advance(100);
    await goodbye;
    presence.present = [];
    fate = 'gone';
    expect(await rescuer.runOnce()).toBe(INTERVAL_MS);
    expect(rescued()).toEqual([]);
    expect(world.db.isLive('w1')).toBe(true);
  });

  it('is a harmless mistake where the worker lives: it is fenced, lets go and goes on', async () => {
    const { rescuer, w2, runId } = await twoWorkers();
    presence.present = ['w1'];
    fate = 'gone';
    await rescuer.runOnce();
    expect(world.db.isLive('w2')).toBe(false);
    w1.waker.start();
    await world.clock.until(() => world.run(runId).epoch > 1 && world.run(runId).workerId !== null, 'the run is claimed', 6_000);
    await world.clock.until(() => w2.told('runLetGo').length > 0, 'w2 has let go', 2_000);
    await world.clock.until(() => world.db.isLive('w2'), 'w2 is there again', 2_000);
    await w1.waker.stop();
    const epochs = world.journal(runId).map(({ epoch }) => epoch);
    expect(epochs).toEqual(epochs.toSorted((left, right) => left - right));
  });

  it('takes up what predecessors have left, and begins also where the queue is away', async () => {
    const { rescuer, w2, runId } = await twoWorkers();
    w2.crash();
    await w1.registry.expire('w2');
    world.queueService.reachable = false;
    await rescuer.takeUp(['w2']);
    expect(w1.told('trouble')).toMatchObject([{ what: 'rescue' }]);
    world.queueService.reachable = true;
    await rescuer.takeUp(['w2']);
    await world.clock.until(() => world.run(runId).workerId === 'w1', 'w1 has the run', 1_000);
  });

  it('looks the less often the more workers there are', async () => {
    const { rescuer } = await twoWorkers();
    presence.present = Array.from({ length: 30 }, (_, index) => `w${index}`);
    expect(await rescuer.runOnce()).toBe(INTERVAL_MS * 10);
  });

  it('goes on after trouble, and stops when it is told to', async () => {
    const { rescuer } = await twoWorkers();
    presence.fault = new Error('not allowed');
    rescuer.start();
    await world.clock.advance(2 * INTERVAL_MS);
    expect(w1.told('trouble').length).toBeGreaterThan(1);
    presence.fault = null;
    presence.session = 'new';
    await world.clock.advance(INTERVAL_MS);
    presence.present = ['w1'];
    fate = 'gone';
    w1.registry.calls.next('list', refuse(new BatonError('storage_unavailable', 'away')));
    await world.clock.advance(3 * INTERVAL_MS);
    expect(rescued()).toHaveLength(1);
    await rescuer.stop();
  });

  it('does nothing where it is switched off', async () => {
    const { waker, registry, observer } = (w1 = world.worker('w1', { handlers: {} }));
    const parts = { presence, registry, waker, fateOf: () => fate, clock: world.clock, observer, random: () => 0.5 };
    const rescuer = new WorkerRescuer(parts, { workerId: 'w1', intervalMs: 0, confirmMs: CONFIRM_MS });
    presence.fault = new Error('must not be asked');
    rescuer.start();
    await world.clock.advance(1_000);
    await rescuer.stop();
    expect(w1.told('trouble')).toEqual([]);
  });
});
