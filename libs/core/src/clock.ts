import { setTimeout } from 'node:timers/promises';

/** Wall time for records and a monotonic time for deadlines. Tests and the simulation bring their own. */
export abstract class Clock {
  /** Milliseconds since the epoch. */
  abstract now(): number;
  /** Milliseconds that never jump, from an arbitrary origin. */
  abstract monotonic(): number;
  /** Resolves after `ms`, or at once when `signal` aborts. */
  abstract sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The clock of the process. */
export class SystemClock extends Clock {
  now(): number {
    return Date.now();
  }

  monotonic(): number {
    return performance.now();
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await setTimeout(ms, undefined, { signal }).catch(() => undefined);
  }
}
