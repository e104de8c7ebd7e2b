import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ChatModel, type JsonObject, type RagSettings } from '@baton/core';
import { RAG_DEFAULTS } from '@baton/platform';
import { startApi, type ApiServer } from '../support/api-server.js';
import { isSettled } from '../support/budget-holds.js';
import { call, createTask, textOf } from '../support/client.js';
import { eventually } from '../support/eventually.js';
import { startOpenAiMock, type OpenAiMock } from '../support/openai-mock/mock-server.js';

const API_KEY = 'sk-of-the-test-0123456789';
const DOCUMENTS = [
  { title: 'Weather', text: 'On a clear day the sky over the harbour is blue.' },
  { title: 'Harbour', text: 'The harbour has three piers and one crane.' },
];
const QUESTION = 'What colour is the sky over the harbour?';

// A busy machine may take its time to start a server or two.
jest.setTimeout(30_000);

let mock: OpenAiMock;
const servers: ApiServer[] = [];

beforeEach(async () => {
  mock = await startOpenAiMock({ apiKey: API_KEY });
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((api) => api.close()));
  await mock.close();
});

async function start(env: Record<string, string>): Promise<ApiServer> {
  const api = await startApi({ env, worker: true });
  servers.push(api);
  return api;
}

const overMock = (more: Record<string, string> = {}): Promise<ApiServer> =>
  start({ OPENAI_BASE_URL: mock.url, OPENAI_API_KEY: API_KEY, ...more });

/** Ingests the documents, asks the question as a task, and waits for the run. */
async function ask({ url }: ApiServer): Promise<JsonObject> {
  expect((await call(url, 'POST', '/api/ingest', { documents: DOCUMENTS })).body).toMatchObject({ ingested: 2, refused: 0 });
  return (await startRun(url)).body;
}

async function startRun(url: string) {
  return await call(url, 'POST', '/run-agents', { id: await createTask(url, QUESTION) }, { prefer: 'wait=10' });
}

async function journalOf(url: string, run: JsonObject): Promise<JsonObject[]> {
  const { body } = await call(url, 'GET', `/api/v1/runs/${textOf(run, 'run_id')}/journal`);
  return body['items'] as JsonObject[];
}

describe('the model endpoint', () => {
  it('is taken where its address or its key is set, for either use, unless the local one is asked for', async () => {
    const chosen = async (env: Record<string, string>): Promise<string[]> => {
      const { app } = await start(env);
      const { model, dimensions } = app.get<RagSettings>(RAG_DEFAULTS);
      return [app.get(ChatModel).provider, `${model}:${dimensions}`];
    };
    const local = { MODEL_PROVIDER: 'local', EMBEDDING_PROVIDER: 'local' };
    const other = { OPENAI_EMBEDDING_MODEL: 'bge-m3', OPENAI_EMBEDDING_DIMENSIONS: '1024' };
    expect(await chosen({})).toEqual(['local', 'local-hash-v1:512']);
    expect(await chosen({ OPENAI_API_KEY: 'k' })).toEqual(['openai', 'text-embedding-3-small:1536']);
    expect(await chosen({ OPENAI_BASE_URL: mock.url, EMBEDDING_PROVIDER: 'local' })).toEqual(['openai', 'local-hash-v1:512']);
    expect(await chosen({ OPENAI_API_KEY: 'k', MODEL_PROVIDER: 'local', ...other })).toEqual(['local', 'bge-m3:1024']);
    expect(await chosen({ OPENAI_API_KEY: 'k', ...local })).toEqual(['local', 'local-hash-v1:512']);
  });

  it('answers from the same passage as the local models', async () => {
    const [local, remote] = [await ask(await start({})), await ask(await overMock())];
    const citedBy = (run: JsonObject) => (run['output'] as { citations: { text: string }[] }).citations.map(({ text }) => text);
    expect(remote).toMatchObject({
      status: 'completed',
      output: { answer: expect.stringContaining('blue'), model: 'gpt-5.4-mini' },
    });
    expect(citedBy(remote)).toEqual(citedBy(local));
    expect(citedBy(remote)[0]).toContain(DOCUMENTS[0]!.text);
  });

  it('is called once for each agent, and again, under the same key, only after a failure', async () => {
    const api = await overMock();
    const run = await ask(api);
    const keys = Object.entries(mock.calls().idempotency_keys);
    expect(keys).toEqual(['draft', 'review', 'synthesise'].map((node) => [`${textOf(run, 'run_id')}/${node}/1/model`, 1]));
    mock.clearCalls();
    mock.failNext({}, { status: 503, retryAfter: '0' });
    expect((await startRun(api.url)).body).toMatchObject({ status: 'completed' });
    expect(Object.values(mock.calls().idempotency_keys)).toEqual([2, 1, 1]);
  });

  it('is asked again no earlier than it wants', async () => {
    const api = await overMock({ MODEL_MAX_RETRIES: '0' });
    await ask(api);
    mock.failNext({}, { status: 429, retryAfter: '2' });
    const run = (await startRun(api.url)).body;
    expect(run).toMatchObject({ status: 'completed' });
    const events = await journalOf(api.url, run);
    const failed = events.find(({ type }) => type === 'node.failed')!;
    expect(failed).toMatchObject({ payload: { error: { code: 'model_failed', retryable: true, retry_after_ms: 2_000 } } });
    const again = events.find(
      ({ node_id: node, attempt, type }) => node === 'draft' && attempt === 2 && type === 'node.started',
    )!;
    expect(Date.parse(textOf(again, 'at')) - Date.parse(textOf(failed, 'at'))).toBeGreaterThanOrEqual(2_000);
  });

  it('fails the run at once where it says more than it may, and holds nothing of a budget for it', async () => {
    const api = await overMock({ MODEL_MAX_ANSWER_BYTES: '16384', EMBEDDING_PROVIDER: 'local' });
    await ask(api);
    expect((await call(api.url, 'PUT', '/api/v1/budget', { day: { model_calls: 100 } })).status).toBe(200);
    mock.clearCalls();
    mock.failNext({ body: { choices: [{ message: { content: 'x'.repeat(20_000) } }] } });
    expect((await startRun(api.url)).body).toMatchObject({
      status: 'failed',
      error: { code: 'model_answer_too_large', message: expect.stringContaining('more than 16384 bytes'), retryable: false },
    });
    expect(mock.calls().total).toBe(1);
    const budget = async () => (await call(api.url, 'GET', '/api/v1/budget')).body;
    await eventually(async () => isSettled(await budget()), 'all is settled');
  });

  it('fails the run at once where a repeat cannot help, and tells its key to nobody', async () => {
    const api = await overMock({ OPENAI_API_KEY: `${API_KEY}-wrong`, EMBEDDING_PROVIDER: 'local', LOG_LEVEL: 'trace' });
    const run = await ask(api);
    expect(run).toMatchObject({
      status: 'failed',
      error: { code: 'model_failed', message: expect.stringContaining('[redacted]') },
    });
    expect(mock.calls().total).toBe(1);
    expect(JSON.stringify([run, await journalOf(api.url, run), api.log])).not.toContain(API_KEY);
  });
});
