import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { DrillResult } from './drill.js';

/** What a file of results is about: it names every schedule. */
export interface CampaignPlan {
  /** As it was given or drawn; the seeds of the drills follow from it. */
  seed: string;
  seeds: number;
  runs: number;
}

/** One drill that was carried to its end, passed or not. */
export interface CampaignEntry {
  at: string;
  seconds: number;
  commit: string | null;
  /** Load average of the machine over the last minute. */
  load: number;
  result: DrillResult;
}

/**
 * Results as JSON lines, the plan first. A line is written when its drill has ended, so that a campaign that is cut off goes on after it; a line
 * that was cut off itself is dropped.
 */
export class Campaign {
  private constructor(
    private readonly file: string,
    readonly plan: CampaignPlan,
    readonly entries: CampaignEntry[],
  ) {}

  /** What the file holds; null where there is no such file. @throws Error where it is no file of results. */
  static read(file: string): Campaign | null {
    if (!existsSync(file)) return null;
    const text = readFileSync(file, 'utf8');
    const [plan, ...entries] = text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line, (_, value: unknown) => (value === NEVER ? Infinity : value)) as unknown);
    if (!isPlan(plan)) throw new Error(`${file} does not begin with the plan of a campaign`);
    return new Campaign(file, plan, entries as CampaignEntry[]);
  }

  /** Goes on with the file, or begins it. */
  static open(file: string, plan: CampaignPlan): Campaign {
    const found = Campaign.read(file);
    const campaign = found ?? new Campaign(file, plan, []);
    writeFileSync(file, [campaign.plan, ...campaign.entries].map(toLine).join(''));
    return campaign;
  }

  /** How the row went under the seed; the last time, should it be there twice. */
  find(row: string, seed: string): CampaignEntry | undefined {
    return this.entries.findLast(({ result }) => result.row === row && result.seed === seed);
  }

  add(entry: CampaignEntry): void {
    this.entries.push(entry);
    appendFileSync(this.file, toLine(entry));
  }
}

/** JSON knows no infinity. */
const NEVER = 'never';

function toLine(value: unknown): string {
  return `${JSON.stringify(value, (_, part: unknown) => (part === Infinity ? NEVER : part))}\n`;
}

function isPlan(value: unknown): value is CampaignPlan {
  const { seed, seeds, runs } = (value ?? {}) as Partial<CampaignPlan>;
  return typeof seed === 'string' && typeof seeds === 'number' && typeof runs === 'number';
}

/** One seed is itself, so that the seed of a failure can be given as it was printed. */
export function seedsOf({ seed, seeds }: Pick<CampaignPlan, 'seed' | 'seeds'>): string[] {
  return seeds === 1 ? [seed] : Array.from({ length: seeds }, (_, index) => `${seed}.${index + 1}`);
}
