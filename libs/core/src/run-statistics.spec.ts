import { describe, expect, it } from '@jest/globals';
import { BANDS_PER_E, figuresOf } from './run-statistics.js';
import type { RunCount } from './statistics-store.js';

const bandOf = (ms: number): number => Math.floor(Math.log(1 + ms) * BANDS_PER_E);
const took = (ms: number, runs = 1): RunCount => ({ status: 'completed', band: bandOf(ms), runs, totalMs: ms * runs });

describe('figuresOf', () => {
  it('has no rate and no duration where nothing has ended', () => {
    const nothing = { ended: 0, completed: 0, failed: 0, cancelled: 0, successRate: null, durationMs: null };
    expect(figuresOf([])).toEqual(nothing);
    expect(figuresOf([{ status: 'cancelled', band: -1, runs: 2, totalMs: 0 }])).toEqual({ ...nothing, ended: 2, cancelled: 2 });
  });

  it('rates those that completed against those that failed', () => {
    const failed: RunCount = { status: 'failed', band: -1, runs: 1, totalMs: 0 };
    expect(figuresOf([took(10, 3), failed])).toMatchObject({ ended: 4, successRate: 0.75 });
    expect(figuresOf([failed])).toMatchObject({ successRate: 0, durationMs: null });
  });

  it('takes bands of several spans together, in whatever order they come', () => {
    const counts = [took(1_000), took(10, 9), took(1_001, 85), took(50_000, 5)];
    expect(figuresOf(counts).durationMs).toMatchObject({ p50: 86_085 / 86, p95: 86_085 / 86 });
    expect(figuresOf(counts.toReversed())).toEqual(figuresOf(counts));
    expect(figuresOf([...counts, took(50_000)]).durationMs).toMatchObject({ p95: 50_000 });
  });

  it('is off by less than a band, whatever the durations are', () => {
    const durations = Array.from({ length: 5_000 }, (_, n) => Math.round(Math.exp(((n * 7_919) % 5_000) / 300)));
    const sorted = durations.toSorted((left, right) => left - right);
    const { p50, p95, mean } = figuresOf(durations.map((ms) => took(ms))).durationMs!;
    expect(Math.abs(p50 / sorted[2_499]! - 1)).toBeLessThan(0.05);
    expect(Math.abs(p95 / sorted[4_749]! - 1)).toBeLessThan(0.05);
    expect(mean).toBeCloseTo(sorted.reduce((sum, ms) => sum + ms, 0) / 5_000);
  });
});
