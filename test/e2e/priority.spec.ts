import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import type { JsonObject } from '@baton/core';
import { startApi, type ApiServer } from '../support/api-server.js';
import { call, createTask, textOf } from '../support/client.js';
import { eventually } from '../support/eventually.js';

/** Where each run has its effect, in their order; the first one is held until it is let go. */
const effects: string[] = [];
let held: ServerResponse | null = null;
const sink = createServer((request, response) => {
  void json(request).then((effect) => {
    effects.push((effect as { run_id: string }).run_id);
    if (held === null) held = response;
    else response.end();
  });
});
let api: ApiServer;

beforeAll(async () => {
  sink.listen(0, '127.0.0.1');
  await once(sink, 'listening');
  const { port } = sink.address() as AddressInfo;
  const env = { WORKER_CONCURRENCY: '1', EFFECT_SINK_URL: `http://127.0.0.1:${port}` };
  api = await startApi({ worker: true, env });
  const definition = { name: 'works', nodes: [{ id: 'only', type: 'effect' }] };
  expect((await call(api.url, 'POST', '/api/v1/workflows', definition)).status).toBe(201);
});
afterAll(async () => {
  sink.close();
  sink.closeAllConnections();
  await api.close();
});

const start = async (path: string, body: JsonObject): Promise<string> => {
  const reply = await call(api.url, 'POST', path, body);
  expect(reply.status).toBe(202);
  return textOf(reply.body, path.endsWith('execute') ? 'execution_id' : 'run_id');
};
const priorityOf = async (id: string): Promise<unknown> => (await call(api.url, 'GET', `/api/v1/runs/${id}`)).body['priority'];

it('a run gets its turn by its priority, whichever way it was started', async () => {
  const normal = (): Promise<string> => start('/api/v1/runs', { workflow: 'works' });
  const first = await normal();
  await eventually(() => effects.length === 1, 'the only place is taken');
  const before = [await normal(), await normal(), await normal(), await normal()];
  const low = await start('/api/v1/runs', { workflow: 'works', priority: 'low' });
  const after = await normal();
  const high = await start('/api/v1/workflows/works/execute', { input_data: {}, execution_options: { priority: 'high' } });
  expect(await Promise.all([low, after, high].map(priorityOf))).toEqual(['low', 'normal', 'high']);
  held!.end();
  await eventually(() => effects.length === 8, 'all have been in work');
  expect(effects.filter((id) => id !== high)).toEqual([first, ...before, after, low]);
  expect(effects.indexOf(high)).toBeLessThan(effects.indexOf(before[2]!));
});

it('a run of a task has the priority that it was started with', async () => {
  const task = await createTask(api.url, 'Somebody waits for this');
  expect(await priorityOf(await start(`/api/v1/tasks/${task}/runs`, { priority: 'high' }))).toBe('high');
});

it('a priority that there is not is refused', async () => {
  const reply = await call(api.url, 'POST', '/api/v1/runs', { workflow: 'works', priority: 'urgent' });
  expect([reply.status, reply.body]).toMatchObject([400, { code: 'invalid_request', problems: [{ pointer: '/priority' }] }]);
});
