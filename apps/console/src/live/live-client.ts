import { CLOSE_CODES, type ClientFrame, type LiveTopic, type RunEvent, type ServerFrame } from './protocol.js';

/** `stale`: what is shown may be old, since the connection has been away for a while. */
export type LiveState = 'connecting' | 'live' | 'stale';

/** As much of a WebSocket as the client uses. */
export interface LiveSocket {
  send(text: string): void;
  close(): void;
}

/** What a socket tells. */
export interface SocketListener {
  onOpen(): void;
  onMessage(text: string): void;
  onClose(code: number): void;
}

export interface LiveOptions {
  /** A short-lived token for the connection. */
  fetchToken(): Promise<string>;
  open(token: string, listener: SocketListener): LiveSocket;
  /** Calls after a time; what it returns calls it off. */
  schedule(action: () => void, ms: number): () => void;
  random(): number;
}

export type RunListener = (event: RunEvent) => void;
/** Called with the ids that changed; null: any may have. */
export type TopicListener = (ids: readonly string[] | null) => void;

interface RunSubscription {
  kind: 'run';
  runId: string;
  lastSeq: number;
  listener: RunListener;
}
interface TopicSubscription {
  kind: 'topic';
  topic: LiveTopic;
  listener: TopicListener;
}

const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 20_000;
/** The server pings at least this often; a connection that is silent for longer is dead. */
const SILENCE_MS = 45_000;
const STALE_AFTER_MS = 4_000;

/**
 * One connection for the whole page. It comes back by itself with growing pauses and takes up each subscription where it stood: a
 * listener of a run sees each event once, in order; a listener of a topic is called once more, since something may have been missed.
 */
export class LiveClient {
  private readonly subscriptions = new Map<string, RunSubscription | TopicSubscription>();
  private readonly stateListeners = new Set<() => void>();
  private current: LiveState = 'connecting';
  private socket: LiveSocket | null = null;
  private isOpen = false;
  private wasLive = false;
  private isStopped = true;
  private failures = 0;
  private nextId = 0;
  private attempt = 0;
  private stopSilence = (): void => undefined;
  private stopRetry = (): void => undefined;
  private stopStale: (() => void) | null = null;

  constructor(private readonly options: LiveOptions) {}

  get state(): LiveState {
    return this.current;
  }

  start(): void {
    if (!this.isStopped) return;
    this.isStopped = false;
    this.countDownToStale();
    void this.connect();
  }

  stop(): void {
    this.isStopped = true;
    this.stopRetry();
    this.stopStale?.();
    this.stopStale = null;
    this.drop();
  }

  /** Connects at once: the network is back, or there is another token. */
  reconnect(): void {
    if (this.isStopped) return;
    this.stopRetry();
    this.drop();
    this.failures = 0;
    this.countDownToStale();
    void this.connect();
  }

  /** @returns ends it */
  onState(listener: () => void): () => void {
    this.stateListeners.add(listener);
    return () => this.stateListeners.delete(listener);
  }

  /**
   * The events of a run after `fromSeq`.
   *
   * @returns ends it
   */
  followRun(runId: string, fromSeq: number, listener: RunListener): () => void {
    return this.subscribe({ kind: 'run', runId, lastSeq: fromSeq, listener });
  }

  /** @returns ends it */
  followTopic(topic: LiveTopic, listener: TopicListener): () => void {
    return this.subscribe({ kind: 'topic', topic, listener });
  }

  private subscribe(subscription: RunSubscription | TopicSubscription): () => void {
    const id = this.newId();
    this.subscriptions.set(id, subscription);
    this.announce(id, subscription);
    return () => this.forget(subscription);
  }

  /** Under its present id: a subscription that began anew has another. */
  private forget(subscription: RunSubscription | TopicSubscription): void {
    for (const [id, known] of this.subscriptions) {
      if (known !== subscription) continue;
      this.subscriptions.delete(id);
      this.send({ type: 'unsubscribe', id });
    }
  }

  private newId(): string {
    this.nextId += 1;
    return String(this.nextId);
  }

  private announce(id: string, subscription: RunSubscription | TopicSubscription): void {
    if (subscription.kind === 'topic') this.send({ type: 'subscribe', id, topic: subscription.topic });
    else this.send({ type: 'subscribe', id, topic: 'run', run_id: subscription.runId, from_seq: subscription.lastSeq });
  }

  private send(frame: ClientFrame): void {
    if (this.isOpen) this.socket?.send(JSON.stringify(frame));
  }

  private async connect(): Promise<void> {
    this.attempt += 1;
    const { attempt } = this;
    try {
      const token = await this.options.fetchToken();
      if (attempt !== this.attempt || this.isStopped) return;
      this.openSocket(token);
    } catch {
      if (attempt === this.attempt) this.retryLater();
    }
  }

  private openSocket(token: string): void {
    // A socket that was given up may still say something.
    const ifCurrent = (act: () => void): void => {
      if (this.socket === socket) act();
    };
    const socket = this.options.open(token, {
      onOpen: () => ifCurrent(() => this.onOpen()),
      onMessage: (text) => ifCurrent(() => this.onMessage(text)),
      onClose: (code) =>
        ifCurrent(() => {
          this.drop();
          this.retryLater(code);
        }),
    });
    this.socket = socket;
    this.watchSilence();
  }

  private onOpen(): void {
    this.isOpen = true;
    this.stopStale?.();
    this.stopStale = null;
    for (const [id, subscription] of this.subscriptions) this.announce(id, subscription);
    if (this.wasLive) for (const one of this.subscriptions.values()) if (one.kind === 'topic') one.listener(null);
    this.wasLive = true;
    this.setState('live');
  }

  private onMessage(text: string): void {
    this.failures = 0;
    this.watchSilence();
    const frame = JSON.parse(text) as ServerFrame;
    if (frame.type === 'ping') this.send({ type: 'pong' });
    else if (frame.type === 'refresh') void this.refreshToken();
    else if (frame.type === 'event') this.onEvent(frame.id, frame.event);
    else if (frame.type === 'changed') this.onChanged(frame.id, frame.ids);
    // The server gave a subscription up: nothing comes any more under this id.
    else if (frame.type === 'error' && frame.id !== undefined) this.subscriptions.delete(frame.id);
  }

  private onEvent(id: string, event: RunEvent): void {
    const subscription = this.subscriptions.get(id);
    if (subscription?.kind !== 'run' || event.seq <= subscription.lastSeq) return;
    if (event.seq > subscription.lastSeq + 1) return this.beginAnew(id, subscription);
    subscription.lastSeq = event.seq;
    subscription.listener(event);
  }

  private onChanged(id: string, ids: readonly string[] | null): void {
    const subscription = this.subscriptions.get(id);
    if (subscription?.kind === 'topic') subscription.listener(ids);
  }

  /** After a gap, which the server never makes: from the last event that is known, under a new id. */
  private beginAnew(id: string, subscription: RunSubscription): void {
    this.send({ type: 'unsubscribe', id });
    this.subscriptions.delete(id);
    const next = this.newId();
    this.subscriptions.set(next, subscription);
    this.announce(next, subscription);
  }

  private async refreshToken(): Promise<void> {
    const { socket } = this;
    try {
      const token = await this.options.fetchToken();
      if (socket === this.socket) this.send({ type: 'token', token });
    } catch {
      // The server closes the connection when the token ends, and then it is made anew.
    }
  }

  private watchSilence(): void {
    this.stopSilence();
    this.stopSilence = this.options.schedule(() => {
      this.drop();
      this.retryLater();
    }, SILENCE_MS);
  }

  private drop(): void {
    this.attempt += 1;
    this.stopSilence();
    this.isOpen = false;
    const { socket } = this;
    this.socket = null;
    socket?.close();
  }

  private retryLater(code?: number): void {
    if (this.isStopped) return;
    this.countDownToStale();
    const isRefused = code === CLOSE_CODES.forbidden || code === CLOSE_CODES.tooMany;
    const pause = isRefused ? MAX_PAUSE_MS : Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.failures);
    this.failures += 1;
    this.stopRetry();
    // Not all pages of all people at the same moment, after a restart of the server.
    this.stopRetry = this.options.schedule(() => void this.connect(), pause * (0.5 + this.options.random() / 2));
  }

  private countDownToStale(): void {
    if (this.current === 'live') this.setState('connecting');
    this.stopStale ??= this.options.schedule(() => this.setState('stale'), STALE_AFTER_MS);
  }

  private setState(state: LiveState): void {
    if (this.current === state) return;
    this.current = state;
    for (const listener of this.stateListeners) listener();
  }
}
