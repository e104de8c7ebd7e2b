import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

export interface SimRun {
  from: number;
  seeds: number;
  /** Processes that play seeds at the same time. */
  jobs: number;
  /** Plays one seed, and tells every line of what happens. */
  isReplay: boolean;
}

export const USAGE = 'npm run sim -- [--seeds 2000] [--from 1] [--jobs <cores>], or --seed <seed> to see one played';

/** @throws Error that says which argument is wrong. */
export function readOptions(args: readonly string[]): SimRun {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string', default: '2000' },
      from: { type: 'string', default: '1' },
      jobs: { type: 'string', default: String(availableParallelism()) },
      seed: { type: 'string' },
    },
  });
  const number = (name: 'seeds' | 'from' | 'jobs' | 'seed', least: number): number => {
    const value = Number(values[name]);
    if (!Number.isSafeInteger(value) || value < least) throw new Error(`--${name} ${values[name]}: a whole number from ${least}`);
    return value;
  };
  if (values.seed !== undefined) return { from: number('seed', 0), seeds: 1, jobs: 1, isReplay: true };
  return { from: number('from', 0), seeds: number('seeds', 1), jobs: number('jobs', 1), isReplay: false };
}
