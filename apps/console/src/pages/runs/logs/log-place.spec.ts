import { expect, test } from '@jest/globals';
import { LogPlace } from './log-place.js';

/** A log that two processes write, and the numbers that a follower of it has. */
function follow() {
  const place = new LogPlace();
  const shown = new Set<number>();
  let log: readonly number[] = [];
  return {
    place,
    shown,
    write: (...numbers: number[]) => void (log = [...log, ...numbers].toSorted((a, b) => a - b)),
    look(at: number): readonly number[] {
      const found = log.filter((n) => n > place.after);
      for (const n of found) shown.add(n);
      place.looked({ last: found.at(-1) ?? place.after, beganAt: at, endedAt: at + 100 });
      return found;
    },
  };
}

test('a line that comes after others with higher numbers is found, however long nobody looks', () => {
  for (const nextLook of [1_000, 5_000, 600_000]) {
    const { look, write, shown } = follow();
    write(1, 400, 405);
    look(0);
    write(100, 399);
    look(nextLook);
    expect([...shown]).toEqual([1, 400, 405, 100, 399]);
  }
});

test('what was there for long is not read again', () => {
  const { look, write, place } = follow();
  write(1, 2);
  for (let at = 0; at <= 6_000; at += 1_000) expect(look(at)).toEqual([1, 2]);
  write(3);
  expect(look(7_000)).toEqual([1, 2, 3]);
  expect(place.after).toBe(2);
  expect(look(8_000)).toEqual([3]);
  for (let at = 9_000; at <= 14_000; at += 1_000) look(at);
  expect(look(15_000)).toEqual([]);
  expect(place.after).toBe(3);
});
