import { setTimeout as pause } from 'node:timers/promises';

/** What it asks is often asked of a server whose work it waits for. */
const LONGEST_PAUSE_MS = 30;

/** Waits until the condition holds, asking again and again, less often after a while; fails, saying what it waited for, when the bound passes. */
export async function eventually<T>(condition: () => T | Promise<T>, what: string, boundMs = 10_000): Promise<NonNullable<T>> {
  const startedAt = performance.now();
  for (;;) {
    const value = await condition();
    if (value) return value;
    const elapsedMs = performance.now() - startedAt;
    if (elapsedMs > boundMs) throw new Error(`after ${boundMs} ms still not: ${what}`);
    await pause(Math.min(LONGEST_PAUSE_MS, 10 + elapsedMs / 20));
  }
}
