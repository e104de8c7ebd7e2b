import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@baton/core';
import { startApi, type ApiServer } from '../support/api-server.js';
import { call, textOf } from '../support/client.js';
import { eventually } from '../support/eventually.js';

const PANEL: JsonObject = {
  name: 'panel',
  description: 'Each expert answers, one sums up.',
  parameters: { type: 'object', properties: { experts: { type: 'array', items: { type: 'string' } } }, required: ['experts'] },
  example: { experts: ['lawyer', 'engineer'] },
  template: {
    nodes: [
      {
        id: 'ask-<% item %>',
        type: 'echo',
        for_each: 'input.experts',
        config: { expert: '<% item %>', asked: '${{ input.question }}' },
      },
      { id: 'sum', type: 'aggregate', depends_on: "<% input.experts.map(e, 'ask-' + e) %>", config: { mode: 'list' } },
    ],
    output: 'sum',
  },
};

describe('patterns', () => {
  let api: ApiServer;

  beforeAll(async () => {
    api = await startApi({ worker: true });
  });
  afterAll(() => api.close());

  async function resultOf(runId: string): Promise<Record<string, unknown>> {
    const { body } = await call(api.url, 'GET', `/api/v1/runs/${runId}/result`);
    return body;
  }

  /** Publishes a workflow and runs it to its end. */
  async function runToEnd(definition: JsonObject, input: JsonObject): Promise<Record<string, unknown>> {
    const published = await call(api.url, 'POST', '/api/v1/workflows', definition);
    expect([published.status, published.body]).toMatchObject([201, {}]);
    const start = { workflow: textOf(published.body, 'workflow_id'), input };
    const started = await call(api.url, 'POST', '/api/v1/runs', start, { prefer: 'wait=10' });
    const runId = textOf(started.body, 'run_id');
    const ended = await call(api.url, 'GET', `/api/v1/runs/${runId}`);
    expect(ended.body).toMatchObject({ status: 'completed' });
    return ended.body;
  }

  it('are listed with the schema of their parameters and an example that runs', async () => {
    const { body } = await call(api.url, 'GET', '/api/v1/patterns/available');
    const patterns = body['patterns'] as { name: string; origin: string; parameters: JsonObject; example: JsonObject }[];
    expect(patterns.map(({ name }) => name)).toEqual(['supervisor', 'hierarchical', 'handoff', 'swarm', 'network']);
    for (const { name, origin, parameters, example } of patterns) {
      expect([origin, parameters['type']]).toEqual(['built_in', 'object']);
      await runToEnd({ name: `try-${name}`, orchestration_pattern: name, parameters: example }, { question: 'What is a lease?' });
    }
  });

  it('of one’s own are kept, expanded, run, replaced and removed', async () => {
    const created = await call(api.url, 'POST', '/api/v1/patterns', PANEL);
    expect([created.status, created.body]).toMatchObject([201, { ...PANEL, origin: 'custom' }]);
    expect((await call(api.url, 'POST', '/api/v1/patterns', PANEL)).body).toMatchObject({ code: 'pattern_exists' });
    expect((await call(api.url, 'POST', '/api/v1/patterns', { ...PANEL, name: 'swarm' })).status).toBe(409);

    const parameters = { experts: ['a', 'b', 'c'] };
    const expanded = await call(api.url, 'POST', '/api/v1/patterns/panel/expand', { parameters });
    expect(expanded.body).toMatchObject({
      output: 'sum',
      nodes: [{ id: 'ask-a' }, { id: 'ask-b' }, { id: 'ask-c' }, { depends_on: ['ask-a', 'ask-b', 'ask-c'] }],
    });
    const run = await runToEnd({ name: 'by-panel', orchestration_pattern: 'panel', parameters }, { question: 'Who?' });
    expect(run['output']).toEqual({ items: ['a', 'b', 'c'].map((expert) => ({ expert, asked: 'Who?' })) });

    const replaced = await call(api.url, 'PUT', '/api/v1/patterns/panel', { ...PANEL, description: 'Shorter.' });
    expect([replaced.status, replaced.body]).toMatchObject([200, { description: 'Shorter.' }]);
    expect((await call(api.url, 'DELETE', '/api/v1/patterns/panel')).status).toBe(204);
    expect((await call(api.url, 'GET', '/api/v1/patterns/panel')).status).toBe(404);
  });

  it('say what is wrong, and where', async () => {
    const bad = { ...PANEL, name: 'bad', example: { experts: 'nobody' } };
    const refused = await call(api.url, 'POST', '/api/v1/patterns', bad);
    expect([refused.status, refused.body]).toMatchObject([422, { code: 'pattern_invalid', problems: [{ pointer: '/example' }] }]);
    const large = await call(api.url, 'POST', '/api/v1/patterns', { ...PANEL, example: { experts: ['x'.repeat(262_144)] } });
    const problems = [{ pointer: '', message: expect.stringContaining('at most 262144') }];
    expect([large.status, large.body]).toMatchObject([422, { code: 'pattern_invalid', problems }]);
    const definition = { name: 'wrong', orchestration_pattern: 'swarm', parameters: { agents: [{ name: 'one' }], rounds: 0 } };
    const { status, body } = await call(api.url, 'POST', '/api/v1/workflows', definition);
    const pointers = (body['problems'] as { pointer: string }[]).map(({ pointer }) => pointer);
    expect([status, pointers.sort()]).toEqual([422, ['/parameters/agents', '/parameters/rounds']]);
    const unknown = await call(api.url, 'POST', '/api/v1/workflows', { ...definition, orchestration_pattern: 'committee' });
    expect([unknown.status, unknown.body]).toMatchObject([400, { code: 'unsupported_pattern' }]);
  });

  it('ready ones run by one call, and their result tells each agent’s part', async () => {
    const question = { task: 'What is a lease?', config: { agents: 3, syntheses: 2 } };
    const key = { 'idempotency-key': 'once' };
    const started = await call(api.url, 'POST', '/tools/orchestrate_research', question, key);
    expect(started.status).toBe(202);
    const runId = textOf(started.body, 'run_id');
    expect(textOf((await call(api.url, 'POST', '/tools/orchestrate_research', question, key)).body, 'run_id')).toBe(runId);
    await eventually(async () => (await resultOf(runId))['status'] === 'completed', 'the research is done');
    expect(await resultOf(runId)).toMatchObject({
      ...{ run_id: runId, title: 'What is a lease?', status: 'completed', metadata: { workflow: 'research-3-2' } },
      agent_results: [{ tier: 'planning' }, { tier: 'worker' }, { tier: 'worker' }, { tier: 'worker' }],
      synthesis_results: [{ agent_id: 'synthesis-1' }, { agent_id: 'synthesis-2' }],
      ...{ final_synthesis: expect.stringMatching(/\w/), total_cost: 0, error: null },
    });
    const search = await call(api.url, 'POST', '/tools/orchestrate_search', { task: 'Leases?' });
    expect([search.status, search.body]).toMatchObject([202, { status: 'queued' }]);
    const waited = await call(api.url, 'POST', '/tools/orchestrate_search', { task: 'Leases?' }, { prefer: 'wait=30' });
    expect([waited.status, waited.body]).toMatchObject([200, { status: 'completed', output: { answer: expect.any(String) } }]);
    const { body } = await call(api.url, 'GET', `/api/v1/runs/${textOf(waited.body, 'run_id')}/journal?limit=1`);
    expect(body['items']).toMatchObject([{ type: 'run.submitted', payload: { by: 'local' } }]);
  });
});
