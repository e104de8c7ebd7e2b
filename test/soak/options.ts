import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';

export interface SoakOptions {
  minutes: number;
  perSecond: number;
  seed: string;
  /** MB that a process may grow by in an hour. */
  maxSlope: number;
  json: boolean;
}

export const USAGE = `npm run soak -- [--minutes 60] [--rate 3] [--seed S] [--max-slope 20] [--json]
  --rate       pieces of work that are begun each second
  --max-slope  MB of resident memory by which a process may grow in an hour`;

/** @throws Error that says which argument is wrong. */
export function readOptions(args: readonly string[]): SoakOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '60' },
      rate: { type: 'string', default: '3' },
      'max-slope': { type: 'string', default: '20' },
      seed: { type: 'string', default: randomBytes(4).toString('hex') },
      json: { type: 'boolean', default: false },
    },
  });
  return {
    minutes: positive('--minutes', values.minutes),
    perSecond: positive('--rate', values.rate),
    maxSlope: positive('--max-slope', values['max-slope']),
    ...{ seed: values.seed, json: values.json },
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 100_000)) throw new Error(`${name} ${text}: a number above 0`);
  return value;
}
