import type { Clock } from '@baton/core';

/** Timers cannot be set further ahead. */
const FARTHEST_MS = 86_400_000;

/** One timer that can be set anew. It rings once for each instant that it is set to. */
export class Alarm {
  private at: number | null = null;
  private timer: AbortController | null = null;

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
    void this.wait(at, this.timer.signal);
  }

  stop(): void {
    this.at = null;
    // With a reason: without one, each abort would make an error with its stack, and this is done for every run.
    this.timer?.abort('the alarm is off');
    this.timer = null;
  }

  private async wait(at: number, signal: AbortSignal): Promise<void> {
    do {
      await this.clock.sleep(Math.min(Math.max(0, at - this.clock.now()), FARTHEST_MS), signal);
      if (signal.aborted) return;
    } while (this.clock.now() < at);
    this.ring();
  }
}
