import { randomUUID } from 'node:crypto';
import { Doorbell, type Ring } from '@baton/core';
import type { Redis } from 'ioredis';
import { DoorbellListeners } from './doorbell-listeners.js';
import { decodeRings, encodeRings, isFrom, ringKey } from './doorbell-message.js';
import { type QueueLogger, silentLogger } from './logger.js';

export interface RedisDoorbellOptions {
  /** The pub/sub channel. Default `baton:doorbell`. */
  channel?: string;
  /** How often the subscription is tried by a ping, ms. Default 1000. */
  pingIntervalMs?: number;
  /** Silence after which rings may have been lost, ms. Default 3000. */
  silenceMs?: number;
  logger?: QueueLogger;
}

/** Bounds of what one message and one moment carry: beyond them rings are dropped, which the contract allows. */
const RINGS_PER_MESSAGE = 500;
const MESSAGES_IN_FLIGHT = 64;

/**
 * The doorbell over one pub/sub channel. Listeners of this process hear at once, without Redis; all rings of one turn of the event loop leave as
 * one PUBLISH, or not at all while there is no connection.
 */
export class RedisDoorbell extends Doorbell {
  private readonly id = randomUUID();
  private readonly channel: string;
  private readonly silenceMs: number;
  private readonly listeners: DoorbellListeners;
  private readonly pinger: NodeJS.Timeout;
  private pending = new Map<string, Ring>();
  private inFlight = 0;
  private subscribed = false;
  private heardAt = -Infinity;

  /** @param publisher a connection of the kind `queue`  @param subscriber one of the kind `subscriber`, used for subscriptions alone */
  constructor(
    private readonly publisher: Redis,
    private readonly subscriber: Redis,
    options: RedisDoorbellOptions = {},
  ) {
    super();
    this.channel = options.channel ?? 'baton:doorbell';
    this.silenceMs = options.silenceMs ?? 3_000;
    this.listeners = new DoorbellListeners(options.logger ?? silentLogger);
    subscriber.on('ready', this.subscribe);
    subscriber.on('close', this.unsubscribed);
    subscriber.on('message', this.hear);
    if (subscriber.status === 'ready') this.subscribe();
    this.pinger = setInterval(() => this.ping(), options.pingIntervalMs ?? 1_000).unref();
  }

  ring(rings: readonly Ring[]): void {
    this.listeners.tell(rings);
    if (rings.length === 0 || this.publisher.status !== 'ready') return;
    // With what else this turn asks of Redis, and before it: readers wait for it.
    if (this.pending.size === 0) process.nextTick(() => this.publish());
    for (const ring of rings) {
      // By itself: who does not know this kind yet drops its whole message.
      if (ring.kind === 'death') this.send([ring]);
      else this.pend(ring);
    }
  }

  listen(listener: (ring: Ring) => void): () => void {
    return this.listeners.add(listener);
  }

  isHealthy(): boolean {
    return this.subscribed && performance.now() - this.heardAt <= this.silenceMs;
  }

  /** Stops listening; the connections are their maker's. */
  close(): void {
    clearInterval(this.pinger);
    this.subscriber.off('ready', this.subscribe);
    this.subscriber.off('close', this.unsubscribed);
    this.subscriber.off('message', this.hear);
    this.subscribed = false;
  }

  /** Keeps the newest ring of each kind and run, in the order in which they were rung. */
  private pend(ring: Exclude<Ring, { kind: 'death' }>): void {
    const key = ringKey(ring);
    this.pending.delete(key);
    this.pending.set(key, ring);
  }

  private publish(): void {
    const rings = [...this.pending.values()];
    this.pending = new Map();
    for (let from = 0; from < rings.length; from += RINGS_PER_MESSAGE) this.send(rings.slice(from, from + RINGS_PER_MESSAGE));
  }

  private send(rings: readonly Ring[]): void {
    if (this.inFlight >= MESSAGES_IN_FLIGHT) return;
    this.inFlight += 1;
    void this.publisher
      .publish(this.channel, encodeRings(this.id, rings))
      .catch(() => undefined)
      .finally(() => (this.inFlight -= 1));
  }

  private readonly subscribe = (): void => {
    this.subscriber.subscribe(this.channel).then(
      () => {
        this.subscribed = true;
        this.heardAt = performance.now();
      },
      // A connection that cannot even subscribe is given up; the next one tries again.
      () => this.subscriber.disconnect(true),
    );
  };

  private readonly unsubscribed = (): void => {
    this.subscribed = false;
  };

  private readonly hear = (channel: string, text: string): void => {
    this.heardAt = performance.now();
    // Our own rings were heard when they were rung.
    if (channel !== this.channel || isFrom(text, this.id)) return;
    const rings = decodeRings(text);
    if (rings !== null) this.listeners.tell(rings);
  };

  /** On an idle half-open socket nothing would ever be missed; the ping is, and its connection's socket timeout ends the socket. */
  private ping(): void {
    if (!this.subscribed) return;
    this.subscriber.ping().then(
      () => (this.heardAt = performance.now()),
      () => undefined,
    );
  }
}
