import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@baton/core';
import { startApi } from '../support/api-server.js';
import { call, textOf } from '../support/client.js';
import { startCluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { journalViolations, type SeenEvent } from '../support/journal-checks.js';

const CHILDREN = 100;
const ITEMS = Array.from({ length: CHILDREN }, (_, index) => index);

/** Where a scenario plays. */
interface Deployment {
  url: string;
  /** Happens while some of the children are done; told of a worker that holds others. */
  disturb(workerId: string): Promise<void>;
  /** Whether some children are then claimed once more. */
  interrupts: boolean;
  stop(): Promise<void>;
}

const DEPLOYMENTS: [string, () => Promise<Deployment>][] = [
  [
    'in one process on SQLite',
    async () => {
      const api = await startApi({ worker: true });
      return { url: api.url, disturb: () => Promise.resolve(), interrupts: false, stop: () => api.close() };
    },
  ],
  [
    'on MariaDB and BullMQ with two workers, one of which is killed',
    async () => {
      const cluster = await startCluster({ apis: 1, workers: 2 });
      const { url } = cluster.apis[0]!;
      const disturb = async (workerId: string): Promise<void> => {
        const known = (await call(url, 'GET', '/api/v1/workers')).body['items'] as JsonObject[];
        const { pid } = known.find(({ id }) => id === workerId)!;
        await cluster.workers.find(({ child }) => child.pid === pid)!.kill();
      };
      return { url, disturb, interrupts: true, stop: () => cluster.stop() };
    },
  ],
];

const DOUBLE: JsonObject = {
  name: 'double',
  nodes: [
    { id: 'pause', type: 'wait', config: { seconds: 0.2 } },
    // Each takes longer than the one before: whenever a worker is killed, some that it has are far from their end.
    { id: 'work', type: 'echo', depends_on: ['pause'], config: { delay_ms: '${{ 200.0 + 10.0 * input.n }}' } },
    { id: 'double', type: 'transform', depends_on: ['work'], config: { expression: 'input.n * 2.0' } },
  ],
};
const FAN_OUT: JsonObject = {
  name: 'fan-out',
  nodes: [
    {
      ...{ id: 'each', type: 'map', concurrency: 40 },
      config: { items: 'input.items', body: { type: 'workflow', config: { workflow: 'double', input: { n: '${{ item }}' } } } },
    },
    { id: 'one', type: 'workflow', depends_on: ['each'], config: { workflow: 'double', input: { n: 21 } } },
  ],
};
const COUNT_DOWN: JsonObject = {
  name: 'count-down',
  nodes: [
    { id: 'left', type: 'transform', config: { expression: 'input.left' } },
    {
      ...{ id: 'again', type: 'continue_as_new', depends_on: ['left'], when: 'input.left > 0' },
      config: { input: { left: '${{ input.left - 1.0 }}' } },
    },
  ],
};

describe.each(DEPLOYMENTS)('runs that start runs, %s', (_, deploy) => {
  let deployment: Deployment;

  beforeAll(async () => {
    deployment = await deploy();
    for (const workflow of [DOUBLE, FAN_OUT, COUNT_DOWN]) {
      const published = await call(deployment.url, 'POST', '/api/v1/workflows', workflow);
      expect([published.status, published.body['validation_report']]).toMatchObject([201, { errors: [], warnings: [] }]);
    }
  }, 60_000);
  afterAll(() => deployment.stop());

  const get = async (path: string): Promise<JsonObject> => (await call(deployment.url, 'GET', path)).body;
  const listed = async (query: string): Promise<JsonObject[]> => (await get(`/api/v1/runs?${query}`))['items'] as JsonObject[];
  const start = async (workflow: string, input: JsonObject): Promise<string> =>
    textOf((await call(deployment.url, 'POST', '/api/v1/runs', { workflow, input })).body, 'run_id');
  const hasEnded = async (runId: string): Promise<boolean> => (await get(`/api/v1/runs/${runId}`))['finished_at'] !== null;

  it(`a map over ${CHILDREN} child runs loses none and runs none twice`, async () => {
    const runId = await start('fan-out', { items: ITEMS });
    const done = (): Promise<JsonObject[]> => listed(`parent_id=${runId}&status=completed&limit=100`);
    await eventually(async () => (await done()).length >= 10, 'some children are done', 30_000);
    let workerId = '';
    const findHolder = async (): Promise<boolean> => {
      const inWork = await listed(`parent_id=${runId}&status=running&limit=100`);
      const holders = inWork.flatMap(({ worker_id: id }) => (typeof id === 'string' ? [id] : []));
      workerId = holders[0] ?? '';
      return holders.length > 0;
    };
    await eventually(findHolder, 'others are in work', 10_000);
    await deployment.disturb(workerId);
    await eventually(() => hasEnded(runId), 'the parent ends', 60_000);

    const run = await get(`/api/v1/runs/${runId}`);
    expect(run).toMatchObject({ status: 'completed', output: 42, parent: null, continued_as: null });
    const events = (await get(`/api/v1/runs/${runId}/journal?limit=1000`))['items'] as unknown as (SeenEvent & {
      payload: JsonObject;
    })[];
    expect(journalViolations(runId, events)).toEqual([]);
    const output = events.find(({ type, node_id: id }) => type === 'node.completed' && id === 'each')!.payload['output'];
    expect(output).toEqual({ items: ITEMS.map((n) => n * 2), failed: [] });

    const first = await get(`/api/v1/runs?parent_id=${runId}&limit=100`);
    const rest = await get(
      `/api/v1/runs?parent_id=${runId}&limit=100&cursor=${encodeURIComponent(textOf(first, 'next_cursor'))}`,
    );
    const children = [...(first['items'] as JsonObject[]), ...(rest['items'] as JsonObject[])];
    expect(children.map(({ status }) => status)).toEqual(Array.from({ length: CHILDREN + 1 }, () => 'completed'));
    const ofMap = children.map(({ parent }) => parent as JsonObject).filter(({ node_id: id }) => id === 'each');
    expect(ofMap.map(({ index }) => Number(index)).sort((a, b) => a - b)).toEqual(ITEMS);
    expect(ofMap[0]).toMatchObject({ run_id: runId, depth: 1 });
    expect(children.some(({ epoch }) => Number(epoch) > 1)).toBe(deployment.interrupts);
  }, 120_000);

  it('a run goes on as new ones, each of which names the one before', async () => {
    const runId = await start('count-down', { left: 3 });
    const chain: JsonObject[] = [];
    for (let next: unknown = runId; typeof next === 'string'; next = chain.at(-1)!['continued_as']) {
      const id = next;
      await eventually(() => hasEnded(id), 'the run ends', 30_000);
      chain.push(await get(`/api/v1/runs/${id}`));
    }
    expect(chain.map(({ input }) => (input as JsonObject)['left'])).toEqual([3, 2, 1, 0]);
    expect(chain.map(({ continued_from: from }) => from)).toEqual([null, ...chain.slice(0, -1).map(({ id }) => id)]);
    expect(new Set(chain.map(({ status }) => status))).toEqual(new Set(['completed']));
  }, 60_000);

  it('a parent that is cancelled takes its child with it', async () => {
    const parent = { name: 'waits', nodes: [{ id: 'a', type: 'workflow', config: { workflow: 'sleeper' } }] };
    const sleeper = { name: 'sleeper', nodes: [{ id: 'z', type: 'wait', config: { event: 'never' } }] };
    for (const workflow of [sleeper, parent]) await call(deployment.url, 'POST', '/api/v1/workflows', workflow);
    const runId = await start('waits', {});
    await eventually(async () => (await listed(`parent_id=${runId}&status=waiting`)).length === 1, 'the child waits', 30_000);
    const [child] = await listed(`parent_id=${runId}`);
    const childId = textOf(child!, 'id');
    const why = async (): Promise<JsonObject> => get(`/api/v1/runs/${runId}/why`);
    await eventually(async () => (await why())['code'] === 'waiting_for_child', 'the parent says what it waits for', 10_000);
    expect(await why()).toMatchObject({ node_id: 'a', child_run_id: childId, child_status: 'waiting' });
    await call(deployment.url, 'POST', `/api/v1/runs/${runId}/cancel`, {});
    await eventually(async () => (await get(`/api/v1/runs/${childId}`))['status'] === 'cancelled', 'the child ends', 30_000);
  }, 60_000);
});
