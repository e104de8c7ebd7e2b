import type { HeldToken } from './held-token.js';
import type { LockStore, RenewalResult } from './lock-store.js';

export interface RenewalOptions {
  ttlMs: number;
  /** Until when a lock may be believed in that is written or extended from now on. */
  deadline(): number;
  onRecreated(held: HeldToken): void;
  onLost(held: HeldToken): void;
}

/** One timer that renews all held locks at a third of their TTL; sooner where the store did not answer. */
export class LockRenewal {
  private readonly held = new Set<HeldToken>();
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly store: LockStore,
    private readonly options: RenewalOptions,
  ) {}

  add(held: HeldToken): void {
    this.held.add(held);
    if (this.timer === null) this.schedule(this.options.ttlMs / 3);
  }

  remove(held: HeldToken): void {
    this.held.delete(held);
  }

  /** Renews all now. Never throws: unreachable is not lost, and `isValid` says until when. */
  async renewAll(): Promise<boolean> {
    const renewed = [...this.held].filter(({ reclaiming }) => !reclaiming);
    const deadline = this.options.deadline();
    let results: RenewalResult[];
    try {
      results = await this.store.renew(
        renewed.map(({ entry }) => entry),
        this.options.ttlMs,
      );
    } catch {
      return false;
    }
    renewed.forEach((held, index) => this.settle(held, results[index], deadline));
    return true;
  }

  private settle(held: HeldToken, result: RenewalResult | undefined, deadline: number): void {
    if (!held.open) return;
    if (result === 'extended') held.extendTo(deadline);
    else if (result === 'absent') void this.reclaim(held);
    else this.lose(held);
  }

  /** The store was wiped, or we were away for longer than the TTL: the lock is made again if SQL says that the work is still ours. */
  private async reclaim(held: HeldToken): Promise<void> {
    held.doubt();
    held.reclaiming = true;
    try {
      const ours = (await held.request.stillOurs?.()) ?? false;
      if (!ours) return this.lose(held);
      if (!held.open) return;
      const deadline = this.options.deadline();
      const value = await this.store.acquire(held.entry, this.options.ttlMs);
      if (value !== held.entry.value) return this.lose(held);
      held.extendTo(deadline);
      this.options.onRecreated(held);
    } catch {
      // SQL or the store does not answer. Not lost: the next renewal finds the lock absent again, and asks again.
    } finally {
      held.reclaiming = false;
    }
  }

  private lose(held: HeldToken): void {
    if (!held.open) return;
    this.held.delete(held);
    held.lose();
    this.options.onLost(held);
  }

  /** The timer runs only while there are locks, and keeps no process alive. */
  private schedule(delayMs: number): void {
    this.timer = setTimeout(() => void this.tick(), delayMs).unref();
  }

  private async tick(): Promise<void> {
    const answered = await this.renewAll();
    this.timer = null;
    if (this.held.size > 0) this.schedule(this.options.ttlMs / (answered ? 3 : 12));
  }
}
