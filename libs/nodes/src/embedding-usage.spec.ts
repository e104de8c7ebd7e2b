import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { AgentToolbox, LocalChatModel, SearchTool } from '@baton/agents';
import {
  DEFAULT_TENANT,
  NO_USAGE,
  PassageSearch,
  UploadIngestor,
  type CallMeter,
  type DocumentIndexer,
  type JsonObject,
  type NodeHandler,
  type PassageHit,
  type PassageQuery,
  type RagSettings,
  type RetrievalOptions,
  type UploadOutcome,
  type Usage,
} from '@baton/core';
import { World, type NodeSketch, type Work } from '../../../test/support/in-memory/index.js';
import { nodeContext } from '../test/node-context.js';
import { AgentNode } from './agent-node.js';
import { IngestNode } from './ingest-node.js';
import { MapNode } from './map-node.js';
import { ReembedNode } from './reembed-node.js';
import { RetrieveNode } from './retrieve-node.js';

const QUOTE: Usage = { modelCalls: 1, promptTokens: 120, completionTokens: 0, costMicros: 9 };
const USED: Usage = { modelCalls: 1, promptTokens: 100, completionTokens: 0, costMicros: 7 };
const WIRE = { model_calls: 1, prompt_tokens: 100, completion_tokens: 0, cost_micros: 7, model: 'openai/e' };

/** Calls that were made, though the meter might have held them back. */
let calls: number;

async function embed(meter: CallMeter): Promise<void> {
  await meter.reserve(QUOTE);
  calls += 1;
  meter.count({ ...USED, model: 'openai/e' });
}

class PaidSearch extends PassageSearch {
  async search(_: string, __: PassageQuery, { meter }: RetrievalOptions = {}): Promise<PassageHit[]> {
    await embed(meter!);
    return [];
  }
}

/** Cannot find what it has embedded the question for. */
class BrokenSearch extends PaidSearch {
  override async search(question: string, query: PassageQuery, options?: RetrievalOptions): Promise<PassageHit[]> {
    await super.search(question, query, options);
    throw new Error('the vectors are away');
  }
}

class PaidUploads extends UploadIngestor {
  async ingest(_: object, { meter }: { meter: CallMeter }): Promise<UploadOutcome> {
    await embed(meter);
    return { status: 'ingested', id: 'd', name: null };
  }

  finish = (): Promise<void> => Promise.resolve();
}

/** Finds out after it has asked that there is nothing to embed. */
class KnownUploads extends PaidUploads {
  override async ingest(_: object, { meter }: { meter: CallMeter }): Promise<UploadOutcome> {
    await meter.reserve(QUOTE);
    return { status: 'duplicate', id: 'd', name: null };
  }
}

let world: World;
let uploads: UploadIngestor;
let search: PassageSearch;

beforeEach(() => {
  world = new World();
  uploads = new PaidUploads();
  search = new PaidSearch();
  calls = 0;
});
afterEach(() => {
  expect(world.db.problems()).toEqual([]);
});

async function launch(
  sketch: NodeSketch,
  budget: object | null = null,
  input: JsonObject = { question: 'When?' },
): Promise<string> {
  const agents = { findByName: () => Promise.resolve(null) };
  const handlers: NodeHandler[] = [
    ...[new RetrieveNode(search), new IngestNode(uploads)],
    new MapNode(
      { find: (type) => handlers.find((one) => one.type === type), clock: world.clock, random: () => 0 },
      { maxItems: 9 },
    ),
    new AgentNode({ model: new LocalChatModel(), tools: new AgentToolbox([new SearchTool(search)]), agents }),
  ];
  const works = handlers.map((handler): [string, Work] => [handler.type, (context) => handler.execute(context)]);
  const worker = await world.worker('w1', { handlers: Object.fromEntries(works) }).start();
  worker.waker.start();
  return world.launch(await world.publish('flow', { find: sketch }, budget === null ? {} : { budget }), input);
}

const usagesOf = (runId: string) =>
  world.journal(runId).flatMap((event) => (event.type === 'step.completed' && event.payload.usage ? [event.payload.usage] : []));

test('of a search is journaled with its step, and summed with that of its run', async () => {
  const runId = await launch({ type: 'retrieve', config: {} });
  await world.untilStatus(runId, 'completed');
  expect(usagesOf(runId)).toEqual([{ ...WIRE, agent: 'find' }]);
  const api = world.api('reader');
  expect((await api.inspector.inspect((await api.runs.findRun(runId))!)).state.usage).toEqual(USED);
});

test('of a search that an agent asks for is that of the agent', async () => {
  const instructions = 'Find.\n@call search {"query": "locks"}\n@answer Found.';
  const runId = await launch({ type: 'agent', config: { agent: 'scout', role: 'lead', instructions, tools: ['search'] } });
  await world.untilStatus(runId, 'completed');
  expect(usagesOf(runId).filter(({ model }) => model === 'openai/e')).toEqual([{ ...WIRE, agent: 'scout' }]);
});

test('of documents is that of the node that takes them in, file by file', async () => {
  const runId = await launch({ type: 'ingest', config: {} }, null, { files: 2 });
  await world.untilStatus(runId, 'completed');
  expect(usagesOf(runId)).toEqual([1, 2].map(() => ({ ...WIRE, agent: 'find' })));
});

test('is held against the budget of the run before the call, which waits for more where it is not enough', async () => {
  const runId = await launch({ type: 'retrieve', config: {} }, { tokens: 110 });
  await world.untilStatus(runId, 'waiting');
  expect(calls).toBe(0);
  const api = world.api('approver');
  const [ask] = await api.runs.listApprovals({ status: 'open', tenantId: DEFAULT_TENANT, limit: 10 });
  expect(ask!.title).toBe('The run has used 0 of 110 tokens, and wants 120 more.');
  const decision = { decision: 'approve', by: 'ann', roles: ['operator'], comment: null, payload: null } as const;
  await api.signaller.decide(DEFAULT_TENANT, `${runId}.1.$budget`, decision);
  await world.untilStatus(runId, 'completed');
  expect([calls, usagesOf(runId)]).toEqual([1, [{ ...WIRE, agent: 'find' }]]);
});

test('of a search that fails counts against the budget, and holds nothing of it any more', async () => {
  search = new BrokenSearch();
  const body = { type: 'retrieve', config: {}, retry: { max_attempts: 3 } };
  const map = { type: 'map', config: { items: ['a'], on_item_error: 'continue', body } };
  const runId = await launch(map, { tokens: 330 });
  await world.untilStatus(runId, 'completed');
  expect([calls, usagesOf(runId)]).toEqual([3, []]);
  const account = world.db.budgets.accounts.get(`${DEFAULT_TENANT}\nrun ${runId}`);
  expect(account).toMatchObject({ used: { tokens: 300, model_calls: 3 }, held: { tokens: 0 } });
});

test('that was held and is not needed is free for the next: duplicates fit into a small budget', async () => {
  uploads = new KnownUploads();
  const runId = await launch({ type: 'ingest', config: {} }, { tokens: 130 }, { files: 9 });
  await world.untilStatus(runId, 'completed');
  expect([calls, usagesOf(runId)]).toEqual([0, []]);
});

test('beyond a budget that fails fails the agent that searches, who is not told of it', async () => {
  const instructions = 'Find.\n@call search {"query": "locks"}\n@answer Found nothing.';
  const config = { agent: 'scout', role: 'lead', instructions, tools: ['search'] };
  const runId = await launch({ type: 'agent', config }, { cost_micros: 5, on_budget: 'fail' });
  await world.untilStatus(runId, 'failed');
  expect([calls, (await world.api('reader').runs.findRun(runId))?.error?.code]).toEqual([0, 'budget_exceeded']);
});

test('of a page of documents that are embedded anew is held for all of them before the first', async () => {
  const seen: string[] = [];
  const next: RagSettings = {
    ...{ collection: 'c', model: 'e', dimensions: 2, chunkSize: 100, chunkOverlap: 0, topK: 5 },
  };
  const indexer = {
    quote: () => Promise.resolve(QUOTE),
    index: (_: object, __: RagSettings, { meter }: { meter: CallMeter }) => {
      seen.push('index');
      meter.count({ ...USED, model: 'openai/e' });
      return Promise.resolve({ chunks: 1, written: 1 });
    },
  } as unknown as DocumentIndexer;
  const parts = {
    indexer,
    configs: { find: () => Promise.resolve({ tenantId: 't', runId: 'run', next }) },
    vectors: { prepare: () => Promise.resolve(), count: () => Promise.reject(new Error('far enough')) },
    documents: { list: () => Promise.resolve([{ id: 'a' }, { id: 'b' }]), countChunks: () => Promise.resolve(2) },
    clock: world.clock,
  };
  const node = new ReembedNode(parts as unknown as ConstructorParameters<typeof ReembedNode>[0], { sharedCollection: 's' });
  const context = nodeContext({ runId: 'run' });
  const used: unknown[] = [];
  const metered = {
    ...context,
    step: (key: string, fn: Parameters<typeof context.step>[1], options: Parameters<typeof context.step>[2] = {}) =>
      context.step(key, fn).finally(() => used.push(options.usage?.(null) ?? null)),
    reserve: (key: string, wanted: () => Usage) => {
      seen.push(`${key} ${wanted().promptTokens}`);
      return Promise.resolve(true);
    },
  } as typeof context;
  await expect(node.execute(metered)).rejects.toThrow('far enough');
  expect(seen).toEqual(['page-1 240', 'index', 'index']);
  const both = { ...NO_USAGE, modelCalls: 2, promptTokens: 200, costMicros: 14, model: 'openai/e', agent: context.nodeId };
  expect(used.slice(0, 2)).toEqual([null, both]);
});
