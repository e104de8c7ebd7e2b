import { beforeEach, expect, it } from '@jest/globals';
import { BatonError, type JournalEvent } from '@baton/core';
import {
  refuse,
  World,
  type NodeSketch,
  type SimulatedApi,
  type SimulatedWorker,
} from '../../../test/support/in-memory/index.js';

// The budget of docs/performance.md: what those who follow the same run in one process read of its journal.

const FOLLOWERS = 100;

let world: World;
let api: SimulatedApi;
let worker: SimulatedWorker;
let stop: AbortController;

beforeEach(async () => {
  world = new World();
  api = world.api('a1');
  stop = new AbortController();
  worker = await world.worker('w1', { handlers: { work: () => world.clock.sleep(100).then(() => null) } }).start();
});

/** Nodes in a row: each one's end and the next one's start are one commit, and one ring. */
async function submitChain(length: number): Promise<string> {
  const chain: Record<string, NodeSketch> = {};
  for (let n = 0; n < length; n += 1) chain[`n${n}`] = n === 0 ? {} : { depends_on: [`n${n - 1}`] };
  return world.submit(await world.publish('flow', chain));
}

class Follower {
  readonly seqs: number[] = [];
  ended = false;
  error: unknown = null;

  constructor(pages: AsyncGenerator<JournalEvent[]>) {
    void this.collect(pages).catch((error: unknown) => (this.error = error));
  }

  private async collect(pages: AsyncGenerator<JournalEvent[]>): Promise<void> {
    for await (const page of pages) this.seqs.push(...page.map(({ seq }) => seq));
    this.ended = true;
  }
}

const follow = (runId: string, after = 0): Follower => new Follower(api.watcher.followRun(runId, after, stop.signal));
const reads = (): number => api.runs.calls.requests('readJournal').length;
const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

it('reads once a ring for a hundred followers, each of which sees 1..n once', async () => {
  const runId = await submitChain(20);
  const followers = Array.from({ length: FOLLOWERS }, () => follow(runId));
  await world.clock.settle();
  expect(reads()).toBe(1);
  let rings = 0;
  api.bell.listen((ring) => (rings += ring.kind === 'journal' && ring.runId === runId ? 1 : 0));
  world.dispatch(runId);
  await world.untilStatus(runId, 'completed');
  await world.clock.until(() => followers.every(({ ended }) => ended), 'all followers end', 100);
  for (const { seqs } of followers) expect(seqs).toEqual(upTo(world.run(runId).seq));
  expect(rings).toBeGreaterThan(20);
  expect(reads()).toBeLessThanOrEqual(rings + 1);
  expect(api.runs.calls.requests('findRun').length + api.runs.calls.requests('findRuns').length).toBeLessThanOrEqual(2);
});

it('gives one who is late what is known, or lets him read it himself, and holds nobody up for one who is slow', async () => {
  const runId = await submitChain(20);
  const slow = api.watcher.followRun(runId, 0, stop.signal);
  expect((await slow.next()).value).toHaveLength(1);
  const quick = follow(runId);
  world.dispatch(runId);
  await world.untilStatus(runId, 'completed');
  await world.clock.until(() => quick.ended, 'the quick one ends', 100);
  const last = world.run(runId).seq;
  const before = reads();
  const late = follow(runId, last - 3);
  await world.clock.until(() => late.ended, 'the late one ends', 0);
  expect([reads(), late.seqs]).toEqual([before, upTo(last).slice(-3)]);
  const rest = new Follower(slow);
  await world.clock.until(() => rest.ended, 'the slow one ends', 0);
  expect([quick.seqs, rest.seqs]).toEqual([upTo(last), upTo(last).slice(1)]);
  expect(reads()).toBeGreaterThan(before);
});

it('is not misled by one who asks for what comes after the journal', async () => {
  const runId = await submitChain(3);
  const [first, beyond, second] = [follow(runId), follow(runId, 999), follow(runId)];
  await world.clock.settle();
  world.dispatch(runId);
  await world.untilStatus(runId, 'completed');
  await world.clock.until(() => [first, beyond, second].every(({ ended }) => ended), 'all end', 20_000);
  const all = upTo(world.run(runId).seq);
  expect([first.seqs, beyond.seqs, second.seqs]).toEqual([all, [], all]);
});

it('reads again for what was committed while it read', async () => {
  const runId = await submitChain(1);
  const finish = api.runs.calls.hold('readJournal');
  const early = follow(runId, 1);
  await world.clock.settle();
  worker.bell.ring([{ kind: 'journal', runId, taskId: null, seq: 1, ended: false }]);
  await world.clock.settle();
  const other = follow(runId, 1);
  await world.clock.settle();
  expect(reads()).toBe(2);
  world.dispatch(runId);
  await world.untilStatus(runId, 'completed');
  finish();
  await world.clock.until(() => early.ended && other.ended, 'both end', 100);
  expect([early.seqs, other.seqs]).toEqual([upTo(world.run(runId).seq).slice(1), upTo(world.run(runId).seq).slice(1)]);
});

it('fails those whose read fails, and nobody after them', async () => {
  const runId = await submitChain(1);
  const pending = world.clock.pending;
  api.runs.calls.next('readJournal', refuse(new BatonError('storage_unavailable', 'away')));
  const [one, two] = [follow(runId), follow(runId)];
  await world.clock.settle();
  expect([one.error, two.error]).toMatchObject([{ code: 'storage_unavailable' }, { code: 'storage_unavailable' }]);
  expect(world.clock.pending).toBe(pending);
  const next = follow(runId);
  world.dispatch(runId);
  await world.untilStatus(runId, 'completed');
  await world.clock.until(() => next.ended, 'the next one ends', 100);
  expect(next.seqs).toEqual(upTo(world.run(runId).seq));
});
