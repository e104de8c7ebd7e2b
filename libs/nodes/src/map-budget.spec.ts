import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { AgentToolbox, LocalChatModel } from '@baton/agents';
import { DEFAULT_TENANT, type ChatReply, type ChatRequest, type JsonObject, type JsonValue, type NodeHandler } from '@baton/core';
import { World, type SimulatedApi, type Work } from '../../../test/support/in-memory/index.js';
import { AgentNode } from './agent-node.js';
import { MapNode } from './map-node.js';

/** Notes what it is asked, and answers once it may. */
class GatedModel extends LocalChatModel {
  readonly keys: string[] = [];
  gate: Promise<void> | null = null;
  /** How long calls take, by their key. */
  readonly ms = new Map<string, number>();

  override async complete(request: ChatRequest): Promise<ChatReply> {
    const key = request.idempotencyKey.split('/').slice(1).join('/');
    this.keys.push(key);
    await this.gate;
    if (this.ms.has(key)) await world.clock.sleep(this.ms.get(key)!, request.signal);
    request.signal.throwIfAborted();
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

interface More {
  /** When the ledger answers the first call. */
  answeredAfterMs?: number;
  map?: JsonObject;
  body?: JsonObject;
  /** The most that an agent beside the map may answer. */
  besideMost?: number;
}

async function start(items: JsonObject[], concurrency: number, budget: JsonObject, more: More = {}): Promise<string> {
  const agent = new AgentNode({ model, tools: new AgentToolbox([]), agents: { findByName: () => Promise.resolve(null) } });
  const find = (type: string): NodeHandler | undefined => (type === 'map' ? map : agent);
  const map = new MapNode({ find, clock: world.clock, random: () => 0 }, { maxItems: 100 });
  const handlers: Record<string, Work> = { map: (context) => map.execute(context), agent: (context) => agent.execute(context) };
  const worker = await world.worker('w1', { handlers, options: { maxOutputBytes: 10_000 } }).start();
  worker.waker.start();
  const { answeredAfterMs } = more;
  if (answeredAfterMs !== undefined) worker.ledger.calls.next('reserve', { after: () => world.clock.sleep(answeredAfterMs) });
  const config = { role: 'lead', instructions: '@answer Noted.', max_tokens: '${{ item.most }}' };
  const node = { type: 'map', config: { items, concurrency, ...more.map, body: { type: 'agent', config, ...more.body } } };
  const besideConfig = { role: 'lead', instructions: '@answer Noted.', max_tokens: more.besideMost };
  const beside = more.besideMost && { beside: { type: 'agent', input: { question: 'Beside?' }, config: besideConfig } };
  return world.launch(await world.publish('flow', { ...beside, all: node }, { budget }));
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

const eventsOf = (runId: string, type: string) => world.story(runId).filter((line) => line === `${type} all`);

test.each<[string, More]>([
  ['fails its map otherwise', {}],
  ['is one of the results otherwise', { map: { on_item_error: 'continue' } }],
  ['is tried again otherwise', { body: { retry: { max_attempts: 3, backoff: 'fixed', initial_ms: 100, jitter: 0 } } }],
])('an item that wants more than is left does not time out while others end their calls: it %s', async (_, more) => {
  const items = ['Much?', 'A?', 'B?', 'C?'].map((question, n) => ({ question, most: n === 0 ? 5_000 : 10 }));
  for (const [n, ms] of [
    [1, 3_000],
    [2, 4_000],
    [3, 4_000],
  ] as const)
    model.ms.set(`all/1/${n}/model`, ms);
  const runId = await start(items, 3, { tokens: 2_000 }, { ...more, body: { ...more.body, timeout: 5 } });
  const began = world.clock.now();
  await world.untilStatus(runId, 'waiting');
  expect(world.clock.now() - began).toBe(7_000);
  expect(await asked()).toMatchObject([{ terms: { details: { over: [{ amount: 'tokens', limit: 2_000 }] } } }]);
  await world.clock.advance(3_600_000);
  expect([eventsOf(runId, 'node.failed'), eventsOf(runId, 'step.completed').length]).toEqual([[], 6]);
  await grant({ tokens: 50_000 });
  await world.untilStatus(runId, 'completed');
  expect((await api.runs.findRun(runId))?.output).toMatchObject({ items: items.map(() => ({})), failed: [] });
  expect(model.keys.toSorted()).toEqual(items.map((_item, n) => `all/1/${n}/model`));
});

test.each<[string, JsonValue, number]>([
  ['the first', 'first', 1],
  ['two', { at_least: 2 }, 2],
])('a map that wants %s of its items asks for nothing once it has them', async (_, join, wanted) => {
  const items = [{ most: 5_000 }, ...Array.from({ length: wanted }, () => ({ most: 10 }))];
  model.ms.set(`all/1/${wanted}/model`, 3_000);
  const runId = await start(items, items.length, { tokens: 2_000 }, { map: { join } });
  await world.clock.until(() => ['completed', 'waiting'].includes(world.run(runId).status), 'it has ended, or asks');
  expect([world.run(runId).status, await asked()]).toEqual(['completed', []]);
  expect((await api.runs.findRun(runId))?.output).toMatchObject({
    items: Array.from({ length: wanted }, () => ({ answer: 'Noted.' })),
    failed: [],
  });
  expect(model.keys).toHaveLength(wanted);
});

test('items that nobody has begun are done before their map asks for one that wants more than is left', async () => {
  const items = [{ most: 5_000 }, { most: 10 }, { most: 10 }];
  const runId = await start(items, 2, { tokens: 2_000 });
  await world.untilStatus(runId, 'waiting');
  expect(model.keys).toEqual(['all/1/1/model', 'all/1/2/model']);
  await grant({ tokens: 50_000 });
  await world.untilStatus(runId, 'completed');
  expect(model.keys).toEqual(['all/1/1/model', 'all/1/2/model', 'all/1/0/model']);
});

test('an item whose time is up while it waits for what others hold is tried again, and calls once', async () => {
  model.ms.set('beside/1/model', 4_000);
  const retry = { max_attempts: 5, backoff: 'fixed', initial_ms: 100, jitter: 0 };
  const items = [{ question: 'Waits?', most: 1_500 }];
  const runId = await start(items, 1, { tokens: 2_000 }, { besideMost: 1_500, body: { timeout: 1, retry } });
  await world.untilStatus(runId, 'completed');
  expect(model.keys).toEqual(['beside/1/model', 'all/1/0/model']);
});

test('an item whose time was up before the ledger says that too little is left has failed: nobody asks for it', async () => {
  const inner = { items: [5_000, 10, 10].map((most) => ({ most })), concurrency: 1, on_item_error: 'continue' };
  for (const n of [1, 2]) model.ms.set(`all/1/0/${n}/model`, 900);
  const body = {
    type: 'agent',
    timeout: 1,
    config: { role: 'lead', instructions: '@answer Noted.', max_tokens: '${{ item.most }}' },
  };
  const more = { answeredAfterMs: 2_000, body: { type: 'map', config: { ...inner, body } } };
  const runId = await start([{}], 1, { tokens: 2_000 }, more);
  await world.clock.until(() => ['completed', 'waiting'].includes(world.run(runId).status), 'it has ended, or asks');
  expect([world.run(runId).status, await asked()]).toEqual(['completed', []]);
  expect((await api.runs.findRun(runId))?.output).toMatchObject({
    items: [{ items: [{}, {}], failed: [{ index: 0, error: { code: 'timeout' } }] }],
  });
});

test('an item whose time is up before the ledger answers loses that try alone, and holds what its next one calls with', async () => {
  model.ms.set('all/1/0/model', 500);
  const retry = { max_attempts: 2, backoff: 'fixed', initial_ms: 100, jitter: 0 };
  const runId = await start([{ most: 10 }], 1, { tokens: 2_000 }, { answeredAfterMs: 1_200, body: { timeout: 1, retry } });
  await world.untilStatus(runId, 'completed');
  expect([model.keys, eventsOf(runId, 'node.failed')]).toEqual([['all/1/0/model'], []]);
  const account = world.db.budgets.accounts.get(`${DEFAULT_TENANT}\nrun ${runId}`);
  expect(account).toMatchObject({ used: { model_calls: 1 }, held: { model_calls: 0 } });
});
