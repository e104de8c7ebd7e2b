import { setTimeout as pause } from 'node:timers/promises';

/** Waits until the condition holds, asking again and again; fails, saying what it waited for, when the bound passes. */
export async function eventually<T>(condition: () => T | Promise<T>, what: string, boundMs = 10_000): Promise<NonNullable<T>> {
  const deadline = performance.now() + boundMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`after ${boundMs} ms still not: ${what}`);
    await pause(10);
  }
}
