import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { DEFERRED, type CommitDialect, type CommitResult } from './commit-dialect.js';
import { JournalWriter } from './journal-writer.js';
import { raiseWrite, type WriteRequest } from './write-request.js';

/** Batches after which what is locked comes free by itself. */
const PATIENCE = 20;

/** Answers at once, and notes how many requests each batch had. */
class CountingDialect implements CommitDialect {
  readonly sizes: number[] = [];
  /** Runs whose rows somebody else has locked. */
  readonly locked = new Set<string>();

  constructor(readonly worthwhile: number) {}

  execute(batch: readonly WriteRequest[]): Promise<CommitResult> {
    this.sizes.push(batch.length);
    // Or a writer that holds up those behind would try for ever.
    if (this.sizes.length === PATIENCE) this.locked.clear();
    const notice = { grown: [], signalled: [], started: [], dispatched: [] };
    return Promise.resolve({ outcomes: batch.map(({ runId }) => (this.locked.has(runId) ? DEFERRED : null)), notice, events: 0 });
  }

  async close(): Promise<void> {}
}

async function sizesOf(requests: number, worthwhile: number, maxRequests = 1_000): Promise<number[]> {
  const dialect = new CountingDialect(worthwhile);
  const writer = new JournalWriter(dialect, { maxRequests });
  await Promise.all(Array.from({ length: requests }, (_, run) => writer.write(raiseWrite(`run-${run}`, 0, 0))));
  await writer.close();
  return dialect.sizes;
}

test('a commit takes all that wait, up to what is worth a commit of its own', async () => {
  expect(await sizesOf(1, 100)).toEqual([1]);
  expect(await sizesOf(100, 100)).toEqual([100]);
  expect(await sizesOf(500, Infinity)).toEqual([500]);
});

test('of a crowd it leaves half to the next', async () => {
  expect(await sizesOf(200, 100)).toEqual([100, 100]);
  expect(await sizesOf(1_000, 100)).toEqual([500, 250, 125, 100, 25]);
  expect(await sizesOf(1_000, 100, 300)).toEqual([300, 300, 200, 100, 100]);
});

test('what is put off again and again holds up nobody behind it', async () => {
  const dialect = new CountingDialect(100);
  const writer = new JournalWriter(dialect);
  const write = (run: number): Promise<unknown> => writer.write(raiseWrite(`run-${run}`, 0, 0));
  for (let run = 0; run < 150; run += 1) dialect.locked.add(`run-${run}`);
  const putOff = Array.from({ length: 150 }, (_, run) => write(run));
  await Promise.all(Array.from({ length: 100 }, (_, run) => write(1_000 + run)));
  const batches = dialect.sizes.length;
  dialect.locked.clear();
  await Promise.all(putOff);
  await writer.close();
  expect(batches).toBeLessThan(PATIENCE);
});

/** Takes a turn of the event loop for each commit, as a database does, and asks what its callers know when a commit is sent and when it has returned. */
class RemoteDialect extends CountingDialect {
  readonly atSend: number[] = [];
  readonly atReturn: number[] = [];

  constructor(
    worthwhile: number,
    private readonly answered: () => number,
  ) {
    super(worthwhile);
  }

  override async execute(batch: readonly WriteRequest[]): Promise<CommitResult> {
    this.atSend.push(this.answered());
    await nextTurn();
    this.atReturn.push(this.answered());
    return super.execute(batch);
  }
}

async function answersOf(requests: number, worthwhile: number): Promise<RemoteDialect> {
  let answered = 0;
  const dialect = new RemoteDialect(worthwhile, () => answered);
  const writer = new JournalWriter(dialect, { maxRequests: 1_000 });
  const write = (run: number): Promise<unknown> => writer.write(raiseWrite(`run-${run}`, 0, 0)).then(() => (answered += 1));
  await Promise.all(Array.from({ length: requests }, (_, run) => write(run)));
  await writer.close();
  return dialect;
}

test('of a backlog, the next commit is sent before the last one is answered, and none is answered before its own has returned', async () => {
  const { sizes, atSend, atReturn } = await answersOf(1_500, 100);
  expect(sizes).toEqual([750, 375, 188, 100, 87]);
  // 750 wait when the first has returned; 375 when the second has, and are no backlog.
  expect(atSend).toEqual([0, 0, 1_125, 1_313, 1_413]);
  expect(atReturn).toEqual([0, 750, 1_125, 1_313, 1_413]);
});

test("where the commit is this process's own work, each is answered before the next", async () => {
  const { atSend } = await answersOf(2_500, Infinity);
  expect(atSend).toEqual([0, 1_000, 2_000]);
});
