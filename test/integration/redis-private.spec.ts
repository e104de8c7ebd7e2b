import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { becomesReady, hasRedisServer, redisConnection, startPrivateRedis } from '@baton/queue';
import { until } from '../support/redis-clients.js';

const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
let root: string;

beforeAll(() => void (root = mkdtempSync(join(tmpdir(), 'baton private '))));
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function connect(url: string): Promise<Redis> {
  const redis = redisConnection(url, 'queue', { instance: 'test' });
  expect(await becomesReady(redis, 5_000)).toBe(true);
  return redis;
}

test('keeps its data over a restart in the same directory, under another password', async () => {
  const dir = join(root, 'kept', 'redis');
  expect(await hasRedisServer()).toBe(true);
  const first = await startPrivateRedis({ dir, logger });
  const writer = await connect(first.url);
  await writer.set('kept', 'yes');
  expect(await writer.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
  writer.disconnect();
  await first.stop();
  await first.stop();

  const second = await startPrivateRedis({ dir, logger });
  expect(new URL(second.url).password).not.toBe(new URL(first.url).password);
  const reader = await connect(second.url);
  expect(await reader.get('kept')).toBe('yes');
  reader.disconnect();
  await second.stop();
});

test('answers nobody without its password, and hides it from other users', async () => {
  const dir = join(root, 'closed');
  const server = await startPrivateRedis({ dir, logger });
  const { port } = new URL(server.url);
  const stranger = new Redis({ port: Number(port), host: '127.0.0.1', lazyConnect: true, retryStrategy: null });
  stranger.on('error', () => undefined);
  await expect(stranger.connect().then(() => stranger.get('x'))).rejects.toThrow();
  stranger.disconnect();
  expect(statSync(join(dir, 'redis.conf')).mode & 0o077).toBe(0);
  await server.stop();
});

test('does not put a second server on the files of one that works', async () => {
  const dir = join(root, 'twice');
  const first = await startPrivateRedis({ dir, logger });
  await expect(startPrivateRedis({ dir, logger })).rejects.toThrow('Another Redis server works in');
  const redis = await connect(first.url);
  redis.disconnect();
  await first.stop();
}, 15_000);

test('comes back under the same address, with its data, when it was killed', async () => {
  const server = await startPrivateRedis({ dir: join(root, 'killed'), logger });
  const redis = await connect(server.url);
  await redis.set('kept', 'yes');
  await redis.config('SET', 'appendfsync', 'always');
  const [, pid] = /process_id:(\d+)/.exec(await redis.info('server'))!;
  process.kill(Number(pid), 'SIGKILL');
  await until(() => redis.status !== 'ready');
  expect(await becomesReady(redis, 10_000)).toBe(true);
  expect(await redis.get('kept')).toBe('yes');
  redis.disconnect();
  await server.stop();
}, 20_000);

test('ends with the process that started it, also when that is killed', async () => {
  const dir = join(root, 'orphan');
  const module = new URL('../../libs/queue/src/private-redis.ts', import.meta.url).href;
  const script = `
    import { startPrivateRedis } from ${JSON.stringify(module)};
    const server = await startPrivateRedis({ dir: process.argv[1], logger: { info: () => undefined, error: () => undefined } });
    console.log(server.url);
    setInterval(() => undefined, 1_000);`;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', script, dir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(owner.stdout, 'data')) as [Buffer];
  const redis = await connect(String(line).trim());
  owner.kill('SIGKILL');
  await until(() => redis.status !== 'ready');
  expect(await becomesReady(redis, 500)).toBe(false);
  redis.disconnect();
});
