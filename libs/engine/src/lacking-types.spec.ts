import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@baton/core';
import { World, type SimulatedWorker, type Work } from '../../../test/support/in-memory/index.js';
import { lackingTypes, neededTypes } from './lacking-types.js';

let world: World;

beforeEach(() => {
  world = new World();
});

afterEach(() => {
  expect(world.db.problems()).toEqual([]);
});

const work: Work = ({ nodeId }) => nodeId;
const held = (type: string): { type: string; config: JsonObject } => ({ type: 'holder', config: { body: { type, config: {} } } });

async function startWorker(id: string, ...types: string[]): Promise<SimulatedWorker> {
  const handlers = Object.fromEntries(types.map((type) => [type, work]));
  const worker = await world.worker(id, { handlers, holders: ['holder'] }).start();
  worker.waker.start();
  return worker;
}

describe('a node that holds another', () => {
  it('goes to a worker that has the types of both', async () => {
    const first = await startWorker('w1', 'work', 'holder');
    const runId = await world.launch(await world.publish('flow', { a: {}, map: { ...held('rare'), depends_on: ['a'] } }));
    await startWorker('w2', 'holder', 'rare');
    await world.untilStatus(runId, 'completed');
    expect(first.told('runLetGo')).toContainEqual(expect.objectContaining({ reason: 'another worker runs nodes of type rare' }));
    const starter = world.journal(runId).findLast(({ type }) => type === 'run.claimed');
    expect(starter?.payload).toEqual({ worker_id: 'w2' });
  });

  it('is skipped with the reason where no worker has both', async () => {
    const worker = await startWorker('w1', 'work', 'holder');
    await startWorker('w2', 'work', 'rare');
    const workflow = await world.publish('flow', { map: held('rare'), last: { depends_on: ['map'] } });
    const runIds = [await world.launch(workflow), await world.launch(workflow)];
    for (const runId of runIds) {
      await world.untilStatus(runId, 'completed');
      const skipped = world.journal(runId).find(({ type }) => type === 'node.skipped');
      expect(skipped).toMatchObject({
        nodeId: 'map',
        payload: { reason: expect.stringMatching(/^no worker runs nodes of type (rare|holder)$/) },
      });
      expect(world.story(runId)).not.toContain('node.started map');
    }
    expect(worker.told('trouble')).toEqual([]);
  });
});

describe('what undoes a node', () => {
  const nodes = (type: string) => ({
    a: { compensate: { type, retry: { max_attempts: 1 } } },
    b: { type: 'fail', depends_on: ['a'], on_error: 'compensate', retry: { max_attempts: 1 } },
  });
  const fail: Work = () => {
    throw new Error('broken');
  };

  it('is left to a worker that has its type', async () => {
    const first = await world.worker('w1', { handlers: { work, fail } }).start();
    first.waker.start();
    const other = world.worker('w2', { handlers: { work, fail, rare: () => 'undone' } });
    await other.keeper.start(() => false);
    const runId = await world.launch(await world.publish('flow', nodes('rare')));
    await world.clock.until(() => first.told('runLetGo').length > 0, 'the run is handed back');
    await other.start();
    await world.untilStatus(runId, 'failed');
    expect(world.story(runId)).toContain('compensation.completed a');
    expect((await other.runs.findRun(runId))?.error?.details).toMatchObject({ compensated: ['a'], not_compensated: [] });
  });

  it('is passed over and reported where no worker has its type', async () => {
    const worker = await world.worker('w1', { handlers: { work, fail, holder: work }, holders: ['holder'] }).start();
    worker.waker.start();
    const definition = nodes('rare');
    Object.assign(definition.a.compensate, held('rare'));
    const runId = await world.launch(await world.publish('flow', definition));
    await world.untilStatus(runId, 'failed');
    const passed = world.journal(runId).find(({ type }) => type === 'compensation.failed');
    expect(passed?.payload).toMatchObject({ error: { message: 'no worker runs nodes of type rare', retryable: false } });
    expect((await worker.runs.findRun(runId))?.error?.details).toMatchObject({ not_compensated: ['a'] });
  });
});

it('looks into bodies of bodies', () => {
  const holder = { type: 'holder', execute: () => Promise.resolve(null), bodies: ({ body }: JsonObject) => [body as never] };
  const handlers = new Map([['holder', holder]]);
  const nested = { type: 'holder', config: { body: held('rare') } };
  expect(lackingTypes(handlers, nested)).toEqual(['rare']);
  expect(neededTypes(handlers, nested)).toEqual(['holder', 'holder', 'rare']);
  expect(lackingTypes(handlers, { type: 'other', config: {} })).toEqual(['other']);
});
