import { beforeEach, describe, expect, it } from '@jest/globals';
import { DEFAULT_TENANT, type WorkflowRef } from '@baton/core';
import { World, type SimulatedApi } from '../../../test/support/in-memory/index.js';
import { ChangeFeed } from './change-feed.js';
import { changeLooks, type ChangeTopic } from './change-looks.js';

let world: World;
let api: SimulatedApi;
let feed: ChangeFeed;
let workflow: WorkflowRef;
let looks: number;
let troubles: string[];

beforeEach(async () => {
  world = new World();
  api = world.api('a1');
  looks = 0;
  troubles = [];
  const { runs, tasks, registry, bell: doorbell } = api;
  const counting = Object.fromEntries(
    Object.entries(changeLooks({ runs, tasks, registry })).map(([topic, look]) => {
      const take = (tenantId: string) => {
        looks += 1;
        return look.take(tenantId);
      };
      return [topic, { ...look, take }];
    }),
  ) as ReturnType<typeof changeLooks>;
  const observer = { trouble: ({ what }: { what: string }) => void troubles.push(what) };
  feed = new ChangeFeed({ runs, looks: counting, doorbell, clock: world.clock, observer });
  await world.worker('w1', { handlers: { work: () => world.clock.sleep(100).then(() => null) } }).start();
  workflow = await world.publish('flow', { a: {}, b: { depends_on: ['a'] } });
});

async function listen(topic: ChangeTopic, tenantId = DEFAULT_TENANT) {
  const told: (readonly string[] | null)[] = [];
  const leave = await feed.listen(topic, tenantId, (ids) => told.push(ids));
  return { told, leave };
}

describe('changes', () => {
  it('of a run are told by its rings, a few times a second, and to its tenant alone', async () => {
    const mine = await listen('runs');
    const others = await listen('runs', 'other');
    const runId = await world.launch(workflow);
    await world.untilStatus(runId, 'completed');
    await world.clock.advance(600);
    expect(mine.told.length).toBeGreaterThan(0);
    expect(mine.told.length).toBeLessThan(5);
    expect(new Set(mine.told.flat())).toEqual(new Set([runId]));
    expect(others.told).toEqual([]);
  });

  it.each([
    ['silently', 5_500],
    ['known', 1_500],
  ] as const)('of a run are told though rings are lost (%s)', async (broken, withinMs) => {
    world.bellService.broken = broken;
    const { told } = await listen('runs');
    const runId = await world.submit(workflow);
    await world.clock.until(() => told.length > 0, 'it is told', withinMs);
    expect(told).toEqual([[runId]]);
  });

  it('are looked for at once when a worker has died, which may not have rung', async () => {
    const { told } = await listen('runs');
    world.bellService.broken = 'silently';
    const runId = await world.submit(workflow);
    world.bellService.broken = 'no';
    api.bell.ring([{ kind: 'death', workerId: 'dead' }]);
    await world.clock.until(() => told.length > 0, 'it is told', 300);
    expect(told).toEqual([[runId]]);
    const before = looks;
    await world.clock.advance(1_000);
    expect(looks).toBe(before);
  });

  it('of tasks that have been created are told', async () => {
    const { told } = await listen('tasks');
    await world.createTask('task-1');
    await world.clock.until(() => told.length > 0, 'it is told', 1_500);
    expect(told).toEqual([['task-1']]);
  });

  it('cost nothing while nobody listens, and one look however many do', async () => {
    const listeners = world.bellService.listeners.size;
    const some = await Promise.all([listen('workers'), listen('workers'), listen('workers')]);
    expect([looks, world.bellService.listeners.size]).toEqual([1, listeners + 1]);
    for (const { leave } of some) leave();
    await world.clock.advance(10_000);
    expect([looks, world.bellService.listeners.size]).toEqual([1, listeners]);
  });

  it('of more than can be named are told as of any', async () => {
    const { told } = await listen('runs');
    for (let n = 0; n < 201; n += 1) api.bell.ring([{ kind: 'journal', runId: `run-${n}`, taskId: null, seq: 1, ended: false }]);
    await world.clock.until(() => told.length > 0, 'it is told', 600);
    expect(told).toEqual([null]);
    expect(troubles).toEqual([]);
  });
});
