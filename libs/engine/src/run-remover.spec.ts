import { describe, expect, it } from '@jest/globals';
import { RunRetention, type CreatedPlace, type RetentionTerms } from '@baton/core';
import { rememberingObserver, VirtualClock } from '../../../test/support/in-memory/index.js';
import { RunRemover } from './run-remover.js';

const DAY = 86_400_000;

/** Runs of tenants by the day of their end, `r1` of the first. */
class Shelf extends RunRetention {
  readonly asked: string[] = [];
  readonly clearedBefore: number[] = [];
  constructor(private readonly days: Record<string, number[]>) {
    super();
  }
  left(): string[] {
    return Object.entries(this.days).flatMap(([tenantId, days]) => days.map((day) => `${tenantId} ${day}`));
  }
  nextTenant(after: string): Promise<string | null> {
    return Promise.resolve(
      Object.keys(this.days)
        .sort()
        .find((tenantId) => tenantId > after) ?? null,
    );
  }
  findEnded({ tenantId, before, after, limit }: Parameters<RunRetention['findEnded']>[0]): ReturnType<RunRetention['findEnded']> {
    this.asked.push(`${tenantId} ${after?.runId ?? ''}`.trim());
    const rest = (this.days[tenantId] ?? []).filter((day) => day * DAY < before && day * DAY > (after?.createdAt ?? 0));
    const found = rest.slice(0, limit);
    const runs = found.map((day) => ({ runId: `r${day}`, tenantId, taskId: null, isCounted: true }));
    const place = (day: number): CreatedPlace => ({ createdAt: day * DAY, runId: `r${day}` });
    return Promise.resolve({ runs, next: found.length < limit ? null : place(found.at(-1)!) });
  }
  takeAway(runs: Parameters<RunRetention['takeAway']>[0]): Promise<void> {
    for (const { tenantId, runId } of runs) this.days[tenantId] = this.days[tenantId]!.filter((day) => `r${day}` !== runId);
    return Promise.resolve();
  }
  remove(): Promise<never> {
    return Promise.reject(new Error('an actor goes by age'));
  }
  clear(before: number): Promise<number> {
    this.clearedBefore.push(before);
    return Promise.resolve(2);
  }
}

function remover(shelf: RunRetention, terms: Partial<RetentionTerms>, bounds: { pages?: number; runs?: number } = {}) {
  const observer = rememberingObserver();
  const parts = { retention: shelf, clock: new VirtualClock(10 * DAY), observer, random: () => 0.5 };
  const options = { intervalMs: 1_000, pageSize: 1, pages: 100, runs: 100, ...bounds };
  return { observer, remover: new RunRemover(parts, { ...options, terms: { keepMs: null, tenants: new Map(), ...terms } }) };
}

it('takes away what is old, some pages a pass, and goes on where it ended', async () => {
  const shelf = new Shelf({ a: [1, 2, 3, 9] });
  const { remover: actor, observer } = remover(shelf, { keepMs: 5 * DAY }, { pages: 2 });
  expect(await actor.runOnce()).toEqual({ removed: 2, cleared: 2 });
  expect(await actor.runOnce()).toEqual({ removed: 1, cleared: 2 });
  expect(await actor.runOnce()).toEqual({ removed: 0, cleared: 2 });
  expect(shelf.asked).toEqual(['a', 'a r1', 'a r2', 'a r3', 'a']);
  expect(shelf.left()).toEqual(['a 9']);
  expect(observer.told[0]).toEqual({ name: 'runsRemoved', detail: { removed: 2, cleared: 2 } });
});

it('goes on with the next pass where it has taken away enough', async () => {
  const shelf = new Shelf({ a: [1, 2], b: [3, 4] });
  const { remover: actor } = remover(shelf, { keepMs: 5 * DAY }, { runs: 3 });
  expect(await actor.runOnce()).toEqual({ removed: 3, cleared: 2 });
  expect(shelf.left()).toEqual(['b 4']);
  expect(await actor.runOnce()).toEqual({ removed: 1, cleared: 2 });
});

it('keeps all where nothing else is said, and clears what was taken away before', async () => {
  const shelf = new Shelf({ a: [1, 2] });
  expect(await remover(shelf, {}).remover.runOnce()).toEqual({ removed: 0, cleared: 2 });
  expect(shelf.asked).toEqual([]);
  // Whoever has just looked a run up may still write some of its rows.
  expect(shelf.clearedBefore).toEqual([10 * DAY - 10 * 60_000]);
});

describe('the runs of each tenant', () => {
  const days = () => ({ a: [1, 4, 9], b: [1, 4, 9], c: [1, 4, 9], d: [1, 4, 9] });
  const tenants = new Map([
    ['a', 2 * DAY],
    ['b', null],
    ['c', 8 * DAY],
    ['nobody', 1 * DAY],
  ]);

  it('are kept as long as it says, and of others as long as is said for all', async () => {
    const shelf = new Shelf(days());
    expect(await remover(shelf, { keepMs: 5 * DAY, tenants }).remover.runOnce()).toMatchObject({ removed: 5 });
    expect(shelf.left()).toEqual(['a 9', 'b 1', 'b 4', 'b 9', 'c 4', 'c 9', 'd 9']);
    expect(shelf.asked).not.toContain('b');
  });

  it('are kept for ever where only others say something', async () => {
    const shelf = new Shelf(days());
    expect(await remover(shelf, { tenants }).remover.runOnce()).toMatchObject({ removed: 3 });
    expect(shelf.left()).toEqual(['a 9', 'b 1', 'b 4', 'b 9', 'c 4', 'c 9', 'd 1', 'd 4', 'd 9']);
  });
});
