import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { SystemClock } from './clock.js';

const clock = new SystemClock();

afterEach(() => {
  jest.useRealTimers();
});

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

  it('sleeps for longer than a timer of Node can, and no longer', async () => {
    jest.useFakeTimers();
    const ms = 3 * 2 ** 31;
    let isAwake = false;
    const asleep = clock.sleep(ms).then(() => (isAwake = true));
    await jest.advanceTimersByTimeAsync(ms - 1);
    expect(isAwake).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect(isAwake).toBe(true);
    await asleep;
  });

  it('can be woken at any time of a long sleep, and leaves no timer', async () => {
    jest.useFakeTimers();
    for (const afterMs of [0, 2 ** 31]) {
      const stop = new AbortController();
      const asleep = clock.sleep(4 * 2 ** 31, stop.signal);
      await jest.advanceTimersByTimeAsync(afterMs);
      stop.abort();
      await asleep;
      expect(jest.getTimerCount()).toBe(0);
    }
  });
});
