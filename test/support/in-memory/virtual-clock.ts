import { Clock } from '@baton/core';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly ring: () => void;
}

/** How many turns of the event loop count as "everything that can happen without time passing has happened". */
const QUIET_TURNS = 12;

/** A clock that stands still until it is told to go on, in whole milliseconds: timers fire in the order of their instants, and work between them settles. */
export class VirtualClock extends Clock {
  private readonly timers = new Set<Timer>();
  private order = 0;

  constructor(protected instant = Date.UTC(2026, 0, 1)) {
    super();
  }

  now(): number {
    return this.instant;
  }

  monotonic(): number {
    return this.instant;
  }

  /** Timers that have not fired: a leak shows here. */
  get pending(): number {
    return this.timers.size;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const ring = (): void => {
        this.timers.delete(timer);
        signal?.removeEventListener('abort', ring);
        resolve();
      };
      const timer = { at: this.instant + Math.max(0, Math.ceil(ms)), order: this.rank(), ring };
      this.timers.add(timer);
      signal?.addEventListener('abort', ring, { once: true });
    });
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < QUIET_TURNS; turn += 1) await nextTurn();
  }

  /** Lets `ms` pass, timer by timer. */
  async advance(ms: number): Promise<void> {
    const target = this.instant + ms;
    await this.settle();
    for (let next = this.nextTimer(); next !== null && next.at <= target; next = this.nextTimer()) {
      this.instant = Math.max(this.instant, next.at);
      next.ring();
      await this.settle();
    }
    this.instant = target;
  }

  /** Waits for the condition: first without time, then timer by timer; fails, saying what it waited for, after `withinMs` of virtual time. */
  async until(condition: () => boolean, what: string, withinMs = 600_000): Promise<void> {
    const deadline = this.instant + withinMs;
    for (;;) {
      for (let turn = 0; turn < QUIET_TURNS; turn += 1) {
        if (condition()) return;
        await nextTurn();
      }
      const next = this.nextTimer();
      if (next === null || next.at > deadline) throw new Error(`did not happen within ${withinMs} virtual ms: ${what}`);
      this.instant = Math.max(this.instant, next.at);
      next.ring();
    }
  }

  /** Timers of one instant fire in this order. */
  protected rank(): number {
    this.order += 1;
    return this.order;
  }

  protected nextTimer(): Timer | null {
    let first: Timer | null = null;
    for (const timer of this.timers) {
      if (first === null || timer.at < first.at || (timer.at === first.at && timer.order < first.order)) first = timer;
    }
    return first;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
