import type { CampaignEntry } from './campaign.js';
import type { Row } from './rows/index.js';

/** Seeds over which the firings of a row are spread. */
const SEEDS = 5;
const MIN_PER_SECOND = 6;
/** Schema and processes to start, runs to end, evidence to read, all of it to stop. */
const AROUND_SECONDS = 25;

/** Times that the fault must strike under one seed. */
export function firingsPerSeed(row: Row): number {
  return Math.ceil(row.firings / SEEDS);
}

/** Seconds that the faults take, as the row says. */
function strikingSeconds({ gapMs: [min, max], lastsMs, timesPerFiring = 1 }: Row, firings: number): number {
  return (Math.ceil(firings / timesPerFiring) * ((min + max) / 2 + lastsMs)) / 1_000;
}

/** Somewhat less than what brings the runs in the faults' time, so that the load spans all of them. */
export function ratePerSecond(row: Row, runs: number, firings: number): number {
  const wanted = Math.max(MIN_PER_SECOND, (0.9 * runs) / strikingSeconds(row, firings));
  return Math.min(row.maxPerSecond ?? Number.POSITIVE_INFINITY, wanted);
}

/** How long a drill of the row takes: as its other seeds did, else as the row says. */
export function estimateSeconds(row: Row, runs: number, done: readonly CampaignEntry[]): number {
  const own = done.filter(({ result }) => result.row === row.id).map(({ seconds }) => seconds);
  if (own.length > 0) return own.reduce((sum, seconds) => sum + seconds, 0) / own.length;
  const firings = firingsPerSeed(row);
  const wanted = runs * (row.runsFactor ?? 1);
  return AROUND_SECONDS + Math.max(strikingSeconds(row, firings), wanted / ratePerSecond(row, wanted, firings));
}

export function sayHours(seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
