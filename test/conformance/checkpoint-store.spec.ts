import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import type { Checkpoint, CheckpointStore, RunStore } from '@baton/core';
import { SqlCheckpointStore, SqlRunStore } from '@baton/storage';
import { DATABASE_KINDS, DatabaseBench } from '../support/databases.js';
import { MemoryCheckpointStore, MemoryDatabase, MemoryRunStore, VirtualClock } from '../support/in-memory/index.js';
import { accepted, claimedRun, ending } from '../support/run-requests.js';

interface Stores {
  checkpoints: CheckpointStore;
  runs: RunStore;
  /** The same tables, as another process sees them. */
  others: CheckpointStore;
  close(): Promise<void>;
}

function checkpoint(runId: string, seq: number, state: Uint8Array = randomBytes(100)): Checkpoint {
  return { runId, tenantId: 'default', seq, state, createdAt: 1_700_000_000_000 + seq };
}

function conform(open: () => Promise<Stores>): void {
  let stores: Stores;
  let checkpoints: CheckpointStore;

  beforeEach(async () => {
    stores = await open();
    checkpoints = stores.checkpoints;
  });
  afterEach(() => stores.close());

  const seqOf = async (runId: string) => (await checkpoints.find(runId))?.seq ?? null;

  test('gives back every byte of what was kept', async () => {
    const kept = checkpoint('r', 7, randomBytes(3_000_000));
    await checkpoints.keep(kept);
    const found = await stores.others.find('r');
    expect({ ...found, state: null }).toEqual({ ...kept, state: null });
    expect(Buffer.from(found!.state).equals(Buffer.from(kept.state))).toBe(true);
    expect(await checkpoints.find('R')).toBeNull();
  });

  test('keeps the latest of a run, in whatever order they come', async () => {
    const last = checkpoint('r', 30);
    for (const each of [checkpoint('r', 10), last, checkpoint('r', 20), checkpoint('r', 30)]) await checkpoints.keep(each);
    const found = await checkpoints.find('r');
    expect(found).toMatchObject({ seq: 30, createdAt: last.createdAt });
    expect(Buffer.from(found!.state).equals(Buffer.from(last.state))).toBe(true);
  });

  test('keeps the latest of many that are written at once', async () => {
    const seqs = Array.from({ length: 20 }, (_, index) => 1 + ((index * 7) % 20));
    await Promise.all(seqs.map((seq, index) => (index % 2 === 0 ? checkpoints : stores.others).keep(checkpoint('r', seq))));
    expect(await seqOf('r')).toBe(20);
  });

  test('removes what it is told to', async () => {
    for (const runId of ['a', 'b', 'c']) await checkpoints.keep(checkpoint(runId, 1));
    expect(await checkpoints.remove(['a', 'c', 'none'])).toBe(2);
    expect(await checkpoints.remove([])).toBe(0);
    expect([await seqOf('a'), await seqOf('b'), await seqOf('c')]).toEqual([null, 1, null]);
  });

  test('removes those of runs that have ended or are gone, page by page', async () => {
    const { runId: queued } = await accepted(stores.runs);
    const claimed = await claimedRun(stores.runs);
    const ended = await claimedRun(stores.runs);
    await stores.runs.append({ runId: ended.runId, epoch: ended.epoch, baseSeq: 1, ...ending(1) });
    const gone = randomUUID();
    const all = [queued, claimed.runId, ended.runId, gone];
    for (const runId of all) await checkpoints.keep(checkpoint(runId, 1));
    let removed = 0;
    let pages = 0;
    for (let after: string | null = null, more = true; more; pages += 1) {
      const page = await checkpoints.removeEnded({ after, limit: 2 });
      removed += page.removed;
      after = page.next;
      more = after !== null;
    }
    expect({ removed, pages }).toEqual({ removed: 2, pages: 3 });
    expect(await Promise.all(all.map(seqOf))).toEqual([1, 1, null, null]);
  });
}

describe.each(DATABASE_KINDS)('CheckpointStore on %s', (kind) => {
  const bench = new DatabaseBench(kind);
  afterAll(() => bench.stop());
  conform(async () => {
    const fresh = await bench.fresh();
    const runs = new SqlRunStore(await fresh.open());
    return {
      checkpoints: new SqlCheckpointStore(await fresh.open()),
      others: new SqlCheckpointStore(await fresh.open()),
      runs,
      close: async () => {
        await runs.close();
        await bench.closeAll();
      },
    };
  });
});

describe('CheckpointStore in memory', () => {
  conform(async () => {
    const db = new MemoryDatabase(new VirtualClock());
    return {
      checkpoints: new MemoryCheckpointStore(db),
      others: new MemoryCheckpointStore(db),
      runs: new MemoryRunStore(db),
      close: () => Promise.resolve(),
    };
  });
});
