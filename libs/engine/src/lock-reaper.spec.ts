import { beforeEach, describe, expect, it } from '@jest/globals';
import type { HeldLock, WorkflowRef } from '@baton/core';
import { World, type SimulatedWorker } from '../../../test/support/in-memory/index.js';
import { LockReaper } from './lock-reaper.js';

const TASK = 't1';
const KEY = `task:${TASK}:lock`;

let world: World;
let workflow: WorkflowRef;

beforeEach(async () => {
  world = new World();
  workflow = await world.publish('flow', { only: {} });
  await world.createTask(TASK);
});

const forever = (): Promise<never> => new Promise(() => undefined);
const worker = (id: string): SimulatedWorker => world.worker(id, { handlers: { work: forever } });

function reaper(by: SimulatedWorker, pages = 10, pageSize = 100): LockReaper {
  const { locks, runs, registry, observer } = by;
  return new LockReaper(
    { locks, runs, registry, observer, clock: world.clock, random: () => 0.5 },
    { intervalMs: 10_000, pages, pageSize },
  );
}

async function held(by: SimulatedWorker, key = KEY, kind: 'worker' | 'api' = 'worker'): Promise<HeldLock> {
  const outcome = await by.locks.acquire({ key, holder: { kind, id: by.id }, operation: 'advance' });
  if (outcome.kind !== 'acquired') throw new Error(`the lock is ${outcome.kind}`);
  return outcome.lock;
}

/** A worker that died with a run of the task in its hands, lock and all. */
async function deadHolder(): Promise<string> {
  const holder = await worker('dead').start();
  const runId = await world.launch(workflow, null, TASK);
  await world.clock.until(() => world.run(runId).workerId === 'dead', 'the run is claimed');
  holder.crash();
  return runId;
}

describe('LockReaper', () => {
  it('frees the lock of a run that has ended, whose holder died before it could', async () => {
    const holder = await worker('dead').start();
    const lock = await held(holder);
    holder.crash();
    expect(world.lockService.get(lock.key)).not.toBeNull();
    expect(await reaper(await worker('w1').start()).runOnce()).toEqual({ seen: 1, freed: 1 });
    expect(await world.api('a1').locks.peek(KEY)).toEqual({ kind: 'free' });
  });

  it('frees the lock of a run that has ended also where its holder lives, and could not', async () => {
    const holder = await worker('w1').start();
    await held(holder);
    await held(holder, 'run:gone:lock');
    expect(await reaper(holder).runOnce()).toEqual({ seen: 2, freed: 2 });
  });

  it('leaves alone a live holder of a live run, also before its claim', async () => {
    const holder = await worker('w1').start();
    const runId = await world.launch(workflow, null, TASK);
    await world.clock.until(() => world.run(runId).workerId === 'w1', 'the run is claimed');
    const other = await worker('w2').start();
    expect(await reaper(other).runOnce()).toEqual({ seen: 1, freed: 0 });
    world.run(runId).workerId = null;
    expect(await reaper(other).runOnce()).toEqual({ seen: 1, freed: 0 });
    expect(holder.told('runLetGo')).toEqual([]);
  });

  it('leaves the lock of a dead holder to whoever takes its run over, and frees it once another has the run', async () => {
    const runId = await deadHolder();
    await world.clock.advance(6_000);
    const other = await worker('w2').start();
    expect(await reaper(other).runOnce()).toEqual({ seen: 1, freed: 0 });
    world.run(runId).workerId = 'w2';
    expect(await reaper(other).runOnce()).toEqual({ seen: 1, freed: 1 });
  });

  it('never takes the lock from who has it by now, whatever was true when it looked', async () => {
    const holder = await worker('w1').start();
    const first = await held(holder);
    const other = await worker('w2').start();
    let second: HeldLock | null = null;
    other.runs.calls.next('liveRuns', {
      after: async () => {
        await first.release();
        await world.submit(workflow, null, TASK);
        second = await held(holder);
      },
    });
    expect(await reaper(other).runOnce()).toEqual({ seen: 1, freed: 0 });
    expect(second!.isValid()).toBe(true);
  });

  it('leaves submitters alone, and keys that are none of ours', async () => {
    const api = worker('a1');
    await held(api, KEY, 'api');
    world.lockService.set('other:x:lock', 'worker/w9:1');
    world.lockService.set('task:x:lock', 'what?');
    expect(await reaper(await worker('w1').start()).runOnce()).toEqual({ seen: 3, freed: 0 });
  });

  it('goes through the locks page by page, some in each pass', async () => {
    const holder = await worker('w1').start();
    for (let n = 0; n < 25; n += 1) await held(holder, `run:${String(n).padStart(2, '0')}:lock`);
    const some = reaper(holder, 2, 5);
    expect([await some.runOnce(), await some.runOnce(), await some.runOnce()]).toEqual([
      { seen: 10, freed: 10 },
      { seen: 10, freed: 10 },
      { seen: 5, freed: 5 },
    ]);
  });

  it('does nothing while the lock service is away', async () => {
    const holder = await worker('w1').start();
    await held(holder);
    world.lockService.reachable = false;
    expect(await reaper(holder).runOnce()).toEqual({ seen: 0, freed: 0 });
  });

  it('frees each lock once however many reapers look', async () => {
    const holder = await worker('w1').start();
    await held(holder);
    const passes = await Promise.all([worker('w2'), worker('w3'), worker('w4')].map((each) => reaper(each).runOnce()));
    expect(passes.reduce((sum, { freed }) => sum + freed, 0)).toBe(1);
  });

  it('passes again and again, and tells of each', async () => {
    const holder = await worker('w1').start();
    const loop = reaper(holder);
    loop.start();
    await world.clock.advance(25_000);
    await loop.stop();
    expect(holder.told('locksReaped')).toHaveLength(3);
  });
});
