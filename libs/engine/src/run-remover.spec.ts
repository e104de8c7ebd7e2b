import { describe, expect, it } from '@jest/globals';
import {
  BatonError,
  RunArchive,
  RunRetention,
  type ClearedRuns,
  type CreatedPlace,
  type RemovableRun,
  type RetentionTerms,
  type UnarchivedRun,
} from '@baton/core';
import { rememberingObserver, VirtualClock } from '../../../test/support/in-memory/index.js';
import { RunRemover } from './run-remover.js';

const DAY = 86_400_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;

/** Runs of tenants by the day of their end, `r1` of the first. */
class Shelf extends RunRetention {
  readonly asked: string[] = [];
  readonly clearedBefore: number[] = [];
  /** Removed runs whose rows are still there. */
  rows = 0;
  readonly unarchived: UnarchivedRun[] = [];
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
  findEnded({
    tenantId,
    before,
    unarchivedSince,
    after,
    limit,
  }: Parameters<RunRetention['findEnded']>[0]): ReturnType<RunRetention['findEnded']> {
    this.asked.push(`${tenantId} ${after?.runId ?? ''}`.trim());
    const rest = (this.days[tenantId] ?? []).filter((day) => day * DAY < before && day * DAY > (after?.createdAt ?? 0));
    const found = rest.slice(0, limit);
    const resting = this.unarchived.filter(({ at }) => at >= unarchivedSince).map(({ runId }) => runId);
    const tried = found.filter((day) => !resting.includes(`r${day}`));
    const runs = tried.map((day) => ({ runId: `r${day}`, tenantId, taskId: null, isCounted: true }));
    const place = (day: number): CreatedPlace => ({ createdAt: day * DAY, runId: `r${day}` });
    return Promise.resolve({ runs, next: found.length < limit ? null : place(found.at(-1)!) });
  }
  takeAway(runs: Parameters<RunRetention['takeAway']>[0]): Promise<void> {
    for (const { tenantId, runId } of runs) this.days[tenantId] = this.days[tenantId]!.filter((day) => `r${day}` !== runId);
    return Promise.resolve();
  }
  reportUnarchived(run: UnarchivedRun): Promise<void> {
    this.unarchived.push(run);
    return Promise.resolve();
  }
  findUnarchived(): Promise<UnarchivedRun[]> {
    return Promise.resolve(this.unarchived);
  }
  remove(): Promise<never> {
    return Promise.reject(new Error('an actor goes by age'));
  }
  clear(before: number, limit: number): Promise<ClearedRuns> {
    this.clearedBefore.push(before);
    const cleared = Math.min(this.rows, limit);
    this.rows -= cleared;
    return Promise.resolve({ cleared, isMore: this.rows > 0 });
  }
}

interface Changes {
  pages?: number;
  pageSize?: number;
  runs?: number;
  clearedRuns?: number;
  archivedAtOnce?: number;
  archive?: RunArchive;
}

function remover(shelf: RunRetention, terms: Partial<RetentionTerms>, { archive, ...bounds }: Changes = {}) {
  const observer = rememberingObserver();
  const clock = new VirtualClock(10 * DAY);
  const parts = { retention: shelf, archive: archive ?? null, clock, observer, random: () => 0.5 };
  const options = { intervalMs: MINUTE, pageSize: 1, pages: 100, runs: 100, clearedRuns: 2, archivedAtOnce: 2, ...bounds };
  return {
    clock,
    observer,
    remover: new RunRemover(parts, { ...options, terms: { keepMs: null, tenants: new Map(), ...terms } }),
  };
}

it('takes away what is old, some pages a pass, and goes on where it ended', async () => {
  const shelf = new Shelf({ a: [1, 2, 3, 9] });
  const { remover: actor, observer } = remover(shelf, { keepMs: 5 * DAY }, { pages: 2 });
  expect(await actor.removeOnce()).toEqual({ removed: 2, archived: 0 });
  expect(await actor.removeOnce()).toEqual({ removed: 1, archived: 0 });
  expect(await actor.removeOnce()).toEqual({ removed: 0, archived: 0 });
  expect(shelf.asked).toEqual(['a', 'a r1', 'a r2', 'a r3', 'a']);
  expect(shelf.left()).toEqual(['a 9']);
  expect(observer.told[0]).toEqual({ name: 'runsRemoved', detail: { removed: 2, archived: 0, cleared: 0 } });
});

it('goes on with the next pass where it has taken away enough', async () => {
  const shelf = new Shelf({ a: [1, 2], b: [3, 4] });
  const { remover: actor } = remover(shelf, { keepMs: 5 * DAY }, { runs: 3 });
  expect(await actor.removeOnce()).toEqual({ removed: 3, archived: 0 });
  expect(shelf.left()).toEqual(['b 4']);
  expect(await actor.removeOnce()).toEqual({ removed: 1, archived: 0 });
});

it('keeps all where nothing else is said, and clears what was taken away before', async () => {
  const shelf = new Shelf({ a: [1, 2] });
  shelf.rows = 3;
  const { remover: actor, observer } = remover(shelf, {});
  expect(await actor.removeOnce()).toEqual({ removed: 0, archived: 0 });
  expect(shelf.asked).toEqual([]);
  expect(await actor.clearOnce()).toEqual({ cleared: 2, isMore: true });
  expect(observer.told.at(-1)).toEqual({ name: 'runsRemoved', detail: { removed: 0, archived: 0, cleared: 2 } });
  // Whoever has just looked a run up may still write some of its rows.
  expect(shelf.clearedBefore).toEqual([10 * DAY - 10 * MINUTE]);
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
    expect(await remover(shelf, { keepMs: 5 * DAY, tenants }).remover.removeOnce()).toMatchObject({ removed: 5 });
    expect(shelf.left()).toEqual(['a 9', 'b 1', 'b 4', 'b 9', 'c 4', 'c 9', 'd 9']);
    expect(shelf.asked).not.toContain('b');
  });

  it('are kept for ever where only others say something', async () => {
    const shelf = new Shelf(days());
    expect(await remover(shelf, { tenants }).remover.removeOnce()).toMatchObject({ removed: 3 });
    expect(shelf.left()).toEqual(['a 9', 'b 1', 'b 4', 'b 9', 'c 4', 'c 9', 'd 1', 'd 4', 'd 9']);
  });
});

describe('with more than one pass takes', () => {
  const many = () => Array.from({ length: 500 }, (_none, index) => (index + 1) / 1_000);
  const terms = { keepMs: 5 * DAY };

  it('removes and clears all of it before the next look, and then waits for that', async () => {
    const shelf = new Shelf({ a: many().slice(1), b: many().slice(1) });
    shelf.rows = 1_000;
    const { remover: actor, clock } = remover(shelf, terms, { runs: 10, pageSize: 10, clearedRuns: 10 });
    actor.start();
    await clock.advance(MINUTE / 2);
    expect([shelf.left(), shelf.rows]).toEqual([[], 0]);
    // No further round, though the last pass has taken something away.
    expect([shelf.asked.length, shelf.clearedBefore.length]).toEqual([2 * 50, 100]);
    await actor.stop();
    expect(clock.pending).toBe(0);
  });

  it('leaves the database to others for as long as a pass took', async () => {
    const shelf = new Shelf({});
    shelf.rows = 10;
    const { remover: actor, clock } = remover(shelf, {});
    const { clear } = shelf;
    const begun: number[] = [];
    shelf.clear = async (...page) => {
      begun.push(clock.now() - 10 * DAY);
      await clock.sleep(300);
      return await clear.apply(shelf, page);
    };
    actor.start();
    await clock.advance(MINUTE / 2);
    expect(begun).toEqual([0, 600, 1_200, 1_800, 2_400]);
    await actor.stop();
  });

  it('ends with the pass in work when it is stopped', async () => {
    const shelf = new Shelf({ a: many() });
    shelf.rows = 500;
    const { remover: actor, clock } = remover(shelf, terms, { runs: 10, pageSize: 10, clearedRuns: 10 });
    actor.start();
    await clock.settle();
    await actor.stop();
    await clock.advance(MINUTE * 2);
    expect([shelf.left().length, shelf.rows]).toEqual([490, 490]);
  });

  it('ends in the middle of a page when it is stopped', async () => {
    const shelf = new Shelf({ a: many() });
    const { remover: actor, clock } = remover(shelf, terms, { pageSize: 500, runs: 500 });
    const { takeAway } = shelf;
    const sizes: number[] = [];
    shelf.takeAway = async (runs) => {
      sizes.push(runs.length);
      await clock.sleep(10);
      await takeAway.call(shelf, runs);
    };
    actor.start();
    await clock.advance(15);
    const stopped = actor.stop();
    await clock.advance(MINUTE);
    await stopped;
    expect(sizes).toEqual([50, 50]);
    expect(shelf.left().length).toBe(400);
  });

  it('waits for the next look where a pass fails, or takes nothing away', async () => {
    const shelf = new Shelf({ a: many() });
    const { remover: actor, clock, observer } = remover(shelf, terms, { pages: 3 });
    let clears = 0;
    shelf.clear = () => {
      clears += 1;
      return clears === 1 ? Promise.resolve({ cleared: 2, isMore: true }) : Promise.reject(new Error('no answer'));
    };
    shelf.findEnded = (page) => {
      shelf.asked.push('a');
      return Promise.resolve({ runs: [], next: { createdAt: page.before, runId: 'r' } });
    };
    actor.start();
    await clock.advance(MINUTE / 2);
    expect(shelf.asked.length).toBe(3);
    expect(observer.told.filter(({ name }) => name === 'trouble').length).toBe(1);
    await actor.stop();
  });
});

describe('with an archive', () => {
  /** Keeps what is not said to fail, and looks at each moment whether the run is still there. */
  class Archive extends RunArchive {
    readonly kept: string[] = [];
    readonly tried: string[] = [];
    atOnce = 0;
    mostAtOnce = 0;
    constructor(
      private readonly shelf: Shelf,
      readonly fails: Map<string, Error | 'gone'> = new Map(),
    ) {
      super();
    }
    async keep({ runId, tenantId }: RemovableRun): Promise<boolean> {
      this.mostAtOnce = Math.max(this.mostAtOnce, (this.atOnce += 1));
      await Promise.resolve();
      this.atOnce -= 1;
      expect(this.shelf.left()).toContain(`${tenantId} ${runId.slice(1)}`);
      this.tried.push(runId);
      const failure = this.fails.get(runId);
      if (failure instanceof Error) throw failure;
      if (failure !== 'gone') this.kept.push(runId);
      return failure === undefined;
    }
  }
  const days = Array.from({ length: 20 }, (_none, index) => (index + 1) / 10);
  const terms = { keepMs: 5 * DAY };

  it('takes a run away once it is kept there', async () => {
    const shelf = new Shelf({ a: [...days] });
    const archive = new Archive(shelf);
    const { remover: actor, observer } = remover(shelf, terms, { archive, pageSize: 100 });
    expect(await actor.removeOnce()).toEqual({ removed: 20, archived: 20 });
    expect([shelf.left(), archive.kept.length]).toEqual([[], 20]);
    expect(observer.told.map(({ name }) => name)).toEqual(['runsRemoved']);
  });

  it.each([1, 2, 5])('archives %i at once, where it is to', async (archivedAtOnce) => {
    const shelf = new Shelf({ a: [...days] });
    const archive = new Archive(shelf);
    await remover(shelf, terms, { archive, archivedAtOnce, pageSize: 100 }).remover.removeOnce();
    expect([archive.kept.length, archive.mostAtOnce]).toEqual([20, archivedAtOnce]);
  });

  it('gives up what it archives when it is stopped, which is no failure, and takes away what it has archived', async () => {
    const shelf = new Shelf({ a: [1, 2, 3] });
    class Slow extends RunArchive {
      readonly waiting: string[] = [];
      keep({ runId }: RemovableRun, signal?: AbortSignal): Promise<boolean> {
        if (runId === 'r1') return Promise.resolve(true);
        this.waiting.push(runId);
        return new Promise((_kept, giveUp) => {
          signal!.addEventListener('abort', () => giveUp(signal!.reason as Error));
        });
      }
    }
    const archive = new Slow();
    const { remover: actor, clock, observer } = remover(shelf, terms, { archive, pageSize: 100 });
    actor.start();
    await clock.settle();
    expect([archive.waiting, shelf.left()]).toEqual([['r2'], ['a 1', 'a 2', 'a 3']]);
    await actor.stop();
    expect([archive.waiting, shelf.left()]).toEqual([['r2'], ['a 2', 'a 3']]);
    expect([shelf.unarchived, observer.told.filter(({ name }) => name !== 'runsRemoved')]).toEqual([[], []]);
  });

  it('leaves one that cannot be kept, which is told and written down, and takes the others', async () => {
    const shelf = new Shelf({ a: [1, 2, 3] });
    const error = new BatonError('payload_not_found', 'It is not there.');
    const archive = new Archive(shelf, new Map<string, Error | 'gone'>([['r2', error]]));
    const { remover: actor, observer } = remover(shelf, terms, { archive });
    expect(await actor.removeOnce()).toEqual({ removed: 2, archived: 2 });
    expect(shelf.left()).toEqual(['a 2']);
    expect(observer.told[0]).toEqual({ name: 'runNotArchived', detail: { runId: 'r2', error } });
    expect(shelf.unarchived).toEqual([{ runId: 'r2', tenantId: 'a', detail: 'It is not there.', at: 10 * DAY }]);
  });

  it('leaves one to whom somebody else has seen', async () => {
    const shelf = new Shelf({ a: [1, 2] });
    const archive = new Archive(shelf, new Map<string, Error | 'gone'>([['r1', 'gone']]));
    expect(await remover(shelf, terms, { archive }).remover.removeOnce()).toMatchObject({ removed: 1 });
    expect([shelf.left(), shelf.unarchived]).toEqual([['a 1'], []]);
  });

  it('ends its pass where the archive is away, and removes nothing until it is back', async () => {
    const shelf = new Shelf({ a: [...days], b: [1] });
    const away = new BatonError('storage_unavailable', 'S3 does not do PUT.');
    const all = [...days, 1].map((day): [string, Error] => [`r${day}`, away]);
    const archive = new Archive(shelf, new Map(all));
    const { remover: actor, clock } = remover(shelf, terms, { archive, pageSize: 100 });
    expect(await actor.removeOnce()).toEqual({ removed: 0, archived: 0 });
    expect(archive.tried.length).toBe(8);
    expect(shelf.unarchived.length).toBe(8);
    archive.fails.clear();
    await actor.removeOnce();
    expect(shelf.left().length).toBe(8);
    await clock.advance(HOUR + 1);
    await actor.removeOnce();
    expect(shelf.left()).toEqual([]);
  });

  it.each([100, 1])('goes on past some runs that it never takes, with pages of %i', async (pageSize) => {
    const shelf = new Shelf({ a: [...days] });
    const refused = new BatonError('storage_unavailable', 'S3 does not do PUT.');
    const never = ['1.2', '1.3', '1.4', '1.5'];
    const archive = new Archive(shelf, new Map(never.map((day): [string, Error] => [`r${day}`, refused])));
    const { remover: actor } = remover(shelf, terms, { archive, pageSize });
    expect(await actor.removeOnce()).toEqual({ removed: 16, archived: 16 });
    expect(shelf.left()).toEqual(never.map((day) => `a ${day}`));
  });

  it('takes it for away after eight runs where pages have one', async () => {
    const shelf = new Shelf({ a: [...days] });
    const away = new BatonError('storage_unavailable', 'S3 does not do PUT.');
    const archive = new Archive(shelf, new Map(days.map((day): [string, Error] => [`r${day}`, away])));
    const { remover: actor } = remover(shelf, terms, { archive });
    expect(await actor.removeOnce()).toEqual({ removed: 0, archived: 0 });
    expect(archive.tried).toEqual(days.slice(0, 8).map((day) => `r${day}`));
  });

  it('waits for the next look where the archive is away in the middle of much, and skips nothing', async () => {
    const shelf = new Shelf({ a: [...days, 3, 3.1, 3.2], b: [1] });
    const away = new BatonError('storage_unavailable', 'S3 does not do PUT.');
    const second = days.slice(10).map((day): [string, Error] => [`r${day}`, away]);
    const archive = new Archive(shelf, new Map(second));
    const { remover: actor, clock } = remover(shelf, terms, { archive, pageSize: 10, runs: 1 });
    actor.start();
    await clock.advance(MINUTE / 2);
    expect([archive.tried.length, shelf.left().length]).toEqual([18, 14]);
    archive.fails.clear();
    await clock.advance(MINUTE);
    expect(shelf.left().length).toBe(8);
    await clock.advance(HOUR + 2 * MINUTE);
    expect(shelf.left()).toEqual([]);
    await actor.stop();
  });

  it('leaves one that could not be kept alone for an hour, and comes to the others meanwhile', async () => {
    const shelf = new Shelf({ a: days.slice(0, 8), b: [3] });
    const away = new BatonError('storage_unavailable', 'S3 does not do PUT.');
    const failing = days.slice(0, 8).map((day) => `r${day}`);
    const archive = new Archive(shelf, new Map(failing.map((runId): [string, Error] => [runId, away])));
    const { remover: actor, clock } = remover(shelf, terms, { archive, pageSize: 100 });
    expect(await actor.removeOnce()).toMatchObject({ removed: 0 });
    expect(await actor.removeOnce()).toMatchObject({ removed: 1 });
    await clock.advance(HOUR);
    await actor.removeOnce();
    expect(archive.tried).toEqual([...failing, 'r3']);
    await clock.advance(1);
    await actor.removeOnce();
    expect(archive.tried).toEqual([...failing, 'r3', ...failing]);
  });

  it('counts an outage of SQL as no failure of the archive', async () => {
    const shelf = new Shelf({ a: [1, 2] });
    const archive = new Archive(shelf, new Map([['r1', new BatonError('storage_unavailable', 'SQL is away.')]]));
    const { remover: actor, observer } = remover(shelf, terms, { archive, pageSize: 100 });
    shelf.reportUnarchived = () => Promise.reject(new Error('SQL is away'));
    await expect(actor.removeOnce()).rejects.toThrow('SQL is away');
    expect(observer.told).toEqual([]);
  });
});
