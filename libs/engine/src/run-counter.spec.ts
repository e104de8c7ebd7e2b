import { beforeEach, describe, expect, it } from '@jest/globals';
import type { WorkflowRef } from '@baton/core';
import { MemoryRunTally, World, rememberingObserver } from '../../../test/support/in-memory/index.js';
import { RunCounter } from './run-counter.js';

const MINUTE_MS = 60_000;

let world: World;
let workflow: WorkflowRef;

beforeEach(async () => {
  world = new World();
  workflow = await world.publish('flow', { only: {} });
  await world.worker('w1', { handlers: { work: () => null } }).start();
});

function counting(batch = 100): { counter: RunCounter; tally: MemoryRunTally; told: () => unknown[] } {
  const tally = new MemoryRunTally(world.db);
  const observer = rememberingObserver();
  const counter = new RunCounter({ tally, observer, clock: world.clock, random: () => 0.5 }, { intervalMs: 5_000, batch });
  const told = (): unknown[] => observer.told.filter(({ name }) => name === 'runsCounted').map(({ detail }) => detail);
  return { counter, tally, told };
}

async function endedRuns(count: number): Promise<string[]> {
  const runIds: string[] = [];
  for (let n = 0; n < count; n += 1) runIds.push(await world.launch(workflow));
  for (const runId of runIds) await world.untilStatus(runId, 'completed');
  return runIds;
}

const isCounted = (runId: string): boolean => world.db.counted.runIds.has(runId);

describe('RunCounter', () => {
  it('counts what has ended, a minute later, and nothing twice', async () => {
    const { counter, told } = counting();
    const runIds = await endedRuns(3);
    expect(await counter.runOnce()).toEqual({ runs: 0, late: 0 });
    await world.clock.advance(MINUTE_MS);
    expect(await counter.runOnce()).toEqual({ runs: 3, late: 0 });
    expect(runIds.every(isCounted)).toBe(true);
    expect(await counter.runOnce()).toEqual({ runs: 0, late: 0 });
    expect(told()).toHaveLength(3);
  });

  it('writes nothing where nothing has ended', async () => {
    const { counter, tally } = counting();
    await endedRuns(1);
    await world.clock.advance(MINUTE_MS);
    await counter.runOnce();
    const before = world.db.counted.to;
    await world.clock.advance(10 * MINUTE_MS);
    await counter.runOnce();
    expect(world.db.counted.to).toBe(before);
    expect(tally.calls.requests<string[]>('count').filter((runIds) => runIds.length > 0)).toHaveLength(1);
  });

  it('counts each run once where many count, and goes on where another has come to', async () => {
    const [one, other] = [counting(2), counting(2)];
    await endedRuns(5);
    await world.clock.advance(MINUTE_MS);
    const passes = await Promise.all([one.counter.runOnce(), other.counter.runOnce()]);
    expect(passes.reduce((sum, { runs }) => sum + runs, 0)).toBe(5);
    const third = counting();
    await third.counter.runOnce();
    expect(third.tally.calls.requests<{ after: { finishedAt: number } }>('endedRuns')[0]!.after.finishedAt).toBe(
      world.db.counted.to,
    );
  });

  it('does a bounded amount of work in a pass, also where all runs ended in one instant', async () => {
    const { counter } = counting(1);
    const runIds = await endedRuns(22);
    for (const runId of runIds) world.run(runId).finishedAt = 1_000;
    await world.clock.advance(MINUTE_MS);
    expect(await counter.runOnce()).toMatchObject({ runs: 20 });
    expect(await counter.runOnce()).toMatchObject({ runs: 2 });
  });

  it('finds what was passed by', async () => {
    const { counter, told } = counting();
    const [late] = await endedRuns(1);
    const endedAt = world.run(late!).finishedAt!;
    world.run(late!).finishedAt = null;
    await world.clock.advance(1_000);
    await endedRuns(1);
    await world.clock.advance(MINUTE_MS);
    await counter.runOnce();
    world.run(late!).finishedAt = endedAt;
    expect(await counter.runOnce()).toEqual({ runs: 1, late: 1 });
    expect(isCounted(late!)).toBe(true);
    expect(told().at(-1)).toEqual({ runs: 1, late: 1 });
  });

  it('passes again and again', async () => {
    const { counter, told } = counting();
    counter.start();
    await world.clock.advance(12_000);
    await counter.stop();
    expect(told()).toHaveLength(3);
  });
});
