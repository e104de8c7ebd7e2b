import type { RunCount } from './statistics-store.js';

/** Bands of durations grow by e^(1/20), about 5 %: a run that took `ms` is in band floor(ln(1 + ms) * 20). */
export const BANDS_PER_E = 20;

/** Of runs that completed: from the first claim to the end, parked time with it. */
export interface DurationFigures {
  readonly mean: number;
  /** The mean of the band in which the percentile lies: off by less than 5 %. */
  readonly p50: number;
  readonly p95: number;
}

/** How runs ended. */
export interface RunFigures {
  readonly ended: number;
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
  /** The part of those that completed or failed which completed: 0 to 1; null where there is none. */
  readonly successRate: number | null;
  readonly durationMs: DurationFigures | null;
}

/** The figures of counts that tell bands apart. */
export function figuresOf(counts: readonly RunCount[]): RunFigures {
  const { completed = [], failed = [], cancelled = [] } = Object.groupBy(counts, ({ status }) => status);
  const [done, broken, dropped] = [runsIn(completed), runsIn(failed), runsIn(cancelled)];
  return {
    ...{ ended: done + broken + dropped, completed: done, failed: broken, cancelled: dropped },
    successRate: done + broken === 0 ? null : done / (done + broken),
    durationMs: done === 0 ? null : durationsOf(completed, done),
  };
}

function durationsOf(completed: readonly RunCount[], runs: number): DurationFigures {
  const bands = completed.toSorted((left, right) => left.band! - right.band!);
  const totalMs = bands.reduce((sum, band) => sum + band.totalMs, 0);
  return { mean: totalMs / runs, p50: percentile(bands, runs * 0.5), p95: percentile(bands, runs * 0.95) };
}

/** Bands of one number follow each other where counts of several slots or workflows are taken together: they are one. */
function percentile(bands: readonly RunCount[], rank: number): number {
  let below = 0;
  for (const { band, runs } of bands) {
    below += runs;
    if (below < rank) continue;
    const same = bands.filter((other) => other.band === band);
    return same.reduce((sum, one) => sum + one.totalMs, 0) / runsIn(same);
  }
  return 0;
}

function runsIn(counts: readonly RunCount[]): number {
  return counts.reduce((sum, { runs }) => sum + runs, 0);
}
