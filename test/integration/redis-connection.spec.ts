import { describe, expect, test } from '@jest/globals';
import { becomesReady, type ConnectionKind, type QueueLogger, redisConnection } from '@baton/queue';
import { RedisBench, until } from '../support/redis-clients.js';
import { freePort } from '../support/services.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const bench = new RedisBench();
const KINDS: ConnectionKind[] = ['queue', 'worker', 'subscriber', 'lock'];

function logTo(lines: object[]): QueueLogger {
  const log = (fields: object): void => void lines.push(fields);
  return { debug: log, info: log, warn: log, error: log };
}

test.each(KINDS)('a connection is named after its instance and kind (%s)', async (kind) => {
  const redis = redisConnection(bench.redis.url, kind, { instance: 'w7' });
  expect(await becomesReady(redis, 2_000)).toBe(true);
  expect(await redis.client('GETNAME')).toBe(`baton:w7:${kind}`);
  redis.disconnect();
});

// Each is waited for, for seconds: all begin at once.
describe('a half-open socket', () => {
  test.concurrent.each(KINDS)(
    'is given up, and a new one is made (%s)',
    async (kind) => {
      const proxy = await TcpProxy.start(bench.redis.port);
      const redis = await bench.connect(kind, { url: proxy.through(bench.redis.url), commandTimeoutMs: 300 });
      proxy.swallowOpen();
      const command = redis.ping();
      if (kind === 'worker') expect(await command).toBe('PONG');
      else await expect(command).rejects.toThrow('Command timed out');
      await until(
        () =>
          redis
            .ping()
            .catch(() => 'no answer')
            .then((answer) => answer === 'PONG'),
        8_000,
      );
      redis.disconnect();
      await proxy.close();
    },
    20_000,
  );

  test.concurrent.each(KINDS.filter((kind) => kind !== 'subscriber'))(
    'is noticed while nothing is asked of it (%s)',
    async (kind) => {
      const proxy = await TcpProxy.start(bench.redis.port);
      const redis = await bench.connect(kind, { url: proxy.through(bench.redis.url), commandTimeoutMs: 300, idlePingMs: 50 });
      proxy.swallowOpen();
      await until(() => redis.status !== 'ready', 10_000);
      expect(await becomesReady(redis, 10_000)).toBe(true);
      redis.disconnect();
      await proxy.close();
    },
    25_000,
  );

  test.concurrent.each(KINDS)(
    'in the middle of the handshake is given up too (%s)',
    async (kind) => {
      const proxy = await TcpProxy.start(bench.redis.port);
      proxy.swallow();
      const redis = redisConnection(proxy.through(bench.redis.url), kind, { instance: 'test', commandTimeoutMs: 200 });
      let connected = 0;
      redis.on('connect', () => (connected += 1));
      await until(() => connected >= 2, 8_000);
      proxy.forward();
      expect(await becomesReady(redis, 8_000)).toBe(true);
      redis.disconnect();
      await proxy.close();
    },
    20_000,
  );
});

describe('Redis that is away', () => {
  test('refuses a command at once, and is tried again for ever, with at most one line a second', async () => {
    const lines: object[] = [];
    const redis = redisConnection(`redis://127.0.0.1:${await freePort()}`, 'queue', { instance: 'test', logger: logTo(lines) });
    const start = performance.now();
    await expect(redis.ping()).rejects.toThrow();
    expect(performance.now() - start).toBeLessThan(200);
    let attempts = 0;
    redis.on('error', () => (attempts += 1));
    await until(() => attempts >= 5, 8_000);
    const elapsedMs = performance.now() - start;
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.length).toBeLessThanOrEqual(1 + elapsedMs / 1_000);
    expect(lines[0]).toMatchObject({ connection: 'queue', error: expect.stringContaining('ECONNREFUSED') });
    expect(await becomesReady(redis, 50)).toBe(false);
    redis.disconnect();
  });

  test('never gets a command twice', async () => {
    const proxy = await TcpProxy.start(bench.redis.port);
    const redis = await bench.connect('queue', { url: proxy.through(bench.redis.url) });
    proxy.eatReply('incr');
    await expect(redis.incr('counted')).rejects.toThrow();
    expect(await becomesReady(redis, 3_000)).toBe(true);
    expect(await redis.get('counted')).toBe('1');
    redis.disconnect();
    await proxy.close();
  });
});
