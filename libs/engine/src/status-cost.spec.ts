import { beforeEach, expect, it } from '@jest/globals';
import type { JsonValue } from '@baton/core';
import { World, type PortCalls, type SimulatedApi, type Work } from '../../../test/support/in-memory/index.js';

// The budget of docs/performance.md: what a status asks of the database and the queue.

let world: World;
let api: SimulatedApi;

beforeEach(() => {
  world = new World();
  api = world.api('a1');
});

const endless: Work = () => new Promise<JsonValue>(() => undefined);
const waits: Work = ({ waitFor }) => waitFor('k', { awaits: { kind: 'event', name: 'paid' }, until: null, reason: 'paid?' });

/** What the process asks, by operation. */
function asked(): Record<string, number> {
  const counts: Record<string, number> = {};
  const ports: PortCalls[] = [api.runs.calls, api.registry.calls, api.queue.calls];
  for (const { operation } of ports.flatMap(({ log }) => log)) counts[operation] = (counts[operation] ?? 0) + 1;
  return counts;
}

/** What statuses one after the other ask. */
async function costOf(runId: string, statuses: number): Promise<Record<string, number>> {
  const before = asked();
  for (let n = 0; n < statuses; n += 1) {
    const run = await api.runs.findRun(runId);
    await api.explainer.explain(run!, await api.inspector.inspect(run!));
  }
  const grown = Object.entries(asked()).map(([operation, count]) => [operation, count - (before[operation] ?? 0)] as const);
  return Object.fromEntries(grown.filter(([, count]) => count > 0));
}

async function launch(work: Work, event: string): Promise<string> {
  const runId = await world.launch(await world.publish('flow', { a: {} }));
  await world.worker('w1', { handlers: { work } }).start();
  await world.clock.until(() => world.story(runId).includes(event), event);
  await world.clock.settle();
  return runId;
}

it('of a run that is in work: its row and its inbox; its events once, and the workers once in a while', async () => {
  const runId = await launch(endless, 'node.started a');
  expect(await costOf(runId, 100)).toEqual({ findRun: 100, readSignals: 100, readJournal: 1, list: 1 });
  expect(await costOf(runId, 100)).toEqual({ findRun: 100, readSignals: 100 });
  await world.clock.advance(500);
  expect(await costOf(runId, 100)).toEqual({ findRun: 100, readSignals: 100, list: 1 });
});

it('of a run that waits: its row', async () => {
  const runId = await launch(waits, 'node.suspended a');
  expect(await costOf(runId, 100)).toEqual({ findRun: 100, readJournal: 1, list: 1 });
  expect(await costOf(runId, 100)).toEqual({ findRun: 100 });
});

it('of a run in the queue: its row, and how long the queue is once in a while', async () => {
  const runId = await world.launch(await world.publish('flow', { a: {} }));
  expect(await costOf(runId, 100)).toEqual({ findRun: 100, list: 1, depth: 1 });
});

it('of a run that has ended: its row', async () => {
  const runId = await launch(() => null, 'run.completed');
  expect(await costOf(runId, 100)).toEqual({ findRun: 100, readJournal: 1 });
});
