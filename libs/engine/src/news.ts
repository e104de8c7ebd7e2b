import type { Clock } from '@baton/core';

/** What a run with nothing to do waits for. News that come while nobody waits are kept for who rests next. */
export class News {
  private isTold = false;
  private wake: (() => void) | null = null;

  constructor(private readonly clock: Clock) {}

  tell(): void {
    this.isTold = true;
    this.wake?.();
  }

  /** Whoever is about to look at all that there may be news of has heard what was told until now. */
  hear(): void {
    this.isTold = false;
  }

  /** Waits for news that were not heard, or until the instant. Null: what they are is to be looked at. */
  rest(until: number | null): Promise<null> | null {
    if (this.isTold) return null;
    return new Promise((resolve) => {
      const end = (): void => resolve(null);
      this.wake = until === null ? end : this.setTimer(until, end);
    });
  }

  /** Returns what lets it ring now. */
  private setTimer(until: number, ring: () => void): () => void {
    const { clock } = this;
    const timer = new AbortController();
    void clock.sleep(Math.max(0, until - clock.now()), timer.signal).then(ring);
    return () => timer.abort('there is news');
  }
}
