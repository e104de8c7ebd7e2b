import type { DrillResult } from './drill.js';
import type { Violation } from './invariants.js';

/** A bug that the checks must find, or what they find not to be there means nothing. */
export interface PlantedBug {
  name: string;
  /** The row that shows it. */
  row: string;
  firings: number;
  isSeenIn(result: DrillResult): boolean;
}

export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    name: 'no-epoch-check',
    row: '4/append',
    firings: 2,
    isSeenIn: violating(({ invariant, what }) => invariant === 'B' && what.includes('epoch falls')),
  },
  {
    name: 'no-relay',
    row: '2',
    firings: 2,
    isSeenIn: violating(({ invariant, what }) => invariant === 'D' && what.includes('has not ended')),
  },
  { name: 'keys-not-stable', row: '3', firings: 2, isSeenIn: violating(({ invariant }) => invariant === 'C') },
  // Violates nothing, but must be counted: a count that is always 0 tells nothing.
  { name: 'living-taken-for-dead', row: '2', firings: 2, isSeenIn: ({ falseTakeovers }) => falseTakeovers > 0 },
];

/** What makes the processes of a stage have the bug. */
export function environmentOf(bug: PlantedBug): Record<string, string> {
  return { NODE_OPTIONS: `--import ${new URL('plant.ts', import.meta.url).href}`, PLANTED_BUG: bug.name };
}

function violating(isSeenAs: (violation: Violation) => boolean): PlantedBug['isSeenIn'] {
  return ({ violations }) => violations.some(isSeenAs);
}
