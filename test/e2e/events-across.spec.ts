import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { call, textOf } from '../support/client.js';
import { startCluster, type Cluster } from '../support/cluster.js';
import { openEvents, type EventStream } from '../support/event-stream.js';
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

  it('loses nothing when the doorbell dies in the middle', async () => {
    const stream = await startAndFollow();
    const before = await stream.read((frames) => frames.some(({ event }) => event === 'node.completed'));
    expect(before.some(({ event }) => event === 'run.completed')).toBe(false);
    await cluster.killRedis();
    await expectAll(stream, before);
    await cluster.restartRedis();
  }, 40_000);
});
