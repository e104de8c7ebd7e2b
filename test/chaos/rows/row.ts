import type { Chance } from '../chance.js';
import type { Invariant } from '../invariants.js';
import type { LoadKind } from '../load-kinds.js';
import type { SmallDiskPlan } from '../servers.js';
import type { Stage, StageOptions } from '../stage.js';

/** One time that a fault struck. */
export interface Firing {
  what: string;
  startedAt: number;
  /** From here on the world is whole again. */
  endedAt: number;
  /** From when recovery is counted: where Baton could first do something about it. */
  recoversFrom: number;
  /** How often the fault struck within this firing. */
  times: number;
  /** What this row alone demands, and did not get. */
  findings: readonly string[];
}

/** A row of the table of faults. */
export interface Row {
  /** `6/7s` is one variant of row 6. */
  id: string;
  title: string;
  /** What is checked besides that the fault fired and the callers got on. */
  invariants: readonly Invariant[];
  /** T: within so many milliseconds after the last fault every run has ended. */
  settleMs: number;
  /** Firings over all seeds: 20, or 5 where one lasts 30 s or more. */
  firings: number;
  /** Pause before each firing. */
  gapMs: readonly [min: number, max: number];
  /** Roughly, how long a firing lasts: paces the load. */
  lastsMs: number;
  /** How often the fault strikes in one firing, roughly; 1 unless it says otherwise. */
  timesPerFiring?: number;
  stage: Partial<StageOptions>;
  /** How many times the usual number of runs it wants. */
  runsFactor?: number;
  /** Work that is begun each second at most, where the workers' places would not suffice. */
  maxPerSecond?: number;
  /** What it runs instead of the usual mix. */
  kinds?: readonly LoadKind[];
  /** It has servers of its own, and one of them, or the blobs, on a small disk; needs root. */
  smallDisk?: SmallDiskPlan;
  fire(stage: Stage, chance: Chance): Promise<Firing>;
}

/** Runs the fault and notes when; `recoversFrom` is its end unless `work` says otherwise. */
export async function firing(
  what: string,
  work: () => Promise<{ recoversFrom?: number; times?: number; findings?: readonly string[] } | void>,
): Promise<Firing> {
  const startedAt = Date.now();
  const result = (await work()) ?? {};
  const endedAt = Date.now();
  return { what, startedAt, endedAt, recoversFrom: endedAt, times: 1, findings: [], ...result };
}
