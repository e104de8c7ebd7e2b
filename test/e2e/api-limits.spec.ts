import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject, JsonValue } from '@baton/core';
import { listen } from '../../apps/api/src/index.js';
import { rawRequest, sendRaw, startApi, type ApiServer } from '../support/api-server.js';
import { call, textOf, type Reply } from '../support/client.js';
import { eventually } from '../support/eventually.js';

/** Waits for a named event, and so holds its place, parked. */
const parked = (name: string, limits: JsonValue): JsonObject => ({
  name,
  limits,
  nodes: [{ id: 'gate', type: 'wait', config: { event: 'go' } }],
});

describe('limits over HTTP', () => {
  let api: ApiServer;

  beforeAll(async () => {
    api = await startApi({ worker: true, env: { TENANT_ACTIVE_RUNS: '6', RUN_TENANT_RETENTION_DAYS: '{"default": 30}' } });
    for (const [name, onLimit] of [
      ['one', 'reject'],
      ['line', 'queue'],
      ['newest', 'cancel_oldest'],
    ] as const) {
      const definition = parked(name, { active_runs: 1, on_limit: onLimit });
      expect((await call(api.url, 'POST', '/api/v1/workflows', definition)).status).toBe(201);
    }
    expect((await call(api.url, 'POST', '/api/v1/workflows', parked('free', {}))).status).toBe(201);
  });
  afterAll(() => api.close());

  const start = (workflow: string): Promise<Reply> => call(api.url, 'POST', '/api/v1/runs', { workflow });
  const get = async (path: string): Promise<JsonObject> => (await call(api.url, 'GET', path)).body;
  const go = (runId: string): Promise<Reply> => call(api.url, 'POST', `/api/v1/runs/${runId}/events`, { name: 'go' });
  const until = (runId: string, status: string): Promise<JsonObject> =>
    eventually(async () => {
      const body = await get(`/api/v1/runs/${runId}`);
      return body['status'] === status ? body : null;
    }, `the run is ${status}`);

  it('refuses a second run of a workflow that runs one at a time, until the first has ended', async () => {
    const first = textOf((await start('one')).body, 'run_id');
    await until(first, 'waiting');
    const refused = await start('one');
    expect([refused.status, refused.body]).toMatchObject([
      409,
      { code: 'already_executing', live_run_id: first, limit: { kind: 'workflow', name: 'one', active_runs: 1, live: 1 } },
    ]);
    await go(first);
    await until(first, 'completed');
    const next = await start('one');
    expect(next.status).toBe(202);
    const id = textOf(next.body, 'run_id');
    await until(id, 'waiting');
    await go(id);
    await until(id, 'completed');
  });

  it('lets runs wait in line, says why, and starts them in order', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 3; index += 1) ids.push(textOf((await start('line')).body, 'run_id'));
    await until(ids[0]!, 'waiting');
    expect(await get(`/api/v1/runs/${ids[2]!}`)).toMatchObject({
      status: 'queued',
      why: {
        code: 'at_limit',
        others: 1,
        sentence: expect.stringMatching(/1 of 1 live run of the workflow line, and 1 run stands before it\.$/),
      },
    });
    expect((await get('/workflow-capacity'))['workflows']).toContainEqual({
      ...{ workflow: 'line', limit: 1, used: 1, free: 0, waiting: 2, on_limit: 'queue' },
    });
    for (const id of ids) {
      await until(id, 'waiting');
      await go(id);
      await until(id, 'completed');
    }
  });

  it('lets the newest run displace the oldest', async () => {
    const first = textOf((await start('newest')).body, 'run_id');
    await until(first, 'waiting');
    const second = textOf((await start('newest')).body, 'run_id');
    await until(first, 'cancelled');
    await until(second, 'waiting');
    await go(second);
    await until(second, 'completed');
  });

  it('bounds the live runs of a tenant, forks included', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 6; index += 1) {
      const id = textOf((await start('free')).body, 'run_id');
      await until(id, 'waiting');
      ids.push(id);
    }
    const fork = await call(api.url, 'POST', `/api/v1/runs/${ids[0]!}/fork`, { from_node: 'gate' });
    for (const refused of [await start('free'), fork]) {
      expect([refused.status, refused.body, refused.headers.get('retry-after')]).toMatchObject([
        ...[429, { code: 'limit_reached', limit: { kind: 'tenant', name: 'default', active_runs: 6, live: 6 } }, '1'],
      ]);
    }
    // A worker tells what it has in work with its next sign of life.
    const capacity = await eventually(async () => {
      const body = await get('/api/v1/workflow-capacity');
      const { places, backlog } = body as unknown as { places: { runs: { used: number } }; backlog: { used: number } };
      // The backlog is counted once a second.
      return places.runs.used === 0 && backlog.used === 0 ? body : null;
    }, 'the worker has told that it is idle, and the backlog is counted anew');
    expect(capacity).toMatchObject({
      queue: 'memory',
      tenant: { limit: 6, used: 6, free: 0, waiting: 0, on_limit: 'reject' },
      retention_days: 30,
      active_runs: { limit: 1_000, used: 0, free: 1_000 },
      backlog: { limit: 100_000, used: 0, free: 100_000 },
      workers: [{ pools: [], runs: { limit: 100, used: 0, free: 100 }, nodes: { limit: 1_000, used: 0, free: 1_000 } }],
      places: { runs: { limit: 100, used: 0, free: 100 }, nodes: { limit: 1_000, used: 0, free: 1_000 } },
      pools: [],
    });
    await Promise.all(ids.map(go));
    for (const id of ids) await until(id, 'completed');
  });
});

it('bounds the backlog where nobody works it off', async () => {
  const api = await startApi({ env: { MAX_BACKLOG: '2' } });
  try {
    const definition = { name: 'plain', nodes: [{ id: 'a', type: 'transform', config: { value: 1 } }] };
    await call(api.url, 'POST', '/api/v1/workflows', definition);
    const start = (): Promise<Reply> => call(api.url, 'POST', '/api/v1/runs', { workflow: 'plain' });
    expect([(await start()).status, (await start()).status]).toEqual([202, 202]);
    const full = await start();
    expect([full.status, full.body, full.headers.get('retry-after')]).toMatchObject([
      ...[503, { code: 'backlog_full', queued: 2, max_backlog: 2 }, '2'],
    ]);
    // Told to the next one before its body is read, for a moment: it is not even JSON.
    const unread = await fetch(`${api.url}/api/v1/runs`, {
      method: 'POST',
      body: '{',
      headers: { 'content-type': 'application/json' },
    });
    expect(unread.status).toBe(503);
    expect(Object.fromEntries(unread.headers)).toMatchObject({
      ...{ 'content-type': 'application/problem+json; charset=utf-8', 'retry-after': '2', 'x-content-type-options': 'nosniff' },
    });
    expect(await unread.json()).toEqual({ ...full.body, request_id: unread.headers.get('x-request-id') });
    const ids = api.log.filter((line) => line['msg'] === 'Request').map((line) => line['request_id']);
    expect(ids).toContain(full.headers.get('x-request-id'));
    expect(ids).not.toContain(unread.headers.get('x-request-id'));
    const metrics = await (await fetch(`${api.url}/metrics`)).text();
    expect(metrics).toContain('baton_starts_refused_total{code="backlog_full",limit="backlog"} 1');
    expect(metrics).toContain('baton_requests_refused_total{reason="backlog"} 1');
    // The body that nobody reads does not stand in the way of what comes behind it.
    const body = '{"workflow":"plain"}';
    const head = `host: localhost:${api.port}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`;
    const refused = `POST /api/v1/runs HTTP/1.1\r\n${head}\r\n\r\n${body}`;
    const { text } = await sendRaw(api.port, refused + refused + rawRequest('GET', '/health', { host: `localhost:${api.port}` }));
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 503', 'HTTP/1.1 503', 'HTTP/1.1 200']);
  } finally {
    await api.close();
  }
});

it('refuses a tenant while the event loop is late, but not one that asks for little', async () => {
  const token = { loud: 'a-token-of-the-loud-tenant', quiet: 'a-token-of-the-quiet-tenant' };
  const dir = mkdtempSync(join(tmpdir(), 'baton-late-'));
  const rbac = Object.entries(token).map(([name, text]) => ({
    ...{ name, tenant: name, role: 'viewer', sha256: createHash('sha256').update(text).digest('hex') },
  }));
  writeFileSync(join(dir, 'rbac.json'), JSON.stringify({ tokens: rbac }));
  const api = await startApi({ env: { RBAC_FILE: join(dir, 'rbac.json'), MAX_EVENT_LOOP_DELAY_MS: '20' } });
  // Each turn takes so long.
  const busy = setInterval(() => {
    const endsAt = performance.now() + 40;
    while (performance.now() < endsAt);
  }, 1);
  try {
    const ask = (name: keyof typeof token): Promise<Reply> =>
      call(api.url, 'GET', '/api/v1/runs', undefined, { authorization: `Bearer ${token[name]}` });
    const refused = await eventually(async () => {
      const reply = await ask('loud');
      return reply.status === 503 ? reply : null;
    }, 'the delay has been measured');
    expect([refused.body, refused.headers.get('retry-after')]).toMatchObject([{ code: 'overloaded' }, '2']);
    for (let index = 0; index < 10; index += 1) await ask('loud');
    expect((await ask('quiet')).status).toBe(200);
    expect((await ask('loud')).status).toBe(503);
    expect((await call(api.url, 'GET', '/health')).status).toBe(200);
  } finally {
    clearInterval(busy);
    await api.close();
    rmSync(dir, { recursive: true });
  }
});

it('closes connections above the bound, and serves those within it', async () => {
  const api = await startApi({ env: { MAX_CONNECTIONS: '1' } });
  try {
    const first = connect(api.port, '127.0.0.1');
    await once(first, 'connect');
    const second = connect(api.port, '127.0.0.1');
    await once(second, 'close');
    first.write(`GET /health HTTP/1.1\r\nhost: localhost:${api.port}\r\n\r\n`);
    const [answer] = (await once(first, 'data')) as [Buffer];
    expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /);
    first.destroy();
  } finally {
    await api.close();
  }
});

it('bounds connections over all its doors, shares its port with nobody, and closes with those who came through a door', async () => {
  const api = await startApi({ env: { MAX_CONNECTIONS: '10' } });
  const sockets = Array.from({ length: 40 }, () => connect(api.port, '127.0.0.1'));
  try {
    const address = { port: api.port, host: '127.0.0.1', maxConnections: 10 };
    await expect(listen(api.app, address)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    let closed = 0;
    for (const socket of sockets) socket.on('close', () => (closed += 1)).on('error', () => undefined);
    await eventually(() => closed >= 30, 'those above the bound are closed');
    const served = sockets.filter((socket) => !socket.closed).slice(0, 5);
    const answers = served.map((socket) => once(socket, 'data') as Promise<[Buffer]>);
    for (const socket of served) socket.write(`GET /health HTTP/1.1\r\nhost: localhost:${api.port}\r\n\r\n`);
    expect((await Promise.all(answers)).map(([answer]) => String(answer).slice(0, 12))).toEqual(Array(5).fill('HTTP/1.1 200'));
  } finally {
    await api.close();
  }
  await eventually(() => sockets.every(({ closed }) => closed), 'the connections of an API that has closed are closed');
}, 30_000);
