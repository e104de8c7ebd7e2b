import { beforeEach, expect, it } from '@jest/globals';
import { runEvent, type JournalEvent } from '@baton/core';
import { RunTail } from './run-tail.js';

const PAGE = 3;
const STAYS = new AbortController().signal;

let journal: JournalEvent[];
let reads: number[];
let tail: RunTail;
/** What a read waits for before it answers. */
let gate: Promise<void>;

beforeEach(() => {
  journal = [];
  reads = [];
  gate = Promise.resolve();
  tail = new RunTail(async (afterSeq) => {
    reads.push(afterSeq);
    const page = journal.slice(afterSeq, afterSeq + PAGE);
    await gate;
    return page;
  }, PAGE);
});

function commit(events: number): void {
  for (let n = 0; n < events; n += 1) {
    const draft = runEvent('run.claimed', 0, { worker_id: 'w1' });
    journal.push({ ...draft, runId: 'r', seq: journal.length + 1, epoch: 1 });
  }
}

const seqsAfter = async (seq: number): Promise<number[]> => (await tail.read(seq)).map((event) => event.seq);

it('knows the end until it is heard, wherever one asks from', async () => {
  commit(2);
  expect(await seqsAfter(999)).toEqual([]);
  expect(await seqsAfter(0)).toEqual([1, 2]);
  expect(await seqsAfter(2)).toEqual([]);
  expect(await seqsAfter(999)).toEqual([]);
  expect(await seqsAfter(2)).toEqual([]);
  expect(reads).toEqual([999, 0]);
  commit(1);
  tail.hear();
  expect([await seqsAfter(2), await seqsAfter(0)]).toEqual([[3], [1, 2, 3]]);
  expect(reads).toEqual([999, 0, 2]);
  tail.hear();
  expect(await Promise.all([seqsAfter(3), seqsAfter(999)])).toEqual([[], []]);
  expect(await seqsAfter(3)).toEqual([]);
  expect(reads).toEqual([999, 0, 2, 3, 999]);
});

it('does not take for the end what was the end before it was heard', async () => {
  commit(1);
  const { promise, resolve } = Promise.withResolvers<void>();
  gate = promise;
  const since = tail.heard;
  const early = seqsAfter(1);
  commit(1);
  tail.hear();
  resolve();
  expect(await early).toEqual([]);
  await tail.untilHeard(since, STAYS);
  expect(await seqsAfter(1)).toEqual([2]);
});

it('keeps the last page, and nothing of one who is late', async () => {
  commit(8);
  expect(await seqsAfter(5)).toEqual([6, 7, 8]);
  tail.hear();
  commit(1);
  expect(await seqsAfter(8)).toEqual([9]);
  expect(await seqsAfter(6)).toEqual([7, 8, 9]);
  expect(reads).toEqual([5, 8]);
  expect(await seqsAfter(0)).toEqual([1, 2, 3]);
  expect(await seqsAfter(5)).toEqual([6, 7, 8]);
  expect(await seqsAfter(7)).toEqual([8, 9]);
  expect(reads).toEqual([5, 8, 0, 5]);
});

it('goes on with what is read beyond a gap', async () => {
  commit(8);
  expect(await seqsAfter(0)).toEqual([1, 2, 3]);
  expect(await seqsAfter(6)).toEqual([7, 8]);
  expect(await seqsAfter(7)).toEqual([8]);
  expect(await seqsAfter(2)).toEqual([3, 4, 5]);
  expect(reads).toEqual([0, 6, 2]);
});

it('waits until it is heard, or nobody wants it any more', async () => {
  const leaving = new AbortController();
  const woken: string[] = [];
  const waits = (name: string, signal: AbortSignal) => tail.untilHeard(tail.heard, signal).then(() => woken.push(name));
  const both = [waits('stays', STAYS), waits('leaves', leaving.signal)];
  leaving.abort();
  await both[1];
  expect(woken).toEqual(['leaves']);
  await waits('has left', leaving.signal);
  tail.hear();
  await Promise.all(both);
  expect(woken).toEqual(['leaves', 'has left', 'stays']);
});
