import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { rawRequest, sendRaw, startApi, type ApiServer } from '../support/api-server.js';
import { call, textOf } from '../support/client.js';

describe('problems', () => {
  let api: ApiServer;

  beforeAll(async () => {
    api = await startApi({ env: { MAX_BODY_BYTES: '8192', MAX_INPUT_BYTES: '2048', INGEST_MAX_DOCUMENT_BYTES: '4096' } });
  });
  afterAll(() => api.close());

  async function send(path: string, body: string, type = 'application/json'): Promise<{ response: Response; body: unknown }> {
    const response = await fetch(api.url + path, { method: 'POST', headers: { 'content-type': type }, body });
    return { response, body: await response.json() };
  }

  it('has every member, and the id of the answer', async () => {
    const { response, body } = await send('/api/tasks', '{}');
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(body).toEqual({
      type: 'urn:baton:problem:invalid_request',
      title: 'The request is not valid',
      status: 400,
      detail: 'One thing is wrong with the request.',
      instance: '/api/tasks',
      code: 'invalid_request',
      remedy: expect.any(String),
      request_id: response.headers.get('x-request-id'),
      problems: [{ pointer: '/title', message: 'this field is missing' }],
    });
  });

  it('names every fault of a body at once, unknown fields too', async () => {
    const { body } = await send('/api/tasks', JSON.stringify({ title: '', description: 3, 'a/b': 1, colour: 'red' }));
    expect(body).toMatchObject({
      problems: [
        { pointer: '/title' },
        { pointer: '/description' },
        { pointer: '/a~1b', message: 'this field is not known' },
        { pointer: '/colour', message: 'this field is not known' },
      ],
    });
  });

  it.each([
    ['broken JSON', '/api/tasks', '{"title":', 'application/json', 400, 'invalid_request'],
    ['no JSON at all', '/api/tasks', '', 'application/json', 400, 'invalid_request'],
    ['a polluted prototype', '/api/tasks', '{"title":"x","__proto__":{"a":1}}', 'application/json', 400, 'invalid_request'],
    ['another type', '/api/tasks', 'title=x', 'application/x-www-form-urlencoded', 415, 'unsupported_media_type'],
    ['plain text', '/api/tasks', 'x', 'text/plain', 415, 'unsupported_media_type'],
    ['a large body', '/api/tasks', JSON.stringify({ title: 'x'.repeat(9_000) }), 'application/json', 413, 'payload_too_large'],
    ['an unknown path', '/api/nothing', '{}', 'application/json', 404, 'not_found'],
    ['an unknown task', '/run-agents', '{"id":"none"}', 'application/json', 404, 'task_not_found'],
    ['an unknown workflow', '/api/v1/runs', '{"workflow":"none"}', 'application/json', 404, 'workflow_not_found'],
  ])('answers %s', async (_what, path, text, type, status, code) => {
    const { response, body } = await send(path, text, type);
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect([response.status, body]).toEqual([status, expect.objectContaining({ code, status, instance: path })]);
  });

  it('sends nobody to fields that it does not name', async () => {
    const { body } = await send('/api/tasks', '{"title":');
    expect(body).not.toHaveProperty('problems');
    expect(body).toMatchObject({ remedy: expect.stringContaining('`detail`') });
  });

  it.each([
    ['/api/tasks?limit=0', '/limit'],
    ['/api/tasks?limit=many', '/limit'],
    ['/api/tasks?cursor=!!', '/cursor'],
    ['/api/tasks?colour=red', '/colour'],
    ['/api/v1/runs?status=gone', '/status'],
  ])('names the fault of the query in %s', async (path, pointer) => {
    const reply = await call(api.url, 'GET', path);
    expect([reply.status, reply.body['problems']]).toEqual([400, [expect.objectContaining({ pointer })]]);
  });

  it('keeps an input as it was sent, to a bounded depth', async () => {
    const input = { constructor: 'Eiffel', prototype: 'tower', nested: [[[{ a: 1.5 }]]] };
    const task = await call(api.url, 'POST', '/api/tasks', { title: 'deep', input });
    expect((await call(api.url, 'GET', `/api/tasks/${textOf(task.body, 'id')}`)).body['input']).toEqual(input);
    const { response, body } = await send('/api/tasks', `{"title":"x","input":${'['.repeat(3_000)}${']'.repeat(3_000)}}`);
    expect([response.status, body]).toEqual([
      400,
      expect.objectContaining({ problems: [expect.objectContaining({ pointer: '/input' })] }),
    ]);
  });

  it('refuses an input beyond the limit, and names the limit', async () => {
    const task = await call(api.url, 'POST', '/api/tasks', { title: 'large' });
    const reply = await call(api.url, 'POST', '/run-agents', { id: task.body['id']!, input: 'x'.repeat(3_000) });
    expect([reply.status, reply.body['detail']]).toEqual([413, expect.stringContaining('MAX_INPUT_BYTES')]);
  });

  it('answers what cannot be read', async () => {
    for (const bytes of ['nonsense\r\n\r\n', rawRequest('GET', '/%zz'), rawRequest('GET', `/${'x'.repeat(20_000)}`)]) {
      const reply = await sendRaw(api.port, bytes);
      expect([400, 404, 431]).toContain(reply.status);
      expect(reply.text).toContain('application/problem+json');
    }
  });

  it('logs each request with its id and what it was about', async () => {
    const task = await call(api.url, 'POST', '/api/tasks', { title: 'logged' });
    const started = await call(api.url, 'POST', '/run-agents', { id: task.body['id']! });
    const line = api.log.find(({ request_id }) => request_id === started.headers.get('x-request-id'));
    expect(line).toMatchObject({
      method: 'POST',
      route: '/run-agents',
      status: 202,
      task_id: task.body['id'],
      run_id: started.body['run_id'],
    });
  });
});
