import { BatonError, type JournalEvent } from '@baton/core';
import type { ChangeFeed } from '@baton/engine';
import { jsonOf } from '../event-frame.js';
import { readLiveRequest, type ChangeSubscription, type RunSubscription } from '../wire/live.js';
import { ChangeNotices } from './change-notices.js';
import type { LiveClient } from './live-client.js';
import type { LiveGate } from './live-gate.js';
import type { RunFeed } from './run-feed.js';

/** What a client says, and what becomes of it. */
export interface Session {
  /** One message, the one before being dealt with. @throws LiveClosing to end the socket. */
  receive(text: string): Promise<void>;
  /** A heartbeat goes to the client. */
  beat(): void;
  /** The client is gone. */
  close(): void;
}

/** What every session needs. */
export interface SessionParts {
  gate: LiveGate;
  feed: RunFeed;
  /** A part has failed that nobody waits for: the socket is closed. */
  failed: (client: LiveClient, error: unknown) => void;
}

const MAX_SUBSCRIPTIONS = 100;

/** The multiplexed socket: journals of runs and notices of changes, by subscription. */
export class LiveSession implements Session {
  private readonly subscriptions = new Map<string, AbortController>();

  constructor(
    private readonly client: LiveClient,
    private readonly parts: SessionParts & { changes: ChangeFeed },
  ) {}

  async receive(text: string): Promise<void> {
    const request = readLiveRequest(text);
    if (request === null) return this.refuse(undefined, 'invalid_request', 'This is none of the messages that are understood.');
    if (request.type === 'token') await this.parts.gate.renew(this.client, request.token);
    if (request.type === 'unsubscribe') this.end(request.id);
    if (request.type === 'subscribe') await this.subscribe(request);
  }

  /** Scripts of pages see no pings but these. */
  beat(): void {
    if (!this.client.isFull) this.client.sendJson({ type: 'ping' });
  }

  close(): void {
    for (const id of [...this.subscriptions.keys()]) this.end(id);
  }

  private async subscribe(request: RunSubscription | ChangeSubscription): Promise<void> {
    const { id } = request;
    if (this.subscriptions.has(id)) return this.refuse(id, 'invalid_request', 'There is a subscription with this id.');
    if (this.subscriptions.size >= MAX_SUBSCRIPTIONS)
      return this.refuse(id, 'limit_reached', `There may be ${MAX_SUBSCRIPTIONS} subscriptions at once.`);
    try {
      await (request.topic === 'run' ? this.followRun(request) : this.hearChanges(request));
    } catch (error) {
      if (!(error instanceof BatonError)) throw error;
      this.refuse(id, error.code, error.message);
    }
  }

  private async followRun({ id, run_id: runId, from_seq: afterSeq }: RunSubscription): Promise<void> {
    const { gate, feed, failed } = this.parts;
    const run = await gate.findRun(this.client.caller, runId);
    if (run === null) throw new BatonError('run_not_found', `There is no run \`${runId}\`.`);
    const { signal } = this.begin(id);
    const head = `{"type":"event","id":${JSON.stringify(id)},"seq":`;
    const write = (event: JournalEvent): void => this.client.send(`${head}${event.seq},"event":${jsonOf(event)}}`);
    feed
      .send({ id: runId, afterSeq }, { client: this.client, signal, write })
      .then(() => {
        if (!signal.aborted) this.end(id);
      })
      .catch((error: unknown) => failed(this.client, error));
  }

  private async hearChanges({ id, topic }: ChangeSubscription): Promise<void> {
    const notices = new ChangeNotices(this.client, { id, topic });
    const leave = await this.parts.changes.listen(topic, this.client.caller.principal.tenantId, (ids) => notices.add(ids));
    if (this.client.signal.aborted) return leave();
    this.begin(id).signal.addEventListener('abort', leave, { once: true });
  }

  private begin(id: string): AbortController {
    const subscription = new AbortController();
    if (this.client.signal.aborted) subscription.abort();
    this.subscriptions.set(id, subscription);
    this.client.sendJson({ type: 'subscribed', id });
    return subscription;
  }

  private end(id: string): void {
    this.subscriptions.get(id)?.abort();
    this.subscriptions.delete(id);
  }

  private refuse(id: string | undefined, code: string, detail: string): void {
    this.client.sendJson({ type: 'error', ...(id !== undefined && { id }), code, detail });
  }
}
