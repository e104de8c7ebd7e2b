import type { AcquireRequest, HeldLock, RunLock } from '@baton/core';
import type { LockEntry } from './lock-store.js';

/** What a held lock asks of the helper that made it. */
export interface TokenKeeper {
  readonly method: RunLock['method'];
  monotonic(): number;
  giveBack(held: HeldToken): Promise<void>;
}

/** One lock that this process took: its deadline, and how it ended. */
export class HeldToken implements HeldLock {
  readonly key: string;
  readonly method: RunLock['method'];
  /** Set while SQL is asked whether a vanished lock is still ours. */
  reclaiming = false;
  private lost = false;
  private deadline = -Infinity;
  private ending: Promise<void> | null = null;

  constructor(
    readonly request: AcquireRequest,
    readonly entry: LockEntry,
    readonly token: string,
    private readonly keeper: TokenKeeper,
  ) {
    this.key = request.key;
    this.method = keeper.method;
  }

  get isLost(): boolean {
    return this.lost;
  }

  /** Neither released nor lost. */
  get open(): boolean {
    return this.ending === null && !this.lost;
  }

  isValid(): boolean {
    return this.open && this.keeper.monotonic() < this.deadline;
  }

  release(): Promise<void> {
    this.ending ??= this.lost ? Promise.resolve() : this.keeper.giveBack(this);
    return this.ending;
  }

  /** Believes in the lock until `deadline`, if it does not believe for longer already. */
  extendTo(deadline: number): void {
    this.deadline = Math.max(this.deadline, deadline);
  }

  /** The lock has vanished: nothing to believe in before it is made again. */
  doubt(): void {
    this.deadline = -Infinity;
  }

  lose(): void {
    this.lost = true;
    this.request.onLost?.();
  }
}
