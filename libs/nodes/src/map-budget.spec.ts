import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { AgentToolbox, LocalChatModel } from '@baton/agents';
import { DEFAULT_TENANT, type ChatReply, type ChatRequest, type JsonObject, type NodeHandler } from '@baton/core';
import { World, type SimulatedApi, type Work } from '../../../test/support/in-memory/index.js';
import { AgentNode } from './agent-node.js';
import { MapNode } from './map-node.js';

/** Notes what it is asked, and answers once it may. */
class GatedModel extends LocalChatModel {
  readonly keys: string[] = [];
  gate: Promise<void> | null = null;

  override async complete(request: ChatRequest): Promise<ChatReply> {
    this.keys.push(request.idempotencyKey.split('/').slice(1).join('/'));
    await this.gate;
    return super.complete(request);
  }
}

let world: World;
let api: SimulatedApi;
let model: GatedModel;

beforeEach(() => {
  world = new World();
  api = world.api('api');
  model = new GatedModel();
});
afterEach(() => {
  expect(world.db.problems()).toEqual([]);
  expect([...world.db.budgets.holds.values()]).toEqual([]);
});

async function start(items: JsonObject[], concurrency: number, budget: JsonObject): Promise<string> {
  const agent = new AgentNode({ model, tools: new AgentToolbox([]), agents: { findByName: () => Promise.resolve(null) } });
  const find = (type: string): NodeHandler | undefined => (type === 'map' ? map : agent);
  const map = new MapNode({ find, clock: world.clock, random: () => 0 }, { maxItems: 100 });
  const handlers: Record<string, Work> = { map: (context) => map.execute(context), agent: (context) => agent.execute(context) };
  const worker = await world.worker('w1', { handlers, options: { maxOutputBytes: 10_000 } }).start();
  worker.waker.start();
  const config = { role: 'lead', instructions: '@answer Noted.', max_tokens: '${{ item.most }}' };
  const node = { type: 'map', config: { items, concurrency, body: { type: 'agent', config } } };
  return world.launch(await world.publish('flow', { all: node }, { budget }));
}

const asked = () => api.runs.listApprovals({ status: 'open', tenantId: DEFAULT_TENANT, limit: 10 });
async function grant(payload: JsonObject): Promise<void> {
  const [open] = await asked();
  const id = `${open!.runId}.${open!.visit}.${open!.nodeId}`;
  const by = { by: 'ann', roles: ['operator' as const], comment: null };
  await api.signaller.decide(DEFAULT_TENANT, id, { decision: 'approve', ...by, payload });
}

test.each([
  ['one after the other', 1],
  ['at once', 2],
])('agents of a map that want more than is left ask for it, and go on: %s', async (_, concurrency) => {
  const items = ['One?', 'Two?'].map((question) => ({ question, most: 10 }));
  const runId = await start(items, concurrency, { model_calls: 1 });
  await world.untilStatus(runId, 'waiting');
  expect(model.keys).toEqual(['all/1/0/model']);
  expect(await asked()).toMatchObject([
    { terms: { details: { scope: 'run', over: [{ amount: 'model_calls', limit: 1, used: 1, wanted: 1 }] } } },
  ]);
  await grant({ model_calls: 1 });
  await world.untilStatus(runId, 'completed');
  expect(model.keys).toEqual(['all/1/0/model', 'all/1/1/model']);
  expect((await api.runs.findRun(runId))?.output).toMatchObject({
    items: [{ answer: 'Noted.' }, { answer: 'Noted.' }],
    failed: [],
  });
});

test('an item that wants more than is left waits for the call of another, which is journaled, before its map asks', async () => {
  const gate = Promise.withResolvers<void>();
  model.gate = gate.promise;
  // The last one has the first one's key at the beginning of its own.
  const many = Array.from({ length: 9 }, (_none, n) => ({ question: `${n}?`, most: 10 }));
  const items = [{ question: 'Much?', most: 5_000 }, ...many, { question: 'Much too?', most: 5_000 }];
  const runId = await start(items, items.length, { tokens: 2_000 });
  await world.clock.until(() => model.keys.length === 9, 'all call that may');
  await world.clock.settle();
  expect([world.run(runId).status, await asked()]).toEqual(['running', []]);
  gate.resolve();
  await world.untilStatus(runId, 'waiting');
  expect(world.story(runId).filter((line) => line === 'step.completed all')).toHaveLength(18);
  expect(await asked()).toMatchObject([{ terms: { details: { over: [{ amount: 'tokens', limit: 2_000 }] } } }]);
  await grant({ tokens: 50_000 });
  await world.untilStatus(runId, 'completed');
  expect(model.keys.toSorted()).toEqual(items.map((_item, n) => `all/1/${n}/model`).toSorted());
});
