import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeEvent, runEvent, RunStore, type EventDraft, type JsonObject } from '@baton/core';
import { Metrics } from '@baton/platform';
import { startApi, type ApiServer } from '../support/api-server.js';
import { call, createTask, textOf } from '../support/client.js';
import { eventually } from '../support/eventually.js';
import { openSocket, wsToken, type LiveSocket } from '../support/live-socket.js';

const ALICE = 'alice-token-for-live-tests';
const MALLORY = 'mallory-token-for-live-tests';
const entry = (name: string, tenant: string, token: string) => ({
  ...{ name, role: 'operator', tenant },
  sha256: createHash('sha256').update(token).digest('hex'),
});

describe('WebSockets of two API processes', () => {
  let dir: string;
  let api: ApiServer;
  let second: ApiServer;
  const rbac = (tokens: readonly JsonObject[]): void => writeFileSync(join(dir, 'rbac.json'), JSON.stringify({ tokens }));

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'baton-live-'));
    rbac([entry('alice', 'default', ALICE), entry('mallory', 'other', MALLORY)]);
    const env = {
      ...{ RBAC_FILE: join(dir, 'rbac.json'), WS_TOKEN_SECRET: 'a-secret-of-all-the-apis-of-these-tests' },
      ...{ DATABASE_URL: `sqlite:${dir}/baton.sqlite`, DOORBELL_HEALTHY_POLL_MS: '50' },
    };
    api = await startApi({ env });
    second = await startApi({ env });
  }, 60_000);
  afterAll(async () => {
    await second.close();
    await api.close();
    rmSync(dir, { recursive: true });
  });

  const open = async (of: ApiServer, path = '/ws/live', token = ALICE): Promise<LiveSocket> =>
    openSocket(of.url, path, await wsToken(of.url, token));

  /** A run, and what appends to it as its worker would; returns the last seq. */
  async function claimRun() {
    const headers = { authorization: `Bearer ${ALICE}` };
    const task = await call(api.url, 'POST', '/api/tasks', { title: 'watched' }, headers);
    const started = await call(api.url, 'POST', '/run-agents', { id: textOf(task.body, 'id') }, headers);
    const runId = textOf(started.body, 'run_id');
    const runs = api.app.get(RunStore, { strict: false });
    const claim = { runId, workerId: `w-${runId}`, token: runId, generation: null, at: Date.now(), lock: null };
    const claimed = await runs.claim(claim);
    if (claimed.kind !== 'claimed') throw new Error(claimed.kind);
    let { seq } = claimed.run;
    const append = async (events: readonly EventDraft[]): Promise<number> => {
      const settle = { kind: 'end', status: 'completed' } as const;
      const ends = events.at(-1)!.type === 'run.completed';
      const request = { runId, epoch: claimed.run.epoch, baseSeq: seq, events, ...(ends && { settle }) };
      const appended = await runs.append(request);
      if (appended.kind !== 'appended') throw new Error(appended.kind);
      return (seq = appended.seq);
    };
    return { runId, append };
  }

  const steps = (count: number, text = ''): EventDraft[] =>
    Array.from({ length: count }, (_, n) =>
      nodeEvent('step.completed', { id: 'draft', visit: 1, attempt: 1 }, Date.now(), { key: `step-${n}`, output: text }),
    );
  const seqs = (messages: readonly JsonObject[]): unknown[] =>
    messages.filter(({ type }) => type === 'event').map(({ seq }) => seq);
  const upTo = (last: number, from = 1): number[] => Array.from({ length: last - from + 1 }, (_, index) => from + index);
  const has = (last: number) => (messages: readonly JsonObject[]) => seqs(messages).includes(last);

  it('a token of the one opens the other, and the journal comes 1..n, once, in order, across a lost connection', async () => {
    const { runId, append } = await claimRun();
    const token = await wsToken(api.url, ALICE);
    const first = await openSocket(second.url, '/ws/live', token);
    first.send({ type: 'subscribe', id: '1', topic: 'run', run_id: runId });
    const middle = await append(steps(300));
    const begun = await first.read(has(middle));
    expect(begun[0]).toEqual({ type: 'subscribed', id: '1' });
    expect(begun.find(({ type }) => type === 'event')).toMatchObject({
      ...{ id: '1', seq: 1 },
      event: { run_id: runId, seq: 1, type: 'run.submitted' },
    });
    first.socket.terminate();
    const last = await append(steps(300));
    const again = await openSocket(second.url, '/ws/live', token);
    again.send({ type: 'subscribe', id: '1', topic: 'run', run_id: runId, from_seq: middle });
    const rest = await again.read(has(last));
    expect([...seqs(begun), ...seqs(rest)]).toEqual(upTo(last));
    again.socket.close();
  }, 30_000);

  it('shows nothing of other tenants, and lets no page of another site in', async () => {
    const { runId } = await claimRun();
    const foreign = await open(api, `/ws/runs/${runId}`, MALLORY);
    expect((await foreign.closed()).code).toBe(4404);
    const mallory = await open(api, '/ws/live', MALLORY);
    mallory.send({ type: 'subscribe', id: '1', topic: 'run', run_id: runId });
    expect(await mallory.read((messages) => messages.length > 0)).toMatchObject([
      { type: 'error', id: '1', code: 'run_not_found' },
    ]);
    mallory.socket.close();
    const token = await wsToken(api.url, ALICE);
    await expect(openSocket(api.url, '/ws/live', token, { origin: 'https://evil.example' })).rejects.toThrow('403');
    for (const bad of ['', 'x', `${token}x`, ALICE])
      expect((await (await openSocket(api.url, `/ws/live?token=${bad}`, bad || 'none')).closed()).code).toBe(4401);
    expect((await (await open(api, `/ws/runs/${runId}?types=nothing`)).closed()).code).toBe(4400);
  }, 30_000);

  it('tells a run, and the runs of a workflow, under the names of orchestration clients, filtered by type', async () => {
    const all = await open(api, '/ws/workflows/answer');
    const { runId, append } = await claimRun();
    const [queued] = await all.read((messages) => messages.some((message) => message['execution_id'] === runId));
    expect(queued).toMatchObject({
      type: 'workflow.status_changed',
      seq: 1,
      data: { status: 'queued', workflow_name: 'answer' },
    });
    all.socket.close();
    const at = Date.now();
    const node = { id: 'draft', visit: 1, attempt: 1 };
    const completed = runEvent('run.completed', at, { output: 'done' });
    await append([
      nodeEvent('node.started', node, at, {}),
      ...steps(1),
      runEvent('run.paused', at, { reason: 'lunch' }),
      completed,
    ]);
    const whole = await open(second, `/ws/runs/${runId}`);
    expect(await whole.closed()).toMatchObject({ code: 1000 });
    expect(whole.messages.map(({ seq, type, more }) => [seq, type, more])).toEqual([
      [1, 'workflow.status_changed', undefined],
      [2, 'agent.assigned', true],
      [2, 'task.started', undefined],
      [4, 'workflow.status_changed', true],
      [4, 'checkpoint.created', undefined],
      [5, 'workflow.status_changed', undefined],
    ]);
    expect(whole.messages[1]).toMatchObject({
      ...{ workflow_id: queued!['workflow_id'], execution_id: runId, timestamp: new Date(at).toISOString() },
      data: { agent_id: expect.any(String), task_id: 'draft' },
    });
    const some = await open(second, `/ws/workflows/${runId}?types=task.started,checkpoint.created&from_seq=2`);
    await some.closed();
    expect(some.messages.map(({ seq, type }) => [seq, type])).toEqual([[4, 'checkpoint.created']]);
  }, 30_000);

  it('holds no more for a client that does not read than its buffer, and goes on where it stopped', async () => {
    const { runId, append } = await claimRun();
    const client = await open(api);
    client.send({ type: 'subscribe', id: '1', topic: 'run', run_id: runId });
    await client.read(has(1));
    client.socket.pause();
    const last = await append(steps(600, 'x'.repeat(20_000)));
    const metrics = api.app.get(Metrics, { strict: false });
    const buffered = async (): Promise<number> => Number(/^baton_ws_buffered_bytes (\d+)/m.exec(await metrics.render())?.[1]);
    await eventually(async () => (await buffered()) > 0, 'the client is full');
    expect(await buffered()).toBeLessThan(200_000);
    client.socket.resume();
    expect(seqs(await client.read(has(last)))).toEqual(upTo(last, 2));
    client.socket.close();
  }, 30_000);

  it('ends with the API token that it was opened with, in every process', async () => {
    const clients = [await open(api), await open(second)];
    const mallory = await open(second, '/ws/live', MALLORY);
    rbac([entry('mallory', 'other', MALLORY)]);
    for (const client of clients) expect(await client.closed()).toMatchObject({ code: 4401 });
    expect(mallory.socket.readyState).toBe(mallory.socket.OPEN);
    mallory.socket.close();
  }, 30_000);
});

describe('a WebSocket where no token is needed', () => {
  it('is opened by a token of whoever asks, and tells of changes', async () => {
    const api = await startApi();
    const client = await openSocket(api.url, '/ws/live', await wsToken(api.url));
    for (const topic of ['runs', 'tasks']) client.send({ type: 'subscribe', id: topic, topic });
    await client.read((messages) => messages.length === 2);
    const taskId = await createTask(api.url, 'new');
    const created = await client.read((messages) => messages.length === 1);
    expect(created).toEqual([{ type: 'changed', id: 'tasks', topic: 'tasks', ids: [taskId] }]);
    const { body } = await call(api.url, 'POST', '/run-agents', { id: taskId });
    const news = await client.read((messages) => messages.some(({ id }) => id === 'runs'));
    expect(news.find(({ id }) => id === 'runs')).toMatchObject({ ids: [body['run_id']] });
    await api.close();
    expect((await client.closed()).code).toBe(1012);
  }, 30_000);
});
