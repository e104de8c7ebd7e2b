import { randomUUID } from 'node:crypto';
import { TokenFeed, type TokenPiece } from '@baton/core';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { type QueueLogger, silentLogger } from './logger.js';
import { TokenListeners } from './token-listeners.js';
import { within } from './within.js';

export interface RedisTokenFeedOptions {
  /** Goes before a run's id: its pub/sub channel. Default `baton:tokens:`. */
  prefix?: string;
  /** How long the answer counts that nobody listens to any run, where nobody says otherwise before. Default 100. */
  unheardForMs?: number;
  logger?: QueueLogger;
}

/** One PUBLISH: who sent it, and a piece. */
const Message = z.object({
  from: z.string(),
  run_id: z.string(),
  node_id: z.string(),
  visit: z.int(),
  step: z.string(),
  offset: z.int(),
  text: z.string(),
});

/** More are dropped: a Redis that is slow must not fill this process with answers. */
const MESSAGES_IN_FLIGHT = 256;
/** A model is not kept waiting for the answer to whether somebody listens. */
const HEARD_WITHIN_MS = 250;

/**
 * The token feed over a pub/sub channel for each run that somebody listens to. Whether anybody does is asked once for all runs that want to know
 * in one turn of the event loop, and not again for a moment once nobody listens to any run: whoever then is the first to listen says so.
 */
export class RedisTokenFeed extends TokenFeed {
  private readonly id = randomUUID();
  private readonly prefix: string;
  private readonly unheardForMs: number;
  /** Of all processes that listen to any run; nothing is said there. */
  private readonly listening: string;
  /** Where a process says that it begins to listen, to all that ask. */
  private readonly news: string;
  private readonly listeners: TokenListeners;
  private asked = new Map<string, PromiseWithResolvers<boolean>>();
  private asks = false;
  /** Redis has said that the news come here: only then may be remembered that nobody listens. */
  private hearsNews = false;
  private unheardUntil = -Infinity;
  /** News so far: an answer that was under way when they came is outdated. */
  private heardNews = 0;
  private inFlight = 0;

  /** @param publisher a connection of the kind `queue`  @param subscriber one of the kind `subscriber`, shared with the doorbell at most */
  constructor(
    private readonly publisher: Redis,
    private readonly subscriber: Redis,
    options: RedisTokenFeedOptions = {},
  ) {
    super();
    this.prefix = options.prefix ?? 'baton:tokens:';
    this.unheardForMs = options.unheardForMs ?? 100;
    this.listening = `${this.prefix}!listening`;
    this.news = `${this.prefix}!news`;
    this.listeners = new TokenListeners(options.logger ?? silentLogger, (runId, isHeard) => this.follow(runId, isHeard));
    subscriber.on('ready', this.subscribeAll);
    subscriber.on('close', this.missNews);
    subscriber.on('message', this.hear);
  }

  isHeard(runId: string): Promise<boolean> {
    if (this.listeners.has(runId)) return Promise.resolve(true);
    if (this.publisher.status !== 'ready' || performance.now() < this.unheardUntil) return Promise.resolve(false);
    if (this.asked.size === 0) setImmediate(() => void this.ask());
    const answer = this.asked.get(runId) ?? Promise.withResolvers<boolean>();
    this.asked.set(runId, answer);
    return answer.promise;
  }

  send(piece: TokenPiece): void {
    this.listeners.tell(piece);
    if (this.publisher.status !== 'ready' || this.inFlight >= MESSAGES_IN_FLIGHT) return;
    this.inFlight += 1;
    void this.publisher
      .publish(this.channelOf(piece.runId), this.encode(piece))
      .catch(() => undefined)
      .finally(() => (this.inFlight -= 1));
  }

  listen(runId: string, hear: (piece: TokenPiece) => void): () => void {
    return this.listeners.add(runId, hear);
  }

  /** Stops listening; the connections are their maker's. */
  close(): void {
    this.subscriber.off('ready', this.subscribeAll);
    this.subscriber.off('close', this.missNews);
    this.subscriber.off('message', this.hear);
  }

  private async ask(): Promise<void> {
    const { asked, heardNews, hearsNews } = this;
    this.asked = new Map();
    if (!this.asks) this.followNews();
    const counts = await this.countSubscribers([this.listening, ...[...asked.keys()].map((runId) => this.channelOf(runId))]);
    const isCurrent = hearsNews && this.hearsNews && heardNews === this.heardNews;
    if (counts.get(this.listening) === 0 && isCurrent) this.unheardUntil = performance.now() + this.unheardForMs;
    for (const [runId, answer] of asked) answer.resolve((counts.get(this.channelOf(runId)) ?? 0) > 0);
  }

  private followNews(): void {
    this.asks = true;
    if (this.subscriber.status === 'ready') this.subscribe([this.news]);
  }

  /** By channel; none where Redis does not answer in time. */
  private async countSubscribers(channels: readonly string[]): Promise<Map<string, number>> {
    const counts = new Map<string, number>();
    const asking = this.publisher.pubsub('NUMSUB', ...channels);
    const late = (): Error => new Error('Redis does not say who listens');
    const answer = await within(asking, HEARD_WITHIN_MS, late).catch(() => []);
    for (let at = 0; at + 1 < answer.length; at += 2) counts.set(String(answer[at]), Number(answer[at + 1]));
    return counts;
  }

  /** The first listener of this process comes, or the last one goes. What fails is made good with the next connection. */
  private follow(runId: string, isHeard: boolean): void {
    if (this.subscriber.status !== 'ready') return;
    const channel = this.channelOf(runId);
    const isOnly = this.listeners.size === (isHeard ? 1 : 0);
    const channels = isOnly ? [this.listening, channel] : [channel];
    if (!isHeard) return void this.subscriber.unsubscribe(...channels).catch(() => undefined);
    this.subscribe(channels);
  }

  /** Who begins to listen to any run says so, once it hears. */
  private subscribe(channels: readonly string[]): void {
    const followed = async (): Promise<void> => {
      await this.subscriber.subscribe(...channels);
      if (channels.includes(this.news)) this.hearsNews = this.subscriber.status === 'ready';
      if (channels.includes(this.listening)) await this.publisher.publish(this.news, '');
    };
    followed().catch(() => undefined);
  }

  private readonly subscribeAll = (): void => {
    const runs = this.listeners.runIds.map((runId) => this.channelOf(runId));
    const channels = [...(this.asks ? [this.news] : []), ...(runs.length === 0 ? [] : [this.listening, ...runs])];
    if (channels.length > 0) this.subscribe(channels);
  };

  /** News that come before the next connection are not heard. */
  private readonly missNews = (): void => {
    this.hearsNews = false;
    this.heardNews += 1;
    this.unheardUntil = -Infinity;
  };

  private readonly hear = (channel: string, text: string): void => {
    if (channel === this.news) {
      this.heardNews += 1;
      this.unheardUntil = -Infinity;
      return;
    }
    if (!channel.startsWith(this.prefix)) return;
    const piece = this.decode(text);
    if (piece !== null) this.listeners.tell(piece);
  };

  private encode({ runId: run_id, nodeId: node_id, visit, step, offset, text }: TokenPiece): string {
    return JSON.stringify({ from: this.id, run_id, node_id, visit, step, offset, text });
  }

  /** Null for what is no message of ours, and for our own: its listeners have heard it. */
  private decode(message: string): TokenPiece | null {
    const { success, data } = Message.safeParse(parse(message));
    if (!success || data.from === this.id) return null;
    const { run_id: runId, node_id: nodeId, visit, step, offset, text } = data;
    return { runId, nodeId, visit, step, offset, text };
  }

  private channelOf(runId: string): string {
    return this.prefix + runId;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
