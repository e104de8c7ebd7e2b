import { randomBytes } from 'node:crypto';
import {
  formatHolder,
  parseHolder,
  RunLock,
  type AcquireOutcome,
  type AcquireRequest,
  type Clock,
  type HeldLock,
  type LockPage,
  type StandingLock,
} from '@baton/core';
import { PortCalls } from './port-calls.js';

/** The lock service that all processes share: keys with a value and an end. */
export class LockService {
  reachable = true;
  private readonly entries = new Map<string, { value: string; until: number }>();

  constructor(
    private readonly clock: Clock,
    readonly ttlMs = 30_000,
  ) {}

  get(key: string): string | null {
    const entry = this.entries.get(key);
    return entry !== undefined && entry.until > this.clock.now() ? entry.value : null;
  }

  set(key: string, value: string): void {
    this.entries.set(key, { value, until: this.clock.now() + this.ttlMs });
  }

  keys(): string[] {
    return [...this.entries.keys()].filter((key) => this.get(key) !== null);
  }

  delete(key: string): void {
    this.entries.delete(key);
  }

  wipe(): void {
    this.entries.clear();
  }
}

/** {@link RunLock} of one process. */
export class MemoryLock extends RunLock {
  readonly method = 'memory';

  constructor(
    private readonly service: LockService,
    private readonly clock: Clock,
    readonly calls = new PortCalls(),
  ) {
    super();
  }

  async acquire(request: AcquireRequest): Promise<AcquireOutcome> {
    const deadline = this.clock.monotonic() + (request.retryForMs ?? 0);
    for (;;) {
      const outcome = await this.take('acquire', request, null);
      if (outcome.kind !== 'foreign' || this.clock.monotonic() >= deadline) return outcome;
      await this.clock.sleep(5);
    }
  }

  takeOver(request: AcquireRequest, value: string): Promise<AcquireOutcome> {
    return this.take('takeOver', request, value);
  }

  peek(key: string): ReturnType<RunLock['peek']> {
    return this.calls.make('peek', key, () => {
      if (!this.service.reachable) return { kind: 'unreachable' };
      const value = this.service.get(key);
      return value === null ? { kind: 'free' } : { kind: 'held', holder: holderOf(value), value };
    });
  }

  list({ after, limit }: { after: string | null; limit: number }): Promise<LockPage | null> {
    return this.calls.make<LockPage | null>('list', { after, limit }, () => {
      if (!this.service.reachable) return null;
      const keys = this.service.keys().filter((key) => after === null || key > after);
      const page = keys.toSorted().slice(0, limit);
      const locks = page.map((key) => ({ key, value: this.service.get(key)!, holder: holderOf(this.service.get(key)!) }));
      return { locks, next: keys.length > limit ? page.at(-1)! : null };
    });
  }

  free({ key, value }: Pick<StandingLock, 'key' | 'value'>): Promise<boolean> {
    return this.calls.make('free', { key, value }, () => {
      const isThere = this.service.reachable && this.service.get(key) === value;
      if (isThere) this.service.delete(key);
      return isThere;
    });
  }

  private take(operation: string, request: AcquireRequest, expected: string | null): Promise<AcquireOutcome> {
    return this.calls.make<AcquireOutcome>(operation, request, () => {
      if (!this.service.reachable) return { kind: 'unreachable' };
      const current = this.service.get(request.key);
      if (current !== null && current !== expected) return { kind: 'foreign', holder: holderOf(current), value: current };
      const token = randomBytes(16).toString('hex');
      const value = `${formatHolder(request.holder)}:${token}`;
      this.service.set(request.key, value);
      return { kind: 'acquired', lock: this.hold(request, token, value) };
    });
  }

  private hold(request: AcquireRequest, token: string, value: string): HeldLock {
    const { key } = request;
    let isLost = false;
    const released = new AbortController();
    const lose = (): void => {
      isLost = true;
      request.onLost?.();
    };
    void this.keep(request, value, lose, released.signal);
    return {
      ...{ key, token, method: this.method },
      get isLost() {
        return isLost;
      },
      isValid: () => this.service.get(key) === value,
      release: () =>
        this.calls.make('release', key, () => {
          released.abort();
          if (this.service.reachable && this.service.get(key) === value) this.service.delete(key);
        }),
    };
  }

  private async keep({ key, stillOurs }: AcquireRequest, value: string, lose: () => void, released: AbortSignal): Promise<void> {
    for (;;) {
      await this.clock.sleep(this.service.ttlMs / 3, released);
      if (released.aborted) return;
      const found = await this.calls.make('extend', key, () => (this.service.reachable ? this.service.get(key) : value));
      if (released.aborted || !this.service.reachable) continue;
      if (found === value || (found === null && (await stillOurs?.()) === true)) this.service.set(key, value);
      else return lose();
    }
  }
}

function holderOf(value: string): ReturnType<typeof parseHolder> {
  return parseHolder(value.slice(0, value.lastIndexOf(':')));
}
