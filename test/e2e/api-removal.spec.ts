import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@baton/core';
import { startApi, type ApiServer } from '../support/api-server.js';
import { call, createTask, textOf } from '../support/client.js';
import { eventually } from '../support/eventually.js';

describe('the removal of a run', () => {
  let api: ApiServer;

  const get = (path: string) => call(api.url, 'GET', path);
  const remove = (runId: string) => call(api.url, 'DELETE', `/api/v1/runs/${runId}`);
  const untilStatus = (runId: string, status: string) =>
    eventually(async () => (await get(`/api/v1/runs/${runId}`)).body['status'] === status, `it is ${status}`, 30_000);
  async function start(workflow: string, body: JsonObject = {}): Promise<string> {
    return textOf((await call(api.url, 'POST', '/api/v1/runs', { workflow, ...body })).body, 'run_id');
  }

  beforeAll(async () => {
    api = await startApi({ worker: true, env: { BLOB_THRESHOLD_BYTES: '1024' } });
    const model: JsonObject = { id: 'ask', type: 'agent', config: { role: 'clerk', instructions: 'Say how long.' } };
    const child: JsonObject = { id: 'child', type: 'workflow', config: { workflow: 'paid' }, depends_on: ['ask'] };
    const workflows: JsonObject[] = [
      { name: 'paid', nodes: [model] },
      { name: 'family', nodes: [model, child] },
      { name: 'waits', nodes: [{ id: 'go', type: 'wait', config: { event: 'go' } }] },
      { name: 'fails', nodes: [{ id: 'bad', type: 'http', config: { url: 'http://127.0.0.1:9/' } }] },
    ];
    for (const workflow of workflows) expect((await call(api.url, 'POST', '/api/v1/workflows', workflow)).status).toBe(201);
  }, 60_000);
  afterAll(() => api.close());

  it('takes it away with those below it; what they have used stays in the sums', async () => {
    const input = { question: 'How long?', more: 'x'.repeat(5_000) };
    const runId = await start('family', { input });
    const other = await start('paid', { input });
    for (const id of [runId, other]) await untilStatus(id, 'completed');
    const used = (await get('/api/v1/usage?group_by=')).body['total'] as JsonObject;
    expect(used['model_calls']).toBe(3);
    const reply = await remove(runId);
    expect([reply.status, reply.body]).toEqual([204, {}]);
    for (const path of ['', '/journal', '/logs', '/result', '/timeline']) {
      const { status, body } = await get(`/api/v1/runs/${runId}${path}`);
      expect([path, status, body['code']]).toEqual([path, 404, 'run_not_found']);
    }
    const left = (await get('/api/v1/runs')).body['items'] as JsonObject[];
    expect(left.map(({ id }) => id)).toEqual([other]);
    expect((await get('/api/v1/usage?group_by=')).body['total']).toEqual(used);
    expect((await remove(runId)).status).toBe(404);
  }, 60_000);

  it('frees its Idempotency-Key, and its task', async () => {
    const task = await createTask(api.url, 'How long?');
    const again = async () =>
      textOf((await call(api.url, 'POST', '/run-agents', { id: task }, { 'idempotency-key': 'k' })).body, 'run_id');
    const runId = await again();
    await untilStatus(runId, 'completed');
    expect(await again()).toBe(runId);
    expect((await remove(runId)).status).toBe(204);
    expect((await get(`/api/tasks/${task}`)).body).toMatchObject({ status: 'done', run: null });
    const second = await again();
    expect(second).not.toBe(runId);
    await untilStatus(second, 'completed');
  }, 60_000);

  it('is refused while it lives, which says what to do', async () => {
    const runId = await start('waits');
    await untilStatus(runId, 'waiting');
    const refused = await remove(runId);
    expect([refused.status, refused.body['code']]).toEqual([409, 'run_not_ended']);
    expect(JSON.stringify(refused.body)).toContain('cancel it');
    await call(api.url, 'POST', `/api/v1/runs/${runId}/cancel`, {});
    await untilStatus(runId, 'cancelled');
    expect((await remove(runId)).status).toBe(204);
  }, 60_000);

  it('is refused while its dead letter is open', async () => {
    const runId = await start('fails');
    await untilStatus(runId, 'failed');
    const refused = await remove(runId);
    expect([refused.status, refused.body['code']]).toEqual([409, 'dead_letter_open']);
    expect((await call(api.url, 'POST', `/api/v1/dead-letters/${runId}/discard`, {})).status).toBe(200);
    expect((await remove(runId)).status).toBe(204);
  }, 60_000);
});
