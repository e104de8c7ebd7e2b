import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '@baton/core';
import { call, textOf } from '../support/client.js';
import { startCluster, type Cluster } from '../support/cluster.js';
import { openEvents } from '../support/event-stream.js';
import { eventually } from '../support/eventually.js';
import { journalViolations, type SeenEvent } from '../support/journal-checks.js';
import { LiveRun } from '../support/live-run.js';
import { startOpenAiMock, type OpenAiMock } from '../support/openai-mock/mock-server.js';

const TOPICS = [
  ...['Leases', 'Locks', 'Epochs', 'Journals', 'Queues', 'Doorbells', 'Timers', 'Pools', 'Budgets', 'Approvals'],
  ...['Retries', 'Sagas', 'Signals', 'Forks', 'Tenants', 'Tokens', 'Metrics', 'Probes', 'Blobs', 'Reports'],
];
const DOCUMENTS = TOPICS.map((title) => ({
  title,
  text: `${title} keep one promise of Baton. Whoever relies on ${title.toLowerCase()} loses nothing when a worker dies.`,
}));

/** Agents that get no answer before their worker dies. */
const UNANSWERED = [['worker-5', 'worker-6', 'worker-7', 'worker-8'], ['synthesis-2']];
const AGENTS = [
  'decompose',
  ...Array.from({ length: 8 }, (_, index) => `worker-${index + 1}`),
  'synthesis-1',
  'synthesis-2',
  'final',
];

const dir = mkdtempSync(join(tmpdir(), 'baton-research-'));
/** Keys of calls, in the order in which they came. */
const called: string[] = [];
let mock: OpenAiMock;
let cluster: Cluster;
let api: string;

beforeAll(async () => {
  mock = await startOpenAiMock({
    delayMs(key = '') {
      const isFirst = !called.includes(key);
      called.push(key);
      return isFirst && (UNANSWERED.flat().includes(nodeOf(key)) || key.endsWith('/model-2')) ? 120_000 : 0;
    },
  });
  const env = { MODEL_PROVIDER: 'openai', OPENAI_BASE_URL: mock.url, EMBEDDING_PROVIDER: 'local' };
  cluster = await startCluster({ apis: 1, workers: 2, env: { ...env, VECTOR_PATH: join(dir, 'vectors.sqlite') } });
  api = cluster.apis[0]!.url;
}, 60_000);
afterAll(async () => {
  await cluster.stop();
  await mock.close();
  rmSync(dir, { recursive: true });
});

/** `<run>/<node>/<visit>/<step>` */
const nodeOf = (key: string): string => key.split('/')[1]!;

/** The agents whose replies are journaled. */
async function answeredIn(run: LiveRun): Promise<string[]> {
  const journal = (await run.journal()) as (SeenEvent & { payload: JsonObject })[];
  return journal
    .filter(({ type, payload }) => type === 'step.completed' && payload['key'] === 'model')
    .map((event) => event.node_id!);
}

/** `kill -9` of the worker that has the run, and another one in its place. */
async function killHolder(run: LiveRun): Promise<void> {
  const id = (await run.get())['worker_id'];
  const { body } = await call(api, 'GET', '/api/v1/workers');
  const holder = (body['items'] as JsonObject[]).find((worker) => worker['id'] === id);
  await cluster.workers.find(({ child }) => child.pid === holder?.['pid'])!.kill();
  await cluster.addWorker();
}

async function download(artifact: JsonObject): Promise<Buffer> {
  const response = await fetch(`${api}/api/v1/artifacts/${textOf(artifact, 'id')}`);
  return Buffer.from(await response.arrayBuffer());
}

it('a research whose workers are killed pays no reply that is journaled twice, and ends with citations and reports', async () => {
  expect((await call(api, 'POST', '/api/ingest', { documents: DOCUMENTS })).body).toMatchObject({ ingested: TOPICS.length });
  const run = await LiveRun.start([api], 'research', { question: 'Which promise of Baton do they keep?' });
  const stream = await openEvents(`${api}/api/v1/runs/${run.id}/events?tokens=true`, {}, 90_000);
  for (const [round, unanswered] of UNANSWERED.entries()) {
    const held = ['final', ...UNANSWERED.slice(round).flat()];
    const others = AGENTS.filter((agent) => !held.includes(agent));
    const isReached = async (): Promise<boolean> => {
      const answered = await answeredIn(run);
      const asked = called.map(nodeOf);
      return others.every((agent) => answered.includes(agent)) && unanswered.every((agent) => asked.includes(agent));
    };
    await eventually(isReached, `${unanswered.join(', ')} are asked, and all that do not wait for them have answered`, 30_000);
    await killHolder(run);
  }
  const ended = await run.untilEnded(60_000);
  expect(ended).toMatchObject({ status: 'completed', output: { title: 'Which promise of Baton do they keep?' } });

  const journal = await run.journal();
  expect(journalViolations(run.id, journal)).toEqual([]);
  expect(journal.filter(({ type }) => type === 'run.claimed')).toHaveLength(1 + UNANSWERED.length);
  // What was in flight at a kill came once more, under the same key; all else came once.
  const twice = UNANSWERED.flat();
  expect(mock.calls().idempotency_keys).toEqual(
    Object.fromEntries(AGENTS.map((agent) => [`${run.id}/${agent}/1/model`, twice.includes(agent) ? 2 : 1])),
  );

  const result = await run.get('/result');
  expect(result).toMatchObject({
    status: 'completed',
    agent_results: { length: 9 },
    synthesis_results: { length: 2 },
    error: null,
  });
  const cited = (result['citations'] as JsonObject[]).map(({ title }) => title);
  expect(new Set(cited).size).toBeGreaterThanOrEqual(8);
  expect(result['final_synthesis']).toBe((ended['output'] as JsonObject)['answer']);

  const frames = await stream.read(() => false);
  const said = frames.filter(({ event, data }) => event === 'token' && data.node_id === 'final');
  expect(said.map(({ data }) => (data as unknown as { text: string }).text).join('')).toBe(result['final_synthesis']);

  const artifacts = result['generated_documents'] as JsonObject[];
  const files = new Map(
    await Promise.all(artifacts.map(async (file) => [textOf(file, 'name').split('.').at(-1)!, await download(file)] as const)),
  );
  expect([...files.keys()].sort()).toEqual(['docx', 'md', 'pdf']);
  expect(files.get('md')!.toString()).toContain('## Sources');
  expect(files.get('docx')!.subarray(0, 2).toString()).toBe('PK');
  expect(files.get('pdf')!.subarray(0, 4).toString()).toBe('%PDF');
  expect(files.get('pdf')!.length).toBeGreaterThan(10_000);
}, 120_000);

it('an agent whose worker dies between two replies is asked for the second alone', async () => {
  const config = { role: 'work', instructions: 'Find it.\n@call search {"query": "Leases"}\n@answer Found.', tools: ['search'] };
  const definition = { name: 'asking', nodes: [{ id: 'ask', type: 'agent', config }] };
  expect((await call(api, 'POST', '/api/v1/workflows', definition)).status).toBe(201);
  mock.clearCalls();
  const run = await LiveRun.start([api], 'asking', { question: 'What do leases keep?' });
  await eventually(() => called.includes(`${run.id}/ask/1/model-2`), 'the agent is asked for its second reply', 20_000);
  await killHolder(run);
  expect(await run.untilEnded(30_000)).toMatchObject({ status: 'completed', output: { answer: 'Found.' } });
  expect(mock.calls().idempotency_keys).toEqual({ [`${run.id}/ask/1/model`]: 1, [`${run.id}/ask/1/model-2`]: 2 });
}, 60_000);
