import { afterEach, describe, expect, test } from '@jest/globals';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Ring } from '@baton/core';
import { RedisDoorbell } from '@baton/queue';
import type { Redis } from 'ioredis';
import { freshName, RedisBench, until } from '../support/redis-clients.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const bench = new RedisBench();
const proxies: TcpProxy[] = [];

afterEach(async () => {
  await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
});

interface Listener {
  doorbell: RedisDoorbell;
  heard: Ring[];
}

async function listener(channel: string, publisher?: Redis, subscriber?: Redis): Promise<Listener> {
  publisher ??= await bench.connect('queue');
  subscriber ??= await bench.connect('subscriber');
  const doorbell = new RedisDoorbell(publisher, subscriber, { channel, pingIntervalMs: 200, silenceMs: 600 });
  const heard: Ring[] = [];
  doorbell.listen((ring) => heard.push(ring));
  await until(() => doorbell.isHealthy());
  return { doorbell, heard };
}

async function startProxy(): Promise<TcpProxy> {
  const proxy = await TcpProxy.start(bench.redis.port);
  proxies.push(proxy);
  return proxy;
}

/** Every message of the channel, as an outsider sees it. */
async function messages(channel: string): Promise<string[]> {
  const spy = await bench.connect('subscriber');
  const seen: string[] = [];
  spy.on('message', (_, text) => seen.push(text));
  await spy.subscribe(channel);
  return seen;
}

function journal(runId: string, seq: number): Ring {
  return { kind: 'journal', runId, taskId: null, seq, ended: false };
}

/** What a message of the doorbell says, in short; of another, its text. */
function rungIn(text: string): string[] | string {
  if (!text.startsWith('{')) return text;
  const { rings } = JSON.parse(text) as { rings: { kind: string; run_id: string; seq: number }[] };
  return rings.map(({ kind, run_id: run, seq }) => (kind === 'journal' ? `${run} ${seq}` : `${kind} of ${run}`));
}

describe('the rings of one turn', () => {
  test('leave as one message, in which a later seq of a run stands for the earlier ones', async () => {
    const channel = freshName();
    const [ringer, other, seen] = [await listener(channel), await listener(channel), await messages(channel)];
    for (let seq = 1; seq <= 100; seq += 1) ringer.doorbell.ring([journal('r1', seq), journal('r2', seq)]);
    ringer.doorbell.ring([{ kind: 'inbox', runId: 'r1', workerId: 'w1' }]);
    await until(() => other.heard.length > 0);
    expect(other.heard).toEqual([journal('r1', 100), journal('r2', 100), { kind: 'inbox', runId: 'r1', workerId: 'w1' }]);
    expect(ringer.heard).toHaveLength(201);
    ringer.doorbell.ring([journal('r3', 1)]);
    await until(() => seen.length === 2);
    // Not even late, a third.
    await (await bench.connect('queue')).publish(channel, 'no ring of ours');
    await until(() => seen.length === 3);
    expect(seen[2]).toBe('no ring of ours');
    expect(other.heard).toHaveLength(4);
    expect(ringer.heard).toHaveLength(202);
  });

  test('that are too many for one message are split', async () => {
    const channel = freshName();
    const [ringer, other, seen] = [await listener(channel), await listener(channel), await messages(channel)];
    const rings = Array.from({ length: 1_201 }, (_, index) => journal(`r${index}`, 1));
    ringer.doorbell.ring(rings);
    await until(() => other.heard.length === 1_201 && seen.length >= 3);
    expect(other.heard).toEqual(rings);
    expect(seen).toHaveLength(3);
  });
});

describe('rings one after the other', () => {
  test('leave at once where Redis has answered to those before, with what else their turn asks of Redis', async () => {
    const channel = freshName();
    const publisher = await bench.connect('queue');
    const [ringer, seen] = [await listener(channel, publisher), await messages(channel)];
    for (let seq = 1; seq <= 3; seq += 1) {
      ringer.doorbell.ring([journal('r1', seq)]);
      await new Promise<void>((resolve) => process.nextTick(resolve));
      await publisher.publish(channel, `asked after ${seq}`);
    }
    await until(() => seen.length === 6);
    expect(seen.map(rungIn)).toEqual([['r1 1'], 'asked after 1', ['r1 2'], 'asked after 2', ['r1 3'], 'asked after 3']);
  });

  test('leave together and in order once Redis has answered to those before', async () => {
    const channel = freshName();
    const publisher = await bench.connect('queue', { commandTimeoutMs: 10_000 });
    const [ringer, seen, admin] = [await listener(channel, publisher), await messages(channel), await bench.connect('queue')];
    const rung: Ring[][] = [
      [journal('r1', 1), journal('r2', 1)],
      [journal('r2', 2), journal('r1', 2)],
      [{ kind: 'inbox', runId: 'r1', workerId: 'w1' }],
      [journal('r2', 3), journal('r3', 1)],
    ];
    await admin.client('PAUSE', 60_000, 'WRITE');
    for (const rings of rung) {
      ringer.doorbell.ring(rings);
      await nextTurn();
    }
    await admin.client('UNPAUSE');
    await until(() => seen.length === 2);
    ringer.doorbell.ring([journal('r4', 1)]);
    await until(() => seen.length === 3);
    expect(seen.map(rungIn)).toEqual([['r1 1', 'r2 1'], ['r1 2', 'inbox of r1', 'r2 3', 'r3 1'], ['r4 1']]);
    expect(ringer.heard).toEqual([...rung.flat(), journal('r4', 1)]);
  });

  test('wait for Redis up to a bound, and leave in messages of a bounded size', async () => {
    const channel = freshName();
    const publisher = await bench.connect('queue', { commandTimeoutMs: 10_000 });
    const [ringer, other] = [await listener(channel, publisher), await listener(channel)];
    const [seen, admin] = [await messages(channel), await bench.connect('queue')];
    const rings = Array.from({ length: 16_100 }, (_, index) => journal(`r${index}`, 1));
    await admin.client('PAUSE', 60_000, 'WRITE');
    ringer.doorbell.ring([journal('first', 1)]);
    await nextTurn();
    // The last one stands for one that waits already.
    ringer.doorbell.ring([...rings, journal('r0', 2)]);
    await admin.client('UNPAUSE');
    await until(() => seen.length === 33);
    ringer.doorbell.ring([journal('last', 1)]);
    await until(() => isDeepStrictEqual(other.heard.at(-1), journal('last', 1)));
    expect(other.heard).toEqual([journal('first', 1), ...rings.slice(1, 16_000), journal('r0', 2), journal('last', 1)]);
    expect(seen.map((text) => rungIn(text).length)).toEqual([1, ...Array.from({ length: 32 }, () => 500), 1]);
  }, 20_000);

  test('leave again after Redis has left some unanswered', async () => {
    const channel = freshName();
    const proxy = await startProxy();
    const publisher = await bench.connect('queue', { url: proxy.through(bench.redis.url), commandTimeoutMs: 200 });
    const [ringer, other] = [await listener(channel, publisher), await listener(channel)];
    proxy.swallowOpen();
    ringer.doorbell.ring([journal('lost', 1)]);
    await nextTurn();
    ringer.doorbell.ring([journal('lost', 2)]);
    await until(() => {
      ringer.doorbell.ring([journal('found', 1)]);
      return other.heard.length > 0;
    });
    expect(other.heard[0]).toEqual(journal('found', 1));
  });

  test('leave without waiting for Redis when the doorbell is closed', async () => {
    const channel = freshName();
    const proxy = await startProxy();
    const publisher = await bench.connect('queue', { url: proxy.through(bench.redis.url), commandTimeoutMs: 10_000 });
    const [ringer, seen] = [await listener(channel, publisher), await messages(channel)];
    proxy.eatReply(channel, { after: 'hang' });
    ringer.doorbell.ring([journal('r1', 1)]);
    await nextTurn();
    ringer.doorbell.ring([journal('r1', 2)]);
    ringer.doorbell.close();
    publisher.disconnect();
    await until(() => seen.length === 2);
    expect(seen.map(rungIn)).toEqual([['r1 1'], ['r1 2']]);
  });
});

describe('processes of several versions', () => {
  test('a death leaves alone: who does not know it drops the whole message', async () => {
    const channel = freshName();
    const [ringer, seen] = [await listener(channel), await messages(channel)];
    ringer.doorbell.ring([journal('r1', 1), { kind: 'death', workerId: 'w1' }, journal('r2', 1)]);
    await until(() => seen.length === 3);
    const rung = seen.map((text) => (JSON.parse(text) as { rings: { kind: string }[] }).rings.map(({ kind }) => kind));
    expect(rung).toEqual([['journal'], ['death'], ['journal']]);
  });

  test('a kind that is not known is passed over, and what came with it is heard', async () => {
    const channel = freshName();
    const [ringer, other] = [await listener(channel), await listener(channel)];
    const known = { kind: 'journal', run_id: 'r1', task_id: null, seq: 1, ended: false };
    const publisher = await bench.connect('queue');
    for (const rings of [[{ kind: 'news', of: 'later' }], [{ kind: 'news', run_id: 'r1' }, known], [{ kind: 'death' }, 7, null]])
      await publisher.publish(channel, JSON.stringify({ from: 'a later version', rings }));
    ringer.doorbell.ring([journal('r2', 1)]);
    await until(() => other.heard.length >= 2);
    expect(other.heard).toEqual([journal('r1', 1), journal('r2', 1)]);
  });
});

describe('a doorbell without Redis', () => {
  test('is unhealthy, rings in its own process, queues nothing, and comes back by itself', async () => {
    const channel = freshName();
    const [ringer, other] = [await listener(channel), await listener(channel)];
    await bench.kill();
    await until(() => !ringer.doorbell.isHealthy() && !other.doorbell.isHealthy());
    for (let seq = 1; seq <= 50; seq += 1) {
      ringer.doorbell.ring([journal('lost', seq)]);
      await new Promise(setImmediate);
    }
    expect(ringer.heard).toHaveLength(50);
    await bench.restart();
    await until(() => ringer.doorbell.isHealthy() && other.doorbell.isHealthy(), 10_000);
    await until(() => {
      ringer.doorbell.ring([journal('found', 1)]);
      return other.heard.length > 0;
    });
    expect(other.heard.every((ring) => ring.kind === 'journal' && ring.runId === 'found')).toBe(true);
  }, 20_000);

  test('notices a half-open subscription within seconds, and subscribes anew', async () => {
    const channel = freshName();
    const proxy = await startProxy();
    const url = proxy.through(bench.redis.url);
    const [publisher, subscriber] = [await bench.connect('queue', { url }), await bench.connect('subscriber', { url })];
    const [ringer, clogged] = [await listener(channel), await listener(channel, publisher, subscriber)];
    proxy.swallowOpen();
    const start = performance.now();
    await until(() => !clogged.doorbell.isHealthy());
    expect(performance.now() - start).toBeLessThan(1_500);
    await until(() => clogged.doorbell.isHealthy(), 6_000);
    ringer.doorbell.ring([journal('r1', 1)]);
    await until(() => clogged.heard.length === 1);
  }, 20_000);

  test('hears nothing any more once closed', async () => {
    const channel = freshName();
    const [ringer, closed, open] = [await listener(channel), await listener(channel), await listener(channel)];
    closed.doorbell.close();
    ringer.doorbell.ring([journal('r1', 1)]);
    await until(() => open.heard.length === 1);
    expect(closed.heard).toEqual([]);
    expect(closed.doorbell.isHealthy()).toBe(false);
  });
});
