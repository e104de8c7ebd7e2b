// `npm run bench -- --workload growth [--runs 1000,100000,1000000] [--buffer-pool 4G]`: what a run costs while tables and journals grow.
import { parseArgs } from 'node:util';
import { describeMachine, machineLine } from '../machine.js';
import { Stage, type Measurement } from '../stage.js';
import { STORES, SYSTEMS, type StoreKind } from '../systems/index.js';
import { measureAppends } from './long-journal.js';
import { multiplyRuns } from './multiply-runs.js';

const DRIVE = { runs: 5_000, steps: 1, inFlight: 200 };
const LATENCY = { runs: 300, steps: 1, inFlight: 1 };

const { values } = parseArgs({
  options: {
    workload: { type: 'string' },
    runs: { type: 'string', default: '1000,100000,1000000' },
    store: { type: 'string' },
    'buffer-pool': { type: 'string', default: '256M' },
  },
});
const stores = values.store === undefined ? STORES : STORES.filter((store) => store === values.store);
const brief = (value: number): string => Number(value.toPrecision(3)).toLocaleString('en');

async function measure(store: StoreKind, runs: number): Promise<{ load: Measurement; alone: Measurement }> {
  const system = SYSTEMS[store].find(({ name }) => name === 'baton')!;
  const stage = await Stage.open(system, { bufferPool: values['buffer-pool'] });
  try {
    // What is copied: runs of the workflow that is measured.
    await stage.drive({ ...DRIVE, runs: 1_000 });
    await multiplyRuns(stage.databaseUrl, runs);
    await stage.drive(DRIVE);
    return { load: await stage.measure(DRIVE), alone: await stage.measure(LATENCY) };
  } finally {
    await stage.close();
  }
}

function row(store: StoreKind, runs: number, { load, alone }: { load: Measurement; alone: Measurement }): string {
  const cpu = (role: string): string => {
    const cost = load.processes[role];
    return cost === undefined ? '' : brief((cost.cpuMs * 1_000) / DRIVE.runs);
  };
  const { sql_log_bytes: logBytes } = load.servers;
  const perRun = [DRIVE.runs / (load.result.elapsedMs / 1_000), alone.result.p50Ms].map(brief);
  const log = logBytes === undefined ? '' : brief(logBytes / DRIVE.runs);
  const cells = [store, runs.toLocaleString('en'), ...perRun, ...['client', 'worker', 'redis', 'mariadb'].map(cpu), log];
  return `| ${cells.join(' | ')} |`;
}

const machine = describeMachine();
process.stdout.write(`${machineLine(machine)}\n\n`);
const heads = [
  'database',
  'ended runs',
  'runs/s',
  'alone p50, ms',
  'CPU µs a run: client',
  'worker',
  'Redis',
  'MariaDB',
  'log bytes',
];
process.stdout.write(`| ${heads.join(' | ')} |\n| --- |${' --: |'.repeat(heads.length - 1)}\n`);
for (const store of stores)
  for (const runs of values.runs.split(',').map(Number))
    process.stdout.write(`${row(store, runs, await measure(store, runs))}\n`);
process.stdout.write('\n| database | events in the journal | one append more, p50 ms |\n| --- | --: | --: |\n');
for (const store of stores)
  for (const { events, p50Ms } of await measureAppends(store))
    process.stdout.write(`| ${store} | ${events.toLocaleString('en')} | ${p50Ms.toFixed(2)} |\n`);
