import { beforeEach, describe, expect, it } from '@jest/globals';
import { BatonError, DEFAULT_TENANT, type JournalEvent, type WorkflowRef } from '@baton/core';
import { refuse, World, type SimulatedApi, type SimulatedWorker } from '../../../test/support/in-memory/index.js';

let world: World;
let api: SimulatedApi;
let worker: SimulatedWorker;
let workflow: WorkflowRef;
let stop: AbortController;

beforeEach(async () => {
  world = new World();
  api = world.api('a1');
  stop = new AbortController();
  const handlers = { work: () => world.clock.sleep(100).then(() => null) };
  worker = await world.worker('w1', { handlers }).start();
  workflow = await world.publish('flow', { a: {}, b: { depends_on: ['a'] }, c: { depends_on: ['b'] } });
});

/** Reads all pages into one list. */
function collect(pages: AsyncGenerator<JournalEvent[]>): { events: JournalEvent[]; ended: () => boolean } {
  const events: JournalEvent[] = [];
  let over = false;
  void (async () => {
    for await (const page of pages) events.push(...page);
    over = true;
  })();
  return { events, ended: () => over };
}

const places = (events: readonly JournalEvent[]): number[] => events.map(({ seq }) => seq);
const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);
const listeners = (): number => world.bellService.listeners.size;

describe('followRun', () => {
  it('delivers 1..n once, as they are committed, and ends with the terminal event', async () => {
    const runId = await world.launch(workflow);
    const reader = collect(api.watcher.followRun(runId, 0, stop.signal));
    await world.untilStatus(runId, 'completed');
    await world.clock.until(reader.ended, 'the reader ends', 100);
    expect(places(reader.events)).toEqual(upTo(world.run(runId).seq));
    expect(reader.events.at(-1)!.type).toBe('run.completed');
  });

  it.each([
    ['silently', 10_000],
    ['known', 1_000],
  ] as const)('delivers 1..n once though every ring is lost (%s), within the poll bound', async (broken, boundMs) => {
    world.bellService.broken = broken;
    const runId = await world.launch(workflow);
    const reader = collect(api.watcher.followRun(runId, 0, stop.signal));
    await world.untilStatus(runId, 'completed');
    await world.clock.until(reader.ended, 'the reader ends', boundMs);
    expect(places(reader.events)).toEqual(upTo(world.run(runId).seq));
  });

  it('goes on after any place', async () => {
    const runId = await world.launch(workflow);
    await world.untilStatus(runId, 'completed');
    const last = world.run(runId).seq;
    for (let after = 0; after < last; after += 1) {
      const reader = collect(api.watcher.followRun(runId, after, stop.signal));
      await world.clock.until(reader.ended, 'the reader ends', 0);
      expect(places(reader.events)).toEqual(upTo(last).slice(after));
    }
  });

  it('ends at once after the last event, and for a run that is not there', async () => {
    const runId = await world.launch(workflow);
    await world.untilStatus(runId, 'completed');
    for (const [id, after] of [[runId, world.run(runId).seq] as const, ['none', 0] as const]) {
      const reader = collect(api.watcher.followRun(id, after, stop.signal));
      await world.clock.until(reader.ended, 'the reader ends', 0);
      expect(reader.events).toEqual([]);
    }
  });

  it('costs a slow reader one page: the next is read when it is asked for', async () => {
    const runId = await world.launch(workflow);
    await world.untilStatus(runId, 'completed');
    const pages = api.watcher.followRun(runId, 0, stop.signal);
    expect((await pages.next()).value).toHaveLength(3);
    await world.clock.advance(60_000);
    expect(api.runs.calls.requests('readJournal')).toHaveLength(1);
    await pages.next();
    expect(api.runs.calls.requests('readJournal')).toHaveLength(2);
  });

  it('wakes every reader of a run by one ring, also when one of them was rung while it read', async () => {
    const runId = await world.submit(workflow);
    const reading = api.runs.calls.hold('readJournal');
    const first = collect(api.watcher.followRun(runId, 0, stop.signal));
    worker.bell.ring([{ kind: 'journal', runId, taskId: null, seq: 1, ended: false }]);
    await world.clock.settle();
    const second = collect(api.watcher.followRun(runId, 1, stop.signal));
    await world.clock.settle();
    reading();
    await world.clock.settle();
    const before = world.clock.now();
    world.dispatch(runId);
    await world.clock.until(() => second.events.length > 0, 'the second reader hears', 150);
    expect(world.clock.now() - before).toBeLessThanOrEqual(150);
    expect(first.events.length).toBeGreaterThan(0);
  });

  it('ends without an error, and leaves no timer, when its consumer goes away', async () => {
    const runId = await world.submit(workflow);
    const pending = world.clock.pending;
    const reader = collect(api.watcher.followRun(runId, 0, stop.signal));
    await world.clock.settle();
    expect(world.clock.pending).toBe(pending + 1);
    stop.abort();
    await world.clock.until(reader.ended, 'the reader ends', 0);
    expect(world.clock.pending).toBe(pending);
    const late = collect(api.watcher.followRun(runId, 0, stop.signal));
    await world.clock.until(late.ended, 'a late reader ends', 0);
  });

  it('survives an abort in the middle of a read', async () => {
    const runId = await world.submit(workflow);
    const reading = api.runs.calls.hold('readJournal');
    const reader = collect(api.watcher.followRun(runId, 1, stop.signal));
    await world.clock.settle();
    stop.abort();
    reading();
    await world.clock.until(reader.ended, 'the reader ends', 0);
  });

  it('hears nothing more once the watcher is closed', async () => {
    const before = listeners();
    const runId = await world.submit(workflow);
    const reader = collect(api.watcher.followRun(runId, 0, stop.signal));
    await world.clock.settle();
    api.watcher.close();
    stop.abort();
    await world.clock.until(reader.ended, 'the reader ends', 0);
    expect(listeners()).toBe(before - 1);
  });
});

describe('followTask', () => {
  it('delivers the journals of all runs of a task, one after the other, and goes on with the next', async () => {
    await world.createTask('t1');
    const reader = collect(api.watcher.followTask({ tenantId: DEFAULT_TENANT, id: 't1' }, null, stop.signal));
    const runIds: string[] = [];
    for (let n = 0; n < 2; n += 1) {
      runIds.push(await world.launch(workflow, null, 't1'));
      await world.untilStatus(runIds[n]!, 'completed');
    }
    const all = runIds.flatMap((runId) => upTo(world.run(runId).seq).map((seq) => [runId, seq]));
    await world.clock.until(() => reader.events.length >= all.length, 'all events', 200);
    expect(reader.events.map(({ runId, seq }) => [runId, seq])).toEqual(all);
    expect(reader.ended()).toBe(false);
    const [, middle] = [all[0], all[4]!];
    const resumed = collect(
      api.watcher.followTask(
        { tenantId: DEFAULT_TENANT, id: 't1' },
        { runId: middle[0] as string, seq: middle[1] as number },
        stop.signal,
      ),
    );
    await world.clock.until(() => resumed.events.length >= all.length - 5, 'the rest', 0);
    expect(resumed.events.map(({ runId, seq }) => [runId, seq])).toEqual(all.slice(5));
    stop.abort();
    await world.clock.until(() => reader.ended() && resumed.ended(), 'the readers end', 0);
  });
});

describe('waitForEnd', () => {
  it('gives the run as it ended', async () => {
    const runId = await world.launch(workflow);
    const wait = api.watcher.waitForEnd(runId, 5_000, stop.signal);
    await world.untilStatus(runId, 'completed');
    await world.clock.settle();
    expect(await wait).toMatchObject({ id: runId, status: 'completed', output: null });
  });

  it('reads a run that this process has accepted only when it has ended, and all that end at once together', async () => {
    world.bellService.broken = 'silently';
    const runIds = [await world.launch(workflow), await world.launch(workflow)];
    const waits = runIds.map((runId) => api.watcher.waitForEnd(runId, 5_000, stop.signal, { fresh: true }));
    for (const runId of runIds) await world.untilStatus(runId, 'completed');
    world.bellService.broken = 'no';
    const rings = runIds.map((runId) => ({ kind: 'journal', runId, taskId: null, seq: 3 }) as const);
    worker.bell.ring(rings.map((ring) => ({ ...ring, ended: false })));
    await world.clock.settle();
    expect(api.runs.calls.requests('findRuns')).toEqual([]);
    worker.bell.ring(rings.map((ring) => ({ ...ring, ended: true })));
    expect(await Promise.all(waits)).toMatchObject(runIds.map((id) => ({ id, status: 'completed' })));
    expect(api.runs.calls.requests('findRuns')).toEqual([runIds]);
  });

  it('does not miss the end of a fresh run that was heard before anybody waited', async () => {
    const runId = await world.launch(workflow);
    await world.untilStatus(runId, 'completed');
    await world.clock.settle();
    expect(await api.watcher.waitForEnd(runId, 5_000, stop.signal, { fresh: true })).toMatchObject({ status: 'completed' });
  });

  it('sees the end of a fresh run at the poll bound though every ring is lost', async () => {
    world.bellService.broken = 'silently';
    const runId = await world.launch(workflow);
    const wait = api.watcher.waitForEnd(runId, 60_000, stop.signal, { fresh: true });
    await world.untilStatus(runId, 'completed');
    await world.clock.advance(10_000);
    expect(await wait).toMatchObject({ status: 'completed' });
  });

  it('gives null, and leaves no timer, when its bound passes first', async () => {
    const runId = await world.submit(workflow);
    const pending = world.clock.pending;
    const wait = api.watcher.waitForEnd(runId, 5_000, stop.signal);
    await world.clock.advance(5_000);
    expect(await wait).toBeNull();
    expect(world.clock.pending).toBe(pending);
  });

  it('gives null at once when its caller has gone, and for a run that is not there', async () => {
    const runId = await world.submit(workflow);
    const wait = api.watcher.waitForEnd(runId, 5_000, stop.signal);
    stop.abort();
    expect(await wait).toBeNull();
    expect(await api.watcher.waitForEnd('none', 5_000, new AbortController().signal)).toBeNull();
  });

  it('sees the end at the bound though every ring is lost', async () => {
    world.bellService.broken = 'silently';
    const runId = await world.launch(workflow);
    const wait = api.watcher.waitForEnd(runId, 5_000, stop.signal);
    await world.clock.advance(5_000);
    expect(await wait).toMatchObject({ status: 'completed' });
  });

  it('leaves no bound behind when the database is away', async () => {
    const runId = await world.submit(workflow);
    api.runs.calls.next('findRuns', refuse(new BatonError('storage_unavailable', 'away')));
    await expect(api.watcher.waitForEnd(runId, 5_000, stop.signal)).rejects.toMatchObject({ code: 'storage_unavailable' });
  });
});
