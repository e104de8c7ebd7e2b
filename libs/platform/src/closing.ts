import type { OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from '@baton/core';

/** Milliseconds that one part may take to close before the next one's turn comes. */
const CLOSE_WITHIN_MS = 5_000;

/**
 * Closes what the process opened, in the reverse order of its opening, once the last request and the last run are out of the way. A part that
 * fails or hangs is named in the log and left behind.
 */
export class Closing implements OnApplicationShutdown {
  private readonly parts: { name: string; close: () => unknown }[] = [];

  constructor(private readonly log: Logger) {}

  /** Called by whoever opens a part, right after it is open. */
  add(name: string, close: () => unknown): void {
    this.parts.push({ name, close });
  }

  async onApplicationShutdown(): Promise<void> {
    for (const { name, close } of this.parts.splice(0).toReversed()) {
      try {
        await within(CLOSE_WITHIN_MS, Promise.resolve(close()));
      } catch (err) {
        this.log.warn({ part: name, err }, 'A part did not close cleanly');
      }
    }
  }
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`not closed within ${ms} ms`)), ms);
  await Promise.race([work, promise]).finally(() => clearTimeout(timer));
}
