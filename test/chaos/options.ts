import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { Campaign, type CampaignPlan } from './campaign.js';
import { chooseRows, ROWS, type Row } from './rows/index.js';

export interface ChaosOptions {
  rows: readonly Row[];
  plan: CampaignPlan;
  /** Where results are kept as they come; what it holds already is not played again. */
  out: string | null;
  /** A file of results to print. */
  report: string | null;
  /** Only say how long it takes. */
  estimate: boolean;
  quick: boolean;
  planted: boolean;
  json: boolean;
  ownHosts: boolean;
  /** Workers to kill one after the other, to measure how soon their runs move; null: the table of faults. */
  kills: number | null;
}

export const USAGE = `npm run chaos -- [--rows 1,3,6/7s] [--seeds 5] [--seed S] [--runs 200] [--json]
npm run chaos -- --all --out chaos.jsonl   the whole table, some hours; the same again goes on where it was cut off
npm run chaos -- --report chaos.jsonl      what the file holds, as a table
npm run chaos -- --all --estimate          how long it takes
npm run chaos -- --quick     a slice that takes some minutes
npm run chaos -- --planted   the checks must find the bugs that are planted
npm run chaos -- --kills 20  how soon the runs of a killed worker move
  --own-hosts                each process believes to be on a host of its own; needs root`;

const SWITCH = { type: 'boolean' } as const;
const TEXT = { type: 'string' } as const;
const QUICK_ROWS = ['1', '2', '3', '4/append', '6/1s', '6/7s', '9', '17', '18'];

/** @throws Error that says which argument is wrong. */
export function readOptions(args: readonly string[]): ChaosOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ all: SWITCH, quick: SWITCH, planted: SWITCH, json: SWITCH, estimate: SWITCH, 'own-hosts': SWITCH },
      ...{ rows: TEXT, seeds: TEXT, seed: TEXT, runs: TEXT, kills: TEXT, out: TEXT, report: TEXT },
    },
  });
  const {
    quick = false,
    planted = false,
    json = false,
    estimate = false,
    all = false,
    kills,
    out = null,
    report = null,
  } = values;
  if (all && (quick || values.rows !== undefined)) throw new Error('--all: the whole table, so neither --rows nor --quick');
  if (out !== null && (quick || planted || kills !== undefined)) throw new Error('--out keeps drills of the table only');
  const ids = values.rows?.split(',') ?? (quick ? QUICK_ROWS : ROWS.map(({ id }) => id));
  return {
    ...{ quick, planted, json, estimate, out, report, rows: chooseRows(ids), ownHosts: values['own-hosts'] ?? false },
    kills: kills === undefined ? null : positive('--kills', kills),
    plan: readPlan(values, quick || planted, out),
  };
}

/** A campaign that goes on keeps to its plan, or its results would be of different things. */
function readPlan(values: { seed?: string; seeds?: string; runs?: string }, isSmall: boolean, out: string | null): CampaignPlan {
  const found = out === null ? undefined : Campaign.read(out)?.plan;
  const plan = {
    seed: values.seed ?? found?.seed ?? randomBytes(4).toString('hex'),
    seeds: isSmall ? 1 : positive('--seeds', values.seeds ?? String(found?.seeds ?? 5)),
    runs: positive('--runs', values.runs ?? String(found?.runs ?? (isSmall ? 30 : 200))),
  };
  if (found !== undefined && !isDeepStrictEqual(found, plan))
    throw new Error(`${out} is of seed ${found.seed}, ${found.seeds} seeds and ${found.runs} runs: choose another file`);
  return plan;
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${name} ${text}: a whole number from 1`);
  return value;
}
