import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { rateLimited } from '@baton/core';
import { World, type Work } from '../../../test/support/in-memory/index.js';

let world: World;
let asked: number[];

beforeEach(() => {
  world = new World();
  asked = [];
});

afterEach(() => {
  expect(world.db.problems()).toEqual([]);
});

/** Calls a host that is limited: its turn comes after three times, 30 s apart. */
const call: Work = () => {
  asked.push(world.clock.now());
  if (asked.length <= 3) throw rateLimited('api.test', '2 requests in 60 s', 30_000);
  return 'called';
};

it('a call whose turn comes later takes no try, holds no worker, and is made when its turn comes', async () => {
  const worker = await world.worker('w1', { handlers: { call } }).start();
  worker.waker.start();
  const retry = { max_attempts: 1 };
  const runId = await world.launch(await world.publish('flow', { a: { type: 'call', retry } }));
  await world.untilStatus(runId, 'waiting');
  const api = world.api('api');
  const why = await api.explainer.explain(
    (await api.runs.findRun(runId))!,
    await api.inspector.inspect((await api.runs.findRun(runId))!),
  );
  const turnAt = asked[0]! + 30_000;
  expect(why).toMatchObject({ code: 'rate_limited', nodeId: 'a', target: 'api.test', until: turnAt });
  expect(why.sentence).toBe(
    `The node a waits until ${new Date(turnAt).toISOString()}: calls to api.test are limited (2 requests in 60 s).`,
  );
  await world.untilStatus(runId, 'completed');
  expect((await worker.runs.findRun(runId))!.output).toBe('called');
  expect(asked.slice(1).every((at, index) => at >= asked[index]! + 30_000)).toBe(true);
});
