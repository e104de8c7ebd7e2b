import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import type { JsonObject } from '@baton/core';
import { startApi, type ApiServer } from '../support/api-server.js';
import { call, createTask, textOf } from '../support/client.js';
import { openEvents } from '../support/event-stream.js';
import { startOpenAiMock, type OpenAiMock } from '../support/openai-mock/mock-server.js';

const API_KEY = 'sk-of-the-test-0123456789';
const DOCUMENTS = [{ title: 'Weather', text: 'On a clear day the sky over the harbour is blue.' }];

// A busy machine may take its time for the whole way.
jest.setTimeout(30_000);

let mock: OpenAiMock;
let api: ApiServer;

beforeEach(async () => {
  mock = await startOpenAiMock({ apiKey: API_KEY });
});
afterEach(async () => {
  await api.close();
  await mock.close();
});

/** The text of each call as its pieces say it. */
function saidIn(frames: readonly { id: string; event: string; data: unknown }[]): Map<string, string> {
  const said = new Map<string, string>();
  for (const { id, event, data } of frames) {
    if (event !== 'token') continue;
    const { node_id: node, step, offset, text } = data as { node_id: string; step: string; offset: number; text: string };
    expect([id, offset]).toEqual(['', said.get(`${node}/${step}`)?.length ?? 0]);
    said.set(`${node}/${step}`, (said.get(`${node}/${step}`) ?? '') + text);
  }
  return said;
}

it.each([
  ['a provider of its own', () => ({ groq: { base_url: mock.url, default_model: 'big', api_key: API_KEY } }), 'groq/big'],
  ['the local model', () => ({}), 'local/local-extractive-v1'],
])('answers of %s come in pieces to who listens, and what they cost is summed', async (_, providers, name) => {
  const prices = { [name]: { input: 2, output: 10 } };
  const env = { MODEL_PROVIDERS: JSON.stringify(providers()), MODEL_PRICES: JSON.stringify(prices) };
  api = await startApi({ env, worker: true });
  const { url } = api;
  await call(url, 'POST', '/api/ingest', { documents: DOCUMENTS });
  const taskId = await createTask(url, 'What colour is the sky over the harbour?');
  const stream = await openEvents(`${url}/events/tasks/${taskId}?tokens=true`);
  const started = await call(url, 'POST', '/run-agents', { id: taskId });
  const frames = await stream.read((seen) => seen.some(({ event }) => event === 'run.completed'));
  stream.close();

  const said = saidIn(frames);
  expect([...said.keys()]).toEqual(['draft/model', 'review/model', 'synthesise/model']);
  const runId = textOf(started.body, 'run_id');
  const { body: run } = await call(url, 'GET', `/api/v1/runs/${runId}`);
  expect(said.get('synthesise/model')).toBe((run['output'] as JsonObject)['answer']);
  // Nothing of it stands in the journal, and who does not ask for it does not get it.
  const plain = await openEvents(`${url}/api/v1/runs/${runId}/events`);
  expect((await plain.read(() => false)).some(({ event }) => event === 'token')).toBe(false);

  const usage = run['usage'] as Record<string, number>;
  expect(usage).toMatchObject({ model_calls: 3, cost_micros: usage['prompt_tokens']! * 2 + usage['completion_tokens']! * 10 });
  expect(usage['completion_tokens']).toBeGreaterThan(20);
  const { body: sums } = await call(url, 'GET', '/api/v1/usage?group_by=workflow,node,model');
  expect(sums).toMatchObject({ truncated: false, total: usage });
  const items = sums['items'] as JsonObject[];
  expect(items.map((item) => textOf(item, 'node_id')).toSorted((a, b) => a.localeCompare(b))).toEqual([
    'draft',
    'review',
    'synthesise',
  ]);
  expect(items[0]).toMatchObject({ model: name, workflow: { name: 'answer' }, model_calls: 1 });
  expect((await call(url, 'GET', `/api/v1/usage?run_id=${runId}&group_by=`)).body).toMatchObject({ items: [usage] });
  expect((await call(url, 'GET', '/api/v1/usage?workflow=nobody')).body).toMatchObject({ items: [], total: { model_calls: 0 } });
  const { body: summary } = await call(url, 'GET', '/api/v1/analytics/summary?workflow=answer');
  expect(summary).toMatchObject({ runs: { ended: 1, completed: 1 }, success_rate: 1, usage, live: { running: 0 } });
  expect(summary['points']).toHaveLength(30);
  const { body: flows } = await call(url, 'GET', '/api/v1/analytics/workflows');
  expect(flows['items']).toContainEqual(
    expect.objectContaining({ workflow: expect.objectContaining({ name: 'answer' }), usage }),
  );
  const { body: costs } = await call(url, 'GET', '/api/v1/analytics/costs?interval=hour');
  expect(costs).toMatchObject({ total: usage, by_model: [{ model: name, ...usage }], by_workflow: [{ points: [usage] }] });
  const cost_usd = usage['cost_micros']! / 1_000_000;
  expect((await call(url, 'GET', '/analytics/costs')).body).toMatchObject({ total_cost_usd: cost_usd });
  expect((await call(url, 'GET', '/analytics/summary?workflow=nobody')).body).toMatchObject({
    total_workflows: 0,
    success_rate: null,
  });
  expect((await call(url, 'GET', '/analytics/workflows')).body).toMatchObject({ active_workflows: 0 });
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toContain(`baton_model_cost_micros_total{model="${name}"} ${usage['cost_micros']}`);
});
