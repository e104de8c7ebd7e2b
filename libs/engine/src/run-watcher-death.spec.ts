import { beforeEach, expect, it } from '@jest/globals';
import { DEFAULT_TENANT, type JournalEvent, type WorkflowRef } from '@baton/core';
import { World, type SimulatedApi } from '../../../test/support/in-memory/index.js';

// A worker that was killed has not rung for all that it has committed. The poll bound of these watchers is 10 s.

const LOOKED_WITHIN_MS = 100;

let world: World;
let api: SimulatedApi;
let workflow: WorkflowRef;
let stop: AbortController;

beforeEach(async () => {
  world = new World();
  api = world.api('a1');
  stop = new AbortController();
  await world.worker('w1', { handlers: { work: () => world.clock.sleep(100).then(() => null) } }).start();
  workflow = await world.publish('flow', { a: {}, b: { depends_on: ['a'] } });
});

/** Lets the runs end without a ring. */
async function endUnheard(runIds: readonly string[]): Promise<void> {
  world.bellService.broken = 'silently';
  for (const runId of runIds) world.dispatch(runId);
  for (const runId of runIds) await world.untilStatus(runId, 'completed');
  world.bellService.broken = 'no';
}

function ringForDeaths(...workerIds: string[]): void {
  api.bell.ring(workerIds.map((workerId) => ({ kind: 'death', workerId })));
}

function collect(pages: AsyncGenerator<JournalEvent[]>): JournalEvent[] {
  const events: JournalEvent[] = [];
  void (async () => {
    for await (const page of pages) events.push(...page);
  })();
  return events;
}

const looks = (): unknown[] => api.runs.calls.requests('findRuns');
const journalsRead = (): string[] => api.runs.calls.requests<{ runId: string }>('readJournal').map(({ runId }) => runId);

it('who waits for an end looks when a worker has died, and all of a process in one question', async () => {
  const runIds = [await world.submit(workflow), await world.submit(workflow)];
  const live = await world.submit(workflow);
  const waits = [...runIds, live].map((id) => api.watcher.waitForEnd(id, 60_000, stop.signal, { fresh: true }));
  await endUnheard(runIds);
  expect(looks()).toEqual([]);
  ringForDeaths('d1', 'd2');
  ringForDeaths('d3');
  await world.clock.advance(LOOKED_WITHIN_MS);
  expect(await Promise.all(waits.slice(0, 2))).toMatchObject(runIds.map((id) => ({ id, status: 'completed' })));
  expect(looks()).toEqual([[...runIds, live]]);
  ringForDeaths('d4');
  await world.clock.advance(LOOKED_WITHIN_MS);
  expect(looks()).toEqual([[...runIds, live], [live]]);
  stop.abort();
  expect(await waits[2]).toBeNull();
});

it('who follows journals reads those that have grown, and no others', async () => {
  const grown = await world.submit(workflow);
  const quiet = await world.submit(workflow);
  const followers = [grown, quiet].map((id) => collect(api.watcher.followRun(id, 0, stop.signal)));
  await world.clock.settle();
  await endUnheard([grown]);
  expect(followers.map((events) => events.length)).toEqual([1, 1]);
  const [looked, read] = [looks().length, journalsRead().length];
  ringForDeaths('d1');
  await world.clock.advance(LOOKED_WITHIN_MS);
  expect(followers.map((events) => events.length)).toEqual([world.run(grown).seq, 1]);
  expect(looks().slice(looked)).toEqual([[grown, quiet]]);
  expect(new Set(journalsRead().slice(read))).toEqual(new Set([grown]));
  stop.abort();
});

it('who follows a journal misses nothing that is committed while it is read', async () => {
  const runId = await world.submit(workflow);
  const events = collect(api.watcher.followRun(runId, 0, stop.signal));
  await world.clock.settle();
  // Its answer is older than what the worker commits before it comes.
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  api.runs.calls.next('readJournal', { after: () => answered });
  api.bell.ring([{ kind: 'journal', runId, taskId: null, seq: 1, ended: false }]);
  await world.clock.settle();
  await endUnheard([runId]);
  ringForDeaths('d1');
  await world.clock.advance(LOOKED_WITHIN_MS);
  answer();
  await world.clock.settle();
  expect(events).toHaveLength(world.run(runId).seq);
});

it('who follows a task looks too', async () => {
  await world.createTask('t1');
  const events = collect(api.watcher.followTask({ tenantId: DEFAULT_TENANT, id: 't1' }, null, stop.signal));
  await world.clock.settle();
  const runId = await world.submit(workflow, null, 't1');
  await endUnheard([runId]);
  ringForDeaths('d1');
  await world.clock.advance(LOOKED_WITHIN_MS);
  expect(events).toHaveLength(world.run(runId).seq);
  stop.abort();
});

it('leaves no timer behind', async () => {
  const pending = world.clock.pending;
  ringForDeaths('d1');
  await world.clock.settle();
  expect(world.clock.pending).toBe(pending + 1);
  await world.clock.advance(LOOKED_WITHIN_MS);
  expect(world.clock.pending).toBe(pending);
  ringForDeaths('d2');
  await world.clock.settle();
  api.watcher.close();
  expect(world.clock.pending).toBe(pending);
});
