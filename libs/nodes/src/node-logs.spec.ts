import { beforeEach, expect, test } from '@jest/globals';
import { AgentToolbox, HttpRequestTool, LocalChatModel, SearchTool } from '@baton/agents';
import {
  LOG_LEVELS,
  OutboundHttp,
  SystemClock,
  type JsonObject,
  type JsonValue,
  type LogFields,
  type NodeLog,
  type OutboundRequest,
  type OutboundResponse,
  type PassageHit,
} from '@baton/core';
import { nodeContext, Waiting } from '../test/node-context.js';
import { AgentNode } from './agent-node.js';
import { ApprovalNode } from './approval-node.js';
import { HttpNode } from './http-node.js';
import { MapNode } from './map-node.js';
import { RetrieveNode } from './retrieve-node.js';

interface Said {
  level: string;
  message: string;
  fields: LogFields | undefined;
}

let said: Said[];
let log: NodeLog;
beforeEach(() => {
  said = [];
  const methods = LOG_LEVELS.map((level) => [
    level,
    (message: string, fields?: LogFields) => void said.push({ level, message, fields }),
  ]);
  log = Object.fromEntries(methods) as NodeLog;
});

class FakeHttp extends OutboundHttp {
  status = 200;

  send({ url }: OutboundRequest): Promise<OutboundResponse> {
    const body = Buffer.from('the answer of theirs');
    return Promise.resolve({ status: this.status, headers: { 'x-key': 'header of theirs' }, url, body });
  }
}
const http = new FakeHttp();

const search = {
  search: (): Promise<PassageHit[]> => {
    const hit = { documentId: 'd', title: 'T', source: null, index: 0, text: 'Text.', score: 0.91234 };
    return Promise.resolve(['c1', 'c2'].map((chunkId) => ({ ...hit, chunkId })));
  },
};

test('http says how the call went, and neither its path, its query, its headers nor its bodies', async () => {
  const call = {
    ...{ method: 'POST', url: 'https://api.example:8443/hook/path-key?query=query-key', json: { mine: 'my body' } },
    headers: { authorization: 'Bearer header-key' },
  };
  const steps = new Map<string, JsonValue>();
  for (let entry = 0; entry < 2; entry += 1) await new HttpNode(http).execute(nodeContext({ log, config: call }, steps));
  const fields = { method: 'POST', host: 'api.example:8443', status: 200, ms: expect.any(Number), bytes: 20 };
  expect(said).toEqual([{ level: 'info', message: 'POST api.example:8443 answered 200', fields }]);
  http.status = 503;
  await expect(new HttpNode(http).execute(nodeContext({ log, config: call }))).rejects.toThrow('answered 503');
  expect(said[1]).toMatchObject({ level: 'warn', message: 'POST api.example:8443 answered 503' });
  http.status = 200;
  expect(JSON.stringify(said)).not.toMatch(/key|body|theirs/);
});

test('a search says how much it has found', async () => {
  await new RetrieveNode(search).execute(nodeContext({ log, input: { question: 'When?' } }));
  expect(said).toEqual([{ level: 'info', message: 'Found 2 passages', fields: { hits: 2, documents: 1, best: 0.912 } }]);
});

test('an approval says what is asked, once, and what was decided', async () => {
  const steps = new Map<string, JsonValue>();
  const ask = () =>
    new ApprovalNode(new SystemClock()).execute(nodeContext({ log, config: { title: 'Send it?', deadline: 60 } }, steps));
  for (let entry = 0; entry < 2; entry += 1) await expect(ask()).rejects.toThrow(Waiting);
  steps.set('decision', { kind: 'signal', payload: { decision: 'reject', by: 'ann', comment: 'not yet' } });
  await ask();
  expect(said).toEqual([
    { level: 'info', message: 'Asks for approval: Send it?', fields: { role: 'operator', approvals: 1, deadline_s: 60 } },
    { level: 'info', message: 'Rejected', fields: { by: 'ann', comment: 'not yet' } },
  ]);
});

test('an agent says what each call of its model and of its tools has taken, once', async () => {
  const tools = new AgentToolbox([new SearchTool(search), new HttpRequestTool(http)]);
  const node = new AgentNode({ model: new LocalChatModel(), tools, agents: { findByName: () => Promise.resolve(null) } });
  const script = [
    '@call search {"query": "locks"}',
    '@call http_request {"url": "https://api.example/path-key"}',
    '@answer Done.',
  ].join('\n');
  const config: JsonObject = { role: 'help', instructions: script, tools: ['search', 'http_request'] };
  const steps = new Map<string, JsonValue>();
  const context = () => nodeContext({ log, config, input: { question: 'What?' } }, steps);
  await node.execute(context());
  const once = [...said];
  await node.execute(context());
  expect(said).toEqual(once);
  const model = said.filter(({ message }) => message.startsWith('Model '));
  expect(model).toHaveLength(3);
  expect(model[0]).toMatchObject({ message: expect.stringContaining('asks for search'), fields: { agent: 'node' } });
  expect(model.at(-1)!.message).toMatch(/ answered$/);
  const fields = Object.keys(model[0]!.fields!).toSorted();
  expect(fields).toEqual(['agent', 'completion_tokens', 'ms', 'prompt_tokens'].toSorted());
  expect(JSON.stringify(said)).not.toContain('path-key');
  expect(said.filter(({ message }) => message.startsWith('Tool '))).toEqual([
    { level: 'info', message: 'Tool search answered', fields: { ms: expect.any(Number), hits: 2 } },
    {
      ...{ level: 'info', message: 'Tool http_request answered' },
      fields: { ms: expect.any(Number), host: 'api.example', status: 200 },
    },
  ]);
});

test('what the body of a map says has the number of its item', async () => {
  const find = () => ({
    type: 'say',
    execute: async (context: Parameters<HttpNode['execute']>[0]) => {
      context.log.info('said', { more: true });
      return null;
    },
  });
  const node = new MapNode({ find, clock: new SystemClock(), random: () => 0.5 }, { maxItems: 10 });
  await node.execute(nodeContext({ log, config: { items: [1, 2], body: { type: 'say' } } }));
  const items = said.filter(({ level }) => level === 'info').map(({ fields }) => fields);
  expect(items).toEqual([
    { item: 0, more: true },
    { item: 1, more: true },
  ]);
});
