import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect } from 'node:net';
import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '@baton/core';
import { startApi, type ApiServer } from '../support/api-server.js';
import { call, createTask, textOf } from '../support/client.js';
import { createDatabase } from '../support/create-database.js';
import { eventually } from '../support/eventually.js';
import { openEvents } from '../support/event-stream.js';
import { freePort, halt, startMariaDb, startRedis, type Service } from '../support/services.js';

const parts = (body: JsonObject): Record<string, { ok: boolean; detail?: string }> =>
  body['parts'] as unknown as Record<string, { ok: boolean; detail?: string }>;

describe('operation on SQLite and the in-process queue', () => {
  it('says that no worker lives, and that all is well with one', async () => {
    const api = await startApi();
    expect((await call(api.url, 'GET', '/health')).body['status']).toBe('ok');
    const ready = await call(api.url, 'GET', '/ready');
    expect([ready.status, ready.body['status'], parts(ready.body)['workers']?.detail]).toEqual([
      200,
      'degraded',
      'no worker is alive',
    ]);
    const deep = await call(api.url, 'GET', '/health/deep');
    expect([deep.status, deep.body['code'], deep.headers.get('retry-after')]).toEqual([503, 'unhealthy', '2']);
    expect(Object.keys(parts(deep.body)).toSorted()).toEqual(['doorbell', 'durability', 'queue', 'sql', 'vectors', 'workers']);
    await api.close();

    const whole = await startApi({ worker: true });
    expect((await call(whole.url, 'GET', '/health/deep')).status).toBe(200);
    expect((await call(whole.url, 'GET', '/ready')).body['status']).toBe('ok');
    const workers = await call(whole.url, 'GET', '/api/v1/workers');
    expect(workers.body['items']).toEqual([expect.objectContaining({ live: true, pid: process.pid })]);
    await whole.close();
  });

  describe('with nobody to work', () => {
    let api: ApiServer;
    beforeAll(async () => {
      api = await startApi();
    });
    afterAll(() => api.close());

    it('says since when a run has been due', async () => {
      const oldest = async () => (await call(api.url, 'GET', '/api/v1/workflow-capacity')).body['oldest_due_at'];
      expect(await oldest()).toBeNull();
      const accepted = await Promise.all(
        ['one', 'two'].map(async (title) => {
          const { body } = await call(api.url, 'POST', '/run-agents', { id: await createTask(api.url, title) });
          return (await call(api.url, 'GET', `/api/v1/runs/${textOf(body, 'run_id')}`)).body['created_at'] as string;
        }),
      );
      const [first] = accepted.toSorted();
      await eventually(async () => (await oldest()) === first, 'the one that was accepted first is the oldest');
    });

    it('says whom it takes a caller for', async () => {
      const me = { name: 'local', role: 'admin', tenant_id: 'default', access: 'open' };
      const { operations, ...body } = (await call(api.url, 'GET', '/api/v1/me')).body;
      expect(body).toEqual(me);
      expect(operations).toContain('DELETE /api/v1/runs/{id}');
    });
  });

  it('warns where a power cut may lose accepted runs', async () => {
    const api = await startApi({ env: { DATABASE_URL: 'sqlite::memory:' } });
    const ready = await call(api.url, 'GET', '/ready');
    const detail = 'the database is in memory alone';
    expect([ready.status, ready.body['status'], parts(ready.body)['durability']]).toMatchObject([
      200,
      'degraded',
      { ok: false, detail },
    ]);
    expect(api.log).toContainEqual(
      expect.objectContaining({ reason: detail, msg: 'A power cut may lose runs that were accepted' }),
    );
    await api.close();
  });

  it('describes itself', async () => {
    const api = await startApi();
    const document = await call(api.url, 'GET', '/docs-json');
    expect(Object.keys(document.body['paths'] as JsonObject)).toEqual(
      expect.arrayContaining(['/run-agents', '/api/v1/runs/{id}/events']),
    );
    const page = await fetch(`${api.url}/docs`);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('swagger-ui')]);
    expect((await call(api.url, 'GET', '/admin/queues')).body).toMatchObject({
      code: 'not_found',
      remedy: expect.stringContaining('REDIS_URL'),
    });
    await api.close();
  });

  it('lets pages of listed origins in', async () => {
    const token = 'an-operator-token-of-the-tests';
    const authorization = `Bearer ${token}`;
    const api = await startApi({ env: { CORS_ORIGINS: 'https://console.example', API_TOKEN_OPERATOR: token } });
    const headers = { origin: 'https://console.example', 'access-control-request-method': 'POST' };
    const preflight = await fetch(`${api.url}/api/tasks`, { method: 'OPTIONS', headers });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, 'https://console.example']);
    const methods = preflight.headers.get('access-control-allow-methods') ?? '';
    expect(methods.split(',').map((method) => method.trim())).toEqual(expect.arrayContaining(['POST', 'PUT', 'DELETE']));
    const created = await call(api.url, 'POST', '/api/tasks', { title: 'x' }, { authorization });
    const stream = await openEvents(`${api.url}/events/tasks/${textOf(created.body, 'id')}`, {
      ...{ origin: 'https://console.example', authorization },
    });
    expect(stream.headers.get('access-control-allow-origin')).toBe('https://console.example');
    expect(stream.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    stream.close();
    const foreign = await call(api.url, 'GET', '/api/tasks', undefined, { origin: 'https://evil.example', authorization });
    expect(foreign.status).toBe(403);
    await api.close();
  });

  it('refuses while it is late, answers probes all the same, and comes back', async () => {
    const api = await startApi({ env: { MAX_EVENT_LOOP_DELAY_MS: '50' } });
    const busy = setInterval(() => {
      const until = performance.now() + 100;
      while (performance.now() < until);
    }, 1);
    const refused = await eventually(async () => {
      const reply = await call(api.url, 'GET', '/api/tasks');
      return reply.status === 200 ? null : reply;
    }, 'the delay is noticed');
    expect([refused.status, refused.body]).toMatchObject([
      503,
      { code: 'overloaded', detail: expect.stringMatching(/ms behind/) },
    ]);
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    const probes = await Promise.all(['/health', '/ready'].map((path) => call(api.url, 'GET', path)));
    expect(probes.map(({ status }) => status)).toEqual([200, 200]);
    clearInterval(busy);
    await eventually(async () => (await call(api.url, 'GET', '/api/tasks')).status === 200, 'it is in time again');
    await api.close();
  });

  it('answers what is in work when it closes, and waits for nobody who asks nothing', async () => {
    const api = await startApi();
    const id = await createTask(api.url, 'last words');
    const silent = connect(api.port, '127.0.0.1');
    await once(silent, 'connect');
    const last = call(api.url, 'POST', '/run-agents', { id }, { prefer: 'wait=30' });
    await eventually(async () => (await call(api.url, 'GET', `/api/tasks/${id}`)).body['status'] === 'running', 'it is in work');
    const startedAt = performance.now();
    await Promise.all([api.close(), once(silent, 'close')]);
    expect((await last).status).toBe(202);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });
});

describe('operation on MariaDB and Redis', () => {
  let mariadb: Service;
  let redis: Service;
  let api: ApiServer | undefined;

  beforeAll(async () => {
    [mariadb, redis] = await Promise.all([startMariaDb(), startRedis()]);
  }, 60_000);
  afterEach(async () => {
    await api?.close();
    api = undefined;
  });
  afterAll(() => Promise.all([mariadb.stop(), redis.stop()]));

  async function start(worker: boolean): Promise<ApiServer> {
    const database = `baton_${randomBytes(4).toString('hex')}`;
    const env = {
      DATABASE_URL: await createDatabase(mariadb, database),
      REDIS_URL: redis.url,
      QUEUE: 'bullmq',
      REDIS_PREFIX: `{${database}}`,
      LOCK_PREFIX: `${database}:`,
      SQL_WRITE_BOUND_MS: '1000',
    };
    api = await startApi({ env, worker });
    return api;
  }

  it('runs a task, streams it, and shows the queue', async () => {
    const { url } = await start(true);
    await call(url, 'POST', '/api/ingest', { text: 'The sky is blue.' });
    const id = await createTask(url, 'What colour is the sky?');
    const stream = await openEvents(`${url}/events/tasks/${id}`);
    const reply = await call(url, 'POST', '/run-agents', { id }, { prefer: 'wait=10' });
    expect([reply.status, reply.body['status']]).toEqual([200, 'completed']);
    const frames = await stream.read((seen) => seen.some(({ event }) => event === 'run.completed'));
    expect(frames.map(({ data }) => data.seq)).toEqual(frames.map((_, index) => index + 1));
    stream.close();
    const board = await fetch(`${url}/admin/queues`);
    expect([board.status, await board.text()]).toEqual([200, expect.stringContaining('Baton')]);
    const queues = await call(url, 'GET', '/admin/queues/api/queues');
    expect(queues.body['queues']).toEqual([
      expect.objectContaining({ name: 'runs', type: 'bullmq' }),
      expect.objectContaining({ name: 'dead-letters', counts: expect.objectContaining({ failed: 0 }), readOnlyMode: true }),
    ]);
    expect((await call(url, 'GET', '/health/deep')).status).toBe(200);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/^baton_lock_acquired_total\{operation="submit",method="redis"\} 1$/m);
    expect(metrics).toMatch(/^baton_agent_runs_total\{status="completed"\} 1$/m);
    expect(metrics).toMatch(/^baton_queue_depth\{state="waiting"\} 0$/m);
    expect(metrics).toMatch(/^baton_run_queue_seconds_count 1$/m);
    expect(metrics).toMatch(/^baton_part_up\{part="queue"\} 1$/m);
  }, 30_000);

  it('shows dead letters beside the queues', async () => {
    const { url } = await start(true);
    const nodes = [{ id: 'bad', type: 'http', config: { url: 'http://127.0.0.1:9/' } }];
    await call(url, 'POST', '/api/v1/workflows', { name: 'fails', nodes });
    const id = textOf((await call(url, 'POST', '/api/v1/runs', { workflow: 'fails' })).body, 'run_id');
    const board = '/admin/queues/api/queues';
    const letters = await eventually(async () => {
      const page = await call(url, 'GET', `${board}?activeQueue=dead-letters&status=failed&page=1&jobsPerPage=10`);
      const shown = (page.body['queues'] as JsonObject[]).find(({ name }) => name === 'dead-letters');
      // They are counted and listed by two statements: a letter may come between them.
      return (shown?.['counts'] as JsonObject | undefined)?.['failed'] === 1 ? shown! : null;
    }, 'the letter is shown');
    expect(letters).toMatchObject({
      jobs: [{ id, name: 'fails / bad', attempts: 1, failedReason: expect.stringContaining('http_refused'), isFailed: true }],
    });
    const one = await call(url, 'GET', `${board}/dead-letters/${id}`);
    expect([one.status, one.body]).toMatchObject([
      200,
      { status: 'failed', job: { data: { node_id: 'bad', workflow: 'fails' } } },
    ]);
    const other = await call(url, 'GET', `${board}/dead-letters/none`);
    expect(other.status).toBe(404);
    const removed = await call(url, 'PUT', `${board}/dead-letters/${id}/clean`);
    expect(removed.status).toBe(405);
  }, 30_000);

  it('accepts runs without Redis, and says what is missing', async () => {
    const { url } = await start(false);
    const id = await createTask(url, 'without Redis');
    const gone = once(redis.child, 'exit');
    redis.child.kill('SIGKILL');
    await gone;
    const ready = await eventually(async () => {
      const reply = await call(url, 'GET', '/ready');
      return parts(reply.body)['doorbell']?.ok === false ? reply : null;
    }, 'the doorbell is known to be dead');
    expect([ready.status, ready.body['status']]).toEqual([200, 'degraded']);
    expect(parts(ready.body)).toMatchObject({ sql: { ok: true }, queue: { ok: false } });
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/^baton_part_up\{part="sql"\} 1$/m);
    expect(metrics).toMatch(/^baton_part_up\{part="queue"\} 0$/m);
    const deep = await call(url, 'GET', '/health/deep');
    expect([deep.status, deep.body['detail']]).toEqual([503, expect.stringMatching(/queue.*redis|redis.*queue/)]);
    expect((await call(url, 'POST', '/run-agents', { id })).status).toBe(202);
    expect((await call(url, 'POST', '/run-agents', { id })).status).toBe(409);
    await api?.close();
    api = undefined;
    redis = await startRedis({ dir: redis.dir, port: redis.port });
  }, 30_000);

  it('starts without Redis, and executes what it accepted when Redis comes', async () => {
    const port = await freePort();
    const dir = mkdtempSync(join(tmpdir(), 'baton-redis-'));
    api = await startApi({ env: { REDIS_URL: `redis://127.0.0.1:${port}`, QUEUE: 'bullmq' }, worker: true });
    const { url } = api;
    const id = await createTask(url, 'before Redis');
    expect((await call(url, 'POST', '/run-agents', { id })).status).toBe(202);
    expect((await call(url, 'GET', '/ready')).body['status']).toBe('degraded');
    const late = await startRedis({ port, dir });
    await eventually(
      async () => (await call(url, 'GET', `/api/tasks/${id}`)).body['status'] === 'done',
      'the run has ended',
      20_000,
    );
    await eventually(async () => (await call(url, 'GET', '/health/deep')).status === 200, 'all is well');
    await api.close();
    api = undefined;
    await late.stop();
  }, 40_000);

  it('answers 503 without SQL, and recovers', async () => {
    const { url } = await start(false);
    const id = await createTask(url, 'without SQL');
    await halt(mariadb.child);
    const ready = await call(url, 'GET', '/ready');
    expect([ready.status, ready.body['code']]).toEqual([503, 'storage_unavailable']);
    // It is told, though the answer takes as long as a part has to give one.
    expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/^baton_part_up\{part="sql"\} 0$/m);
    expect(ready.headers.get('retry-after')).toMatch(/^\d+$/);
    const refused = await call(url, 'POST', '/run-agents', { id });
    expect([refused.status, refused.body['code']]).toEqual([503, 'storage_unavailable']);
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    mariadb.child.kill('SIGCONT');
    await eventually(async () => (await call(url, 'GET', '/ready')).status === 200, 'the database is back');
  }, 40_000);
});
