// `npm run bench -- --workload graph`: random layered graphs of no-op nodes, each one run of one worker process, over MariaDB and Redis.
import { describeMachine } from './machine.js';
import { Stage } from './stage.js';
import { SYSTEMS } from './systems/index.js';

const SIZES = [1_000, 10_000];
const ROUNDS = 3;
const MIB = 2 ** 20;
/** What a worker has loaded once it has executed anything. */
const WARM_UP = { runs: 20, steps: 50, inFlight: 5, shape: 'layers' } as const;
const JOURNAL = 'SELECT COUNT(*) AS events, SUM(LENGTH(payload)) AS bytes FROM journal';

/** One run, in a world of its own. */
interface Reading {
  seconds: number;
  rssBeforeMiB: number;
  rssAfterMiB: number;
  workerCpuUs: number;
  events: number;
  payloadBytes: number;
}

async function play(nodes: number): Promise<Reading> {
  const stage = await Stage.open(SYSTEMS.mariadb.find(({ name }) => name === 'baton')!);
  try {
    const warm = await stage.measure(WARM_UP);
    const before = await stage.read(JOURNAL);
    const { result, processes } = await stage.measure({ runs: 1, steps: nodes, inFlight: 1, shape: 'layers' });
    const after = await stage.read(JOURNAL);
    const { residentBytes, cpuMs } = processes['worker']!;
    return {
      seconds: result.elapsedMs / 1_000,
      rssBeforeMiB: warm.processes['worker']!.residentBytes / MIB,
      rssAfterMiB: residentBytes / MIB,
      workerCpuUs: (cpuMs * 1_000) / nodes,
      events: (after['events']! - before['events']!) / nodes,
      payloadBytes: (after['bytes']! - before['bytes']!) / nodes,
    };
  } finally {
    await stage.close();
  }
}

/** Three digits of it. */
function brief(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en');
}

function show(values: readonly number[]): string {
  const sorted = values.toSorted((left, right) => left - right);
  const [least, middle, most] = [sorted[0]!, sorted[Math.floor(sorted.length / 2)]!, sorted.at(-1)!];
  return `${brief(middle)} (${brief(least)}..${brief(most)})`;
}

const { cpu, cores, memoryGiB, loadBefore, versions } = describeMachine();
const readings = new Map<number, Reading[]>(SIZES.map((size) => [size, []]));
for (let round = 1; round <= ROUNDS; round += 1) {
  for (const size of SIZES) {
    const reading = await play(size);
    readings.get(size)!.push(reading);
    process.stderr.write(`round ${round}/${ROUNDS}  ${size} nodes in ${reading.seconds.toFixed(2)} s\n`);
  }
}
process.stdout.write(`${cpu}, ${cores} cores, ${memoryGiB} GiB; load: ${loadBefore}; node ${versions['node']}\n\n`);
process.stdout.write(
  '| nodes | run, s | nodes/s | worker, us of CPU a node | worker before, MiB | after, MiB | events a node | payload bytes a node |\n',
);
process.stdout.write('| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n');
for (const [size, rounds] of readings) {
  const cells = [
    rounds.map(({ seconds }) => seconds),
    rounds.map(({ seconds }) => size / seconds),
    ...(['workerCpuUs', 'rssBeforeMiB', 'rssAfterMiB', 'events', 'payloadBytes'] as const).map((name) =>
      rounds.map((reading) => reading[name]),
    ),
  ];
  process.stdout.write(`| ${size.toLocaleString('en')} | ${cells.map((values) => show(values)).join(' | ')} |\n`);
}
