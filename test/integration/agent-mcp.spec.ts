import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { AgentToolbox, LocalChatModel, McpServers } from '@baton/agents';
import { silentLog, SystemClock, type JsonObject, type JsonValue, type NodeContext } from '@baton/core';
import { AgentNode } from '@baton/nodes';
import { GuardedHttpClient, parseAllowedTarget } from '@baton/outbound';
import { startMcpServer, type TestMcpServer } from '../support/mcp-server.js';

let server: TestMcpServer;
let http: GuardedHttpClient;

const guarded = (allow: string[]): GuardedHttpClient =>
  new GuardedHttpClient({
    ...{ allow: allow.map((target) => parseAllowedTarget(target)!), ports: [80, 443], blockedPaths: [] },
    ...{ timeoutMs: 10_000, maxRequestBytes: 1_000_000, maxResponseBytes: 1_000_000, maxRedirects: 3, maxPerHost: 10 },
  });

beforeAll(async () => {
  server = await startMcpServer();
  http = guarded(['127.0.0.1']);
});
beforeEach(() => {
  server.calls.length = 0;
  server.requests.length = 0;
});
afterAll(async () => {
  await http.close();
  await server.close();
});

/** What an agent with this script gives, whose worker knows the server as `test`. */
function play(
  script: string,
  { client = http, tools = ['add', 'shout', 'fail', 'long'], steps = new Map<string, JsonValue>(), tenantId = 'default' } = {},
): Promise<JsonValue> {
  const named = { name: 'test', url: server.url, tools, tenants: ['default'], timeoutMs: 10_000 };
  const source = new McpServers({ http: client, clock: new SystemClock() }, [named]);
  const node = new AgentNode({
    ...{ model: new LocalChatModel(), agents: { findByName: () => Promise.resolve(null) } },
    tools: new AgentToolbox([], [source]),
  });
  const config: JsonObject = { role: 'help', instructions: script, tools: tools.map((tool) => `mcp__test__${tool}`) };
  return node.execute(contextOf(config, tenantId, steps));
}

function contextOf(config: JsonObject, tenantId: string, journal: Map<string, JsonValue>): NodeContext {
  const step = async (key: string, work: (signal: AbortSignal) => Promise<JsonValue> | JsonValue): Promise<JsonValue> => {
    if (!journal.has(key)) journal.set(key, await work(new AbortController().signal));
    return journal.get(key)!;
  };
  const ids = { runId: 'run', tenantId, nodeId: 'node', visit: 1, attempt: 1, idempotencyKey: 'run/node/1' };
  const work = {
    config,
    input: { question: 'How much?' },
    outputs: {},
    concurrency: 10,
    step,
    log: silentLog,
    reserve: () => Promise.resolve(false),
  };
  return { ...ids, ...work } as unknown as NodeContext;
}

test('an agent calls tools of a server, which keep their keys and are not called again', async () => {
  const script = '@call mcp__test__add {"a": 2, "b": 3}\n@also mcp__test__shout {"words": "well done"}\n@answer Five.';
  const steps = new Map<string, JsonValue>();
  const output = await play(script, { steps });
  expect(output).toMatchObject({ answer: 'Five.', tools: [{ result: { data: { sum: 5 } } }, { result: { text: 'WELL DONE' } }] });
  expect(server.calls).toEqual([{ name: 'add', key: 'run/node/1/model/tool-1' }]);
  expect(server.requests.map(({ method }) => method)).not.toContain('GET');
  const before = server.requests.length;
  expect(await play(script, { steps })).toEqual(output);
  expect(server.requests).toHaveLength(before);
});

test('wrong arguments never reach the server, what it refuses is told, and what is long is cut', async () => {
  const output = await play(
    [
      '@call mcp__test__add {"a": "two", "b": 3}',
      '@call mcp__test__shout {"words": "NOT LOWER"}',
      '@call mcp__test__fail {}',
      '@call mcp__test__long {}',
      '@answer Well.',
    ].join('\n'),
  );
  expect(output).toMatchObject({
    tools: [
      { result: { error: expect.stringContaining('/a: '), example: { a: 1, b: 1 } } },
      { result: { error: expect.any(String) } },
      { result: { error: 'It is broken.' } },
      { result: { truncated: true } },
    ],
  });
  expect(server.calls).toEqual([]);
});

test('only what the operator has named is there, for the tenants that it is for', async () => {
  await expect(play('Hello.', { tools: ['hidden'], tenantId: 'other' })).rejects.toMatchObject({ code: 'tool_not_found' });
  const output = await play('@call! mcp__test__hidden {}\n@answer No.', { tools: ['add'] });
  expect(output).toMatchObject({ tools: [{ result: { error: expect.stringContaining('There is no tool') } }] });
  await expect(play('Hello.', { tools: ['gone'] })).rejects.toMatchObject({ code: 'tool_not_found' });
});

test('a server that nodes may not call is not called either', async () => {
  const strict = guarded([]);
  await expect(play('Hello.', { client: strict })).rejects.toMatchObject({
    code: 'mcp_failed',
    options: { retryable: false },
  });
  expect(server.requests).toEqual([]);
  await strict.close();
});
