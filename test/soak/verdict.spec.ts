import { describe, expect, test } from '@jest/globals';
import { slopeOf } from './slope.js';
import { judge, type Sample } from './verdict.js';

const MINUTES = 40;

/** A process that leaks so many MB an hour, under a heap that goes up and down; another that is killed half-way. */
function samplesOf(leak: number, { minutes = MINUTES, fds = 30 }: { minutes?: number; fds?: number } = {}): Sample[] {
  return Array.from({ length: minutes * 6 }, (_, index) => {
    const at = index * 10;
    const rssMb = 200 + (leak * at) / 3_600 + (index % 7) * 5;
    const process = { rssMb, heapMb: rssMb / 2, handles: 10, fds: index === minutes * 6 - 1 ? fds : 30 };
    return {
      ...{ at, runs: index, redisKeys: 9, redisMb: 2, redisClients: 20, sqlConnections: 12, rows: {} },
      processes: [
        { process: 'lasting', ...process },
        { ...process, process: at < minutes * 30 ? 'killed' : 'new', rssMb: at },
      ],
    };
  });
}

const failuresOf = (samples: Sample[], leftOvers: string[] = []): readonly string[] =>
  judge(samples, { warmUntil: 60, maxSlope: 20, leftOvers, violations: [] }).failures;

describe('a slope', () => {
  test('is that of the line, and its bound is 0 where all points lie on it', () => {
    const slope = slopeOf([0, 10, 20, 30].map((at) => ({ at, value: 5 + at / 360 })))!;
    expect(slope.perHour).toBeCloseTo(10, 6);
    expect(slope.bound).toBeCloseTo(0, 6);
  });

  test('has a bound as wide as what is left beside the line', () => {
    const values = [1, -1, 1, -1, 1, -1];
    const { perHour, bound } = slopeOf(values.map((value, at) => ({ at, value })))!;
    expect(Math.abs(perHour)).toBeLessThan(bound);
  });

  test('is unknown where there is nothing to tell it by', () => {
    expect(
      slopeOf([
        { at: 0, value: 1 },
        { at: 1, value: 2 },
      ]),
    ).toBeNull();
    expect(slopeOf([1, 2, 3].map((value) => ({ at: 5, value })))).toBeNull();
  });
});

describe('a soak', () => {
  test('passes where the memory of what lasts goes up and down, and never mind what was killed', () => {
    expect(failuresOf(samplesOf(0))).toEqual([]);
    expect(failuresOf(samplesOf(5))).toEqual([]);
  });

  test('fails where a process grows by more than it may', () => {
    expect(failuresOf(samplesOf(60))).toEqual([expect.stringMatching(/^lasting grows by (59|60|61)\.\d ± /)]);
  });

  test('does not judge memory by a few minutes, and says so', () => {
    const verdict = judge(samplesOf(500, { minutes: 10 }), { warmUntil: 60, maxSlope: 20, leftOvers: [], violations: [] });
    expect([verdict.isMemoryJudged, verdict.failures]).toEqual([false, []]);
  });

  test('fails where files stay open, something is left behind, or no process lasted', () => {
    expect(failuresOf(samplesOf(0, { fds: 41 }))).toEqual(['lasting had 30 open files after the warm-up, and 41 at the end']);
    expect(failuresOf(samplesOf(0), ['Redis key task:1:lock'])).toEqual(['left behind: Redis key task:1:lock']);
    expect(failuresOf([])).toEqual(['no process has been seen from the warm-up to the end']);
  });
});
