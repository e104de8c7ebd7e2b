import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeEvent, RunStore, type EventDraft, type JsonObject } from '@baton/core';
import { startApi, type ApiServer } from '../support/api-server.js';
import { call, createTask, textOf } from '../support/client.js';
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
      ...{ DATABASE_URL: `sqlite:${dir}/baton.sqlite`, DOORBELL_HEALTHY_POLL_MS: '50', WS_HEARTBEAT_MS: '200' },
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

  /** A run, and what appends to it as its worker would. */
  async function claimRun(): Promise<{ runId: string; append: (count: number, text?: string) => Promise<number> }> {
    const headers = { authorization: `Bearer ${ALICE}` };
    const task = await call(api.url, 'POST', '/api/tasks', { title: 'watched' }, headers);
    const started = await call(api.url, 'POST', '/run-agents', { id: textOf(task.body, 'id') }, headers);
    const runId = textOf(started.body, 'run_id');
    const runs = api.app.get(RunStore, { strict: false });
    const claim = { runId, workerId: `w-${runId}`, token: runId, generation: null, at: Date.now(), lock: null };
    const claimed = await runs.claim(claim);
    if (claimed.kind !== 'claimed') throw new Error(claimed.kind);
    let { seq } = claimed.run;
    const append = async (count: number, text = ''): Promise<number> => {
      const node = { id: 'draft', visit: 1, attempt: 1 };
      const events: EventDraft[] = Array.from({ length: count }, (_, n) =>
        nodeEvent('step.completed', node, Date.now(), { key: `step-${seq + n}`, output: text }),
      );
      const appended = await runs.append({ runId, epoch: claimed.run.epoch, baseSeq: seq, events });
      if (appended.kind !== 'appended') throw new Error(appended.kind);
      return (seq = appended.seq);
    };
    return { runId, append };
  }

  const seqs = (messages: readonly JsonObject[]): unknown[] =>
    messages.filter(({ type }) => type === 'event').map(({ seq }) => seq);
  const upTo = (last: number, from = 1): number[] => Array.from({ length: last - from + 1 }, (_, index) => from + index);
  const has = (last: number) => (messages: readonly JsonObject[]) => seqs(messages).includes(last);

  it('a token of the one opens the other, and the journal comes 1..n, once, in order, across a lost connection', async () => {
    const { runId, append } = await claimRun();
    const token = await wsToken(api.url, ALICE);
    const first = await openSocket(second.url, '/ws/live', token);
    first.send({ type: 'subscribe', id: '1', topic: 'run', run_id: runId });
    const middle = await append(300);
    const begun = await first.read(has(middle));
    expect(begun[0]).toEqual({ type: 'subscribed', id: '1' });
    expect(begun.find(({ type }) => type === 'event')).toMatchObject({
      ...{ id: '1', seq: 1 },
      event: { run_id: runId, seq: 1, type: 'run.submitted' },
    });
    first.socket.terminate();
    const last = await append(300);
    const again = await openSocket(second.url, '/ws/live', token);
    again.send({ type: 'subscribe', id: '1', topic: 'run', run_id: runId, from_seq: middle });
    const rest = await again.read(has(last));
    expect([...seqs(begun), ...seqs(rest)]).toEqual(upTo(last));
    again.socket.close();
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
