import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 10;
const SAMPLE_MS = 100;

/**
 * How long what comes to this process waits to be read: a turn of the event loop, which reads all sockets once. The median of the last tenth of a
 * second in which it was asked for. It is measured outside of JavaScript and costs nothing to speak of.
 */
export class UnreadTime {
  private readonly delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  private sampledAt = -Infinity;
  private waitMs = 0;

  constructor() {
    this.delay.enable();
  }

  get ms(): number {
    const now = performance.now();
    if (now - this.sampledAt < SAMPLE_MS) return this.waitMs;
    // No sample: a turn has begun and not ended since. To reset now would forget when it began, and turns longer than this would never be seen.
    if (this.delay.count === 0) return this.waitMs;
    this.sampledAt = now;
    this.waitMs = Math.max(0, this.delay.percentile(50) / 1e6 - RESOLUTION_MS);
    this.delay.reset();
    return this.waitMs;
  }

  close(): void {
    this.delay.disable();
  }
}
