import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject, JsonValue } from '@baton/core';
import { startApi, type ApiServer } from '../support/api-server.js';
import { call, textOf, type Reply } from '../support/client.js';
import { LiveRun } from '../support/live-run.js';

const SCHEMA = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] };
const PROBLEMS = [{ pointer: '/input/n', message: expect.any(String) }];
const WRONG: JsonObject = { n: 'one' };

let api: ApiServer;

const post = (path: string, body: JsonValue): Promise<Reply> => call(api.url, 'POST', path, body);
const publish = (body: JsonObject): Promise<Reply> => post('/api/v1/workflows', body);

beforeAll(async () => {
  api = await startApi({ worker: true });
  const echo = { id: 'a', type: 'echo' };
  await publish({ name: 'typed', nodes: [echo], input_schema: SCHEMA });
  const child = { id: 'kid', type: 'workflow', config: { workflow: 'typed', input: '${{ input }}' }, retry: { max_attempts: 3 } };
  await publish({ name: 'parent', nodes: [child] });
});
afterAll(() => api.close());

describe('an input that does not fit its workflow', () => {
  it.each<[string, string, JsonValue]>([
    ['a start', '/api/v1/runs', { workflow: 'typed', input: WRONG }],
    ['an execution', '/api/v1/workflows/typed/execute', { input_data: WRONG }],
    [
      'an execution with options, which has a definition of its own',
      '/api/v1/workflows/typed/execute',
      { input_data: WRONG, execution_options: { timeout: 60 } },
    ],
    ['a batch of one', '/api/v1/runs/batch', { runs: [{ workflow: 'typed', input: WRONG }] }],
    ['a start without an input', '/api/v1/runs', { workflow: 'typed' }],
  ])('is refused by %s', async (_what, path, body) => {
    const { status, body: problem } = await post(path, body);
    expect([status, problem]).toMatchObject([400, { code: 'invalid_request', workflow: 'typed' }]);
    if (path !== '/api/v1/runs' || 'input' in (body as JsonObject)) expect(problem).toMatchObject({ problems: PROBLEMS });
  });

  it('is refused by a fork that edits it, and one that fits is taken', async () => {
    const run = await LiveRun.start([api.url], 'typed', { n: 1 });
    await run.untilStatus('completed');
    expect((await run.post('/fork', { from_node: 'a', input: WRONG })).status).toBe(400);
    expect((await run.post('/fork', { from_node: 'a', input: { n: 2 } })).status).toBe(202);
  });

  it('fails the node that gives it to a child run, at once', async () => {
    const run = await LiveRun.start([api.url], 'parent', WRONG);
    await run.untilStatus('failed');
    expect(await run.fates('node.started')).toEqual(['started kid']);
    expect((await call(api.url, 'GET', `/api/v1/runs?parent_id=${run.id}`)).body['items']).toEqual([]);
    const fitting = await LiveRun.start([api.url], 'parent', { n: 3 });
    await fitting.untilStatus('completed');
  });

  it('is a matter of the definition: a task of a workflow that says nothing has any', async () => {
    await publish({ name: 'untyped', nodes: [{ id: 'a', type: 'echo' }] });
    expect((await post('/api/v1/runs', { workflow: 'untyped', input: WRONG })).status).toBe(202);
  });
});

it('is published with agents and tasks, and with a pattern, as well', async () => {
  const agents = { lead: { type: 'lead_agent' } };
  const told = {
    ...{ name: 'told', version: '1', orchestration_pattern: 'supervisor', coordination: {}, input_schema: SCHEMA, agents },
    tasks: [{ id: 'plan', agent: 'lead' }],
  };
  const swarm = {
    name: 'swarm',
    orchestration_pattern: 'swarm',
    parameters: { agents: [{ name: 'one' }, { name: 'two' }] },
    input_schema: SCHEMA,
  };
  for (const document of [told, swarm]) {
    const { status, body } = await publish(document);
    expect([status, body['problems']]).toEqual([201, undefined]);
    const kept = await call(api.url, 'GET', `/api/v1/workflows/${textOf(body, 'workflow_id')}`);
    expect(kept.body['definition']).toMatchObject({ input_schema: SCHEMA });
  }
});

it('refuses a schema whose check has no bound', async () => {
  const { status, body } = await publish({
    ...{ name: 'regular', nodes: [{ id: 'a', type: 'echo' }] },
    input_schema: { type: 'string', pattern: '(a+)+$' },
  });
  expect([status, body]).toMatchObject([422, { problems: [{ pointer: '/input_schema', code: 'schema' }] }]);
});
