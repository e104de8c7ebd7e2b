import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type RunStore, type RunTally } from '@baton/core';
import { SqlRunStore, SqlRunTally } from '@baton/storage';
import { DATABASE_KINDS, DatabaseBench } from '../support/databases.js';
import { MemoryDatabase, MemoryRunStore, MemoryRunTally, VirtualClock } from '../support/in-memory/index.js';
import { claimedRun, ending } from '../support/run-requests.js';

interface Stores {
  tally: RunTally;
  runs: RunStore;
  close(): Promise<void>;
}

const START = { finishedAt: 0, runId: '' };

function conform(open: () => Promise<Stores>): void {
  let stores: Stores;
  let tally: RunTally;

  beforeEach(async () => {
    stores = await open();
    tally = stores.tally;
  });
  afterEach(() => stores.close());

  async function endedRun(): Promise<string> {
    const { runId, epoch } = await claimedRun(stores.runs);
    await stores.runs.append({ runId, epoch, baseSeq: 1, ...ending(1) });
    return runId;
  }

  test('pages through the ended runs in the order of their ends', async () => {
    const { runId: live } = await claimedRun(stores.runs);
    const ended = [await endedRun(), await endedRun(), await endedRun()].toSorted();
    const first = await tally.endedRuns({ after: START, until: 2_000, limit: 2 });
    expect(first).toEqual(ended.slice(0, 2).map((runId) => ({ runId, finishedAt: 2_000, isCounted: false })));
    const rest = await tally.endedRuns({ after: first[1]!, until: 2_000, limit: 2 });
    expect(rest.map(({ runId }) => runId)).toEqual(ended.slice(2));
    expect(await tally.endedRuns({ after: START, until: 1_999, limit: 9 })).toEqual([]);
    expect([...first, ...rest].map(({ runId }) => runId)).not.toContain(live);
  });

  test('counts a run once, whoever counts it, and none that is live', async () => {
    const { runId: live } = await claimedRun(stores.runs);
    const [one, other] = [await endedRun(), await endedRun()];
    expect(await tally.count([live, one], 0)).toBe(1);
    const counts = await Promise.all(Array.from({ length: 5 }, () => tally.count([one, other, 'none'], 0)));
    expect(counts.toSorted((left, right) => left - right)).toEqual([0, 0, 0, 0, 1]);
    const marks = await tally.endedRuns({ after: START, until: 2_000, limit: 9 });
    expect(marks.map(({ isCounted }) => isCounted)).toEqual([true, true]);
  });

  test('knows how far it has come, and never goes back', async () => {
    expect(await tally.countedTo()).toBe(0);
    await tally.count([await endedRun()], 2_000);
    expect(await tally.countedTo()).toBe(2_000);
    await tally.count([await endedRun()], 0);
    expect(await tally.countedTo()).toBe(2_000);
    expect(await tally.count([], 5_000)).toBe(0);
    expect(await tally.countedTo()).toBe(2_000);
  });
}

describe.each(DATABASE_KINDS)('RunTally on %s', (kind) => {
  const bench = new DatabaseBench(kind);
  afterAll(() => bench.stop());
  conform(async () => {
    const database = await (await bench.fresh()).open();
    const runs = new SqlRunStore(database);
    return {
      tally: new SqlRunTally(database),
      runs,
      close: async () => {
        await runs.close();
        await bench.closeAll();
      },
    };
  });
});

describe('RunTally in memory', () => {
  conform(async () => {
    const db = new MemoryDatabase(new VirtualClock());
    return { tally: new MemoryRunTally(db), runs: new MemoryRunStore(db), close: () => Promise.resolve() };
  });
});
