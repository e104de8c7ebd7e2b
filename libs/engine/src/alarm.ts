import type { Clock } from '@baton/core';

/** Timers cannot be set further ahead. */
const FARTHEST_MS = 86_400_000;

/** One timer that can be set anew: it rings at its instant, or a day from now if that comes first. */
export class Alarm {
  private at: number | null = null;
  private timer = new AbortController();

  constructor(
    private readonly clock: Clock,
    private readonly ring: () => void,
  ) {}

  /** Null, and an instant without end, stop it. */
  set(at: number | null): void {
    if (at === this.at) return;
    this.stop();
    if (at === null || at === Infinity) return;
    this.at = at;
    this.timer = new AbortController();
    const { signal } = this.timer;
    void this.clock.sleep(Math.min(Math.max(0, at - this.clock.now()), FARTHEST_MS), signal).then(() => {
      if (signal.aborted) return;
      this.at = null;
      this.ring();
    });
  }

  stop(): void {
    this.at = null;
    this.timer.abort();
  }
}
