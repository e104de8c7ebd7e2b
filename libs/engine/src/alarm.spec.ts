import { expect, it } from '@jest/globals';
import { VirtualClock } from '../../../test/support/in-memory/index.js';
import { Alarm } from './alarm.js';

const DAY = 86_400_000;

function alarm(): { clock: VirtualClock; alarm: Alarm; rings: () => number } {
  const clock = new VirtualClock(0);
  let rung = 0;
  return { clock, alarm: new Alarm(clock, () => void (rung += 1)), rings: () => rung };
}

it('rings once at its instant, however far that is', async () => {
  const { clock, alarm: far, rings } = alarm();
  far.set(40 * DAY);
  await clock.advance(40 * DAY - 1);
  expect(rings()).toBe(0);
  await clock.advance(1);
  far.set(40 * DAY);
  await clock.advance(DAY);
  expect([rings(), clock.pending]).toEqual([1, 0]);
});

it('forgets an instant that is set anew, or taken back', async () => {
  const { clock, alarm: moved, rings } = alarm();
  moved.set(1_000);
  moved.set(2_000);
  await clock.advance(1_500);
  expect(rings()).toBe(0);
  moved.set(null);
  await clock.advance(1_000);
  moved.set(Infinity);
  expect([rings(), clock.pending]).toEqual([0, 0]);
  moved.set(100);
  await clock.settle();
  expect(rings()).toBe(0);
  await clock.advance(0);
  expect(rings()).toBe(1);
});
