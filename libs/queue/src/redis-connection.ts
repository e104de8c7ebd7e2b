import { Redis, type RedisOptions } from 'ioredis';
import { type QueueLogger, silentLogger } from './logger.js';

/**
 * What a connection is for. `queue` and `lock` carry short commands, `worker` BullMQ's worker (which duplicates it for its blocking
 * reads), `subscriber` the doorbell's subscription.
 */
export type ConnectionKind = 'queue' | 'worker' | 'subscriber' | 'lock';

export interface ConnectionOptions {
  /** The worker's or the API's id: operators see the connection as `baton:<instance>:<kind>` in CLIENT LIST. */
  instance: string;
  logger?: QueueLogger;
  /** Bound of one command, ms. Not for `worker`: its blocking reads wait on purpose. Default 1500. */
  commandTimeoutMs?: number;
  /** Bound of the TCP connect, ms. Default 2000. */
  connectTimeoutMs?: number;
  /** A connection that has sent nothing for so long is tried by a ping, ms. Not for `subscriber`: the doorbell pings its own. Default 1000. */
  idlePingMs?: number;
}

/** `replyMapping` would change the type of every reply. */
type SharedOptions = Omit<RedisOptions, 'replyMapping'>;

/** A worker's blocking read lasts at most this long, in seconds; its socket must be allowed to be silent for longer. */
export const WORKER_BLOCK_SECONDS = 2;
const WORKER_SOCKET_TIMEOUT_MS = 5_000;
const DEFAULT_COMMAND_TIMEOUT_MS = 1_500;
const DEFAULT_IDLE_PING_MS = 1_000;
const MAX_RECONNECT_DELAY_MS = 2_000;

/**
 * Makes a connection that never waits for ever: a half-open socket is destroyed within `commandTimeoutMs` and half a second (`worker`: 5 s)
 * of the command that it swallowed, a ping if there is no other, and a lost one is made again with jitter, for ever. It connects at once, and
 * needs no Redis to be made.
 *
 * On all but `worker`, a command rejects at once while there is no connection, and no command is ever sent twice: its caller decides.
 * On `worker`, BullMQ's own rules hold: commands wait for the connection and are sent again.
 */
export function redisConnection(url: string, kind: ConnectionKind, options: ConnectionOptions): Redis {
  const redis = new TurnwiseRedis(url, {
    connectionName: connectionName({ instance: options.instance, kind }),
    connectTimeout: options.connectTimeoutMs ?? 2_000,
    // What a half-open socket may delay its end by, once it has been given up.
    disconnectTimeout: 200,
    keepAlive: 5_000,
    retryStrategy: reconnectDelayMs,
    ...(kind === 'worker' ? workerOptions() : commandOptions(options.commandTimeoutMs ?? DEFAULT_COMMAND_TIMEOUT_MS)),
  });
  logErrors(redis, kind, options.logger ?? silentLogger);
  if (kind !== 'subscriber') pingWhileIdle(redis, options.idlePingMs ?? DEFAULT_IDLE_PING_MS);
  return redis;
}

interface NamedConnection {
  instance: string;
  kind: ConnectionKind;
}

function connectionName({ instance, kind }: NamedConnection): string {
  return `baton:${instance}:${kind}`;
}

/** Whose connection has this name; null: it is none of Baton's. */
export function connectionOf(name: string): NamedConnection | null {
  const [baton, instance, kind] = name.split(':');
  if (baton !== 'baton' || instance === undefined || kind === undefined) return null;
  return { instance, kind: kind as ConnectionKind };
}

/** Sends what one turn of the event loop asks for in one write: a busy process would otherwise pay a system call for each command. */
class TurnwiseRedis extends Redis {
  private corked = false;

  override sendCommand(...command: Parameters<Redis['sendCommand']>): unknown {
    this.corkTurn();
    return super.sendCommand(...command);
  }

  private corkTurn(): void {
    const { stream } = this;
    if (this.corked || stream === undefined) return;
    this.corked = true;
    stream.cork();
    process.nextTick(() => {
      this.corked = false;
      stream.uncork();
    });
  }
}

/** Whether the connection is ready, or gets ready within `boundMs`. */
export async function becomesReady(redis: Redis, boundMs: number): Promise<boolean> {
  if (redis.status === 'ready') return true;
  return new Promise((resolve) => {
    const finish = (ready: boolean): void => {
      clearTimeout(timer);
      redis.off('ready', onReady);
      resolve(ready);
    };
    const onReady = (): void => finish(true);
    const timer = setTimeout(() => finish(false), boundMs);
    redis.on('ready', onReady);
  });
}

function workerOptions(): SharedOptions {
  return { maxRetriesPerRequest: null, socketTimeout: WORKER_SOCKET_TIMEOUT_MS };
}

function commandOptions(commandTimeoutMs: number): SharedOptions {
  return {
    commandTimeout: commandTimeoutMs,
    // A timed-out command only rejects; it is this timeout that gives the socket up.
    socketTimeout: commandTimeoutMs + 500,
    enableOfflineQueue: false,
    // With 0, commands in flight are rejected when the connection closes, instead of being sent again on the next one.
    maxRetriesPerRequest: 0,
    // The doorbell subscribes itself at each `ready`, and so knows when it is subscribed.
    autoResubscribe: false,
  };
}

/** Doubles from 50 ms, with full jitter on the upper half: a thousand clients of one Redis do not come back in one instant. */
function reconnectDelayMs(attempt: number): number {
  const ceiling = Math.min(MAX_RECONNECT_DELAY_MS, 50 * 2 ** Math.min(attempt, 10));
  return Math.round(ceiling / 2 + (Math.random() * ceiling) / 2);
}

/** On an idle half-open socket nothing would ever be missed; the ping is, and its connection's socket timeout ends the socket. */
function pingWhileIdle(redis: Redis, everyMs: number): void {
  let written = -1;
  const timer = setInterval(() => {
    const bytesWritten = redis.stream?.bytesWritten ?? -1;
    if (bytesWritten === written && redis.status === 'ready') redis.ping().catch(() => undefined);
    written = bytesWritten;
  }, everyMs).unref();
  redis.on('end', () => clearInterval(timer));
}

/** An outage makes many errors: at most one line a second, with the number of those left out. */
function logErrors(redis: Redis, kind: ConnectionKind, logger: QueueLogger): void {
  let loggedAt = -Infinity;
  let omitted = 0;
  redis.on('error', (error: Error) => {
    const now = performance.now();
    if (now - loggedAt < 1_000) {
      omitted += 1;
      return;
    }
    logger.warn({ connection: kind, omitted, error: error.message }, 'Redis connection failed');
    loggedAt = now;
    omitted = 0;
  });
}
