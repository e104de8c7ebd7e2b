// A process that plays seeds: it is told a range, and tells what came of it.
import { simulate } from './simulation.js';
import { Counters } from './trace.js';

export interface SeedRange {
  from: number;
  /** Not included. */
  to: number;
}

export interface RangeResult {
  seeds: number;
  runs: number;
  counts: Record<string, number>;
  /** What each seed that failed has to say. */
  failures: string[];
}

const unhandled: string[] = [];
process.on('unhandledRejection', (reason) => unhandled.push(reason instanceof Error ? String(reason.stack) : String(reason)));

process.on('message', ({ from, to }: SeedRange) => void play(from, to));

async function play(from: number, to: number): Promise<void> {
  const counters = new Counters();
  const result: RangeResult = { seeds: to - from, runs: 0, counts: counters.counts, failures: [] };
  for (let seed = from; seed < to; seed += 1) {
    const { runs, counts, violations, describe } = await simulate(seed);
    counters.add(counts);
    result.runs += runs;
    if (violations.length > 0) result.failures.push(describe());
    for (const reason of unhandled.splice(0)) result.failures.push(`seed ${seed}: nobody heard of ${reason}`);
  }
  process.send!(result);
}
