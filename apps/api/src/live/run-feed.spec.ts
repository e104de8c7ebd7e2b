import { beforeEach, describe, expect, it } from '@jest/globals';
import { DEFAULT_TENANT, type JournalEvent } from '@baton/core';
import { FakeSocket } from '../../../../test/support/fake-socket.js';
import { World, type SimulatedApi } from '../../../../test/support/in-memory/index.js';
import { LiveClient } from './live-client.js';
import { RunFeed } from './run-feed.js';

const BUFFER_BYTES = 30;
const caller = { principal: { name: 'a', role: 'viewer' as const, tenantId: DEFAULT_TENANT }, tokenId: 't', expiresAt: Infinity };

let world: World;
let api: SimulatedApi;
let socket: FakeSocket;
let client: LiveClient;
let runId: string;
beforeEach(async () => {
  world = new World();
  api = world.api('a1');
  socket = new FakeSocket();
  client = new LiveClient(socket, caller, world.clock, BUFFER_BYTES);
  await world.worker('w1', { handlers: { work: () => Promise.resolve(null) } }).start();
  const nodes = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`n${n}`, n === 0 ? {} : { depends_on: [`n${n - 1}`] }]));
  runId = await world.launch(await world.publish('long', nodes));
});

/** Each event is ten bytes. */
const write = ({ seq }: JournalEvent): void => client.send(`event ${String(seq).padStart(4, '0')}`);
const seqs = (): number[] => socket.sent.map((text) => Number(text.slice(6)));
const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

function begin(afterSeq = 0): () => boolean {
  let over = false;
  const feed = new RunFeed(api.watcher, world.clock);
  void feed.send({ id: runId, afterSeq }, { client, signal: client.signal, write }).then(() => (over = true));
  return () => over;
}

describe('a run, sent to a client', () => {
  it('comes 1..n, once, in order, however slowly the client reads, and never more of it than fits', async () => {
    const isOver = begin();
    await world.untilStatus(runId, 'completed');
    for (let reads = 0; reads < 1_000 && !isOver(); reads += 1) {
      await world.clock.advance(reads % 7 === 0 ? 3_000 : 10);
      socket.read();
    }
    expect(seqs()).toEqual(upTo(world.run(runId).seq));
    expect(socket.peak).toBe(BUFFER_BYTES);
  });

  it('goes on after what the client has', async () => {
    await world.untilStatus(runId, 'completed');
    const last = world.run(runId).seq;
    const isOver = begin(last - 2);
    await world.clock.until(isOver, 'everything is sent', 100);
    expect(seqs()).toEqual([last - 1, last]);
  });

  it('costs a client that does not read nothing but its buffer: not even a look at the journal', async () => {
    let reads = 0;
    const readJournal = api.runs.readJournal.bind(api.runs);
    api.runs.readJournal = (...query) => {
      reads += 1;
      return readJournal(...query);
    };
    const isOver = begin();
    await world.untilStatus(runId, 'completed');
    await world.clock.advance(5_000);
    expect([seqs(), reads > 0]).toEqual([[1, 2, 3], true]);
    reads = 0;
    await world.clock.advance(60_000);
    expect(reads).toBe(0);
    client.leave();
    await world.clock.until(isOver, 'the client is forgotten', 10);
  });
});
