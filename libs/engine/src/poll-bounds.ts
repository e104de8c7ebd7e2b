import type { Clock } from '@baton/core';

/** Wakes those who wait for a ring once their bound has passed, and all of them while rings may be lost. One timer, however many wait. */
export class PollBounds {
  /** By whom to wake, on the monotonic clock. */
  private readonly bounds = new Map<() => void, number>();
  private timer: AbortController | null = null;
  private looksAt = Infinity;

  /** @param everyMs how often it is looked whether rings may be lost */
  constructor(
    private readonly clock: Clock,
    private readonly isHealthy: () => boolean,
    private readonly everyMs: number,
  ) {}

  /** Calls `wake` after `ms`, or before; unless it is removed. */
  add(wake: () => void, ms: number): void {
    const now = this.clock.monotonic();
    this.bounds.set(wake, now + ms);
    this.lookBy(Math.min(now + ms, now + this.everyMs), now);
  }

  remove(wake: () => void): void {
    this.bounds.delete(wake);
    if (this.bounds.size === 0) this.stop();
  }

  private lookBy(at: number, now: number): void {
    if (at >= this.looksAt) return;
    this.stop();
    this.looksAt = at;
    const timer = (this.timer = new AbortController());
    void this.clock.sleep(Math.max(0, at - now), timer.signal).then(() => {
      if (!timer.signal.aborted) this.look();
    });
  }

  private look(): void {
    this.looksAt = Infinity;
    const now = this.clock.monotonic();
    const isHealthy = this.isHealthy();
    let next = now + this.everyMs;
    for (const [wake, bound] of [...this.bounds]) {
      if (!isHealthy || bound <= now) wake();
      else next = Math.min(next, bound);
    }
    if (this.bounds.size > 0) this.lookBy(next, now);
  }

  private stop(): void {
    this.looksAt = Infinity;
    // With a reason: without one, an error with its stack is made for each.
    this.timer?.abort('nobody waits');
    this.timer = null;
  }
}
