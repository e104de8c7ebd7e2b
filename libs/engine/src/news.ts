import type { Clock } from '@baton/core';

/** What a run with nothing to do waits for. News that come while nobody waits are kept for who rests next. */
export class News {
  private next = Promise.withResolvers<void>();

  constructor(private readonly clock: Clock) {}

  tell(): void {
    this.next.resolve();
  }

  /** Waits for news, or until the instant. */
  async rest(until: number | null): Promise<void> {
    const { clock } = this;
    if (until === null) await this.next.promise;
    else {
      const timer = new AbortController();
      await Promise.race([this.next.promise, clock.sleep(Math.max(0, until - clock.now()), timer.signal)]);
      timer.abort('there is news');
    }
    this.next = Promise.withResolvers<void>();
  }
}
