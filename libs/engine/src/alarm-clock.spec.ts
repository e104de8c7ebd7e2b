import { expect, it } from '@jest/globals';
import { VirtualClock } from '../../../test/support/in-memory/index.js';
import { AlarmClock } from './alarm-clock.js';

const DAY = 86_400_000;

function alarmClock(): {
  clock: VirtualClock;
  set: (id: string, at: number) => void;
  stop: (id: string) => void;
  rung: string[];
} {
  const clock = new VirtualClock(0);
  const alarms = new AlarmClock(clock);
  const rung: string[] = [];
  const ring = (id: string) => () => void rung.push(`${id} ${clock.now()}`);
  return { clock, set: (id, at) => alarms.set(id, at, ring(id)), stop: (id) => alarms.stop(id), rung };
}

it('rings once at the instant, however far that is', async () => {
  const { clock, set, rung } = alarmClock();
  set('far', 40 * DAY);
  await clock.advance(40 * DAY - 1);
  expect(rung).toEqual([]);
  await clock.advance(1);
  await clock.advance(DAY);
  expect([rung, clock.pending]).toEqual([[`far ${40 * DAY}`], 0]);
});

it('rings for each at its own instant, in whichever order they were set', async () => {
  const { clock, set, rung } = alarmClock();
  set('late', 3_000);
  set('early', 1_000);
  set('middle', 2_000);
  set('past', -1);
  await clock.advance(0);
  await clock.advance(5_000);
  expect([rung, clock.pending]).toEqual([['past 0', 'early 1000', 'middle 2000', 'late 3000'], 0]);
});

it('forgets an instant that is set anew, or taken back', async () => {
  const { clock, set, stop, rung } = alarmClock();
  set('moved', 1_000);
  set('moved', 2_000);
  set('stopped', 1_200);
  stop('stopped');
  stop('unknown');
  await clock.advance(1_500);
  expect(rung).toEqual([]);
  stop('moved');
  expect(clock.pending).toBe(0);
  await clock.advance(1_000);
  set('moved', 100);
  await clock.advance(0);
  expect(rung).toEqual(['moved 2500']);
});
