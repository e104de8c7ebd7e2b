import { describe, expect, it } from '@jest/globals';
import { SystemClock } from './clock.js';

const clock = new SystemClock();

describe('SystemClock', () => {
  it('tells the wall time in milliseconds', () => {
    const before = Date.now();
    expect(clock.now()).toBeGreaterThanOrEqual(before);
    expect(clock.now()).toBeLessThanOrEqual(Date.now());
  });

  it('sleeps for as long as it was told', async () => {
    const before = clock.monotonic();
    await clock.sleep(20);
    expect(clock.monotonic() - before).toBeGreaterThanOrEqual(19);
  });

  it('wakes at once, without an error, when the signal aborts, and does not sleep when it has', async () => {
    const before = clock.monotonic();
    const stop = new AbortController();
    const asleep = clock.sleep(60_000, stop.signal);
    stop.abort();
    await asleep;
    await clock.sleep(60_000, stop.signal);
    expect(clock.monotonic() - before).toBeLessThan(5_000);
  });
});
