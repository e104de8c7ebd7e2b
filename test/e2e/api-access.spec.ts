import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject, JsonValue } from '@baton/core';
import type { FastifyInstance, RouteOptions } from 'fastify';
import { rawRequest, sendRaw, startApi, type ApiServer } from '../support/api-server.js';
import { call, textOf } from '../support/client.js';
import { startRedis, type Service } from '../support/services.js';

const VIEWER = 'viewer-token-for-tests';
const OPERATOR = 'operator-token-for-tests';
const ADMIN = 'admin-token-for-tests';
/** What the console calls without a look at the role: `apps/console/offered-actions.spec.ts`. */
const FOR_EVERYBODY = expect.arrayContaining([
  'POST /api/search',
  'POST /api/v1/patterns/{name}/expand',
  'POST /api/v1/workflows/validate',
  'POST /api/v1/ws-tokens',
]);
const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

describe.each(['memory', 'bullmq'] as const)('access with tokens, queue %s', (queue) => {
  let api: ApiServer;
  let redis: Service | null = null;

  beforeAll(async () => {
    redis = queue === 'bullmq' ? await startRedis() : null;
    const tokens = { API_TOKEN_VIEWER: VIEWER, API_TOKEN_OPERATOR: OPERATOR, API_TOKEN_ADMIN: ADMIN };
    api = await startApi({ env: { QUEUE: queue, ...tokens, ...(redis !== null && { REDIS_URL: redis.url }) } });
  });
  afterAll(async () => {
    await api.close();
    await redis?.stop();
  });

  it('asks for a token on every route that the server has, but for the public ones', async () => {
    const routes = registeredRoutes(api.app.getHttpAdapter().getInstance());
    const urls = new Set(routes.map(({ url }) => url));
    for (const url of ['/run-agents', '/api/tasks/:id', '/events/tasks/:id', '/docs', '/docs/*', '/admin/queues/*'])
      expect(urls).toContain(url);
    const open: string[] = [];
    for (const { method, url } of routes) {
      const target = url.replaceAll(/:[a-z]+/gi, 'x').replace('*', 'x');
      const reply = await sendRaw(api.port, rawRequest(method, target));
      if (reply.status !== 401) open.push(`${method} ${url}`);
    }
    const isPublic = ['GET /approvals/link', 'GET /health', 'GET /ready'];
    const heads = isPublic.map((route) => route.replace('GET', 'HEAD'));
    expect(open.toSorted()).toEqual([...isPublic, ...heads, 'POST /approvals/link'].toSorted());
  });

  it.each([
    ['GET', '/admin/queues'],
    ['GET', '//admin//queues'],
    ['GET', '/%61dmin/queues'],
    ['GET', '/admin%2Fqueues'],
    ['GET', '/health/../admin/queues'],
    ['GET', '/admin/queues/../queues'],
    ['GET', '/admin/queues/'],
    ['GET', '/admin/queues/.'],
    ['GET', '/ADMIN/QUEUES'],
    ['GET', '/admin/queues;x=1'],
    ['GET', '/health;/../admin/queues'],
    ['GET', '/admin/queues?x=/health'],
    ['GET', '/admin/queues/api/queues'],
    ['GET', '/admin/queues/static/js/main.js'],
    ['HEAD', '/admin/queues'],
    ['OPTIONS', '/admin/queues'],
    ['OPTIONS', '*'],
    ['PUT', '/admin/queues/api/queues/runs/pause'],
    ['GET', 'http://localhost/admin/queues'],
    ['GET', 'http://localhost/docs'],
    ['GET', '/docs'],
    ['GET', '/docs/'],
    ['GET', '/docs-json'],
    ['GET', '/docs/../docs-json'],
    ['GET', '/docs/swagger-ui-bundle.js'],
    ['GET', '/docs/%2e%2e/docs-json'],
    ['GET', '/metrics'],
    ['GET', '//metrics'],
    ['GET', '/metrics/'],
    ['GET', '/api//tasks'],
    ['GET', '/api/tasks/'],
    ['GET', '/API/tasks'],
    ['GET', '/api/v1/../tasks'],
    ['GET', '/events/tasks/x'],
    ['GET', '/health/deep'],
    ['GET', '/nothing/here'],
    ['TRACE', '/api/tasks'],
    ['QUERY', '/api/tasks'],
  ])('serves nothing to %s %s without a token', async (method, target) => {
    const reply = await sendRaw(api.port, rawRequest(method, target));
    expect([400, 401, 404]).toContain(reply.status);
    const body = reply.text.split('\r\n\r\n')[1] ?? '';
    expect(body).toMatch(method === 'HEAD' ? /^$/ : /urn:baton:problem:(unauthenticated|invalid_request|not_found)/);
  });

  it('tells who asks without a valid token how to ask', async () => {
    const reply = await call(api.url, 'GET', '/api/tasks', undefined, bearer('not-a-token-that-is-known'));
    expect([reply.status, reply.body['code']]).toEqual([401, 'unauthenticated']);
    expect(reply.headers.get('www-authenticate')).toMatch(/^Bearer /);
  });

  it.each([
    ['GET', '/api/tasks', VIEWER, 200],
    ['POST', '/api/tasks', VIEWER, 403],
    ['POST', '/api/tasks', OPERATOR, 400],
    ['POST', '/run-agents', VIEWER, 403],
    ['POST', '/api/ingest', VIEWER, 403],
    ['POST', '/api/v1/runs/x/cancel', VIEWER, 403],
    ['DELETE', '/api/v1/runs/x', OPERATOR, 403],
    ['DELETE', '/api/v1/runs/x', ADMIN, 404],
    ['GET', '/metrics', VIEWER, 200],
    ['GET', '/docs-json', VIEWER, 200],
    ['GET', '/admin/queues', VIEWER, 403],
    ['GET', '/admin/queues', OPERATOR, 403],
    ['GET', '/admin/queues', ADMIN, queue === 'bullmq' ? 200 : 404],
    ['GET', '/admin/queues/api/queues', OPERATOR, 403],
    ['GET', '/admin/queues/api/queues', ADMIN, queue === 'bullmq' ? 200 : 404],
    ['PUT', '/admin/queues/api/queues/runs/pause', OPERATOR, queue === 'bullmq' ? 403 : 404],
  ])('%s %s', async (method, path, token, status) => {
    const body = method === 'POST' ? { headers: { ...bearer(token), 'content-type': 'application/json' }, body: '{}' } : {};
    const response = await fetch(api.url + path, { method, headers: bearer(token), ...body });
    await response.text();
    expect(response.status).toBe(status);
  });

  it.each([VIEWER, OPERATOR, ADMIN])('tells %s all that it may call to change something, and refuses the rest', async (token) => {
    const { operations } = (await call(api.url, 'GET', '/api/v1/me', undefined, bearer(token))).body;
    const { paths } = (await call(api.url, 'GET', '/docs-json', undefined, bearer(token))).body;
    const described = Object.entries(paths as JsonObject).flatMap(([path, methods]) =>
      Object.keys(methods as JsonObject).flatMap((method) => (method === 'get' ? [] : [`${method.toUpperCase()} ${path}`])),
    );
    const allowed: string[] = [];
    for (const operation of described) {
      const [method = '', path = ''] = operation.split(' ');
      const request = rawRequest(method, path.replaceAll(/{\w+}/g, 'x'), bearer(token));
      const { status, text } = await sendRaw(api.port, request);
      if (status !== 403 || !text.includes('This needs the role')) allowed.push(operation);
    }
    expect((operations as string[]).toSorted()).toEqual(allowed.toSorted());
    if (token === VIEWER) expect(operations).toEqual(FOR_EVERYBODY);
  });

  it('takes a token as the password that a browser asks for', async () => {
    const basic = `Basic ${Buffer.from(`me:${VIEWER}`).toString('base64')}`;
    expect((await call(api.url, 'GET', '/api/tasks', undefined, { authorization: basic })).status).toBe(200);
  });

  it('refuses before it reads the body', async () => {
    const request = rawRequest('POST', '/api/tasks', { 'content-type': 'application/json', 'content-length': '1000000000' });
    expect((await sendRaw(api.port, request)).status).toBe(401);
  });

  it('refuses pages of other sites', async () => {
    const reply = await call(api.url, 'GET', '/api/tasks', undefined, { ...bearer(ADMIN), origin: 'https://elsewhere.example' });
    expect([reply.status, reply.body['code']]).toEqual([403, 'forbidden']);
  });
});

describe('tenants', () => {
  const dir = mkdtempSync(join(tmpdir(), 'baton-rbac-'));
  const token = (tenant: string): string => `token-of-tenant-${tenant}`;
  const as = (tenant: string): Record<string, string> => bearer(token(tenant));
  let api: ApiServer;

  beforeAll(async () => {
    const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
    const tokens = ['one', 'two'].map((tenant) => ({ name: tenant, role: 'admin', tenant, sha256: hash(token(tenant)) }));
    writeFileSync(join(dir, 'rbac.json'), JSON.stringify({ tokens }));
    api = await startApi({ env: { RBAC_FILE: join(dir, 'rbac.json') } });
  });
  afterAll(async () => {
    await api.close();
    rmSync(dir, { recursive: true });
  });

  async function itemsOf(path: string, tenant: string): Promise<JsonObject[]> {
    return (await call(api.url, 'GET', path, undefined, as(tenant))).body['items'] as JsonObject[];
  }

  it('are told which one is theirs', async () => {
    const { body } = await call(api.url, 'GET', '/api/v1/me', undefined, as('two'));
    expect(body).toMatchObject({ name: 'two', role: 'admin', tenant_id: 'two', access: 'token' });
  });

  it('see nothing of one another', async () => {
    const task = textOf((await call(api.url, 'POST', '/api/tasks', { title: 'mine' }, as('one'))).body, 'id');
    const run = textOf((await call(api.url, 'POST', '/run-agents', { id: task }, as('one'))).body, 'run_id');
    await call(api.url, 'POST', '/api/ingest', { text: 'The sky is blue.' }, as('one'));
    const [document] = await itemsOf('/api/documents', 'one');
    const documentPath = `/api/documents/${textOf(document!, 'id')}`;
    const spec = { name: 'painter', role: 'paint', instructions: 'Paint.' };
    const agent = textOf((await call(api.url, 'POST', '/api/v1/agents', spec, as('one'))).body, 'id');
    const definition = { name: 'paint', nodes: [{ id: 'echo', type: 'echo' }] };
    await call(api.url, 'POST', '/api/v1/workflows', definition, as('one'));
    const asked: [string, string, JsonValue?][] = [
      ['GET', `/api/tasks/${task}`],
      ['GET', `/api/tasks/${task}/locks`],
      ['GET', `/api/tasks/${task}/activities`],
      ['GET', `/events/tasks/${task}`],
      ['POST', '/run-agents', { id: task }],
      ['GET', `/api/v1/runs/${run}`],
      ['GET', `/api/v1/runs/${run}/journal`],
      ['GET', `/api/v1/runs/${run}/logs`],
      ['DELETE', `/api/v1/runs/${run}`],
      ['GET', `/api/v1/runs/${run}/events`],
      ['GET', `/api/v1/runs/${run}/artifacts`],
      ['POST', `/api/v1/runs/${run}/reports`, {}],
      ['POST', `/api/v1/runs/${run}/cancel`, {}],
      ['POST', `/api/v1/runs/${run}/pause`, {}],
      ['POST', `/api/v1/runs/${run}/resume`, {}],
      ['POST', `/api/v1/runs/${run}/events`, { name: 'x' }],
      ['POST', `/api/v1/runs/${run}/fork`, { from_node: 'draft' }],
      ['POST', `/api/v1/runs/${run}/patch`, { patch: [] }],
      ['POST', `/runs/${run}/patch`, { patch: [] }],
      ['POST', `/api/v1/runs/${run}/patch/undo`, { revision: 1 }],
      ['POST', `/api/v1/runs/${run}/retry`, {}],
      ['GET', `/api/v1/runs/${run}/why`],
      ['GET', `/api/v1/runs/${run}/timeline`],
      ['GET', `/api/v1/workflows/${run}/status`],
      ['POST', `/api/v1/workflows/${run}/pause`, {}],
      ['POST', `/api/v1/workflows/${run}/resume`, {}],
      ['POST', `/api/v1/workflows/${run}/cancel`, {}],
      ['GET', documentPath],
      ['GET', `${documentPath}/content`],
      ['GET', `${documentPath}/passages`],
      ['GET', `/api/v1/agents/${agent}`],
      ['PUT', `/api/v1/agents/${agent}`, spec],
      ['GET', '/api/v1/workflows/paint'],
      ['PUT', '/api/v1/workflows/paint', definition],
      ['DELETE', '/api/v1/workflows/paint'],
      ['POST', '/api/v1/workflows/paint/execute', { input_data: {} }],
      ['POST', '/api/v1/runs', { workflow: 'paint' }],
    ];
    for (const [method, path, body] of asked) {
      expect([path, (await call(api.url, method, path, body, as('two'))).status]).toEqual([path, 404]);
    }
    await call(api.url, 'DELETE', documentPath, undefined, as('two'));
    for (const path of ['/api/tasks', '/api/v1/runs', '/api/documents']) {
      expect(await itemsOf(path, 'two')).toEqual([]);
      expect(await itemsOf(path, 'one')).toHaveLength(1);
    }
    for (const path of ['/api/v1/agents', '/api/v1/workflows']) {
      expect((await itemsOf(path, 'one')).length - (await itemsOf(path, 'two')).length).toBe(1);
    }
    expect((await call(api.url, 'POST', '/api/search', { query: 'sky' }, as('two'))).body['items']).toEqual([]);
  });

  it('see no page that is about all of them', async () => {
    const replies = ['/admin/queues', '/admin/queues/api/queues'].map((path) => call(api.url, 'GET', path, undefined, as('one')));
    for (const { status, body } of await Promise.all(replies)) expect([status, body['code']]).toEqual([403, 'forbidden']);
  });

  it('cannot follow an own task from an event of another’s run', async () => {
    const [theirs] = await itemsOf('/api/v1/runs', 'one');
    const task = textOf((await call(api.url, 'POST', '/api/tasks', { title: 'mine too' }, as('two'))).body, 'id');
    const path = `/events/tasks/${task}?last_event_id=${textOf(theirs!, 'id')}.1`;
    expect((await call(api.url, 'GET', path, undefined, as('two'))).status).toBe(400);
  });
});

describe('access without tokens', () => {
  let api: ApiServer;

  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.close());

  it.each([
    ['evil.example', 403],
    ['evil.example:8001', 403],
    ['', 403],
  ])('refuses the host %j', async (host, status) => {
    expect((await sendRaw(api.port, rawRequest('GET', '/api/tasks', { host }))).status).toBe(status);
  });

  it('answers local callers', async () => {
    const { status } = await sendRaw(api.port, rawRequest('GET', '/api/tasks', { host: `localhost:${api.port}` }));
    expect(status).toBe(200);
  });

  it('refuses foreign hosts on public and unknown paths too', async () => {
    for (const path of ['/health', '/ready', '/nothing', '/docs']) {
      expect((await sendRaw(api.port, rawRequest('GET', path, { host: 'evil.example' }))).status).toBe(403);
    }
  });
});

/** Every route, as the server lists them itself: the ones of Nest, of the docs and of Bull Board. */
function registeredRoutes(server: FastifyInstance): Pick<RouteOptions & { method: string }, 'method' | 'url'>[] {
  const listing = server.printRoutes({ commonPrefix: false, includeHooks: false });
  const stack: string[] = [];
  return listing.split('\n').flatMap((line) => {
    const [, indent, name, methods] = /^([│├└─\s]*)(.+?) \(([A-Z, ]+)\)(?: .*)?$/.exec(line) ?? [];
    if (indent === undefined || name === undefined || methods === undefined) return [];
    const depth = indent.length / 4 - 1;
    stack.length = depth;
    stack[depth] = name;
    return methods.split(', ').map((method) => ({ method, url: stack.join('') }));
  });
}
