import { once } from 'node:events';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { BatonError, TokenFeed, type JournalEvent } from '@baton/core';
import { CONFIG, Metrics, type Config } from '@baton/platform';
import type { FastifyReply } from 'fastify';
import { frameOf } from './event-frame.js';
import { Shutdown } from './shutdown.js';
import type { FrameWriter } from './orchestration-feed.js';
import { TokenTap } from './token-tap.js';

/** Milliseconds after which a client that lost its stream comes back. */
const RECONNECT_MS = 1_000;

interface StreamOptions {
  /** Events as the journal has them when absent. */
  toFrames?: FrameWriter | undefined;
  /** Also sends what models say in this run (null: none yet), and then in each run whose events follow. */
  tokensOf?: string | null | undefined;
}

/** The Server-Sent Events streams of this process: counted, bounded, and closed when it goes down. */
@Injectable()
export class EventStreams {
  private open = 0;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly metrics: Metrics,
    private readonly shutdown: Shutdown,
    private readonly tokens: TokenFeed,
  ) {}

  /**
   * Sends pages of events until the source ends, the client goes, nothing moves for too long or the process goes down.
   * A page is asked for only when the client has taken the last one: a slow client costs one page and loses nothing.
   *
   * @throws BatonError `overloaded` when too many streams are open.
   */
  async send(
    reply: FastifyReply,
    follow: (signal: AbortSignal) => AsyncIterable<JournalEvent[]>,
    { toFrames = (page) => page.map(frameOf).join(''), tokensOf }: StreamOptions = {},
  ): Promise<void> {
    this.checkRoom();
    this.open += 1;
    this.metrics.streamOpened();
    reply.hijack();
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    reply.raw.on('error', () => gone.abort());
    try {
      await this.write(reply, follow, { toFrames, tokensOf }, gone);
    } finally {
      this.open -= 1;
      this.metrics.streamClosed();
    }
  }

  private checkRoom(): void {
    const { sseMaxClients } = this.config;
    if (this.shutdown.signal.aborted) {
      throw new BatonError('overloaded', 'This process is shutting down.', {}, { retryAfterSeconds: 1 });
    }
    if (this.open >= sseMaxClients) {
      throw new BatonError('overloaded', `SSE_MAX_CLIENTS allows ${sseMaxClients} streams.`, {}, { retryAfterSeconds: 5 });
    }
  }

  private async write(
    reply: FastifyReply,
    follow: (signal: AbortSignal) => AsyncIterable<JournalEvent[]>,
    { toFrames, tokensOf }: StreamOptions & { toFrames: FrameWriter },
    gone: AbortController,
  ): Promise<void> {
    const signal = AbortSignal.any([gone.signal, this.shutdown.signal]);
    const response = reply.raw;
    begin(reply);
    const heartbeat = setInterval(() => {
      if (!response.writableNeedDrain) response.write(': heartbeat\n\n');
    }, this.config.sseHeartbeatMs);
    const idle = setTimeout(() => gone.abort(), this.config.sseIdleMs);
    const tap = tokensOf === undefined ? null : new TokenTap(this.tokens, response, () => idle.refresh());
    try {
      if (response.req.method === 'HEAD') return;
      tap?.follow(tokensOf!);
      for await (const page of follow(signal)) {
        if (!response.write(await toFrames(page))) await once(response, 'drain', { signal });
        idle.refresh();
        tap?.follow(page.at(-1)?.runId ?? null);
      }
    } catch (error) {
      // The client comes back with the last id that it has, and gets the rest then.
      if (!signal.aborted) response.destroy(error instanceof Error ? error : undefined);
    } finally {
      tap?.close();
      clearInterval(heartbeat);
      clearTimeout(idle);
      end(response);
    }
  }
}

/** With the headers that hooks have set: the request's id, and what lets pages of other origins read. */
function begin(reply: FastifyReply): void {
  reply.raw.writeHead(200, {
    ...(reply.getHeaders() as OutgoingHttpHeaders),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  reply.raw.write(`retry: ${RECONNECT_MS}\n\n`);
}

/** Ends cleanly where the client reads; one that has stopped reading is cut off. */
function end(response: ServerResponse): void {
  if (response.writableNeedDrain) response.destroy();
  else response.end();
}
