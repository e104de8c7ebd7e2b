import type { Violation } from '../chaos/invariants.js';
import type { ProcessSample } from './process-sample.js';
import type { ServerSample } from './server-sample.js';
import { slopeOf, type Slope } from './slope.js';

/** One look at everything. */
export interface Sample extends ServerSample {
  /** Seconds since the load began. */
  at: number;
  runs: number;
  processes: readonly ProcessSample[];
}

/** How a process that lived to the end has changed since the warm-up. */
interface ProcessTrend {
  process: string;
  rssMb: { first: number; last: number; slope: Slope | null };
  /** Of the lowest in each of twenty parts of the time: what is left when the garbage is gone. */
  heapMb: { slope: Slope | null };
  fds: { first: number; last: number };
  handles: { first: number | null; last: number | null };
}

export interface Verdict {
  trends: readonly ProcessTrend[];
  /** False: too short to tell growth from the warming up of a process, so memory is told and not judged. */
  isMemoryJudged: boolean;
  leftOvers: readonly string[];
  violations: readonly Violation[];
  /** Why it has failed; empty: it has passed. */
  failures: readonly string[];
}

/** A process fills its caches and its heap first; a line through less says nothing of hours. */
export const JUDGED_FROM_SECONDS = 1_200;
/** Idle sockets and timers come and go. */
const SPARE_FDS = 10;
const HEAP_PARTS = 20;

export function judge(
  samples: readonly Sample[],
  {
    warmUntil,
    maxSlope,
    leftOvers,
    violations,
  }: { warmUntil: number; maxSlope: number; leftOvers: string[]; violations: Violation[] },
): Verdict {
  const warm = samples.filter(({ at }) => at >= warmUntil);
  const isMemoryJudged = warm.length > 0 && warm.at(-1)!.at - warm[0]!.at >= JUDGED_FROM_SECONDS;
  const lasting = (warm[0]?.processes ?? []).filter(({ process }) => warm.every((sample) => find(sample, process) !== undefined));
  const trends = lasting.map(({ process }) => trendOf(process, warm));
  return {
    ...{ trends, isMemoryJudged, leftOvers, violations },
    failures: [
      ...(trends.length === 0 ? ['no process has been seen from the warm-up to the end'] : []),
      ...trends.flatMap((trend) => growths(trend, isMemoryJudged ? maxSlope : Number.POSITIVE_INFINITY)),
      ...leftOvers.map((what) => `left behind: ${what}`),
      ...violations.map(({ invariant, runId, what }) => `${invariant} ${runId ?? ''} ${what}`),
    ],
  };
}

function find({ processes }: Sample, name: string): ProcessSample | undefined {
  return processes.find(({ process }) => process === name);
}

function trendOf(process: string, samples: readonly Sample[]): ProcessTrend {
  const seen = samples.map((sample) => ({ at: sample.at, ...find(sample, process)! }));
  const [first, last] = [seen[0]!, seen.at(-1)!];
  const heaps = seen.flatMap(({ at, heapMb }) => (heapMb === null ? [] : [{ at, value: heapMb }]));
  const part = Math.max(1, Math.ceil(heaps.length / HEAP_PARTS));
  const floor = heaps.flatMap((_, index) =>
    index % part === 0 ? [heaps.slice(index, index + part).reduce((low, heap) => (heap.value < low.value ? heap : low))] : [],
  );
  return {
    process,
    rssMb: { first: first.rssMb, last: last.rssMb, slope: slopeOf(seen.map(({ at, rssMb }) => ({ at, value: rssMb }))) },
    heapMb: { slope: slopeOf(floor) },
    fds: { first: first.fds, last: last.fds },
    handles: { first: first.handles, last: last.handles },
  };
}

/** Memory grows where even the lower end of the bound is above what is allowed. */
function growths({ process, rssMb: { slope }, fds }: ProcessTrend, maxSlope: number): string[] {
  const found: string[] = [];
  if (slope !== null && slope.perHour - slope.bound > maxSlope)
    found.push(`${process} grows by ${slope.perHour.toFixed(1)} ± ${slope.bound.toFixed(1)} MB an hour`);
  if (fds.last > fds.first + SPARE_FDS)
    found.push(`${process} had ${fds.first} open files after the warm-up, and ${fds.last} at the end`);
  return found;
}
