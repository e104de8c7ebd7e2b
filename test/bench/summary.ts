import { quantile } from './bench-client.js';
import type { Counters } from './counters.js';
import type { Machine } from './machine.js';
import type { BenchSystem, StoreKind } from './systems/index.js';
import type { Figure, Workload } from './workloads/workload.js';

/** Over the rounds. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

export interface SystemSummary {
  name: string;
  title: string;
  figure: Spread;
  /** The figure of each round. */
  rounds: number[];
  /** Baton's figure as a multiple of this system's, taken within each round: above 1 is more, also for latencies. Absent for Baton. */
  ratio?: Spread;
  /** Of a run, from its submission to what it is waited for. */
  p50Ms: Spread;
  p99Ms: Spread;
  /** Medians, in microseconds of CPU per unit of work, by process. */
  cpuUs: Counters;
  /** Medians per unit of work. */
  servers: Counters;
  /** Medians, bytes written towards a disk per unit of work, by process. */
  writtenBytes: Counters;
  /** Medians, by process. */
  loopDelayP99Ms: Counters;
  residentMiB: Counters;
}

export interface WorkloadSummary {
  name: string;
  title: string;
  unit: string;
  of: string;
  better: 'higher' | 'lower';
  systems: SystemSummary[];
}

export interface BenchReport {
  measuredAt: string;
  store: StoreKind;
  rounds: number;
  machine: Machine;
  workloads: WorkloadSummary[];
}

/** The rounds of one workload: for each system its figures in the order of the rounds. */
export type Rounds = ReadonlyMap<BenchSystem, readonly Figure[]>;

export function summarizeWorkload(workload: Workload, rounds: Rounds): WorkloadSummary {
  const { name, title, unit, of, better } = workload;
  const own = [...rounds].find(([system]) => system.name === 'baton')?.[1];
  const systems = [...rounds].map(([system, figures]) => {
    const summary = summarizeSystem(system, figures);
    if (own === undefined || own === figures) return summary;
    return { ...summary, ratio: spread(figures.map((figure, round) => own[round]!.value / figure.value)) };
  });
  return { name, title, unit, of, better, systems };
}

function summarizeSystem(system: BenchSystem, figures: readonly Figure[]): SystemSummary {
  const processes = (pick: (role: string, figure: Figure) => number | undefined): Counters =>
    medians(figures.map((figure) => pickEach(Object.keys(figure.measurement.processes), (role) => pick(role, figure))));
  return {
    name: system.name,
    title: system.title,
    figure: spread(figures.map(({ value }) => value)),
    rounds: figures.map(({ value }) => value),
    p50Ms: spread(figures.map(({ measurement }) => measurement.result.p50Ms)),
    p99Ms: spread(figures.map(({ measurement }) => measurement.result.p99Ms)),
    cpuUs: processes((role, { measurement, units }) => (measurement.processes[role]!.cpuMs * 1_000) / units),
    servers: medians(
      figures.map(({ measurement, units }) =>
        pickEach(Object.keys(measurement.servers), (key) => measurement.servers[key]! / units),
      ),
    ),
    writtenBytes: processes((role, { measurement, units }) => measurement.processes[role]!.writtenBytes / units),
    loopDelayP99Ms: processes((role, { measurement }) => measurement.processes[role]!.loopDelay?.p99Ms),
    residentMiB: processes((role, { measurement }) => measurement.processes[role]!.residentBytes / 2 ** 20),
  };
}

function pickEach(keys: readonly string[], pick: (key: string) => number | undefined): Counters {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const value = pick(key);
      return value === undefined ? [] : [[key, value]];
    }),
  );
}

function medians(readings: readonly Counters[]): Counters {
  return pickEach(Object.keys(readings[0] ?? {}), (key) => spread(readings.map((reading) => reading[key] ?? 0)).median);
}

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = Number.isInteger(middle) ? (sorted[middle - 1]! + sorted[middle]!) / 2 : quantile(sorted, 0.5);
  return { median, min: sorted[0]!, max: sorted.at(-1)! };
}
