import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '@baton/core';
import { type ApiServer, startApi } from '../support/api-server.js';
import { call, createTask, textOf } from '../support/client.js';
import { eventually } from '../support/eventually.js';

describe('tasks and their runs, with nobody to execute them', () => {
  let api: ApiServer;
  const sentinels = mkdtempSync(join(tmpdir(), 'baton-sentinels-'));

  beforeAll(async () => {
    api = await startApi({ env: { SENTINEL_DIR: sentinels } });
  });
  afterAll(async () => {
    await api.close();
    rmSync(sentinels, { recursive: true });
  });

  const linesOf = (file: string, id: string): string[] =>
    readFileSync(join(sentinels, file), 'utf8')
      .split('\n')
      .filter((line) => line.includes(`id=${id}`));

  it('keeps a task', async () => {
    const created = await call(api.url, 'POST', '/api/tasks', {
      title: ' Why? ',
      description: 'more',
      input: { question: 'Why?' },
    });
    expect(created.status).toBe(201);
    const id = textOf(created.body, 'id');
    expect(created.headers.get('location')).toBe(`/api/v1/tasks/${id}`);
    const expected = {
      id,
      title: 'Why?',
      description: 'more',
      input: { question: 'Why?' },
      status: 'pending',
      live_run_id: null,
    };
    for (const path of [`/api/tasks/${id}`, `/api/v1/tasks/${id}`]) {
      expect((await call(api.url, 'GET', path)).body).toMatchObject({ ...expected, run: null });
    }
  });

  it('lists tasks page by page, newest first, each once', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) ids.unshift(await createTask(api.url, `page ${n}`));
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null && seen.length < 5) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const { body } = await call(api.url, 'GET', `/api/tasks?limit=2${query}`);
      seen.push(...(body['items'] as JsonObject[]).map((task) => textOf(task, 'id')));
      cursor = body['next_cursor'] as string | null;
    }
    expect(seen.slice(0, 5)).toEqual(ids);
    const found = await call(api.url, 'GET', '/api/tasks?status=pending&title_prefix=page%203');
    expect(found.body).toMatchObject({ items: [{ title: 'page 3', status: 'pending' }], next_cursor: null });
    expect((await call(api.url, 'GET', '/api/tasks?status=unknown')).status).toBe(400);
  });

  it('starts one run of a task and refuses the second, over both paths', async () => {
    const id = await createTask(api.url, 'once');
    const first = await call(api.url, 'POST', '/run-agents', { id, title: 'once' });
    const runId = textOf(first.body, 'run_id');
    expect([first.status, first.body]).toEqual([
      202,
      {
        run_id: runId,
        task_id: id,
        status: 'queued',
        links: {
          run: `/api/v1/runs/${runId}`,
          events: `/api/v1/runs/${runId}/events`,
          journal: `/api/v1/runs/${runId}/journal`,
          task: `/api/v1/tasks/${id}`,
        },
      },
    ]);
    expect(first.headers.get('location')).toBe(`/api/v1/runs/${runId}`);
    for (const [path, body] of [
      ['/run-agents', { id }],
      [`/api/v1/tasks/${id}/runs`, {}],
    ] as const) {
      const second = await call(api.url, 'POST', path, body);
      expect([second.status, second.body]).toEqual([
        409,
        expect.objectContaining({
          code: 'already_running',
          task_id: id,
          live_run_id: runId,
          links: expect.objectContaining({ run: `/api/v1/runs/${runId}` }),
        }),
      ]);
      expect(second.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    }
    expect((await call(api.url, 'GET', `/api/tasks/${id}`)).body).toMatchObject({
      status: 'running',
      live_run_id: runId,
      run: { id: runId },
    });
  });

  it('lets one of many posts at once through', async () => {
    const id = await createTask(api.url, 'many');
    const replies = await Promise.all(Array.from({ length: 20 }, () => call(api.url, 'POST', '/run-agents', { id })));
    expect(replies.filter((reply) => reply.status === 202)).toHaveLength(1);
    expect(replies.filter((reply) => reply.status === 409)).toHaveLength(19);
    expect(new Set(replies.map((reply) => reply.body['live_run_id'] ?? reply.body['run_id'])).size).toBe(1);
    const { body } = await call(api.url, 'GET', `/api/tasks/${id}/locks`);
    const events = (body['items'] as JsonObject[]).map((record) => record['event']);
    expect(events.filter((event) => event === 'acquired')).toHaveLength(1);
    expect(events.filter((event) => event === 'conflict')).toHaveLength(19);
  });

  it('writes sentinels and marked log lines of entry, acquisition and conflict', async () => {
    const id = await createTask(api.url, 'watched');
    const { body } = await call(api.url, 'POST', '/run-agents', { id });
    await call(api.url, 'POST', '/run-agents', { id });
    expect(linesOf('run_agents_entered.log', id)).toHaveLength(2);
    expect(linesOf('run_agents_lock_acquired.log', id)).toEqual([
      expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z id=\S+ LOCK_ACQUIRED run_id=\S+ method=memory token_len=32$/),
    ]);
    expect(linesOf('run_agents_lock_conflict.log', id)).toEqual([
      expect.stringMatching(/ LOCK_CONFLICT run_id=\S+ method=\w+ token_len=\d+$/),
    ]);
    const marked = api.log.filter((line) => line['marker'] === 'RUN_AGENTS_DBG' && line['task_id'] === id);
    expect(marked.map((line) => [line['msg'], line['run_id']])).toEqual([
      ['RUN_AGENTS_DBG entered', undefined],
      ['RUN_AGENTS_DBG lock acquired', body['run_id']],
      ['RUN_AGENTS_DBG entered', undefined],
      ['RUN_AGENTS_DBG lock conflict', body['run_id']],
    ]);
  });

  it.each([
    ['the list', (id: string) => `/api/tasks?title_prefix=${id}`],
    ['its page', (id: string) => `/api/tasks/${id}`],
  ])('takes a task whole, as %s has it', async (_from, path) => {
    const title = `whole-${Math.random()}`;
    const { body: made } = await call(api.url, 'POST', '/api/tasks', { title, description: 'more', input: { depth: 3 } });
    const { body } = await call(api.url, 'GET', path(path('').endsWith('=') ? title : textOf(made, 'id')));
    const [task] = (body['items'] as JsonObject[] | undefined) ?? [body];
    const started = await call(api.url, 'POST', '/run-agents', task);
    expect([started.status, started.body['task_id']]).toEqual([202, made['id']]);
    const run = await call(api.url, 'GET', `/api/v1/runs/${textOf(started.body, 'run_id')}`);
    expect(run.body['input']).toEqual({ depth: 3 });
    const { body: running } = await call(api.url, 'GET', `/api/tasks/${textOf(made, 'id')}`);
    expect((await call(api.url, 'POST', '/run-agents', running)).status).toBe(409);
    expect((await call(api.url, 'POST', '/run-agents', { ...running, priorty: 'high' })).status).toBe(400);
  });

  it('takes the id as text or number', async () => {
    for (const id of [11, '11']) {
      const reply = await call(api.url, 'POST', '/run-agents', { id });
      expect([reply.status, reply.body['task_id']]).toEqual([404, '11']);
    }
    for (const id of [1.5, -1, null, true, {}]) {
      expect((await call(api.url, 'POST', '/run-agents', { id })).status).toBe(400);
    }
  });

  it('starts many runs by one request, each for itself, and once under its key', async () => {
    const start = (n: number) => ({ workflow: 'answer', input: { question: `batch ${n}` } });
    const runs: JsonObject[] = [
      start(0),
      { workflow: 'no-such', input: null },
      { ...start(2), idempotency_key: 'of-its-own' },
      start(3),
    ];
    const post = () => call(api.url, 'POST', '/api/v1/runs/batch', { runs }, { 'idempotency-key': 'batch-1' });
    const first = await post();
    expect(first.status).toBe(202);
    expect(first.body['refused']).toEqual([{ index: 1, code: 'workflow_not_found', detail: expect.stringContaining('no-such') }]);
    const accepted = first.body['accepted'] as JsonObject[];
    expect(accepted.map(({ index }) => index)).toEqual([0, 2, 3]);
    const ids = accepted.map((one) => textOf(one, 'run_id'));
    expect(new Set(ids).size).toBe(3);
    const inputs = await Promise.all(ids.map(async (id) => (await call(api.url, 'GET', `/api/v1/runs/${id}`)).body['input']));
    expect(inputs).toEqual([0, 2, 3].map((n) => start(n).input));
    expect((await post()).body).toEqual(first.body);
    const alone = await call(api.url, 'POST', '/api/v1/runs', start(2), { 'idempotency-key': 'of-its-own' });
    expect(alone.body['run_id']).toBe(ids[1]);
  });

  it('refuses a batch that is not well-formed, too large, or refused as a whole', async () => {
    const post = (runs: JsonObject[]) => call(api.url, 'POST', '/api/v1/runs/batch', { runs });
    const twice = (run: JsonObject): JsonObject[] => [run, run];
    const one = { workflow: 'answer', input: { question: 'why?' } };
    expect(await post([])).toMatchObject({ status: 400 });
    expect(await post([one, { ...one, input_data: 1 }])).toMatchObject({
      status: 400,
      body: { problems: [{ pointer: '/runs/1/input_data' }] },
    });
    expect(await post(Array.from({ length: 1_001 }, () => one))).toMatchObject({
      status: 400,
      body: { problems: [{ pointer: '/runs' }] },
    });
    expect(await post(twice({ workflow: 'no-such' }))).toMatchObject({ status: 404, body: { code: 'workflow_not_found' } });
  });

  it('does a request with an Idempotency-Key once', async () => {
    const key = { 'idempotency-key': `key-${Math.random()}` };
    const first = await call(api.url, 'POST', '/api/tasks', { title: 'keyed' }, key);
    const again = await call(api.url, 'POST', '/api/tasks', { title: 'keyed' }, key);
    expect([again.status, again.body['id'], again.headers.get('idempotency-replayed')]).toEqual([201, first.body['id'], 'true']);
    expect((await call(api.url, 'POST', '/api/tasks', { title: 'another' }, key)).body['code']).toBe('idempotency_key_reused');
    const id = textOf(first.body, 'id');
    const runKey = { 'idempotency-key': `run-${Math.random()}` };
    const run = await call(api.url, 'POST', '/run-agents', { id }, runKey);
    const repeated = await call(api.url, 'POST', '/run-agents', { id }, runKey);
    expect([repeated.status, repeated.body['run_id']]).toEqual([202, run.body['run_id']]);
    expect((await call(api.url, 'POST', '/run-agents', { id }, { 'idempotency-key': '' })).status).toBe(400);
  });

  it('answers 202 when a wait for the result ends before the run does', async () => {
    const id = await createTask(api.url, 'waited for');
    const reply = await call(api.url, 'POST', '/run-agents', { id }, { prefer: 'respond-async, wait=1' });
    expect([reply.status, reply.body['status']]).toEqual([202, 'queued']);
  });

  it('lists runs by task and status, and their journals', async () => {
    const id = await createTask(api.url, 'listed');
    const runId = textOf((await call(api.url, 'POST', '/run-agents', { id })).body, 'run_id');
    const { body } = await call(api.url, 'GET', `/api/v1/runs?task_id=${id}&status=queued`);
    expect(body).toMatchObject({
      items: [{ id: runId, task_id: id, status: 'queued', workflow: { name: 'answer' } }],
      next_cursor: null,
    });
    const journal = await call(api.url, 'GET', `/api/v1/runs/${runId}/journal`);
    expect(journal.body).toMatchObject({ items: [{ run_id: runId, seq: 1, epoch: 0, type: 'run.submitted' }], next_after: null });
    const activities = await call(api.url, 'GET', `/api/tasks/${id}/activities`);
    expect(activities.body).toMatchObject({ items: [{ run_id: runId, seq: 1 }], next_after: null });
  });

  it('starts a run without a task', async () => {
    const reply = await call(api.url, 'POST', '/api/v1/runs', { workflow: 'answer', input: { question: 'Why?' } });
    expect([reply.status, reply.body['task_id']]).toEqual([202, null]);
    const run = await call(api.url, 'GET', `/api/v1/runs/${textOf(reply.body, 'run_id')}`);
    expect(run.body).toMatchObject({ input: { question: 'Why?' }, output: null, error: null, finished_at: null });
  });
});

describe('runs that a worker executes', () => {
  let api: ApiServer;

  beforeAll(async () => {
    api = await startApi({ worker: true });
    await call(api.url, 'POST', '/api/ingest', { text: 'The sky over Baton is blue.', title: 'Sky' });
  });
  afterAll(() => api.close());

  it('answers with the result where the caller waits for it', async () => {
    const id = await createTask(api.url, 'What colour is the sky?');
    const reply = await call(api.url, 'POST', '/run-agents', { id }, { prefer: 'wait=10' });
    expect([reply.status, reply.body['status']]).toEqual([200, 'completed']);
    expect(reply.headers.get('preference-applied')).toBe('wait=10');
    expect(JSON.stringify(reply.body['output'])).toContain('blue');
    expect((await call(api.url, 'GET', `/api/tasks/${id}`)).body).toMatchObject({ status: 'done', live_run_id: null });
    expect((await call(api.url, 'POST', `/api/v1/runs/${textOf(reply.body, 'run_id')}/cancel`)).body['code']).toBe('run_ended');
  });
});

describe('cancelling', () => {
  it('ends a run in work, and one that nobody holds', async () => {
    const api = await startApi({ env: { TEST_HOLD_SECONDS: '60' }, worker: true });
    const id = await createTask(api.url, 'held open');
    const runId = textOf((await call(api.url, 'POST', '/run-agents', { id })).body, 'run_id');
    await eventually(async () => (await call(api.url, 'GET', `/api/v1/runs/${runId}`)).body['status'] === 'running', 'it runs');
    const cancelled = await call(api.url, 'POST', `/api/v1/runs/${runId}/cancel`, { reason: 'changed my mind' });
    expect([cancelled.status, cancelled.body['status']]).toEqual([200, 'cancelled']);
    expect((await call(api.url, 'GET', `/api/tasks/${id}`)).body).toMatchObject({ status: 'cancelled', live_run_id: null });
    expect((await call(api.url, 'POST', '/run-agents', { id })).status).toBe(202);
    await api.close();

    const idle = await startApi({ env: { CANCEL_WAIT_MS: '50' } });
    const task = await createTask(idle.url, 'nobody holds it');
    const queued = textOf((await call(idle.url, 'POST', '/run-agents', { id: task })).body, 'run_id');
    expect((await call(idle.url, 'POST', `/api/v1/runs/${queued}/cancel`)).status).toBe(202);
    expect((await call(idle.url, 'POST', '/api/v1/runs/none/cancel')).body['code']).toBe('run_not_found');
    await idle.close();
  }, 30_000);
});
