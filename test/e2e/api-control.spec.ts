import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject, JsonValue } from '@baton/core';
import { startApi, type ApiServer } from '../support/api-server.js';
import { call, createTask, textOf, type Reply } from '../support/client.js';
import { eventually } from '../support/eventually.js';
import type { SeenEvent } from '../support/journal-checks.js';

type Nodes = Record<string, JsonObject>;

let api: ApiServer;
let published = 0;

const get = (path: string): Promise<Reply> => call(api.url, 'GET', path);
const post = (path: string, body: JsonValue = {}, headers: Record<string, string> = {}): Promise<Reply> =>
  call(api.url, 'POST', path, body, headers);
const itemsOf = (body: JsonObject): JsonObject[] => body['items'] as JsonObject[];

/** Publishes a workflow of these nodes, echoes unless they say otherwise; returns its name. */
async function publish(nodes: Nodes): Promise<string> {
  published += 1;
  const name = `control-${published}`;
  const list = Object.entries(nodes).map(([id, node]) => ({ id, type: 'echo', ...node }));
  const reply = await post('/api/v1/workflows', { name, nodes: list });
  expect([reply.status, reply.body['problems']]).toEqual([201, undefined]);
  return name;
}

async function launch(workflow: string, input: JsonValue = null): Promise<string> {
  return textOf((await post('/api/v1/runs', { workflow, input })).body, 'run_id');
}

async function start(nodes: Nodes, input: JsonValue = null): Promise<string> {
  return launch(await publish(nodes), input);
}

const statusOf = async (runId: string): Promise<unknown> => (await get(`/api/v1/runs/${runId}`)).body['status'];
const until = (runId: string, status: string): Promise<unknown> =>
  eventually(async () => (await statusOf(runId)) === status, `${runId} is ${status}`);
const whyOf = async (runId: string): Promise<JsonObject> => (await get(`/api/v1/runs/${runId}/why`)).body;

async function story(runId: string): Promise<string[]> {
  const { body } = await get(`/api/v1/runs/${runId}/journal?limit=500`);
  const events = body['items'] as unknown as SeenEvent[];
  return events.map(({ type, node_id: nodeId }) => (nodeId === null ? type : `${type} ${nodeId}`));
}

/** A chain of ten nodes, of which the fifth has a brother; each tells its name and the run's input. */
function tenNodes(): Nodes {
  const nodes: Nodes = {};
  for (let n = 1; n <= 9; n += 1) {
    nodes[`n${n}`] = { depends_on: n === 1 ? [] : [`n${n - 1}`], config: { node: n, input: '${{ input }}' } };
  }
  return { ...nodes, brother: { depends_on: ['n4'], config: { node: 'brother', input: '${{ input }}' } } };
}

describe('control, with a worker', () => {
  beforeAll(async () => {
    api = await startApi({ worker: true });
  });
  afterAll(() => api.close());

  describe('pause and resume', () => {
    it('stand at a checkpoint, reach into the node in work, and go on to the end', async () => {
      const runId = await start({ a: {}, b: { depends_on: ['a'], config: { delay_ms: 60_000 } } });
      await eventually(async () => (await story(runId)).includes('node.started b'), 'b is in work');
      const paused = await post(`/api/v1/runs/${runId}/pause`, { reason: 'lunch' });
      expect(paused).toMatchObject({
        status: 200,
        body: { execution_id: runId, status: 'paused', resume_url: `/api/v1/runs/${runId}/resume` },
      });
      expect(paused.body['checkpoint_id']).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      await until(runId, 'paused');
      expect(await whyOf(runId)).toMatchObject({
        code: 'paused',
        sentence: expect.stringMatching(/ paused by local since .*: lunch\.$/),
      });
      expect(await story(runId)).toContain('node.interrupted b');
      expect((await post(`/api/v1/runs/${runId}/pause`)).status).toBe(200);

      expect(await post(textOf(paused.body, 'resume_url'))).toMatchObject({ status: 200, body: { execution_id: runId } });
      await until(runId, 'running');
      expect(await post(`/api/v1/runs/${runId}/resume`)).toMatchObject({ status: 409, body: { code: 'not_paused' } });
      expect(await post(`/api/v1/runs/${runId}/cancel`)).toMatchObject({ status: 200, body: { status: 'cancelled' } });
      const { body } = await get(`/api/v1/runs/${runId}/journal`);
      expect(itemsOf(body).at(-1)).toMatchObject({ type: 'run.cancelled', payload: { by: 'local' } });
      for (const action of ['pause', 'resume', 'cancel'])
        expect(await post(`/api/v1/runs/${runId}/${action}`)).toMatchObject({ status: 409, body: { code: 'run_ended' } });
      expect(await post('/api/v1/runs/none/pause')).toMatchObject({ status: 404, body: { code: 'run_not_found' } });
    });
  });

  it('answers the start of a run with its result where the caller prefers to wait', async () => {
    const workflow = await publish({ a: { config: { went: 'on' } } });
    const started = await call(api.url, 'POST', '/api/v1/runs', { workflow }, { prefer: 'wait=30' });
    expect(started).toMatchObject({ status: 200, body: { status: 'completed', output: { went: 'on' } } });
    expect(started.headers.get('preference-applied')).toBe('wait=30');
  });

  describe('events', () => {
    it('reach the node that waits for them, and no run that has ended', async () => {
      const runId = await start({ a: { type: 'wait', config: { event: 'go' } } });
      await until(runId, 'waiting');
      expect(await whyOf(runId)).toMatchObject({ code: 'waiting_for_event', event: 'go', node_id: 'a' });
      const sent = await post(`/api/v1/runs/${runId}/events`, { name: 'go', payload: { n: 1 } });
      expect(sent).toMatchObject({ status: 202, body: { run_id: runId, name: 'go' } });
      await until(runId, 'completed');
      expect((await get(`/api/v1/runs/${runId}`)).body['output']).toEqual({ timed_out: false, payload: { n: 1 } });
      expect((await post(`/api/v1/runs/${runId}/events`, { name: 'go' })).status).toBe(409);
      expect((await post(`/api/v1/runs/${runId}/events`, { name: 'no blanks' })).status).toBe(400);
    });
  });

  describe('approvals', () => {
    const branches: Nodes = {
      // The other name of `approval`.
      ask: { type: 'hitl', config: { title: 'Ship it?' } },
      yes: { depends_on: ['ask'], when: 'nodes.ask.output.approved', config: { went: 'yes' } },
      no: { depends_on: ['ask'], when: '!nodes.ask.output.approved', config: { went: 'no' } },
    };

    it.each([
      ['/approvals', 'approve', 'yes'],
      ['/api/v1/approvals', 'reject', 'no'],
    ])('over %s take the branch of the decision, once', async (path, decision, went) => {
      const runId = await start(branches);
      await until(runId, 'waiting');
      const id = `${runId}.1.ask`;
      expect(await whyOf(runId)).toMatchObject({
        ...{ code: 'waiting_for_approval', approval_id: id, node_id: 'ask' },
        sentence: expect.stringMatching(/ since [^ ]+ \(Ship it\?\)\.$/),
      });
      expect(itemsOf((await get(`${path}?run_id=${runId}`)).body)).toMatchObject([
        { id, run_id: runId, node_id: 'ask', visit: 1, status: 'open', title: 'waiting for approval: Ship it?', due_at: null },
      ]);
      for (const other of [`${runId}.2.ask`, `${runId}.1.yes`, 'none.1.ask', 'nothing'])
        expect(await post(`${path}/${other}/decide`, { decision })).toMatchObject({
          status: 404,
          body: { code: 'approval_not_found' },
        });

      const decided = await Promise.all(
        ['same', 'same', 'same'].map((comment) => post(`${path}/${id}/decide`, { decision, comment })),
      );
      expect(new Set(decided.map(({ status }) => status))).toEqual(new Set([200, 409]));
      expect(decided.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(decided.find(({ status }) => status === 409)?.body).toMatchObject({
        code: 'approval_closed',
        approval: { decision },
      });
      await until(runId, 'completed');
      expect((await get(`/api/v1/runs/${runId}`)).body['output']).toEqual({ [went]: { went } });
      expect(itemsOf((await get(`${path}?run_id=${runId}`)).body)).toEqual([]);
      expect(itemsOf((await get(`${path}?status=decided&run_id=${runId}`)).body)).toMatchObject([
        { id, status: 'decided', decision, decided_by: 'local', comment: 'same' },
      ]);
      expect((await get(`${path}?status=lost`)).status).toBe(400);
      expect((await get(`${path}/${id}`)).body).toMatchObject({ status: 'decided', decision, decided_by: 'local' });
      const { body } = await get(`/api/v1/runs/${runId}/journal`);
      expect(itemsOf(body).find(({ type }) => type === 'signal.received')).toMatchObject({
        payload: { payload: { by: 'local' } },
      });
      expect((await post(`${path}/${id}/decide`, { decision })).status).toBe(409);
      expect((await post(`${path}/${id}/decide`, { decision: 'maybe' })).status).toBe(400);
    });

    it('leave the list with a run that is cancelled', async () => {
      const runId = await start(branches);
      await until(runId, 'waiting');
      await post(`/api/v1/runs/${runId}/cancel`);
      expect(itemsOf((await get(`/approvals?run_id=${runId}`)).body)).toEqual([]);
      expect(itemsOf((await get(`/approvals?run_id=${runId}&status=closed`)).body)).toMatchObject([
        { node_id: 'ask', decision: null },
      ]);
      expect((await post(`/approvals/${runId}.1.ask/decide`, { decision: 'approve' })).status).toBe(409);
    });
  });

  describe('forks', () => {
    it('run the chosen node and its descendants alone, with the edited input', async () => {
      const runId = await start(tenNodes(), 'old');
      await until(runId, 'completed');
      const forked = await post(`/api/v1/runs/${runId}/fork`, { from_node: 'n6', input: 'new' });
      expect(forked).toMatchObject({ status: 202, body: { forked_from: runId, kept_nodes: 6, total_nodes: 10 } });
      const fork = textOf(forked.body, 'run_id');
      await until(fork, 'completed');
      const started = (await story(fork)).filter((line) => line.startsWith('node.started'));
      expect(started).toEqual(['n6', 'n7', 'n8', 'n9'].map((node) => `node.started ${node}`));
      const { body } = await get(`/api/v1/runs/${fork}`);
      expect(body).toMatchObject({
        ...{ forked_from: runId, fork: { run_id: runId, nodes: ['n6'] }, input: 'new' },
        output: { n9: { node: 9, input: 'new' }, brother: { node: 'brother', input: 'old' } },
      });
      expect((await get(`/api/v1/runs/${runId}`)).body).toMatchObject({ status: 'completed', input: 'old' });
    });

    it('take a definition of their own, which is validated', async () => {
      const runId = await start({ a: { config: { v: 1 } }, b: { depends_on: ['a'], config: { v: 1 } } });
      await until(runId, 'completed');
      const nodes: JsonObject[] = [
        { id: 'a', type: 'echo', config: { v: 9 } },
        { id: 'b', type: 'echo', depends_on: ['a'], config: { v: 2, a: '${{ nodes.a.output.v }}' } },
      ];
      const forked = await post(`/api/v1/runs/${runId}/fork`, { from_node: 'b', definition: { name: 'edited', nodes } });
      const fork = textOf(forked.body, 'run_id');
      await until(fork, 'completed');
      expect((await get(`/api/v1/runs/${fork}`)).body['output']).toEqual({ v: 2, a: 1 });
      const cyclic = { name: 'edited', nodes: [{ id: 'b', type: 'echo', depends_on: ['b'] }] };
      expect((await post(`/api/v1/runs/${runId}/fork`, { from_node: 'b', definition: cyclic })).status).toBe(422);
      const unknown = await post(`/api/v1/runs/${runId}/fork`, { from_node: 'zz' });
      expect(unknown).toMatchObject({ status: 400, body: { problems: [{ pointer: '/from_node' }] } });
    });

    it('retry from what failed, and refuse where nothing has', async () => {
      const failing = { config: { x: '${{ input.x }}' }, depends_on: ['a'] };
      const runId = await start({ a: { config: { ok: true } }, b: failing, c: { depends_on: ['b'] } }, {});
      await until(runId, 'failed');
      const status = (await get(`/api/v1/runs/${runId}`)).body;
      expect(status).toMatchObject({ phase: 'ended', error: { code: 'expression_failed' }, progress: { total: 3 } });
      const key = { 'idempotency-key': `retry-${runId}` };
      const retried = await post(`/api/v1/runs/${runId}/retry`, {}, key);
      expect(retried).toMatchObject({ status: 202, body: { forked_from: runId, kept_nodes: 1 } });
      const again = await post(`/api/v1/runs/${runId}/retry`, {}, key);
      expect([again.body['run_id'], again.headers.get('idempotency-replayed')]).toEqual([retried.body['run_id'], 'true']);
      const mended = await post(`/api/v1/runs/${runId}/fork`, { from_node: 'b', input: { x: 1 } });
      await until(textOf(mended.body, 'run_id'), 'completed');
      const done = textOf(mended.body, 'run_id');
      expect(await post(`/api/v1/runs/${done}/retry`)).toMatchObject({ status: 409, body: { code: 'nothing_to_retry' } });
      const live = await start({ a: { type: 'wait', config: { event: 'never' } } });
      expect(await post(`/api/v1/runs/${live}/retry`)).toMatchObject({ status: 409, body: { code: 'run_not_ended' } });
    });
  });

  describe('by workflow', () => {
    it('shows, pauses, resumes and cancels its only live run; several are named', async () => {
      const name = await publish({ a: { type: 'wait', config: { event: 'go' } } });
      const path = `/api/v1/workflows/${name}`;
      expect(await get(`${path}/status`)).toMatchObject({ status: 404, body: { code: 'run_not_found' } });
      expect(await post(`${path}/pause`)).toMatchObject({ status: 409, body: { code: 'no_live_run' } });
      expect(await post('/api/v1/workflows/unknown/pause')).toMatchObject({ status: 404, body: { code: 'workflow_not_found' } });
      const first = await launch(name);
      await until(first, 'waiting');
      const paused = await post(`${path}/pause`);
      expect(paused).toMatchObject({
        status: 200,
        body: { execution_id: first, status: 'paused', resume_url: `/api/v1/workflows/${first}/resume` },
      });
      await until(first, 'paused');
      const status = await get(`${path}/status`);
      expect(status.body).toMatchObject({
        ...{ execution_id: first, status: 'paused', current_phase: 'paused', agents: [], error_details: null },
        performance_metrics: { attempts: 1, failed_attempts: 0 },
        why: { code: 'paused' },
      });
      expect((await get(`/api/v1/workflows/${textOf(status.body, 'workflow_id')}/status`)).body['execution_id']).toBe(first);
      expect((await get(`/api/v1/workflows/${first}/status`)).body['execution_id']).toBe(first);
      expect(await post(textOf(paused.body, 'resume_url'))).toMatchObject({ status: 200 });

      const second = await launch(name);
      const several = await post(`${path}/cancel`);
      expect(several).toMatchObject({ status: 409, body: { code: 'several_live_runs' } });
      const runs = several.body['runs'] as JsonObject[];
      expect(new Set(runs.map(({ run_id: id }) => id))).toEqual(new Set([first, second]));
      expect(await post(`/api/v1/workflows/${second}/cancel`)).toMatchObject({ status: 200, body: { status: 'cancelled' } });
      expect(await post(`${path}/cancel`)).toMatchObject({ status: 200, body: { execution_id: first } });
    });
  });

  it('lists runs by workflow and time, page by page', async () => {
    const name = await publish({ a: {} });
    const ids: string[] = [];
    for (let n = 0; n < 3; n += 1) ids.unshift(await launch(name));
    const first = await get(`/api/v1/runs?workflow=${name}&limit=2`);
    expect(itemsOf(first.body).map(({ id }) => id)).toEqual(ids.slice(0, 2));
    const second = await get(`/api/v1/runs?workflow=${name}&limit=2&cursor=${textOf(first.body, 'next_cursor')}`);
    expect(itemsOf(second.body).map(({ id }) => id)).toEqual(ids.slice(2));
    const created = textOf(itemsOf(second.body)[0]!, 'created_at');
    const later = new Date(Date.parse(created) + 1).toISOString();
    expect(itemsOf((await get(`/api/v1/runs?workflow=${name}&created_before=${later}`)).body).map(({ id }) => id)).toContain(
      ids[2],
    );
    expect(itemsOf((await get(`/api/v1/runs?workflow=${name}&created_before=${created}`)).body)).toEqual([]);
    expect(itemsOf((await get('/api/v1/runs?workflow=unknown')).body)).toEqual([]);
  });

  it('says in a list why each run does not move, if it is asked', async () => {
    const name = await publish({ a: { type: 'wait', config: { event: 'go' } } });
    const ended = await launch(name);
    await until(ended, 'waiting');
    await post(`/api/v1/runs/${ended}/cancel`);
    await until(await launch(name), 'waiting');
    const [waits, cancelled] = itemsOf((await get(`/api/v1/runs?workflow=${name}&why=true`)).body);
    expect(waits).toMatchObject({
      status: 'waiting',
      why: { code: 'waiting_for_event', sentence: expect.any(String), node_id: 'a' },
    });
    expect(cancelled).not.toHaveProperty('why');
    expect(itemsOf((await get(`/api/v1/runs?workflow=${name}`)).body)[0]).not.toHaveProperty('why');
  });

  it('does the same to many runs at once, and says who refuses', async () => {
    const name = await publish({ a: { type: 'wait', config: { event: 'go' } } });
    const ids = [await launch(name), await launch(name), await launch(name)];
    for (const id of ids) await until(id, 'waiting');
    const bulk = (body: JsonObject): Promise<Reply> => post('/api/v1/runs/bulk', { filter: { workflow: name }, ...body });
    const two = await bulk({ action: 'pause', limit: 2 });
    expect([two.status, (two.body['done'] as JsonValue[]).length, two.body['more']]).toEqual([200, 2, true]);
    await bulk({ action: 'pause' });
    for (const id of ids) await until(id, 'paused');
    expect((await bulk({ action: 'resume' })).body).toMatchObject({ refused: [], more: false });
    for (const id of ids) await until(id, 'waiting');
    expect((await bulk({ action: 'cancel' })).body['done']).toHaveLength(3);
    for (const id of ids) await until(id, 'cancelled');
    const refused = await bulk({ action: 'pause', filter: { workflow: name, status: 'cancelled' } });
    expect(refused.body['refused']).toMatchObject([{ code: 'run_ended' }, { code: 'run_ended' }, { code: 'run_ended' }]);
    const retried = await bulk({ action: 'retry', limit: 1 });
    expect(retried.body).toMatchObject({ done: [{ new_run_id: expect.any(String) }], more: true });
    const pooled = await start({ a: { type: 'wait', pool: 'gpu', config: { event: 'go' } } });
    const told = await post('/api/v1/runs/bulk', { action: 'cancel', filter: { pool: 'gpu' } });
    expect(told.body).toEqual({ done: [{ run_id: pooled }], refused: [], more: false });
    await until(pooled, 'cancelled');
    const [named, none] = [ids[0]!, '0'.repeat(36)];
    const each = await post('/api/v1/runs/bulk', { action: 'pause', filter: { run_ids: [named, none, named] } });
    expect(each.body).toMatchObject({ done: [], more: false, refused: expect.arrayContaining([expect.anything()]) });
    const answers = (each.body['refused'] as JsonObject[]).map((one) => `${textOf(one, 'run_id')} ${textOf(one, 'code')}`);
    expect(new Set(answers)).toEqual(new Set([`${named} run_ended`, `${none} run_not_found`]));
    const mixed = { action: 'pause', filter: { run_ids: [named], status: 'waiting' } };
    for (const wrong of [mixed, { action: 'explode' }]) expect((await post('/api/v1/runs/bulk', wrong)).status).toBe(400);
    const listed = await get(`/api/v1/runs?id_prefix=${named.slice(0, 12)}&status=cancelled`);
    expect(itemsOf(listed.body).map(({ id }) => id)).toContain(named);
    expect((await get('/api/v1/runs?id_prefix=x')).status).toBe(400);
  });

  it('tells the timeline of each node: attempts, waits, steps, inputs and outputs', async () => {
    const runId = await start(
      {
        a: { config: { text: 'x'.repeat(5_000) } },
        b: { type: 'wait', depends_on: ['a'], input: { from: '${{ input }}' }, config: { event: 'go' } },
        c: { depends_on: ['b'], when: 'false' },
      },
      'hello',
    );
    await until(runId, 'waiting');
    await post(`/api/v1/runs/${runId}/events`, { name: 'go' });
    await until(runId, 'completed');
    const { body } = await get(`/api/v1/runs/${runId}/timeline`);
    const [a, b, c] = itemsOf(body);
    expect(a).toMatchObject({ id: 'a', status: 'completed', visits_total: 1, visits: [{ output: { truncated: true } }] });
    expect(JSON.stringify(a).length).toBeLessThan(4_000);
    expect(b).toMatchObject({
      ...{ id: 'b', type: 'wait', status: 'completed', input: { value: { from: 'hello' }, truncated: false } },
      visits: [
        {
          attempts: [
            { attempt: 1, outcome: 'suspended' },
            { attempt: 1, outcome: 'completed' },
          ],
          waits: [{ awaits: { kind: 'event', name: 'go' }, ended_by: 'signal' }],
          steps: [{ key: 'until' }],
        },
      ],
    });
    expect(c).toMatchObject({ id: 'c', status: 'skipped', skipped: expect.stringContaining('condition'), input: null });
    expect(itemsOf((await get(`/api/v1/runs/${runId}/timeline?node=b`)).body)).toEqual([b]);
    expect((await get(`/api/v1/runs/${runId}/timeline?node=z`)).status).toBe(404);
    const page = await get(`/api/v1/runs/${runId}/timeline?after=1&limit=1`);
    expect([itemsOf(page.body).map(({ id }) => id), page.body['next_after']]).toEqual([['b'], 2]);
  });
});

describe('control, with nobody to execute runs', () => {
  beforeAll(async () => {
    api = await startApi({ env: { CANCEL_WAIT_MS: '50' } });
  });
  afterAll(() => api.close());

  it('tells the run, and says that it does not stand yet', async () => {
    const runId = await start({ a: {} });
    expect(await whyOf(runId)).toMatchObject({ code: 'no_worker', sentence: 'The run waits for a worker: none is alive.' });
    const paused = await post(`/api/v1/runs/${runId}/pause`);
    expect(paused).toMatchObject({ status: 202, body: { execution_id: runId, status: 'queued', checkpoint_id: null } });
    expect((await post(`/api/v1/runs/${runId}/resume`)).status).toBe(202);
    expect((await get(`/api/v1/runs/${runId}`)).body).toMatchObject({
      ...{ phase: 'queued', progress: { total: 1, settled: 0, by_status: { ready: 1 } }, forked_from: null, fork: null },
      ...{ metrics: { queued_ms: null, attempts: 0, claims: 0 }, why: { code: 'no_worker' } },
      time_limit: { limit_ms: 86_400_000, used_ms: 0, until: null },
    });
  });

  it('never forks a task into two live runs', async () => {
    const id = await createTask(api.url, 'forked');
    const runId = textOf((await post('/run-agents', { id })).body, 'run_id');
    const timeline = await get(`/api/v1/runs/${runId}/timeline`);
    const fork = await post(`/api/v1/runs/${runId}/fork`, { from_node: itemsOf(timeline.body)[0]!['id']! });
    expect(fork).toMatchObject({ status: 409, body: { code: 'already_running', task_id: id, live_run_id: runId } });
  });
});

describe('control by others', () => {
  const tokens = { ann: 'token-of-ann-for-tests', bob: 'token-of-bob-for-tests', root: 'token-of-root-for-tests' };
  const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
  beforeAll(async () => {
    const env = { API_TOKEN_OPERATOR: tokens.ann, API_TOKEN_VIEWER: tokens.bob, API_TOKEN_ADMIN: tokens.root };
    api = await startApi({ worker: true, env: { ...env, APPROVAL_LINK_SECRET: 'secret-of-the-links-in-this-test' } });
  });
  afterAll(() => api.close());

  it('a viewer looks and does nothing; who decides is journaled', async () => {
    const ann = bearer(tokens.ann);
    const nodes = [{ id: 'ask', type: 'approval' }];
    expect((await post('/api/v1/workflows', { name: 'asks', nodes }, ann)).status).toBeLessThan(300);
    const runId = textOf((await post('/api/v1/runs', { workflow: 'asks' }, ann)).body, 'run_id');
    const look = (): Promise<Reply> => call(api.url, 'GET', '/approvals', undefined, bearer(tokens.bob));
    const open = await eventually(async () => itemsOf((await look()).body)[0], 'it is asked');
    for (const path of [`/approvals/${textOf(open, 'id')}/decide`, `/api/v1/runs/${runId}/pause`, '/api/v1/runs/bulk'])
      expect((await post(path, { decision: 'approve' }, bearer(tokens.bob))).status).toBe(403);
    const decided = await post(`/approvals/${textOf(open, 'id')}/decide`, { decision: 'approve' }, ann);
    expect(decided.body).toMatchObject({ decided_by: 'operator', status: 'decided' });
  });

  it('several decide what the starter must not, on what one of them has changed', async () => {
    const [ann, root] = [bearer(tokens.ann), bearer(tokens.root)];
    const payload_schema = { type: 'object', properties: { sum: { type: 'number', maximum: 5 } }, required: ['sum'] };
    const config = { title: 'Pay?', approvals: 2, self_approval: false, payload: { sum: '${{ input.sum }}' }, payload_schema };
    const nodes = [{ id: 'pay', type: 'approval', config }];
    expect((await post('/api/v1/workflows', { name: 'pays', nodes }, ann)).status).toBeLessThan(300);
    const runId = textOf((await post('/api/v1/runs', { workflow: 'pays', input: { sum: 5 } }, ann)).body, 'run_id');
    const list = async (query: string) =>
      itemsOf((await call(api.url, 'GET', `/approvals?run_id=${runId}&${query}`, undefined, ann)).body);
    const [open] = await eventually(async () => ((await list('')).length === 1 ? list('') : null), 'it is asked');
    expect(open).toMatchObject({
      role: 'operator',
      excluded: ['operator'],
      approvals: { needed: 2, given: 0 },
      payload: { sum: 5 },
    });
    for (const query of ['role=operator', 'node=pay', 'workflow=pays', 'older_than=0', 'newer_than=60'])
      expect(await list(query)).toHaveLength(1);
    for (const query of ['role=admin', 'node=other', 'workflow=asks', 'older_than=3600']) expect(await list(query)).toEqual([]);
    expect((await call(api.url, 'GET', '/approvals?role=king', undefined, ann)).status).toBe(400);

    const decide = (body: JsonObject, token: Record<string, string>): Promise<Reply> =>
      post(`/approvals/${runId}.1.pay/decide`, { decision: 'approve', ...body }, token);
    const find = async (token: string) =>
      (await call(api.url, 'GET', `/approvals/${runId}.1.pay`, undefined, bearer(token))).body;
    const isNotHis = { code: 'approval_forbidden', detail: 'Who started the run does not decide.' };
    expect(open).toMatchObject({ may_decide: false, refusal: isNotHis });
    expect(await find(tokens.ann)).toMatchObject({ may_decide: false, refusal: isNotHis });
    expect(await find(tokens.bob)).toMatchObject({ may_decide: false, refusal: { detail: 'The role operator decides.' } });
    expect(await find(tokens.root)).toMatchObject({ may_decide: true, refusal: null });
    expect(await decide({}, ann)).toMatchObject({ status: 403, body: isNotHis });
    expect(await decide({ payload: { sum: 6 } }, root)).toMatchObject({
      ...{ status: 422, body: { code: 'approval_payload_invalid', problems: [{ pointer: '/payload/sum' }] } },
    });
    const first = await decide({ payload: { sum: 4 }, comment: 'less' }, root);
    expect(first).toMatchObject({ status: 200, body: { status: 'open', approvals: { given: 1 }, payload: { sum: 4 } } });
    expect(first.body).toMatchObject({ may_decide: false, refusal: { code: 'already_voted' } });
    expect(await find(tokens.root)).toMatchObject({ may_decide: false, refusal: { code: 'already_voted' } });
    expect(await decide({}, root)).toMatchObject({ status: 409, body: { code: 'already_voted' } });

    const make = (body: JsonObject, token: Record<string, string>): Promise<Reply> =>
      post(`/approvals/${runId}.1.pay/links`, body, token);
    expect((await make({}, ann)).status).toBe(403);
    const made = await make({ decider: 'cleo', choices: ['approve'] }, root);
    expect(made).toMatchObject({ status: 201, body: { decider: 'cleo' } });
    const link = textOf(made.body, 'url');
    const page = await fetch(api.url + link, { headers: { accept: 'text/html' } });
    expect([page.status, page.headers.get('referrer-policy')]).toEqual([200, 'no-referrer']);
    expect(await page.text()).toContain('<button name="decision" value="approve">');
    expect(await list('')).toMatchObject([{ approvals: { given: 1 } }]);
    const send = (decision: string): Promise<Response> =>
      fetch(api.url + link, {
        method: 'POST',
        body: new URLSearchParams({ decision, comment: '' }),
        headers: { accept: 'text/html' },
      });
    expect((await send('reject')).status).toBe(403);
    expect((await send('approve')).status).toBe(200);
    expect((await send('approve')).status).toBe(409);
    const findRun = async () => (await call(api.url, 'GET', `/api/v1/runs/${runId}`, undefined, ann)).body;
    await eventually(async () => (await findRun())['status'] === 'completed', 'the run has ended');
    expect(await find(tokens.root)).toMatchObject({ may_decide: false, refusal: { code: 'approval_closed' } });
    expect((await findRun())['output']).toMatchObject({
      approved: true,
      by: 'cleo',
      payload: { sum: 4 },
      votes: [{ by: 'admin' }, { by: 'cleo' }],
    });
    expect(api.log.filter((line) => JSON.stringify(line).includes(link.slice(-20)))).toEqual([]);
  });
});
