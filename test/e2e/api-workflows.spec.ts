import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Ajv2020 from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import type { JsonObject, JsonValue } from '@baton/core';
import { startApi, type ApiServer } from '../support/api-server.js';
import { call, textOf, type Reply } from '../support/client.js';
import { eventually } from '../support/eventually.js';

const YAML = readFileSync(new URL('../fixtures/workflows/multi-agent-research.yaml', import.meta.url), 'utf8');
const { workflow: DOCUMENT } = parse(YAML) as { workflow: JsonObject };

const flow = (name: string, more: JsonObject = {}): JsonObject => ({
  name,
  nodes: [
    { id: 'a', type: 'echo', config: { x: 1 } },
    { id: 'b', type: 'echo', depends_on: ['a'] },
  ],
  ...more,
});

describe('workflows over REST', () => {
  let api: ApiServer;

  beforeAll(async () => {
    api = await startApi({
      worker: true,
      env: { CAPACITY_AGENTS: '20', WORKFLOW_MAX_NODES: '50', WORKFLOW_MAX_YAML_BYTES: '20000' },
    });
  });
  afterAll(() => api.close());

  const post = (path: string, body: JsonValue, headers: Record<string, string> = {}): Promise<Reply> =>
    call(api.url, 'POST', `/api/v1/workflows${path}`, body, headers);

  const send = async (method: string, path: string, text: string, type: string): Promise<Reply> => {
    const response = await fetch(`${api.url}${path}`, { method, body: text, headers: { 'content-type': type } });
    return { status: response.status, headers: response.headers, body: (await response.json()) as JsonObject };
  };

  /** The run as it ended. */
  const ended = (runPath: string): Promise<JsonObject> =>
    eventually(async () => {
      const { body } = await call(api.url, 'GET', runPath);
      return ['completed', 'failed', 'cancelled'].includes(textOf(body, 'status')) ? body : null;
    }, 'the run ends');

  it('estimates by what nodes took in recent runs, and says so', async () => {
    const nodes: JsonValue[] = [
      { id: 'declared', type: 'echo', estimate: 3 },
      { id: 'nap', type: 'wait', config: { seconds: 0.3 }, depends_on: ['declared'] },
    ];
    const durations = async (): Promise<JsonObject> => {
      const { body } = await post('/validate', { name: 'timed', nodes });
      return ((body['validation_report'] as JsonObject)['graph'] as JsonObject)['durations'] as JsonObject;
    };
    expect((await post('', { name: 'timed', nodes })).status).toBe(201);
    expect(await durations()).toEqual({ declared: { seconds: 3, source: 'declared' }, nap: { seconds: 1, source: 'assumed' } });
    const run = textOf((await post('/timed/execute', { input_data: {} })).body, 'execution_url');
    await eventually(async () => (await call(api.url, 'GET', run)).body['status'] === 'completed', 'the run has ended');
    const { nap } = (await durations()) as { nap: { seconds: number; source: string } };
    expect(nap.source).toBe('measured');
    expect(nap.seconds).toBeGreaterThanOrEqual(0.3);
  });

  describe('a workflow of agents and tasks, as its document writes it', () => {
    let id = '';

    it('is validated and kept, with its report and what it needs', async () => {
      const { status, headers, body } = await send('POST', '/api/v1/workflows', YAML, 'application/yaml');
      expect([status, body]).toMatchObject([
        201,
        {
          ...{
            workflow_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
            name: 'multi_agent_research',
            version: 1,
            status: 'validated',
          },
          digest: expect.stringMatching(/^[0-9a-f]{64}$/),
          validation_report: {
            valid: true,
            errors: [],
            graph: { depth: 4, width: 3, critical_path: expect.arrayContaining(['research']) },
          },
          estimated_resources: {
            agents: { total: 4, by_type: { supervisor_agent: 1, research_agent: 3 } },
            cpu_cores: 5,
            memory_bytes: 10e9,
          },
        },
      ]);
      id = textOf(body, 'workflow_id');
      expect(headers.get('location')).toBe(`/api/v1/workflows/${id}?version=1`);
      const kept = await call(api.url, 'GET', `/api/v1/workflows/${id}`);
      expect(kept.body).toMatchObject({
        source: { format: 'yaml', text: YAML },
        definition: { orchestration_pattern: 'supervisor' },
      });
    });

    it('is the same workflow when it comes as JSON', async () => {
      const again = await post('', DOCUMENT);
      expect([again.status, again.body]).toMatchObject([200, { workflow_id: id, version: 1, status: 'validated' }]);
    });

    it('runs to its end on the local model, each researcher by itself', async () => {
      const execution = {
        input_data: { topic: 'batons' },
        execution_options: { timeout: 600, retry_policy: 'exponential_backoff' },
      };
      const { status, headers, body } = await post(`/${id}/execute`, execution);
      expect([status, body]).toMatchObject([
        202,
        {
          ...{ execution_id: expect.any(String), workflow_id: id, version: 1, status: 'planning' },
          allocated_agents: [
            { name: 'supervisor', type: 'supervisor_agent', count: 1 },
            { name: 'researchers', type: 'research_agent', count: 3 },
          ],
        },
      ]);
      const path = textOf(body, 'execution_url');
      expect(headers.get('location')).toBe(path);
      expect(await ended(path)).toMatchObject({ status: 'completed', output: { agent: 'supervisor', role: 'supervisor_agent' } });
      const journal = await call(api.url, 'GET', `${path}/journal?limit=200`);
      const completed = (journal.body['items'] as JsonObject[]).filter(({ type }) => type === 'node.completed');
      expect(completed.map((event) => textOf(event, 'node_id')).sort()).toEqual([
        ...['decompose', 'research', 'research-1', 'research-2', 'research-3', 'synthesize'],
      ]);
    });
  });

  it('counts versions, and keeps each as it was', async () => {
    const first = await post('', flow('counted'));
    expect(first.status).toBe(201);
    const id = textOf(first.body, 'workflow_id');
    const put = (body: JsonValue): Promise<Reply> => call(api.url, 'PUT', '/api/v1/workflows/counted', body);
    expect(await put(flow('counted'))).toMatchObject({ status: 200, body: { workflow_id: id, version: 1 } });
    expect(await put(flow('counted', { concurrency: 2 }))).toMatchObject({ status: 200, body: { workflow_id: id, version: 2 } });
    expect(await post('', flow('counted', { concurrency: 3 }))).toMatchObject({
      status: 201,
      body: { workflow_id: id, version: 3 },
    });
    const versions = await call(api.url, 'GET', `/api/v1/workflows/${id}/versions?limit=2`);
    expect(versions.body).toMatchObject({ items: [{ version: 3 }, { version: 2 }], next_before: 2 });
    const rest = await call(api.url, 'GET', `/api/v1/workflows/${id}/versions?limit=2&before=2`);
    expect(rest.body).toMatchObject({ items: [{ version: 1 }], next_before: null });
    expect((await call(api.url, 'GET', '/api/v1/workflows/counted?version=2')).body).toMatchObject({
      definition: { concurrency: 2 },
    });
    const executed = await post('/counted/execute', { input_data: {}, version: 1 });
    expect([executed.status, executed.body]).toMatchObject([202, { version: 1 }]);
    await ended(textOf(executed.body, 'execution_url'));
  });

  it('lists in pages by name', async () => {
    for (const name of ['page-c', 'page-a', 'page-b']) await post('', flow(name));
    const page = await call(api.url, 'GET', '/api/v1/workflows?limit=2&after=page');
    expect(page.body).toMatchObject({ items: [{ name: 'page-a' }, { name: 'page-b' }], next_after: 'page-b' });
    const next = await call(api.url, 'GET', '/api/v1/workflows?limit=2&after=page-b');
    expect((next.body['items'] as JsonObject[])[0]).toMatchObject({ name: 'page-c' });
  });

  it('archives: no new runs, until it is published again', async () => {
    const { body } = await post('', flow('old'));
    const id = textOf(body, 'workflow_id');
    const live = await post(`/${id}/execute`, { input_data: {} });
    const archived = await call(api.url, 'DELETE', `/api/v1/workflows/${id}`);
    expect([archived.status, archived.body]).toMatchObject([200, { workflow_id: id, archived_at: expect.any(String) }]);
    expect(await post('/old/execute', { input_data: {} })).toMatchObject({ status: 409, body: { code: 'workflow_archived' } });
    const run = await call(api.url, 'POST', '/api/v1/runs', { workflow: 'old' });
    expect([run.status, run.body]).toMatchObject([409, { code: 'workflow_archived' }]);
    expect(await ended(textOf(live.body, 'execution_url'))).toMatchObject({ status: 'completed' });
    const listed = await call(api.url, 'GET', '/api/v1/workflows?archived=true');
    expect(listed.body).toMatchObject({ items: [{ name: 'old' }] });
    expect((await post('', flow('old'))).status).toBe(200);
    expect((await post('/old/execute', { input_data: {} })).status).toBe(202);
  });

  it('starts one run for one Idempotency-Key', async () => {
    await post('', flow('once'));
    const start = (input: JsonValue): Promise<Reply> =>
      post('/once/execute', { input_data: input }, { 'idempotency-key': 'one' });
    const [first, second] = [await start({ n: 1 }), await start({ n: 1 })];
    expect(second.body['execution_id']).toBe(first.body['execution_id']);
    expect(await start({ n: 2 })).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
  });

  it('validates without keeping, also what is not valid', async () => {
    const valid = await post('/validate', { definition: YAML });
    expect([valid.status, valid.body]).toMatchObject([200, { status: 'validated', validation_report: { valid: true } }]);
    const { status, body } = await post('/validate', {
      definition: { name: 'bad', nodes: [{ id: 'x', type: 'future', depends_on: ['x', 'y'], when: 'input.a ==' }] },
    });
    expect([status, body['status']]).toEqual([200, 'invalid']);
    const report = body['validation_report'] as { errors: JsonObject[]; warnings: JsonObject[] };
    expect(report.errors.map((error) => `${textOf(error, 'pointer')} ${textOf(error, 'code')}`).sort()).toEqual([
      '/definition/nodes/0/depends_on cycle',
      '/definition/nodes/0/depends_on/1 unknown_dependency',
      '/definition/nodes/0/when bad_expression',
    ]);
    expect(report.errors.find(({ code }) => code === 'bad_expression')).toMatchObject({ position: { start: 10, end: 10 } });
    expect(report.warnings).toMatchObject([{ pointer: '/definition/nodes/0/type', code: 'unknown_node_type' }]);
    expect((await call(api.url, 'GET', '/api/v1/workflows/bad')).status).toBe(404);
  });

  it('warns of a config that the node would refuse, wherever the definition comes from', async () => {
    const nodes = [{ id: 'call', type: 'http', config: { method: 'GET', address: 'https://a.example' } }];
    const { status, body } = await post('/validate', { definition: { name: 'warned', nodes } });
    expect([status, body['validation_report']]).toMatchObject([
      200,
      {
        valid: true,
        warnings: expect.arrayContaining([
          expect.objectContaining({ pointer: '/definition/nodes/0/config/url', code: 'invalid_config' }),
          expect.objectContaining({ pointer: '/definition/nodes/0/config/address', code: 'invalid_config' }),
        ]),
      },
    ]);
  });

  it('knows the agents that are kept as data, and misses others', async () => {
    const asks = (agent: string): JsonObject => ({ name: 'asks', nodes: [{ id: 'a', type: 'agent', config: { agent } }] });
    expect((await post('', asks('drafter'))).status).toBe(201);
    expect(await post('', asks('nobody'))).toMatchObject({
      status: 422,
      body: { code: 'workflow_invalid', problems: [{ pointer: '/nodes/0/config/agent', code: 'missing_agent' }] },
    });
  });

  it('publishes the canonical form as JSON Schema', async () => {
    const { body } = await call(api.url, 'GET', '/api/v1/schemas/workflow');
    const isValid = new Ajv2020.default({ strict: false }).compile(body);
    expect(isValid(flow('any'))).toBe(true);
    expect(isValid({ name: 'any', nodes: [{ id: 'a', type: 'echo', depend_on: [] }] })).toBe(false);
  });

  it('says of each node type what its config may be, and whether a worker executes it', async () => {
    const { body } = await call(api.url, 'GET', '/api/v1/schemas/nodes');
    const types = body['items'] as JsonObject[];
    expect(types.find(({ type }) => type === 'wait')).toMatchObject({
      ...{ category: 'waits', example: { seconds: 10 } },
      config: { type: 'object', properties: { seconds: { type: 'number' } } },
    });
    expect(types.map(({ available }) => typeof available)).toEqual(types.map(() => 'boolean'));
  });

  it('makes no version of one that is not the newest any more', async () => {
    const first = await post('?base_version=0', flow('rivals'));
    expect(first).toMatchObject({ status: 201, body: { version: 1 } });
    const changed = { ...flow('rivals'), description: 'changed' };
    expect(await post('?base_version=0', changed)).toMatchObject({ status: 409, body: { code: 'stale_revision', version: 1 } });
    const path = `/api/v1/workflows/${textOf(first.body, 'workflow_id')}`;
    expect(await call(api.url, 'PUT', `${path}?base_version=1`, changed)).toMatchObject({
      status: 200,
      body: { version: 2 },
    });
    expect((await call(api.url, 'PUT', `${path}?base_version=1`, flow('rivals'))).status).toBe(409);
  });

  describe.each<[string, string, JsonValue, number, string]>([
    ['a pattern that is not supported', '', { ...DOCUMENT, orchestration_pattern: 'flock' }, 400, 'unsupported_pattern'],
    [
      'a definition that is not valid',
      '',
      { ...DOCUMENT, tasks: [{ id: 'a', agent: 'supervisor', depends_on: ['a'] }] },
      422,
      'workflow_invalid',
    ],
    ['a name that is missing', '', { ...DOCUMENT, name: null }, 422, 'workflow_invalid'],
    ['no coordination', '', { ...DOCUMENT, coordination: null }, 422, 'workflow_invalid'],
    [
      'more agents than there are',
      '',
      { ...DOCUMENT, agents: { supervisor: { type: 's' }, researchers: { type: 'r', count: 21 } } },
      507,
      'insufficient_capacity',
    ],
    [
      'too many nodes',
      '',
      { name: 'wide', nodes: Array.from({ length: 51 }, (_, n) => ({ id: `n${n}`, type: 'echo' })) },
      422,
      'limit_exceeded',
    ],
    ['YAML that is too large', '', { definition: `a: ${'x'.repeat(20_001)}` }, 422, 'limit_exceeded'],
    ['YAML with a doubled key', '', { definition: 'name: a\nname: b' }, 422, 'workflow_invalid'],
    ['no object', '', [], 422, 'workflow_invalid'],
    ['a workflow that does not exist', '/nobody/execute', { input_data: {} }, 404, 'workflow_not_found'],
    [
      'a version that does not exist',
      '/multi_agent_research/execute',
      { input_data: {}, version: 99 },
      404,
      'workflow_not_found',
    ],
    ['no input', '/multi_agent_research/execute', {}, 400, 'invalid_request'],
    [
      'an unknown retry policy',
      '/multi_agent_research/execute',
      { input_data: {}, execution_options: { retry_policy: 'hopeful' } },
      400,
      'invalid_request',
    ],
    [
      'constraints that it exceeds',
      '/multi_agent_research/execute',
      { input_data: {}, execution_options: { resource_constraints: { agents: 3 } } },
      507,
      'insufficient_capacity',
    ],
    [
      'constraints on memory that it exceeds',
      '/multi_agent_research/execute',
      { input_data: {}, execution_options: { resource_constraints: { memory: '9GB' } } },
      507,
      'insufficient_capacity',
    ],
  ])('%s', (_what, path, body, status, code) => {
    it(`is refused with ${status} ${code}`, async () => {
      const reply = await post(path, body);
      expect([reply.status, reply.body]).toMatchObject([
        status,
        { status, code, detail: expect.any(String), remedy: expect.any(String) },
      ]);
    });
  });

  it('keeps the name of a workflow, and knows no other', async () => {
    await post('', flow('named'));
    expect(await call(api.url, 'PUT', '/api/v1/workflows/named', flow('renamed'))).toMatchObject({
      ...{ status: 422, body: { code: 'workflow_invalid', problems: [{ pointer: '/name' }] } },
    });
    for (const [method, path] of [
      ['PUT', '/nobody'],
      ['GET', '/nobody'],
      ['DELETE', '/nobody'],
      ['GET', '/nobody/versions'],
    ] as const) {
      const reply = await call(api.url, method, `/api/v1/workflows${path}`, method === 'PUT' ? flow('nobody') : undefined);
      expect([method, path, reply.status, reply.body['code']]).toEqual([method, path, 404, 'workflow_not_found']);
    }
  });

  it('takes YAML here alone', async () => {
    const refused = await send('POST', '/api/tasks', 'title: x', 'application/yaml');
    expect([refused.status, refused.body['code']]).toEqual([415, 'unsupported_media_type']);
    expect((await send('PUT', '/api/v1/workflows/multi_agent_research', YAML, 'text/yaml')).status).toBe(200);
  });
});
