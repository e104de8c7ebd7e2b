import { afterEach, describe, expect, test } from '@jest/globals';
import { Absences, type Attendance } from '@baton/core';
import { becomesReady, type ConnectionKind, redisConnection, RedisWorkerPresence } from '@baton/queue';
import type { Redis } from 'ioredis';
import { RedisBench, until } from '../support/redis-clients.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const bench = new RedisBench();
const open: Redis[] = [];
let proxy: TcpProxy | null = null;
let names = 0;

afterEach(async () => {
  for (const redis of open.splice(0)) redis.disconnect();
  await proxy?.close();
  proxy = null;
});

async function connect(instance: string, kind: ConnectionKind, url = bench.redis.url): Promise<Redis> {
  const redis = redisConnection(url, kind, { instance });
  open.push(redis);
  expect(await becomesReady(redis, 5_000)).toBe(true);
  return redis;
}

/** The connections of one worker process. */
async function connectWorker(): Promise<{ id: string; connections: Redis[] }> {
  const id = `w${(names += 1)}`;
  return { id, connections: await Promise.all((['queue', 'lock', 'worker'] as const).map((kind) => connect(id, kind))) };
}

async function observer(url?: string): Promise<{ id: string; redis: Redis; presence: RedisWorkerPresence }> {
  const id = `observer${(names += 1)}`;
  const redis = await connect(id, 'queue', url);
  return { id, redis, presence: new RedisWorkerPresence(redis, id) };
}

async function look(presence: RedisWorkerPresence): Promise<Attendance> {
  let seen: Attendance | null = null;
  await until(async () => (seen = await presence.look()) !== null, 10_000);
  return seen!;
}

describe('the presence of workers in Redis', () => {
  test('is seen by the names of their connections; of all processes, those with one of the kind worker are workers', async () => {
    const { id, presence } = await observer();
    const worker = await connectWorker();
    const seen = await look(presence);
    expect([id, worker.id].every((name) => seen.present.has(name))).toBe(true);
    expect(seen.workers).toBe(1);
  });

  test('ends when the last connection of a process is gone, not before', async () => {
    const { presence } = await observer();
    const { id, connections } = await connectWorker();
    const absences = new Absences();
    absences.judge(await look(presence));
    for (const connection of connections.slice(1)) connection.disconnect();
    await until(async () => (await look(presence)).workers === 0);
    expect(absences.judge(await look(presence))).toEqual([]);
    connections[0]!.disconnect();
    await until(async () => !(await look(presence)).present.has(id));
    expect(absences.judge(await look(presence))).toEqual([{ id, looks: 1 }]);
  });

  test('goes on for a living worker of which one connection is killed, and for one of which all are, at the second look', async () => {
    const { redis, presence } = await observer();
    const { id, connections } = await connectWorker();
    const absences = new Absences();
    absences.judge(await look(presence));
    await redis.client('KILL', 'ID', await connections[0]!.client('ID'));
    expect(absences.judge(await look(presence))).toEqual([]);
    await until(() => connections[0]!.status === 'ready');
    for (const connection of connections) await redis.client('KILL', 'ID', await connection.client('ID'));
    expect(absences.judge(await look(presence))).toEqual([{ id, looks: 1 }]);
    await until(async () => (await look(presence)).present.has(id));
    expect(absences.judge(await look(presence))).toEqual([]);
  });

  test('says nothing over a restart of Redis', async () => {
    const { presence } = await observer();
    const { id, connections } = await connectWorker();
    const absences = new Absences();
    absences.judge(await look(presence));
    await bench.kill();
    for (const connection of connections) connection.disconnect();
    expect(absences.judge(await presence.look())).toEqual([]);
    await bench.restart();
    const after = await look(presence);
    expect(after.present.has(id)).toBe(false);
    expect(absences.judge(after)).toEqual([]);
    expect(absences.judge(await look(presence))).toEqual([]);
  });

  test('says nothing over a reconnection of the observer, be it ever so short', async () => {
    proxy = await TcpProxy.start(bench.redis.port);
    const { presence } = await observer(proxy.through(bench.redis.url));
    const { connections } = await connectWorker();
    const absences = new Absences();
    const before = await look(presence);
    absences.judge(before);
    proxy.reset();
    for (const connection of connections) connection.disconnect();
    const after = await look(presence);
    expect(after.session).not.toBe(before.session);
    expect(absences.judge(after)).toEqual([]);
  });

  test('is not asked for again where Redis refuses to tell', async () => {
    const { redis, presence } = await observer();
    await redis.acl('SETUSER', 'blind', 'on', 'nopass', '~*', '&*', '+@all', '-client|list');
    const blind = new URL(bench.redis.url);
    blind.username = 'blind';
    blind.password = 'any';
    const refused = new RedisWorkerPresence(await connect('blind', 'queue', blind.href), 'blind');
    await expect(refused.look()).rejects.toThrow('NOPERM');
    expect(await refused.look()).toBeNull();
    expect(await presence.look()).not.toBeNull();
  });
});
