import { afterAll, beforeAll } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { becomesReady, type ConnectionKind, redisConnection } from '@baton/queue';
import { type Service, startRedis } from './services.js';

/** One Redis for the tests of a file, its connections, and fresh names, so that no test sees another's keys. */
export class RedisBench {
  private service: Service | null = null;
  private readonly connections = new Set<Redis>();

  constructor() {
    beforeAll(async () => void (this.service = await startRedis()));
    afterAll(() => this.end());
  }

  get redis(): Service {
    if (this.service === null) throw new Error('Redis is not started');
    return this.service;
  }

  /** A ready connection, to Redis itself or to `url`. */
  async connect(
    kind: ConnectionKind,
    options: { url?: string; commandTimeoutMs?: number; idlePingMs?: number } = {},
  ): Promise<Redis> {
    const { url = this.redis.url, ...rest } = options;
    const connection = redisConnection(url, kind, { instance: 'test', ...rest });
    this.connections.add(connection);
    if (!(await becomesReady(connection, 5_000))) throw new Error(`No connection to ${url}`);
    return connection;
  }

  /** Kills Redis as a crash would. Its files stay. */
  async kill(): Promise<void> {
    const { child } = this.redis;
    child.kill('SIGKILL');
    await until(() => child.signalCode !== null);
  }

  /** Starts the killed Redis again: same port, same files. */
  async restart(): Promise<void> {
    this.service = await startRedis({ dir: this.redis.dir, port: this.redis.port });
  }

  private async end(): Promise<void> {
    for (const connection of this.connections) connection.disconnect();
    await this.service?.stop();
  }
}

export function freshName(): string {
  return `t${randomUUID().slice(0, 8)}`;
}

/** Waits for a condition, at most `boundMs`. */
export async function until(condition: () => boolean | Promise<boolean>, boundMs = 5_000): Promise<void> {
  const giveUpAt = performance.now() + boundMs;
  while (!(await condition())) {
    if (performance.now() > giveUpAt) throw new Error(`Not within ${boundMs} ms: ${condition.toString()}`);
    await pause(5);
  }
}
