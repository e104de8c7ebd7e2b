import type { Clock } from '@baton/core';
import { LIVE_CLOSES, type LiveCloseReason } from './live-close.js';
import type { LiveCaller } from './ws-tokens.js';

/** What is used of a WebSocket. */
export interface ClientSocket {
  /** Bytes that it holds because its peer has not taken them. */
  readonly bufferedAmount: number;
  /** `taken`: the operating system has it, or never will. */
  send(text: string, taken: () => void): void;
  ping(): void;
  close(code: number, reason: string): void;
}

/**
 * One client of a socket: what it may have unread is bounded, by whoever sends asking {@link isFull} first. While it is full nothing more is sent to it;
 * what it misses is in the journal.
 */
export class LiveClient {
  /** When it was last heard, or took something; monotonic. */
  heardAt: number;
  pingedAt: number;
  /** It has been told that its token ends soon. */
  refreshAsked = false;
  closedFor: LiveCloseReason | null = null;
  private readonly gone = new AbortController();
  /** By whom to wake, and how much may be unread then. */
  private readonly waiting = new Map<() => void, number>();

  /** @param bufferBytes what it may have unread before it is full */
  constructor(
    private readonly socket: ClientSocket,
    public caller: LiveCaller,
    private readonly clock: Pick<Clock, 'monotonic' | 'sleep'>,
    private readonly bufferBytes: number,
  ) {
    this.heardAt = this.pingedAt = clock.monotonic();
  }

  /** Aborts when it goes, or is sent away. */
  get signal(): AbortSignal {
    return this.gone.signal;
  }

  get bufferedBytes(): number {
    return this.socket.bufferedAmount;
  }

  get isFull(): boolean {
    return this.socket.bufferedAmount >= this.bufferBytes;
  }

  send(text: string): void {
    if (this.signal.aborted) return;
    this.socket.send(text, this.taken);
  }

  sendJson(message: object): void {
    this.send(JSON.stringify(message));
  }

  /** Resolves when it has read half of what it may have unread, and when it goes. */
  async room(): Promise<void> {
    if (this.isFull) await this.untilUnread(this.bufferBytes / 2);
  }

  /** Resolves when it has taken everything, and when it goes. */
  flushed(): Promise<void> {
    return this.untilUnread(0);
  }

  /** Whether there is room within `ms`. */
  async hasRoomWithin(ms: number): Promise<boolean> {
    if (!this.isFull) return true;
    const timer = new AbortController();
    await Promise.race([this.room(), this.clock.sleep(ms, timer.signal)]);
    timer.abort();
    return !this.isFull;
  }

  /** It has said something. */
  heard(): void {
    this.heardAt = this.clock.monotonic();
  }

  ping(): void {
    this.pingedAt = this.clock.monotonic();
    // One that does not read would not see it.
    if (!this.isFull && !this.signal.aborted) this.socket.ping();
  }

  close(reason: LiveCloseReason, detail: string = LIVE_CLOSES[reason].text): void {
    if (this.signal.aborted) return;
    this.closedFor = reason;
    this.socket.close(LIVE_CLOSES[reason].code, detail);
    this.leave();
  }

  /** Its socket is closed. */
  leave(): void {
    this.gone.abort();
    this.wake(0);
  }

  private async untilUnread(bytes: number): Promise<void> {
    if (this.socket.bufferedAmount <= bytes || this.signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.waiting.set(resolve, bytes);
    await promise;
  }

  private readonly taken = (): void => {
    this.heard();
    if (this.waiting.size > 0) this.wake(this.socket.bufferedAmount);
  };

  /** Wakes those whom it suffices that so much is unread. */
  private wake(unread: number): void {
    for (const [wake, bytes] of this.waiting) {
      if (unread > bytes) continue;
      this.waiting.delete(wake);
      wake();
    }
  }
}
