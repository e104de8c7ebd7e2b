import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { chooseRows, ROWS, type Row } from './rows/index.js';

export interface ChaosOptions {
  rows: readonly Row[];
  seeds: readonly string[];
  runs: number;
  quick: boolean;
  planted: boolean;
  json: boolean;
  ownHosts: boolean;
  /** Workers to kill one after the other, to measure how soon their runs move; null: the table of faults. */
  kills: number | null;
}

export const USAGE = `npm run chaos -- [--rows 1,3,6/7s] [--seeds 5] [--seed S] [--runs 200] [--json]
npm run chaos -- --quick     a slice that takes some minutes
npm run chaos -- --planted   the checks must find three bugs that are planted
npm run chaos -- --kills 20  how soon the runs of a killed worker move
  --own-hosts                each process believes to be on a host of its own; needs root`;

const QUICK_ROWS = ['1', '2', '3', '4/append', '6/1s', '6/7s', '9', '17', '18'];

/** @throws Error that says which argument is wrong. */
export function readOptions(args: readonly string[]): ChaosOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: 'string' },
      seeds: { type: 'string', default: '5' },
      seed: { type: 'string', default: randomBytes(4).toString('hex') },
      runs: { type: 'string' },
      quick: { type: 'boolean', default: false },
      planted: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      'own-hosts': { type: 'boolean', default: false },
      kills: { type: 'string' },
    },
  });
  const { quick, planted, json, seed } = values;
  const ids = values.rows?.split(',') ?? (quick ? QUICK_ROWS : ROWS.map(({ id }) => id));
  const count = quick || planted ? 1 : positive('--seeds', values.seeds);
  return {
    ...{ quick, planted, json, rows: chooseRows(ids), ownHosts: values['own-hosts'] },
    kills: values.kills === undefined ? null : positive('--kills', values.kills),
    // One seed is itself, so that the seed of a failure can be given as it was printed.
    seeds: count === 1 ? [seed] : Array.from({ length: count }, (_, index) => `${seed}.${index + 1}`),
    runs: positive('--runs', values.runs ?? (quick || planted ? '30' : '200')),
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${name} ${text}: a whole number from 1`);
  return value;
}
