// `npm run bench -- --workload scale`: W1 and W2 with one, two and four worker processes, and W1 over two API processes.
import { parseArgs } from 'node:util';
import { describeMachine, machineLine } from './machine.js';
import { Stage, type Measurement, type StageOptions } from './stage.js';
import { spread } from './summary.js';
import { SYSTEMS, SYSTEMS_OVER_HTTP, type BenchSystem } from './systems/index.js';

const W1 = { runs: 5_000, steps: 1, inFlight: 200 };
const W2 = { runs: 500, steps: 10, inFlight: 200 };
const WORKERS = [1, 2, 4];

const baton = SYSTEMS.mariadb.find(({ name }) => name === 'baton')!;
const overHttp = SYSTEMS_OVER_HTTP.mariadb.find(({ name }) => name === 'baton')!;

interface Case {
  what: string;
  system: BenchSystem;
  drive: typeof W1;
  options: Required<Pick<StageOptions, 'workers' | 'apis'>>;
}

const CASES: Case[] = WORKERS.flatMap((workers) => [
  { what: 'W1, runs', system: baton, drive: W1, options: { workers, apis: 0 } },
  { what: 'W2, steps', system: baton, drive: W2, options: { workers, apis: 0 } },
  { what: 'W1 over HTTP, runs', system: overHttp, drive: W1, options: { workers, apis: 2 } },
]);

async function measure({ system, drive, options }: Case): Promise<Measurement> {
  const stage = await Stage.open(system, options);
  try {
    await stage.drive(drive);
    return await stage.measure(drive);
  } finally {
    await stage.close();
  }
}

const { values } = parseArgs({ options: { workload: { type: 'string' }, rounds: { type: 'string', default: '3' } } });
const machine = describeMachine();
const measured = new Map<Case, Measurement[]>(CASES.map((one) => [one, []]));
for (let round = 1; round <= Number(values.rounds); round += 1) {
  for (const one of CASES) {
    const measurement = await measure(one);
    measured.get(one)!.push(measurement);
    const { workers, apis } = one.options;
    process.stderr.write(
      `round ${round}  ${one.what}, ${workers} workers, ${apis} APIs: ${measurement.result.elapsedMs.toFixed(0)} ms\n`,
    );
  }
}

const brief = (value: number): string => Number(value.toPrecision(3)).toLocaleString('en');

function row([{ what, drive, options }, measurements]: [Case, Measurement[]]): string {
  const units = drive.runs * drive.steps;
  const { median, min, max } = spread(measurements.map(({ result }) => units / (result.elapsedMs / 1_000)));
  const cpu = (role: string): string =>
    brief(spread(measurements.map(({ processes }) => ((processes[role]?.cpuMs ?? 0) * 1_000) / units)).median);
  const cells = [what, options.workers, options.apis, `${brief(median)} (${brief(min)}..${brief(max)})`];
  return `| ${[...cells, ...['client', 'api', 'worker', 'redis', 'mariadb'].map(cpu)].join(' | ')} |`;
}

process.stdout.write(
  [
    machineLine(machine),
    '',
    '| | workers | APIs | a second | CPU µs of one: client | APIs | workers | Redis | MariaDB |',
    '| --- | --: | --: | --: | --: | --: | --: | --: | --: |',
    ...[...measured].map(row),
    '',
  ].join('\n'),
);
