import type { DrillResult } from './drill.js';
import type { Violation } from './invariants.js';

/** A bug that the checks must find, or what they find not to be there means nothing. */
export interface PlantedBug {
  name: string;
  /** The row that shows it. */
  row: string;
  firings: number;
  isSeenAs(violation: Violation): boolean;
}

export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    name: 'no-epoch-check',
    row: '4/append',
    firings: 2,
    isSeenAs: ({ invariant, what }) => invariant === 'B' && what.includes('epoch falls'),
  },
  {
    name: 'no-relay',
    row: '2',
    firings: 2,
    isSeenAs: ({ invariant, what }) => invariant === 'D' && what.includes('has not ended'),
  },
  { name: 'keys-not-stable', row: '3', firings: 2, isSeenAs: ({ invariant }) => invariant === 'C' },
];

/** What makes the processes of a stage have the bug. */
export function environmentOf(bug: PlantedBug): Record<string, string> {
  return { NODE_OPTIONS: `--import ${new URL('plant.ts', import.meta.url).href}`, PLANTED_BUG: bug.name };
}

export function isCaught(bug: PlantedBug, { violations }: DrillResult): boolean {
  return violations.some((violation) => bug.isSeenAs(violation));
}
