import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { AppendOutcome, AppendRequest, RunStore } from '@baton/core';
import { SqlRunStore } from '@baton/storage';
import { DATABASE_KINDS, DatabaseBench } from '../support/databases.js';
import { MemoryDatabase, MemoryRunStore, VirtualClock } from '../support/in-memory/index.js';
import { claim, claimedRun, completed, ending } from '../support/run-requests.js';

// Appends of many runs share a commit: one that is fenced never lands, and those beside it do.

type Claimed = Awaited<ReturnType<typeof claimedRun>>;

interface OpenStore {
  runs: RunStore;
  /** How many requests each commit has carried; null where none are shared. */
  commits: number[] | null;
  close(): Promise<void>;
}

const BATCH = 5;
const OLD = 13;
const END = { ...ending(7), settle: { kind: 'end', status: 'completed', withoutTask: true } } as const;
const DEEDS: readonly Pick<AppendRequest, 'events' | 'settle'>[] = [{ events: [completed(7)] }, END];

/** Which of a batch are fenced. */
const WHERE: Record<string, (index: number) => boolean> = {
  'the first': (index) => index === 0,
  'one amid others': (index) => index === 2,
  'the last': (index) => index === BATCH - 1,
  'all but the first': (index) => index > 0,
  all: () => true,
};

/** What may have become of a run by the time its holder appends. */
interface Fate {
  befall(runs: RunStore, claimed: Claimed): Promise<Claimed>;
  reason: string;
  journal: readonly string[];
}
const FATES: Record<string, Fate> = {
  'was taken over': {
    async befall(runs, claimed) {
      await runs.claim(claim(claimed.runId, { workerId: 'next' }));
      return claimed;
    },
    reason: 'epoch',
    journal: ['1 0 run.submitted'],
  },
  'was taken over and goes on': {
    async befall(runs, claimed) {
      await runs.claim(claim(claimed.runId, { workerId: 'next' }));
      await runs.append({ ...claimed, epoch: 2, baseSeq: 1, events: [completed(OLD)] });
      return claimed;
    },
    reason: 'epoch',
    journal: ['1 0 run.submitted', '2 2 node.completed'],
  },
  'was handed back': {
    async befall(runs, claimed) {
      await runs.append({ ...claimed, baseSeq: 1, events: [], settle: { kind: 'hand_back', wakeAt: 1, uncounted: true } });
      return claimed;
    },
    reason: 'epoch',
    journal: ['1 0 run.submitted'],
  },
  'has ended': {
    async befall(runs, claimed) {
      await runs.append({ ...claimed, baseSeq: 1, ...ending(OLD) });
      return claimed;
    },
    reason: 'ended',
    journal: ['1 0 run.submitted', '2 1 run.completed'],
  },
  'does not exist': {
    befall: async (_runs, claimed) => ({ ...claimed, runId: randomUUID() }),
    reason: 'missing',
    journal: [],
  },
};
const CASES = Object.keys(FATES).flatMap((fate) => Object.keys(WHERE).map((where) => [where, fate] as const));

function conform(open: () => Promise<OpenStore>): void {
  let store: OpenStore;
  let runs: RunStore;

  beforeAll(async () => {
    store = await open();
    runs = store.runs;
  });
  afterAll(() => store.close());

  async function journalOf(runId: string): Promise<string[]> {
    return (await runs.readJournal(runId, 0, 10)).map(({ seq, epoch, type }) => `${seq} ${epoch} ${type}`);
  }

  /** All at once, so that they share a commit. */
  async function append(requests: readonly AppendRequest[]): Promise<AppendOutcome[]> {
    store.commits?.splice(0);
    const outcomes = await Promise.all(requests.map((request) => runs.append(request)));
    if (store.commits !== null) expect(store.commits).toEqual([requests.length]);
    return outcomes;
  }

  test.each(CASES)('%s of a batch: fenced where the run %s, and the others land', async (where, fate) => {
    const { befall, reason, journal } = FATES[fate]!;
    const isFenced = WHERE[where]!;
    for (const deed of DEEDS) {
      const claimed = await Promise.all(Array.from({ length: BATCH }, () => claimedRun(runs)));
      const holders = await Promise.all(claimed.map(async (one, index) => (isFenced(index) ? befall(runs, one) : one)));
      const before = await runs.findRuns(holders.map(({ runId }) => runId));
      const outcomes = await append(holders.map((holder) => ({ ...holder, baseSeq: 1, ...deed })));
      expect(outcomes).toEqual(
        holders.map((_, index) => (isFenced(index) ? { kind: 'fenced', reason } : { kind: 'appended', seq: 2 })),
      );
      for (const [index, { runId }] of holders.entries()) {
        const landed = ['1 0 run.submitted', `2 1 ${deed.events[0]!.type}`];
        expect(await journalOf(runId)).toEqual(isFenced(index) ? journal : landed);
        if (isFenced(index)) expect(await runs.findRun(runId)).toEqual(before.find(({ id }) => id === runId) ?? null);
      }
    }
  });

  test('two holders of a run in one batch: the newer one appends, whoever comes first', async () => {
    for (const newerFirst of [true, false]) {
      const [claimed, other] = [await claimedRun(runs), await claimedRun(runs)];
      await runs.claim(claim(claimed.runId, { workerId: 'next' }));
      const older = { ...claimed, baseSeq: 1, events: [completed(OLD)] };
      const newer = { ...claimed, epoch: 2, baseSeq: 1, events: [completed(7)] };
      const beside = { ...other, baseSeq: 1, events: [completed(7)] };
      const outcomes = await append(newerFirst ? [newer, older, beside] : [older, newer, beside]);
      const fenced = { kind: 'fenced', reason: 'epoch' };
      const appended = { kind: 'appended', seq: 2 };
      expect(outcomes).toEqual([...(newerFirst ? [appended, fenced] : [fenced, appended]), appended]);
      expect(await journalOf(claimed.runId)).toEqual(['1 0 run.submitted', '2 2 node.completed']);
      expect(await journalOf(other.runId)).toEqual(['1 0 run.submitted', '2 1 node.completed']);
    }
  });
}

describe.each(DATABASE_KINDS)('appends in one commit on %s:', (kind) => {
  const bench = new DatabaseBench(kind);
  afterAll(() => bench.stop());
  conform(async () => {
    const commits: number[] = [];
    const database = await (await bench.fresh()).open();
    const runs = new SqlRunStore(database, { observer: ({ requests }) => commits.push(requests) });
    return { runs, commits, close: () => runs.close() };
  });
});

describe('appends in one turn in memory:', () => {
  conform(async () => ({
    runs: new MemoryRunStore(new MemoryDatabase(new VirtualClock())),
    commits: null,
    close: async () => {},
  }));
});
