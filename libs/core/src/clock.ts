/** Wall time for records and a monotonic time for deadlines. Tests and the simulation bring their own. */
export abstract class Clock {
  /** Milliseconds since the epoch. */
  abstract now(): number;
  /** Milliseconds that never jump, from an arbitrary origin. */
  abstract monotonic(): number;
  /** Resolves after `ms`, or at once when `signal` aborts. */
  abstract sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** A timer of Node that is set further ahead rings at once. */
const FARTHEST_MS = 2 ** 31 - 1;

/** The clock of the process. */
export class SystemClock extends Clock {
  now(): number {
    return Date.now();
  }

  monotonic(): number {
    return performance.now();
  }

  /** Not the promise of `node:timers/promises`: that makes an error, with its stack, for each sleep that is cut short. */
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const sleepOn = (leftMs: number): NodeJS.Timeout =>
        leftMs <= FARTHEST_MS
          ? setTimeout(wake, leftMs)
          : setTimeout(() => void (timer = sleepOn(leftMs - FARTHEST_MS)), FARTHEST_MS);
      let timer = sleepOn(ms);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }
}
