import type { Clock } from '@baton/core';
import { PassingMap } from './passing-map.js';

/** Timers cannot be set further ahead. */
const FARTHEST_MS = 86_400_000;

interface Alarm {
  readonly at: number;
  readonly ring: () => void;
}

/** Alarms of many, each of whom has one at most: it rings once, at its instant. One timer, however many are set. */
export class AlarmClock {
  private readonly alarms = new PassingMap<string, Alarm>();
  private timer: AbortController | null = null;
  private looksAt = Infinity;

  constructor(private readonly clock: Clock) {}

  /** Instead of the one that `id` has. */
  set(id: string, at: number, ring: () => void): void {
    this.alarms.set(id, { at, ring });
    this.lookBy(at);
  }

  stop(id: string): void {
    this.alarms.delete(id);
    if (this.alarms.size === 0) this.stopTimer();
  }

  private lookBy(at: number): void {
    if (at >= this.looksAt) return;
    this.stopTimer();
    this.looksAt = at;
    const timer = (this.timer = new AbortController());
    const inMs = Math.min(Math.max(0, at - this.clock.now()), FARTHEST_MS);
    void this.clock.sleep(inMs, timer.signal).then(() => {
      if (!timer.signal.aborted) this.look();
    });
  }

  private look(): void {
    this.looksAt = Infinity;
    const now = this.clock.now();
    let next = Infinity;
    for (const [id, { at, ring }] of this.alarms.entries()) {
      if (at > now) next = Math.min(next, at);
      else {
        this.alarms.delete(id);
        ring();
      }
    }
    if (next < Infinity) this.lookBy(next);
  }

  private stopTimer(): void {
    this.looksAt = Infinity;
    // With a reason: without one, an error with its stack is made for each.
    this.timer?.abort('no alarm is set');
    this.timer = null;
  }
}
