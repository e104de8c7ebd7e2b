import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { JsonObject, JsonValue } from '@baton/core';
import { RunWatcher } from '@baton/engine';
import { startApi, type ApiServer } from '../support/api-server.js';
import { call, textOf } from '../support/client.js';
import { eventually } from '../support/eventually.js';

const TOKENS = {
  viewer: 'a-viewer-token-of-this-test',
  operator: 'an-operator-token-of-this-test',
  stranger: 'a-token-of-another-tenant-of-this-test',
};
const as = (role: keyof typeof TOKENS): Record<string, string> => ({ authorization: `Bearer ${TOKENS[role]}` });
const ORDER = {
  type: 'object',
  properties: { sku: { type: 'string', description: 'What is ordered.' }, count: { $ref: '#/$defs/count' } },
  required: ['sku'],
  additionalProperties: false,
  $defs: { count: { type: 'integer', minimum: 1 } },
};

const dir = mkdtempSync(join(tmpdir(), 'baton-mcp-'));
let api: ApiServer;
let client: Client;

async function connect(role: keyof typeof TOKENS, mode: 'auto' | 'legacy' = 'auto', url = api.url): Promise<Client> {
  const made = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
  await made.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit: { headers: as(role) } }));
  return made;
}

async function publish(name: string, nodes: JsonObject[], more: JsonObject = {}): Promise<void> {
  const { status, body } = await call(api.url, 'POST', '/api/v1/workflows', { name, nodes, ...more }, as('operator'));
  if (status !== 201) throw new Error(JSON.stringify(body));
}

interface Said {
  isError?: boolean;
  structuredContent?: JsonObject;
  content: { text?: string }[];
}
const use = async (name: string, args: JsonObject = {}, key?: string): Promise<Said> =>
  (await client.callTool({
    ...{ name, arguments: args },
    ...(key !== undefined && { _meta: { 'baton/idempotency_key': key } }),
  })) as unknown as Said;

beforeAll(async () => {
  const sha256 = createHash('sha256').update(TOKENS.stranger).digest('hex');
  const rbac = { tokens: [{ name: 'stranger', role: 'admin', tenant: 'elsewhere', sha256 }] };
  writeFileSync(join(dir, 'rbac.json'), JSON.stringify(rbac));
  const env = {
    ...{ API_TOKEN_VIEWER: TOKENS.viewer, API_TOKEN_OPERATOR: TOKENS.operator, RBAC_FILE: join(dir, 'rbac.json') },
    MCP_WAIT: '10',
  };
  api = await startApi({ worker: true, env });
  await publish('order', [{ id: 'a', type: 'echo' }], { description: 'Orders something.', input_schema: ORDER });
  await publish('ask', [{ id: 'ask', type: 'approval' }]);
  await publish('words', [{ id: 'a', type: 'echo' }], { input_schema: { type: 'array', items: { type: 'string' } } });
  await publish('broken', [{ id: 'a', type: 'transform', config: { expression: '1 / 0' }, retry: { max_attempts: 1 } }]);
  await publish('baton_run', [{ id: 'a', type: 'echo' }]);
});
beforeEach(async () => {
  client = await connect('operator');
});
afterAll(async () => {
  await api.close();
  rmSync(dir, { recursive: true });
});

describe.each(['auto', 'legacy'] as const)('a client of the era that it chooses by `%s`', (mode) => {
  it('is told each workflow as a typed tool, and calls it', async () => {
    client = await connect('operator', mode);
    const { tools } = await client.listTools();
    const order = tools.find(({ name }) => name === 'order');
    expect(order).toMatchObject({
      description: 'Orders something.',
      inputSchema: {
        type: 'object',
        properties: { sku: { type: 'string', description: 'What is ordered.' }, count: { type: 'integer', minimum: 1 } },
        required: ['sku'],
      },
      outputSchema: { type: 'object', required: expect.arrayContaining(['run_id', 'status']) },
    });
    expect(tools.filter(({ name }) => name === 'baton_run')).toHaveLength(1);
    const { structuredContent, isError } = await use('order', { sku: 'A-17', count: 2 });
    expect([isError, structuredContent]).toEqual([
      undefined,
      { run_id: expect.any(String), status: 'completed', output: { sku: 'A-17', count: 2 }, error: null, why: null },
    ]);
  });
});

describe('a call of a workflow', () => {
  it('starts nothing with arguments that do not fit its schema, and says what is wrong', async () => {
    const { isError, content } = await use('order', { count: 0 });
    expect(isError).toBe(true);
    expect(content[0]!.text).toMatch(/sku/);
    expect(content[0]!.text).toMatch(/\/count/);
    const runs = await call(api.url, 'GET', '/api/v1/runs?workflow=order&status=failed', undefined, as('viewer'));
    expect(runs.body['items']).toEqual([]);
  });

  it('takes an input that is no object as the argument `input`', async () => {
    const { structuredContent } = await use('words', { input: ['a', 'b'] });
    expect(structuredContent).toMatchObject({ status: 'completed', output: ['a', 'b'] });
    expect((await use('words', { input: 'a' })).isError).toBe(true);
  });

  it('is one run under one key', async () => {
    const ids = [await use('order', { sku: 'B' }, 'call-1'), await use('order', { sku: 'B' }, 'call-1')].map(
      ({ structuredContent }) => structuredContent!['run_id'],
    );
    expect(ids[0]).toBe(ids[1]);
    expect((await use('order', { sku: 'C' }, 'call-1')).content[0]!.text).toContain('idempotency_key_reused');
    const unkept = { name: 'order', arguments: { sku: 'D' }, _meta: { 'baton/idempotency_key': 7 } };
    expect(((await client.callTool(unkept)) as unknown as Said).content[0]!.text).toContain('idempotency_key: must be text');
  });

  it('fails as its run does', async () => {
    const { isError, structuredContent } = await use('broken');
    expect(isError).toBe(true);
    expect(structuredContent).toMatchObject({ status: 'failed', error: { code: expect.any(String) } });
  });

  it('names the tool that there is not', async () => {
    const { isError, content } = await use('nothing');
    expect([isError, content[0]!.text]).toEqual([true, expect.stringContaining('workflow_not_found')]);
  });
});

describe('a run that outlasts its call', () => {
  it('is asked for and cancelled by its id', async () => {
    const started = await call(api.url, 'POST', '/api/v1/runs', { workflow: 'ask' }, as('operator'));
    const runId = textOf(started.body, 'run_id');
    const shown = await eventually(async () => {
      const said = await use('baton_run', { run_id: runId });
      return said.structuredContent!['status'] === 'waiting' ? said : null;
    }, 'the run waits');
    expect([shown.isError, shown.structuredContent]).toEqual([
      undefined,
      { run_id: runId, status: 'waiting', output: null, error: null, why: expect.stringMatching(/decision/) },
    ]);
    expect((await use('baton_cancel', { run_id: runId })).structuredContent).toMatchObject({ status: 'cancelled' });
    expect((await use('baton_run', { run_id: 'nobody' })).content[0]!.text).toContain('run_not_found');
    expect((await use('baton_run', { run: runId })).content[0]!.text).toContain('/run_id');
  });
});

describe('a message', () => {
  const hello = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
  const accept = { accept: 'application/json, text/event-stream' };
  const tell = (body: JsonValue, headers: Record<string, string> = {}) =>
    call(api.url, 'POST', '/mcp', body, { ...as('operator'), ...accept, ...headers });

  it('comes alone: several could start any number of runs', async () => {
    expect(await tell([hello, hello])).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  });

  it('comes from no page of another site, and as JSON', async () => {
    expect(await tell(hello, { origin: 'https://elsewhere.example' })).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
    expect((await tell(hello, { 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(415);
  });

  it('subscribes to nothing: nothing is told of later', async () => {
    const meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {},
    };
    const method = 'subscriptions/listen';
    const listen = { jsonrpc: '2.0', id: 1, method, params: { notifications: { toolsListChanged: true }, _meta: meta } };
    const { body } = await tell(listen, { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method });
    expect(body).toMatchObject({ id: 1, error: { message: 'Subscription limit reached' } });
  });
});

describe.each(['auto', 'legacy'] as const)('a call that waits, of a client by `%s`,', (mode) => {
  let server: ApiServer;
  let said: Promise<Said>;
  const waits = (): number => server.app.get<unknown, { waiting: Map<string, unknown> }>(RunWatcher).waiting.size;

  beforeEach(async () => {
    const env = { API_TOKEN_VIEWER: TOKENS.viewer, API_TOKEN_OPERATOR: TOKENS.operator, MCP_WAIT: '60' };
    server = await startApi({ worker: true, env });
    const body = { name: 'ask', nodes: [{ id: 'ask', type: 'approval' }] };
    await call(server.url, 'POST', '/api/v1/workflows', body, as('operator'));
    client = await connect('operator', mode, server.url);
    said = use('ask');
    said.catch(() => undefined);
    await eventually(async () => {
      const { body: page } = await call(server.url, 'GET', '/api/v1/runs?status=waiting', undefined, as('viewer'));
      return (page['items'] as JsonObject[]).length > 0 && waits() > 0 ? page : null;
    }, 'a call waits for its run');
  });

  it('is answered with its run when the process goes down', async () => {
    await server.close();
    expect((await said).structuredContent).toMatchObject({ run_id: expect.any(String), status: 'waiting' });
  });

  it('leaves nothing behind when its client goes away, and its run as it is', async () => {
    await client.close();
    await eventually(async () => (waits() === 0 ? true : null), 'nobody waits');
    const { body } = await call(server.url, 'GET', '/api/v1/runs?status=waiting', undefined, as('viewer'));
    expect(body['items']).toHaveLength(1);
    expect(server.log.filter(({ level }) => level === 'error' || Number(level) >= 50)).toEqual([]);
    await server.close();
  });
});

describe('who may', () => {
  it('see and start: a viewer is shown runs alone, and starts none', async () => {
    client = await connect('viewer');
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['baton_run']);
    expect((await use('order', { sku: 'A' })).content[0]!.text).toContain('forbidden');
  });

  it('see a run: no other tenant, however long it waits, nor its workflows', async () => {
    const runId = (await use('order', { sku: 'A' })).structuredContent!['run_id']!;
    client = await connect('stranger');
    expect((await client.listTools()).tools.map(({ name }) => name)).not.toContain('order');
    for (const wait_seconds of [0, 5]) {
      expect((await use('baton_run', { run_id: runId, wait_seconds })).content[0]!.text).toContain('run_not_found');
    }
    expect((await use('baton_cancel', { run_id: runId })).content[0]!.text).toContain('run_not_found');
    expect((await use('order', { sku: 'A' })).content[0]!.text).toContain('workflow_not_found');
  });

  it('speak at all: nobody without a token; and there is no session to listen to', async () => {
    const hello: JsonValue = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    expect((await call(api.url, 'POST', '/mcp', hello)).status).toBe(401);
    expect((await call(api.url, 'GET', '/mcp', undefined, as('viewer'))).status).toBe(405);
  });
});
