import { setTimeout as pause } from 'node:timers/promises';
import { dropValues, failureKind, storageUnavailable } from './database-failure.js';

/** Milliseconds before the `failures`-th further try: doubling from `firstMs` to `maxMs`, half of it drawn by chance, so that a crowd spreads. */
export function backoffMs(failures: number, firstMs: number, maxMs: number): number {
  const full = Math.min(maxMs, firstMs * 2 ** Math.min(failures - 1, 20));
  return full / 2 + (Math.random() * full) / 2;
}

/**
 * Does something that may be done twice until the database lets it: waits out busy files, deadlocks and lost connections.
 *
 * @throws BatonError `storage_unavailable` after `boundMs`; at once what is the statement's own fault.
 */
export async function untilAvailable<T>(boundMs: number, work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + boundMs;
  for (let failures = 1; ; failures += 1) {
    try {
      return await work();
    } catch (error) {
      dropValues(error);
      const kind = failureKind(error);
      if (kind !== 'contention' && kind !== 'unavailable') throw error;
      const delay = kind === 'contention' ? backoffMs(failures, 2, 50) : backoffMs(failures, 20, 500);
      if (performance.now() + delay > deadline) throw storageUnavailable('The database did not answer within its bound.', error);
      await pause(delay);
    }
  }
}

/**
 * Settles as `work` does, or fails after `boundMs`; what `work` does later is of no interest.
 *
 * @throws BatonError `storage_unavailable`.
 */
export async function answeredWithin<T>(boundMs: number, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(storageUnavailable('The database did not answer within its bound.')), boundMs);
  return await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
