import { setTimeout as pause } from 'node:timers/promises';
import { BatonError } from '@baton/core';

const LONGEST_PAUSE_MS = 50;

/**
 * Runs one synchronous piece of SQLite work, and again while another process holds the file's write lock. SQLite's own busy timeout
 * would stop the whole event loop for as long.
 * @throws BatonError `storage_unavailable` after `timeoutMs`.
 */
export async function retryWhileBusy<T>(work: () => T, timeoutMs: number): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (performance.now() >= deadline) {
        throw new BatonError(
          'storage_unavailable',
          `The vector file was locked by others for ${timeoutMs} ms`,
          {},
          { cause: error, retryAfterSeconds: 1 },
        );
      }
    }
    await pause(pauseMs * (0.5 + Math.random() / 2));
  }
}

/** `SQLITE_BUSY`, its extended codes, and a table lock held by another connection. */
function isBusy(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  return code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED');
}
