import { WorkerPresence, type Attendance } from '@baton/core';
import { ReplyError, type Redis } from 'ioredis';
import { connectionOf } from './redis-connection.js';

/**
 * {@link WorkerPresence} by the names of the connections to Redis. When a process is killed, its host closes all of them at once. A host that
 * vanishes closes none: then the lease alone tells.
 */
export class RedisWorkerPresence extends WorkerPresence {
  /** How often the observer's own connection has ended. */
  private closes = 0;
  /** The session in which Redis has refused to tell. */
  private refusedIn: number | null = null;

  /** @param redis a connection of the kind `queue`, of the process called `instance` */
  constructor(
    private readonly redis: Redis,
    private readonly instance: string,
  ) {
    super();
    redis.on('close', () => (this.closes += 1));
  }

  async look(): Promise<Attendance | null> {
    const { closes } = this;
    if (this.redis.status !== 'ready' || this.refusedIn === closes) return null;
    try {
      const list = String(await this.redis.client('LIST'));
      return closes === this.closes ? this.read(list) : null;
    } catch (error) {
      if (!(error instanceof ReplyError)) return null;
      this.refusedIn = closes;
      throw error;
    }
  }

  private read(list: string): Attendance | null {
    const present = new Set<string>();
    const workers = new Set<string>();
    for (const [, name = ''] of list.matchAll(/ name=(\S+)/g)) {
      const connection = connectionOf(name);
      if (connection === null) continue;
      present.add(connection.instance);
      if (connection.kind === 'worker') workers.add(connection.instance);
    }
    // A list without the one that asks is not the whole list.
    if (!present.has(this.instance)) return null;
    return { session: String(this.closes), present, workers: workers.size };
  }
}
