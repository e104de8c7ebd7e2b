import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { QueueLogger } from './logger.js';

export interface PrivateRedis {
  /** Carries the password that was made for this run of the server. */
  url: string;
  /** Lets the server write its data down, and ends it for good. */
  stop(): Promise<void>;
}

export interface PrivateRedisOptions {
  /** Where its data and its configuration lie; a server that is started there again has them again. */
  dir: string;
  logger: QueueLogger;
}

const START_MS = 15_000;
const STOP_MS = 5_000;
const PREDECESSOR_MS = 3_000;
/** Before a server that has ended by itself is started again. */
const RESTART_MS = 500;

/** Whether `redis-server` is on the PATH. */
export function hasRedisServer(): Promise<boolean> {
  return succeeds('redis-server', ['--version']);
}

/**
 * Starts the Redis of the embedded default: loopback only, with a password made at each start, AOF flushed each second, no eviction. Should it
 * end by itself, it is started again under the same address, until it is stopped.
 *
 * Where `setpriv` exists (Linux), the server ends with this process, also when that is killed. Elsewhere a killed process leaves it behind; the
 * next start then refuses to run a second server on the same files, and says so.
 *
 * @throws Error when another server works in `dir`, or this one does not answer within 15 s.
 */
export async function startPrivateRedis(options: PrivateRedisOptions): Promise<PrivateRedis> {
  const dir = resolve(options.dir);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await awaitPredecessor(dir);
  const port = await freePort();
  const url = `redis://:${randomBytes(24).toString('hex')}@127.0.0.1:${port}`;
  await writeFile(join(dir, 'redis.conf'), configuration(dir, url), { mode: 0o600 });
  const server = new RedisServer(join(dir, 'redis.conf'), options.logger);
  await server.start();
  await awaitAnswer(server.child, url, dir);
  options.logger.info({ port, redis_pid: server.child.pid, dir }, 'Private Redis started');
  server.keep();
  return { url, stop: () => server.stop() };
}

/** The process of a server, and the one after it. */
class RedisServer {
  child!: ChildProcess;
  private readonly stopping = new AbortController();
  private readonly configFile: string;
  private readonly logger: QueueLogger;
  private keeping: Promise<void> = Promise.resolve();

  constructor(configFile: string, logger: QueueLogger) {
    this.configFile = configFile;
    this.logger = logger;
  }

  async start(): Promise<void> {
    this.child = await spawnBound('redis-server', [this.configFile]);
  }

  keep(): void {
    this.keeping = this.restart();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.keeping;
    if (hasEnded(this.child)) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(timer);
  }

  /** Baton works without Redis meanwhile; nobody else would bring this one back. */
  private async restart(): Promise<void> {
    const { signal } = this.stopping;
    for (;;) {
      try {
        if (!hasEnded(this.child)) await once(this.child, 'exit', { signal });
        this.logger.error({ redis_pid: this.child.pid }, 'Private Redis has ended by itself, and is started again');
        await pause(RESTART_MS, undefined, { signal });
        await this.start();
      } catch (err) {
        if (signal.aborted) return;
        this.logger.error({ err }, 'Private Redis cannot be started again');
      }
    }
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function configuration(dir: string, url: string): string {
  const { port, password } = new URL(url);
  const settings = {
    port,
    bind: '127.0.0.1',
    requirepass: password,
    dir: JSON.stringify(dir),
    logfile: JSON.stringify(join(dir, 'redis.log')),
    loglevel: 'warning',
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '""',
    'maxmemory-policy': 'noeviction',
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name} ${value}\n`)
    .join('');
}

/** Two servers on one append-only file would destroy it: the one before must have gone. The configuration that it left says where it would answer. */
async function awaitPredecessor(dir: string): Promise<void> {
  const left = await readFile(join(dir, 'redis.conf'), 'utf8').catch(() => '');
  const port = /^port (\d+)$/m.exec(left)?.[1];
  const password = /^requirepass (\w+)$/m.exec(left)?.[1];
  if (port === undefined || password === undefined) return;
  const goneBy = performance.now() + PREDECESSOR_MS;
  while (await answers(`redis://:${password}@127.0.0.1:${port}`)) {
    if (performance.now() > goneBy) {
      throw new Error(`Another Redis server works in ${dir} (port ${port}): end the Baton that uses it, or that server, first`);
    }
    await pause(50);
  }
}

async function awaitAnswer(child: ChildProcess, url: string, dir: string): Promise<void> {
  const readyBy = performance.now() + START_MS;
  while (!(await answers(url))) {
    if (hasEnded(child) || performance.now() > readyBy) {
      child.kill('SIGKILL');
      throw new Error(`redis-server did not start: see ${join(dir, 'redis.log')}`);
    }
    await pause(10);
  }
}

/** Whether a server answers there and knows the password; not while it still loads its data. */
async function answers(url: string): Promise<boolean> {
  const redis = new Redis(url, {
    lazyConnect: true,
    retryStrategy: null,
    connectTimeout: 500,
    commandTimeout: 500,
    disconnectTimeout: 100,
  });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return (await redis.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    redis.disconnect();
  }
}

/** In a session of its own: a Ctrl-C is for us, and the server must outlive our goodbye. */
async function spawnBound(command: string, args: string[]): Promise<ChildProcess> {
  const bound = await succeeds('setpriv', ['--pdeathsig', 'TERM', 'true']);
  const [file, ...rest] = bound ? ['setpriv', '--pdeathsig', 'TERM', command, ...args] : [command, ...args];
  const child = spawn(file, rest, { stdio: 'ignore', detached: true });
  await once(child, 'spawn');
  return child;
}

function succeeds(command: string, args: string[]): Promise<boolean> {
  return new Promise((done) => {
    const child = spawn(command, args, { stdio: 'ignore' });
    child.once('error', () => done(false));
    child.once('exit', (code) => done(code === 0));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
