import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Signal } from '@baton/core';
import { MemoryRunStore, refuse, World } from '../../../test/support/in-memory/index.js';
import { GroupedReads } from './grouped-reads.js';

let world: World;
let runs: MemoryRunStore;
let inbox: GroupedReads<Signal[]>;

beforeEach(() => {
  world = new World();
  runs = new MemoryRunStore(world.db);
  inbox = new GroupedReads(async (runIds) => Map.groupBy(await runs.readSignals(runIds), ({ runId }) => runId));
});

const reads = (): string[][] => runs.calls.requests('readSignals');

describe('GroupedReads', () => {
  it('reads in one question what is asked at once, and answers each with its own', async () => {
    const workflow = await world.publish('flow', { only: {} });
    const [a, b] = [await world.submit(workflow), await world.submit(workflow)];
    await runs.signal(a, 'cancel', { reason: 'x' }, 1);
    const [ofA, ofB] = await Promise.all([inbox.read(a), inbox.read(b)]);
    expect(ofA).toMatchObject([{ runId: a, type: 'cancel' }]);
    expect(ofB).toBeUndefined();
    expect(reads()).toEqual([[a, b]]);
  });

  it('keeps what comes while a read is in flight for the next, which begins afterwards', async () => {
    const first = runs.calls.hold('readSignals');
    const answers = [inbox.read('a')];
    await world.clock.settle();
    answers.push(inbox.read('b'), inbox.read('a'));
    await world.clock.settle();
    expect(reads()).toEqual([['a']]);
    first();
    await Promise.all(answers);
    expect(reads()).toEqual([['a'], ['b', 'a']]);
  });

  it('reads a crowd in several questions, one after the other', async () => {
    const crowd = new GroupedReads(async (runIds) => Map.groupBy(await runs.readSignals(runIds), ({ runId }) => runId), 2);
    const first = runs.calls.hold('readSignals');
    const answers = ['a', 'b', 'c', 'd', 'e'].map((runId) => crowd.read(runId));
    await world.clock.settle();
    expect(reads()).toEqual([['a', 'b']]);
    first();
    await Promise.all(answers);
    expect(reads()).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
  });

  it('fails those who asked, and no one after them', async () => {
    runs.calls.next('readSignals', refuse(new Error('away')));
    await expect(inbox.read('a')).rejects.toThrow('away');
    expect(await inbox.read('a')).toBeUndefined();
  });
});
