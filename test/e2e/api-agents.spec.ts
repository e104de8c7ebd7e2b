import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApi, type ApiServer } from '../support/api-server.js';
import { call, createTask, textOf } from '../support/client.js';

describe('agents as data', () => {
  let api: ApiServer;

  beforeAll(async () => {
    api = await startApi({ worker: true });
  });
  afterAll(() => api.close());

  it('ships those of the built-in workflow', async () => {
    const { body } = await call(api.url, 'GET', '/api/v1/agents');
    expect(body['items']).toMatchObject([
      { name: 'drafter', role: 'draft', health: { target: 'model:default', state: 'closed', failures_in_a_row: 0 } },
      { name: 'reviewer', role: 'review' },
      { name: 'synthesiser', role: 'synthesise' },
    ]);
  });

  it('keeps a new one, finds it, and gives its name once', async () => {
    const spec = { name: 'poet', role: 'poetry', instructions: 'Rhyme.', tools: ['search'], limits: { max_tokens: 100 } };
    const created = await call(api.url, 'POST', '/api/v1/agents', spec);
    expect([created.status, created.body]).toMatchObject([201, spec]);
    const id = textOf(created.body, 'id');
    expect(created.headers.get('location')).toBe(`/api/v1/agents/${id}`);
    expect((await call(api.url, 'GET', `/api/v1/agents/${id}`)).body).toEqual(created.body);
    const taken = await call(api.url, 'POST', '/api/v1/agents', spec);
    expect([taken.status, taken.body]).toMatchObject([409, { code: 'agent_exists', agent_id: id }]);
  });

  it('names every field that is wrong', async () => {
    const refused = await call(api.url, 'POST', '/api/v1/agents', { name: 'a b', limits: { max_tokens: 0 }, mood: 'good' });
    expect(refused.status).toBe(400);
    const pointers = (refused.body['problems'] as { pointer: string }[]).map(({ pointer }) => pointer);
    expect(pointers).toEqual(expect.arrayContaining(['/name', '/role', '/limits/max_tokens']));
  });

  it('has the pipeline do what an agent is told now', async () => {
    const { body } = await call(api.url, 'GET', '/api/v1/agents');
    const reviewer = (body['items'] as { id: string; name: string; role: string }[]).find(({ name }) => name === 'reviewer')!;
    const replaced = await call(api.url, 'PUT', `/api/v1/agents/${reviewer.id}`, { name: 'critic', role: 'review' });
    expect([replaced.status, replaced.body]).toMatchObject([200, { id: reviewer.id, name: 'critic' }]);

    const taskId = await createTask(api.url, 'Who reviews?');
    const run = await call(api.url, 'POST', '/run-agents', { id: taskId }, { prefer: 'wait=10' });
    expect(run.body).toMatchObject({ status: 'failed', error: { code: 'agent_not_found', details: { agent: 'reviewer' } } });

    await call(api.url, 'PUT', `/api/v1/agents/${reviewer.id}`, {
      name: 'reviewer',
      role: 'review',
      model: 'local-extractive-v1',
    });
    const again = await call(api.url, 'POST', '/run-agents', { id: taskId }, { prefer: 'wait=10' });
    expect(again.body).toMatchObject({ status: 'completed' });
  });

  it('knows no agent under a wrong id', async () => {
    for (const method of ['GET', 'PUT']) {
      const reply = await call(api.url, method, '/api/v1/agents/none', method === 'PUT' ? { name: 'x', role: 'y' } : undefined);
      expect([reply.status, reply.body['code']]).toEqual([404, 'agent_not_found']);
    }
  });
});
