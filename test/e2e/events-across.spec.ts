import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@baton/core';
import { call, textOf } from '../support/client.js';
import { startCluster, type Cluster } from '../support/cluster.js';
import { openEvents, type EventStream } from '../support/event-stream.js';
import { openSocket, wsToken } from '../support/live-socket.js';
import { publishChain } from '../support/workflows.js';

/** Longer than any of these runs: what comes before it came by the doorbell. */
const POLL_MS = 30_000;

describe('a stream of one API about a run that another accepted and a worker executes', () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await startCluster({ apis: 2, workers: 1, env: { DOORBELL_HEALTHY_POLL_MS: String(POLL_MS) } });
    await publishChain(cluster.env['DATABASE_URL']!, 'chain', { nodes: 4, delayMs: 500 });
  }, 60_000);
  afterAll(() => cluster.stop());

  async function startAndFollow(): Promise<EventStream> {
    const [first, second] = cluster.apis;
    const started = await call(first!.url, 'POST', '/api/v1/runs', { workflow: 'chain', input: {} });
    return openEvents(`${second!.url}/api/v1/runs/${textOf(started.body, 'run_id')}/events`, {}, 25_000);
  }

  /** Follows to the end of the stream: every event once, in order, the terminal one last. */
  async function expectAll(stream: EventStream, first: Awaited<ReturnType<EventStream['read']>>): Promise<void> {
    const frames = [...first, ...(await stream.read(() => false))];
    expect(frames.map(({ data }) => data.seq)).toEqual(frames.map((_, index) => index + 1));
    expect(frames.at(-1)?.event).toBe('run.completed');
  }

  it('brings each event once, in order, as it happens', async () => {
    const stream = await startAndFollow();
    await expectAll(stream, await stream.read((frames) => frames.some(({ event }) => event === 'node.completed')));
  }, 40_000);

  it('brings each to WebSockets of both, once, in order, as it happens', async () => {
    const urls = cluster.apis.map(({ url }) => url);
    const sockets = await Promise.all(urls.map(async (url) => openSocket(url, '/ws/live', await wsToken(url))));
    const started = await call(urls[0]!, 'POST', '/api/v1/runs', { workflow: 'chain', input: {} });
    const run_id = textOf(started.body, 'run_id');
    for (const socket of sockets) socket.send({ type: 'subscribe', id: '1', topic: 'run', run_id });
    const seen = sockets.map(() => [] as JsonObject[]);
    const typesOf = (messages: readonly JsonObject[]) => messages.map(({ event }) => (event as JsonObject | undefined)?.['type']);
    for (const type of ['node.completed', 'run.completed']) {
      expect(seen.flatMap(typesOf)).not.toContain('run.completed');
      const news = await Promise.all(sockets.map((socket) => socket.read((messages) => typesOf(messages).includes(type))));
      news.forEach((messages, index) => seen[index]!.push(...messages.filter((message) => message['type'] === 'event')));
    }
    for (const events of seen) expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(seen[0]).toEqual(seen[1]);
    for (const { socket } of sockets) socket.close();
  }, 40_000);

  it('brings what a model says while it says it', async () => {
    const [first, second] = cluster.apis;
    const definition: JsonObject = {
      name: 'told',
      nodes: [
        { id: 'wait', type: 'wait', config: { event: 'go' } },
        {
          id: 'say',
          type: 'agent',
          depends_on: ['wait'],
          config: { role: 'draft', instructions: 'Speak.\n@answer It has begun.' },
        },
      ],
    };
    expect((await call(first!.url, 'POST', '/api/v1/workflows', definition)).status).toBe(201);
    const started = await call(first!.url, 'POST', '/api/v1/runs', { workflow: 'told', input: {} });
    const path = `/api/v1/runs/${textOf(started.body, 'run_id')}/events`;
    const stream = await openEvents(`${second!.url}${path}?tokens=true`, {}, 25_000);
    await stream.read((frames) => frames.some(({ event }) => event === 'node.suspended'));
    await call(first!.url, 'POST', path, { name: 'go' });
    const frames = await stream.read(() => false);
    const said = frames.filter(({ event }) => event === 'token').map(({ id, data }) => [id, (data as { text?: string }).text]);
    expect(said).toEqual([
      ['', 'It'],
      ['', ' has'],
      ['', ' begun.'],
    ]);
    expect(frames.at(-1)!.event).toBe('run.completed');
  }, 40_000);

  it('loses nothing when the doorbell dies in the middle', async () => {
    const stream = await startAndFollow();
    const before = await stream.read((frames) => frames.some(({ event }) => event === 'node.completed'));
    expect(before.some(({ event }) => event === 'run.completed')).toBe(false);
    await cluster.killRedis();
    await expectAll(stream, before);
    await cluster.restartRedis();
  }, 40_000);
});
