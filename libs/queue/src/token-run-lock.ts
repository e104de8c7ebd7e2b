import { setTimeout as pause } from 'node:timers/promises';
import {
  type AcquireOutcome,
  type AcquireRequest,
  type Clock,
  formatHolder,
  type LockPage,
  type LockHolder,
  parseHolder,
  RunLock,
  type StandingLock,
  SystemClock,
  takeRandomBytes,
} from '@baton/core';
import { HeldToken, type TokenKeeper } from './held-token.js';
import { LockRenewal } from './lock-renewal.js';
import { type LockEntry, type LockStore, LockStoreUnreachable } from './lock-store.js';

/** How one use of a lock went: its operation is the metric's label. */
export interface LockEvent {
  operation: AcquireRequest['operation'];
  outcome: 'acquired' | 'taken_over' | 'foreign' | 'unreachable' | 'recreated' | 'lost';
}

export interface RunLockOptions {
  /** Put before each key. Default none: operators look at `task:{id}:lock`. */
  prefix?: string;
  /** How long a lock lives without renewal, ms. Default 30000. */
  ttlMs?: number;
  /** How much earlier than the store its holder stops believing in a lock, ms: covers the drift of clocks. Default a tenth of the TTL. */
  marginMs?: number;
  observer?: (event: LockEvent) => void;
  clock?: Clock;
}

const TOKEN_BYTES = 16;
const RETRY_MS = 25;
const MAX_GIVE_BACK_DELAY_MS = 1_000;

/**
 * The tokenized lock over any {@link LockStore}: fresh tokens, deadlines, renewal. A deadline counts from before the command was sent, so a
 * holder stops believing before the store can give the lock to another.
 */
export class TokenRunLock extends RunLock {
  readonly method: RunLock['method'];
  private readonly prefix: string;
  private readonly ttlMs: number;
  private readonly marginMs: number;
  private readonly observer: (event: LockEvent) => void;
  private readonly clock: Clock;
  private readonly renewal: LockRenewal;
  private readonly keeper: TokenKeeper;

  constructor(
    private readonly store: LockStore,
    options: RunLockOptions,
  ) {
    super();
    this.method = store.method;
    this.prefix = options.prefix ?? '';
    this.ttlMs = Math.round(options.ttlMs ?? 30_000);
    this.marginMs = options.marginMs ?? this.ttlMs / 10;
    this.observer = options.observer ?? (() => undefined);
    this.clock = options.clock ?? new SystemClock();
    this.renewal = new LockRenewal(store, {
      ttlMs: this.ttlMs,
      deadline: () => this.deadline(),
      onRecreated: (held) => this.observe(held.request, 'recreated'),
      onLost: (held) => this.observe(held.request, 'lost'),
    });
    this.keeper = {
      method: this.method,
      monotonic: () => this.clock.monotonic(),
      giveBack: (held) => this.giveBack(held),
    };
  }

  async acquire(request: AcquireRequest): Promise<AcquireOutcome> {
    const held = this.newToken(request);
    const giveUpAt = this.clock.monotonic() + (request.retryForMs ?? 0);
    for (;;) {
      const outcome = await this.take(held, () => this.store.acquire(held.entry, this.ttlMs));
      const leftMs = giveUpAt - this.clock.monotonic();
      if (outcome.kind !== 'foreign' || leftMs <= 0) {
        this.observe(request, outcome.kind);
        return outcome;
      }
      await pause(Math.min(RETRY_MS * (0.5 + Math.random()), leftMs));
    }
  }

  async takeOver(request: AcquireRequest, value: string): Promise<AcquireOutcome> {
    const held = this.newToken(request);
    const outcome = await this.take(held, () => this.store.swap(held.entry, value, this.ttlMs));
    this.observe(request, outcome.kind === 'acquired' ? 'taken_over' : outcome.kind);
    return outcome;
  }

  async peek(
    key: string,
  ): Promise<{ kind: 'free' } | { kind: 'held'; holder: LockHolder | null; value: string } | { kind: 'unreachable' }> {
    try {
      const value = await this.store.read(this.prefix + key);
      return value === null ? { kind: 'free' } : { kind: 'held', holder: holderOf(value), value };
    } catch {
      return { kind: 'unreachable' };
    }
  }

  async list({ after, limit }: { after: string | null; limit: number }): Promise<LockPage | null> {
    try {
      const { entries, next } = await this.store.scan(this.prefix, after, limit);
      const locks = entries.map(({ key, value }) => ({ key: key.slice(this.prefix.length), holder: holderOf(value), value }));
      return { locks, next };
    } catch {
      return null;
    }
  }

  async free({ key, value }: Pick<StandingLock, 'key' | 'value'>): Promise<boolean> {
    try {
      return await this.store.release({ key: this.prefix + key, value });
    } catch {
      return false;
    }
  }

  /** Renews all held locks now, as the timer does at each third of the TTL. Never throws. */
  async renewHeld(): Promise<void> {
    await this.renewal.renewAll();
  }

  private newToken(request: AcquireRequest): HeldToken {
    const token = takeRandomBytes(TOKEN_BYTES).toString('hex');
    const entry = { key: this.prefix + request.key, value: `${formatHolder(request.holder)}:${token}` };
    return new HeldToken(request, entry, token, this.keeper);
  }

  private async take(held: HeldToken, write: () => Promise<string>): Promise<AcquireOutcome> {
    const deadline = this.deadline();
    let value: string;
    try {
      value = await write();
    } catch (error) {
      if (mayBeDone(error)) void this.giveBackLater(held.entry);
      return { kind: 'unreachable' };
    }
    if (value !== held.entry.value) return { kind: 'foreign', holder: holderOf(value), value };
    held.extendTo(deadline);
    this.renewal.add(held);
    return { kind: 'acquired', lock: held };
  }

  private async giveBack(held: HeldToken): Promise<void> {
    this.renewal.remove(held);
    try {
      await this.store.release(held.entry);
    } catch {
      void this.giveBackLater(held.entry);
    }
  }

  /** A lock that nobody believes in may still be kept by the store, and would shut others out until its TTL ends: it is asked to free it. */
  private async giveBackLater(entry: LockEntry): Promise<void> {
    const endsAt = this.clock.monotonic() + this.ttlMs;
    for (let delayMs = 50; this.clock.monotonic() < endsAt; delayMs = Math.min(2 * delayMs, MAX_GIVE_BACK_DELAY_MS)) {
      await pause(delayMs * (0.5 + Math.random()), undefined, { ref: false });
      try {
        return void (await this.store.release(entry));
      } catch {
        // Still away: try again until the lock has ended by itself.
      }
    }
  }

  private deadline(): number {
    return this.clock.monotonic() + this.ttlMs - this.marginMs;
  }

  private observe(request: AcquireRequest, outcome: LockEvent['outcome']): void {
    this.observer({ operation: request.operation, outcome });
  }
}

function holderOf(value: string): LockHolder | null {
  return parseHolder(value.slice(0, Math.max(0, value.lastIndexOf(':'))));
}

function mayBeDone(error: unknown): boolean {
  return !(error instanceof LockStoreUnreachable) || error.sent;
}
