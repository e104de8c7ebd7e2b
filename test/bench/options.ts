import { parseArgs } from 'node:util';
import { STORES, SYSTEMS, type BenchSystem, type StoreKind } from './systems/index.js';
import { WORKLOADS } from './workloads/index.js';
import type { Workload } from './workloads/workload.js';

export interface BenchOptions {
  workloads: readonly Workload[];
  store: StoreKind;
  systems: readonly BenchSystem[];
  rounds: number;
  format: 'text' | 'json' | 'markdown';
}

export const USAGE = `npm run bench -- [--workload w1,w1lat,w1http,w2,w2lat,w3,w4] [--store mariadb|sqlite] [--system baton,bullmq,floor]
                 [--rounds 5] [--json | --markdown]`;

/** @throws Error that says which argument is wrong. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      workload: { type: 'string' },
      store: { type: 'string', default: 'mariadb' },
      system: { type: 'string' },
      rounds: { type: 'string', default: '5' },
      json: { type: 'boolean', default: false },
      markdown: { type: 'boolean', default: false },
    },
  });
  const store = STORES.find((name) => name === values.store);
  if (store === undefined) throw new Error(`--store ${values.store}: one of ${STORES.join(', ')}`);
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds ${values.rounds}: a whole number from 1`);
  return {
    workloads: choose('--workload', WORKLOADS, values.workload),
    store,
    systems: choose('--system', SYSTEMS[store], values.system),
    rounds,
    format: values.json ? 'json' : values.markdown ? 'markdown' : 'text',
  };
}

function choose<T extends { name: string }>(option: string, all: readonly T[], names: string | undefined): readonly T[] {
  if (names === undefined) return all;
  return names.split(',').map((name) => {
    const found = all.find((one) => one.name === name);
    if (found === undefined) throw new Error(`${option} ${name}: one of ${all.map((one) => one.name).join(', ')}`);
    return found;
  });
}
