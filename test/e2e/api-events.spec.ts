import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from 'node:net';
import { nodeEvent, runEvent, RunStore, type EventDraft } from '@baton/core';
import { type ApiServer, rawRequest, sendRaw, startApi } from '../support/api-server.js';
import { call, createTask, textOf } from '../support/client.js';
import { openEvents } from '../support/event-stream.js';
import { eventually } from '../support/eventually.js';

/** Stands in for a worker: claims the run and appends what it is told to. */
async function claim(api: ApiServer, runId: string): Promise<(events: readonly EventDraft[], end?: boolean) => Promise<void>> {
  const runs = api.app.get(RunStore, { strict: false });
  const at = Date.now();
  const outcome = await runs.claim({ runId, workerId: `w-${runId}`, token: runId, generation: null, at, lock: null });
  if (outcome.kind !== 'claimed') throw new Error(outcome.kind);
  let seq = outcome.run.seq;
  return async (events, end = false) => {
    const settle = end ? ({ kind: 'end', status: 'completed' } as const) : undefined;
    const appended = await runs.append({ runId, epoch: outcome.run.epoch, baseSeq: seq, events, ...(settle && { settle }) });
    if (appended.kind !== 'appended') throw new Error(appended.kind);
    seq = appended.seq;
  };
}

const steps = (count: number, text = ''): EventDraft[] =>
  Array.from({ length: count }, (_, n) =>
    nodeEvent('step.completed', { id: 'draft', visit: 1, attempt: 1 }, Date.now(), { key: `step-${n}`, output: text }),
  );
const ended = (): EventDraft[] => [
  { type: 'run.completed', nodeId: null, visit: 0, attempt: 0, at: Date.now(), payload: { output: 'done' } },
];

describe('live events', () => {
  let api: ApiServer;
  let second: ApiServer;

  beforeAll(async () => {
    api = await startApi({ env: { SSE_HEARTBEAT_MS: '100', DOORBELL_HEALTHY_POLL_MS: '200', SSE_BUFFER_EVENTS: '50' } });
    second = await startApi({ env: { DATABASE_URL: `sqlite:${api.dir}/baton.sqlite`, DOORBELL_HEALTHY_POLL_MS: '50' } });
  });
  afterAll(async () => {
    await second.close();
    await api.close();
  });

  async function start(): Promise<{ taskId: string; runId: string }> {
    const taskId = await createTask(api.url, 'watched');
    const { body } = await call(api.url, 'POST', '/run-agents', { id: taskId });
    return { taskId, runId: textOf(body, 'run_id') };
  }

  it('gives each event once and in order, live, and ends with the run', async () => {
    const { runId } = await start();
    const stream = await openEvents(`${api.url}/api/v1/runs/${runId}/events`);
    expect([stream.status, stream.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    expect(await stream.read((frames) => frames.length === 1)).toMatchObject([
      {
        id: `${runId}.1`,
        event: 'run.submitted',
        data: { run_id: runId, seq: 1, epoch: 0, type: 'run.submitted', node_id: null },
      },
    ]);
    const append = await claim(api, runId);
    await append(steps(120));
    expect((await stream.read((frames) => frames.length >= 120)).map((frame) => frame.data.seq)).toEqual(
      Array.from({ length: 120 }, (_, n) => n + 2),
    );
    await append(ended(), true);
    const last = await stream.read(() => false);
    expect(last.map((frame) => frame.event)).toEqual(['run.completed']);
  });

  it('goes on behind Last-Event-ID, by header or query', async () => {
    const { runId } = await start();
    await (
      await claim(api, runId)
    )([...steps(8), ...ended()], true);
    const url = `${api.url}/api/v1/runs/${runId}/events`;
    for (const stream of [
      await openEvents(url, { 'last-event-id': `${runId}.4` }),
      await openEvents(`${url}?last_event_id=${runId}.4`),
      await openEvents(`${url}?last_event_id=${runId}.1`, { 'last-event-id': `${runId}.4` }),
    ]) {
      expect((await stream.read(() => false)).map((frame) => frame.data.seq)).toEqual([5, 6, 7, 8, 9, 10]);
    }
  });

  it('tells orchestration clients what they know, under their names, from where they were', async () => {
    const { runId, taskId } = await start();
    const at = Date.now();
    const append = await claim(api, runId);
    const events = [
      nodeEvent('node.started', { id: 'draft', visit: 1, attempt: 1 }, at, {}),
      runEvent('run.paused', at, { reason: 'a break' }),
      ...steps(2),
      ...ended(),
    ];
    await append(events, true);
    const url = `${api.url}/api/v1/runs/${runId}/events?format=orchestration`;
    const stream = await openEvents(url);
    const frames = await stream.read(() => stream.text.includes(`id: ${runId}.6\n\n`));
    stream.close();
    expect(frames.map(({ id, event }) => [id, event])).toEqual([
      [`${runId}.1`, 'workflow.execution_started'],
      [`${runId}.2`, 'agent.task_assigned'],
      [`${runId}.3`, 'workflow.checkpoint_created'],
    ]);
    expect(frames[1]!.data).toMatchObject({ execution_id: runId, task_id: 'draft', timestamp: new Date(at).toISOString() });
    const later = await openEvents(`${api.url}/events/tasks/${taskId}?format=orchestration`, { 'last-event-id': `${runId}.2` });
    expect((await later.read((rest) => rest.length === 1)).map(({ event }) => event)).toEqual(['workflow.checkpoint_created']);
    later.close();
    expect((await call(api.url, 'GET', `/api/v1/runs/${runId}/events?format=other`)).status).toBe(400);
  });

  it('sends away who has seen the end', async () => {
    const { runId } = await start();
    await (
      await claim(api, runId)
    )(ended(), true);
    const stream = await openEvents(`${api.url}/api/v1/runs/${runId}/events`, { 'last-event-id': `${runId}.2` });
    expect(stream.status).toBe(204);
  });

  it.each(['nonsense', 'another.3', '1'])('refuses the position %j', async (position) => {
    const { runId, taskId } = await start();
    for (const path of [`/api/v1/runs/${runId}/events`, `/events/tasks/${taskId}`]) {
      const reply = await call(api.url, 'GET', path, undefined, { 'last-event-id': position });
      expect([reply.status, reply.body['code']]).toEqual([400, 'invalid_request']);
    }
  });

  it('follows a task from run to run', async () => {
    const { runId, taskId } = await start();
    await (
      await claim(api, runId)
    )(ended(), true);
    const stream = await openEvents(`${api.url}/events/tasks/${taskId}`, { 'last-event-id': `${runId}.1` });
    expect((await stream.read((frames) => frames.length === 1)).map((frame) => frame.id)).toEqual([`${runId}.2`]);
    const next = textOf((await call(api.url, 'POST', '/run-agents', { id: taskId })).body, 'run_id');
    expect((await stream.read((frames) => frames.length === 1)).map((frame) => frame.id)).toEqual([`${next}.1`]);
    stream.close();
  });

  it('sees what another process has written', async () => {
    const { runId } = await start();
    const stream = await openEvents(`${second.url}/api/v1/runs/${runId}/events`);
    await (
      await claim(api, runId)
    )([...steps(3), ...ended()], true);
    expect((await stream.read(() => false)).map((frame) => frame.data.seq)).toEqual([1, 2, 3, 4, 5]);
  });

  it('sends heartbeats while nothing happens', async () => {
    const { runId } = await start();
    const stream = await openEvents(`${api.url}/api/v1/runs/${runId}/events`);
    await stream.read(() => stream.text.split(': heartbeat').length > 2);
    expect(stream.text).toContain(': heartbeat\n\n');
    stream.close();
  });

  it('reads the journal no faster than a slow client does, and loses nothing', async () => {
    const { runId } = await start();
    const append = await claim(api, runId);
    for (let n = 0; n < 40; n += 1) await append(steps(50, 'x'.repeat(4_000)));
    await append(ended(), true);
    const runs = api.app.get(RunStore, { strict: false });
    const reads: number[] = [];
    const original = runs.readJournal.bind(runs);
    runs.readJournal = (id, after, limit) => {
      if (id === runId) reads.push(after);
      return original(id, after, limit);
    };
    const socket = connect(api.port, '127.0.0.1').pause();
    socket.write(rawRequest('GET', `/api/v1/runs/${runId}/events`, { host: `localhost:${api.port}` }));
    let [seen, unchanged] = [0, 0];
    const isWaiting = (): boolean => {
      unchanged = reads.length > 0 && reads.length === seen ? unchanged + 1 : 0;
      seen = reads.length;
      return unchanged === 20;
    };
    await eventually(isWaiting, 'the server waits for its client');
    expect(reads.length).toBeLessThan(35);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1'))).resume();
    await eventually(() => text.includes('event: run.completed'), 'the client has everything');
    runs.readJournal = original;
    const ids = [...text.matchAll(/^id: \S+\.(\d+)$/gm)].map((match) => Number(match[1]));
    expect(ids).toEqual(Array.from({ length: 2_002 }, (_, n) => n + 1));
    socket.destroy();
  }, 20_000);

  it('answers HEAD without holding a stream', async () => {
    const { runId } = await start();
    const request = rawRequest('HEAD', `/api/v1/runs/${runId}/events`, { host: `localhost:${api.port}` });
    expect((await sendRaw(api.port, request)).status).toBe(200);
    await eventually(async () => (await streamsOf(api)) === 0, 'no stream is open');
  });
});

describe('bounds of streams', () => {
  it('refuses one too many, and frees the place of one that has gone', async () => {
    const api = await startApi({ env: { SSE_MAX_CLIENTS: '2' } });
    const url = `${api.url}/events/tasks/${await createTask(api.url, 'crowded')}`;
    const streams = [await openEvents(url), await openEvents(url)];
    const refused = await fetch(url);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await refused.json()).toMatchObject({ code: 'overloaded', detail: expect.stringContaining('SSE_MAX_CLIENTS') });
    streams[0]!.close();
    await eventually(async () => (await streamsOf(api)) === 1, 'a place is free');
    const late = await openEvents(url);
    expect(late.status).toBe(200);
    for (const stream of [streams[1]!, late]) stream.close();
    await api.close();
  });

  it('closes an idle stream cleanly', async () => {
    const api = await startApi({ env: { SSE_IDLE_MS: '200', SSE_HEARTBEAT_MS: '100' } });
    const stream = await openEvents(`${api.url}/events/tasks/${await createTask(api.url, 'idle')}`);
    await stream.ended();
    expect(stream.text).toMatch(/^retry: \d+\n\n(: heartbeat\n\n)*$/);
    await api.close();
  });

  it('ends streams and waiting callers when the process goes down', async () => {
    const api = await startApi();
    const id = await createTask(api.url, 'going down');
    const stream = await openEvents(`${api.url}/events/tasks/${id}`);
    const waiting = call(api.url, 'POST', '/run-agents', { id }, { prefer: 'wait=60' });
    await stream.read((frames) => frames.length === 1);
    const startedAt = performance.now();
    await api.close();
    await stream.ended();
    expect((await waiting).status).toBe(202);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });
});

async function streamsOf(api: ApiServer): Promise<number> {
  const text = await (await fetch(`${api.url}/metrics`)).text();
  return Number(/^baton_sse_clients (\d+)/m.exec(text)?.[1]);
}
