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

const RINGS_PER_MESSAGE = 500;
/** More that wait for Redis are dropped, which the contract allows. */
const RINGS_PENDING = 16_000;

/**
 * The doorbell over one pub/sub channel. Listeners of this process hear at once, without Redis. A lone ring leaves in the turn of the event loop in
 * which it is rung; what is rung while Redis has not answered to those before leaves together once it has. Without a connection nothing leaves.
 */
export class RedisDoorbell extends Doorbell {
  private readonly id = randomUUID();
  private readonly channel: string;
  private readonly silenceMs: number;
  private readonly listeners: DoorbellListeners;
  private readonly pinger: NodeJS.Timeout;
  private readonly pending = new Map<string, Ring>();
  private isPublishing = false;
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
    for (const ring of rings) this.pend(ring);
    if (this.isPublishing) return;
    this.isPublishing = true;
    // With what else this turn asks of Redis, and before it: readers wait for it.
    process.nextTick(() => void this.publish());
  }

  listen(listener: (ring: Ring) => void): () => void {
    return this.listeners.add(listener);
  }

  isHealthy(): boolean {
    return this.subscribed && performance.now() - this.heardAt <= this.silenceMs;
  }

  /** Stops listening, and waits for Redis no longer: what was rung leaves. The connections are their maker's. */
  close(): void {
    clearInterval(this.pinger);
    this.subscriber.off('ready', this.subscribe);
    this.subscriber.off('close', this.unsubscribed);
    this.subscriber.off('message', this.hear);
    this.subscribed = false;
    while (this.pending.size > 0) void this.sendMessage();
  }

  /** Keeps the newest ring of each kind and run, in the order in which they were rung. */
  private pend(ring: Ring): void {
    const key = ringKey(ring);
    this.pending.delete(key);
    if (this.pending.size < RINGS_PENDING) this.pending.set(key, ring);
  }

  private async publish(): Promise<void> {
    while (this.pending.size > 0) await this.sendMessage();
    this.isPublishing = false;
  }

  /** Resolves when Redis has answered, or will not. */
  private sendMessage(): Promise<unknown> {
    return this.publisher.publish(this.channel, encodeRings(this.id, this.takeMessage())).catch(() => undefined);
  }

  private takeMessage(): Ring[] {
    const message: Ring[] = [];
    for (const [key, ring] of this.pending) {
      // A death goes by itself: who does not know it yet drops its whole message.
      if (message.length === RINGS_PER_MESSAGE || (ring.kind === 'death' && message.length > 0)) break;
      this.pending.delete(key);
      message.push(ring);
      if (ring.kind === 'death') break;
    }
    return message;
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
