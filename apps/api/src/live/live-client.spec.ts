import { beforeEach, describe, expect, it } from '@jest/globals';
import { DEFAULT_TENANT } from '@baton/core';
import { World } from '../../../../test/support/in-memory/index.js';
import { FakeSocket } from '../../../../test/support/fake-socket.js';
import { ChangeNotices } from './change-notices.js';
import { LiveClient } from './live-client.js';

const BUFFER_BYTES = 100;
const caller = { principal: { name: 'a', role: 'viewer' as const, tenantId: DEFAULT_TENANT }, tokenId: 't', expiresAt: Infinity };

let world: World;
let socket: FakeSocket;
let client: LiveClient;
beforeEach(() => {
  world = new World();
  socket = new FakeSocket();
  client = new LiveClient(socket, caller, world.clock, BUFFER_BYTES);
});

describe('a client', () => {
  it('has room again once it has read half of what it may have unread', async () => {
    for (let n = 0; n < 10; n += 1) client.send('0123456789');
    expect(client.isFull).toBe(true);
    let hasRoom = false;
    const room = client.room().then(() => (hasRoom = true));
    for (let n = 0; n < 4; n += 1) socket.read();
    await world.clock.settle();
    expect([client.isFull, hasRoom]).toEqual([false, false]);
    socket.read();
    await room;
  });

  it('is waited for until it goes', async () => {
    client.send('x'.repeat(BUFFER_BYTES));
    const room = client.room();
    client.close('silent');
    await room;
    client.send('more');
    expect([socket.closedWith, socket.sent.length, client.closedFor]).toEqual([4408, 1, 'silent']);
  });

  it('is not waited for longer than that', async () => {
    client.send('x'.repeat(BUFFER_BYTES));
    let answer: boolean | null = null;
    void client.hasRoomWithin(1_000).then((has) => (answer = has));
    await world.clock.until(() => answer !== null, 'the time is up', 2_000);
    expect(answer).toBe(false);
  });

  it('that does not read is not pinged, and gives no sign of life', () => {
    client.send('x'.repeat(BUFFER_BYTES));
    client.ping();
    expect(socket.pings).toBe(0);
    socket.read();
    client.ping();
    expect(socket.pings).toBe(1);
  });
});

describe('notices of changes', () => {
  it('that come while the client does not read are told as one', async () => {
    const notices = new ChangeNotices(client, { id: '1', topic: 'runs' });
    notices.add(['a']);
    client.send('x'.repeat(BUFFER_BYTES));
    for (const ids of [['b'], ['c', 'b'], ['d']]) notices.add(ids);
    expect(socket.sent).toHaveLength(2);
    const room = client.room();
    socket.readAll();
    await room;
    await Promise.resolve();
    const changed = (ids: string[] | null) => ({ type: 'changed', id: '1', topic: 'runs', ids });
    expect([socket.sent[0], socket.sent[2]].map((text) => JSON.parse(text!) as unknown)).toEqual([
      changed(['a']),
      changed(['b', 'c', 'd']),
    ]);
  });

  it('of more than can be named are of all', () => {
    new ChangeNotices(client, { id: '1', topic: 'runs' }).add(Array.from({ length: 201 }, (_, n) => `run-${n}`));
    expect(JSON.parse(socket.sent[0]!)).toMatchObject({ ids: null });
  });
});
