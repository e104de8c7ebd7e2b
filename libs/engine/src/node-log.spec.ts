import { expect, test } from '@jest/globals';
import { BatonError, type NodeContext } from '@baton/core';
import { World, type WorkerSettings } from '../../../test/support/in-memory/index.js';

async function workerOf(world: World, settings: WorkerSettings) {
  const worker = await world.worker('w1', settings).start();
  worker.waker.start();
  return worker;
}

const linesOf = (world: World) =>
  world.db.logLines.map(({ nodeId, visit, attempt, level, message }) => `${nodeId} ${visit}.${attempt} ${level}: ${message}`);

test('a run that logs nothing asks nothing for it; one that logs pays one write for all of its lines', async () => {
  const world = new World();
  const say = ({ log, input }: NodeContext): null => {
    if (input === 'loud') for (let count = 1; count <= 20; count += 1) log.info(`line ${count}`, { count });
    return null;
  };
  const worker = await workerOf(world, { handlers: { work: say } });
  const workflow = await world.publish('flow', { a: {}, b: { depends_on: ['a'] } });
  const quiet = await world.launch(workflow, 'quiet');
  await world.untilStatus(quiet, 'completed');
  await world.clock.advance(5_000);
  expect(worker.logs.calls.log).toEqual([]);
  const loud = await world.launch(workflow, 'loud');
  await world.untilStatus(loud, 'completed');
  await world.clock.advance(5_000);
  expect(worker.logs.calls.log.map(({ operation }) => operation)).toEqual(['sizes', 'append']);
  expect(await worker.logs.read({ tenantId: 'default', runId: loud, after: 0, limit: 100 })).toHaveLength(40);
  expect(world.story(loud)).toEqual(world.story(quiet));
});

test('a failed attempt says why, and when the next one comes; the log is that of the attempt', async () => {
  const world = new World();
  const work = ({ log, attempt }: NodeContext): null => {
    log.info('tries');
    if (attempt < 3) throw new BatonError('http_failed', `answer ${attempt}`, {}, { retryable: true });
    throw new BatonError('http_failed', 'refused', {}, { retryable: false });
  };
  const worker = await workerOf(world, { handlers: { work } });
  const retry = { max_attempts: 5 };
  const runId = await world.launch(await world.publish('flow', { a: { retry } }));
  await world.untilStatus(runId, 'failed');
  await worker.shutDown(1_000);
  expect(linesOf(world)).toEqual([
    ...['a 1.1 info: tries', 'a 1.1 warn: Failed, and is tried again: answer 1'],
    ...['a 1.2 info: tries', 'a 1.2 warn: Failed, and is tried again: answer 2'],
    ...['a 1.3 info: tries', 'a 1.3 error: Failed: refused'],
  ]);
  expect(world.db.logLines[1]!.fields).toEqual({ code: 'http_failed', retry_in_ms: expect.any(Number) });
});

test('a node in a pool logs there, and its end is told where the run is held', async () => {
  const world = new World();
  const work = ({ log }: NodeContext): null => {
    log.info('in the pool');
    throw new BatonError('node_failed', 'broken', {}, { retryable: false });
  };
  await workerOf(world, { handlers: { work }, pools: ['gpu'] });
  const runId = await world.launch(await world.publish('flow', { a: { pool: 'gpu' } }));
  await world.untilStatus(runId, 'failed');
  await world.clock.advance(1_000);
  expect(linesOf(world)).toEqual(['a 1.1 info: in the pool', 'a 1.1 error: Failed: broken']);
});

test('a database that keeps no lines holds up nothing', async () => {
  const world = new World();
  const worker = await workerOf(world, { handlers: { work: ({ log }) => (log.info('x'), null) } });
  worker.logs.calls.every('append', { before: () => new Promise(() => undefined) });
  const runId = await world.launch(await world.publish('flow', { a: {}, b: { depends_on: ['a'] } }));
  await world.untilStatus(runId, 'completed');
});
