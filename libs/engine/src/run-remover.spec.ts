import { expect, it } from '@jest/globals';
import { RunRetention, type EndedPlace } from '@baton/core';
import { rememberingObserver, VirtualClock } from '../../../test/support/in-memory/index.js';
import { RunRemover } from './run-remover.js';

const DAY = 86_400_000;

/** Runs by the day of their end, of which one a page can be removed. */
class Shelf extends RunRetention {
  readonly asked: unknown[] = [];
  readonly clearedBefore: number[] = [];
  constructor(private readonly ended: EndedPlace[]) {
    super();
  }
  removeEnded(page: Parameters<RunRetention['removeEnded']>[0]): ReturnType<RunRetention['removeEnded']> {
    this.asked.push(page.after?.runId ?? null);
    const rest = this.ended.filter(({ finishedAt }) => finishedAt < page.before && finishedAt > (page.after?.finishedAt ?? 0));
    const found = rest.slice(0, page.limit);
    return Promise.resolve({ removed: found.length, next: found.length < page.limit ? null : found.at(-1)! });
  }
  remove(): Promise<never> {
    return Promise.reject(new Error('an actor goes by age'));
  }
  clear(before: number): Promise<number> {
    this.clearedBefore.push(before);
    return Promise.resolve(2);
  }
}

const ended = [1, 2, 3, 9].map((day) => ({ finishedAt: day * DAY, runId: `r${day}` }));
function remover(shelf: RunRetention, keepMs: number | null) {
  const observer = rememberingObserver();
  const parts = { retention: shelf, clock: new VirtualClock(10 * DAY), observer, random: () => 0.5 };
  return { observer, remover: new RunRemover(parts, { intervalMs: 1_000, keepMs, pageSize: 1, pages: 2 }) };
}

it('takes away what is old, some pages a pass, and goes on where it ended', async () => {
  const shelf = new Shelf(ended);
  const { remover: actor, observer } = remover(shelf, 5 * DAY);
  expect(await actor.runOnce()).toEqual({ removed: 2, cleared: 2 });
  expect(await actor.runOnce()).toEqual({ removed: 1, cleared: 2 });
  expect(await actor.runOnce()).toEqual({ removed: 2, cleared: 2 });
  expect(shelf.asked).toEqual([null, 'r1', 'r2', 'r3', null, 'r1']);
  expect(observer.told[0]).toEqual({ name: 'runsRemoved', detail: { removed: 2, cleared: 2 } });
});

it('keeps all where nothing else is said, and clears what was taken away before', async () => {
  const shelf = new Shelf(ended);
  expect(await remover(shelf, null).remover.runOnce()).toEqual({ removed: 0, cleared: 2 });
  expect(shelf.asked).toEqual([]);
  // Whoever has just looked a run up may still write some of its rows.
  expect(shelf.clearedBefore).toEqual([10 * DAY - 10 * 60_000]);
});
