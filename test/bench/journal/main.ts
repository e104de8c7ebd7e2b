// `npm run bench -- --workload journal [--store sqlite] [--rounds 3]`: how many events a second pass through the journal, by the events of an append.
import { parseArgs } from 'node:util';
import { describeMachine, machineLine } from '../machine.js';
import { STORES } from '../systems/index.js';
import { JournalStage, type Reading } from './journal-stage.js';

const SIZES = [1, 2, 10, 100];

const { values } = parseArgs({
  options: {
    workload: { type: 'string' },
    store: { type: 'string', default: 'mariadb' },
    rounds: { type: 'string', default: '3' },
  },
});
const store = STORES.find((name) => name === values.store);
if (store === undefined) throw new Error(`--store ${values.store}: one of ${STORES.join(', ')}`);

/** Three digits of it. */
function brief(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en');
}

function spread(all: readonly number[]): string {
  const sorted = all.toSorted((left, right) => left - right);
  const [least, middle, most] = [sorted[0]!, sorted[Math.floor(sorted.length / 2)]!, sorted.at(-1)!];
  return `${brief(middle)} (${brief(least)}..${brief(most)})`;
}

const readings = new Map<number, Reading[]>(SIZES.map((size) => [size, []]));
const machine = machineLine(describeMachine());
for (let round = 1; round <= Number(values.rounds); round += 1) {
  const stage = await JournalStage.open(store);
  try {
    for (const size of SIZES) {
      const reading = await stage.measure(size);
      readings.get(size)!.push(reading);
      process.stderr.write(`round ${round}/${values.rounds}  ${size} an append: ${brief(reading.eventsPerSecond)} events/s\n`);
    }
  } finally {
    await stage.close();
  }
}

const roles = Object.keys(readings.get(SIZES[0]!)![0]!.cpuUs);
const costs = roles.map((role) => ({ head: `CPU µs an event: ${role}`, of: ({ cpuUs }: Reading) => cpuUs[role] ?? 0 }));
const log = store === 'mariadb' ? [{ head: 'log bytes an event', of: ({ logBytes }: Reading) => logBytes ?? 0 }] : [];
const columns: { head: string; of: (reading: Reading) => number }[] = [
  { head: 'events/s', of: ({ eventsPerSecond }) => eventsPerSecond },
  { head: 'events a commit', of: ({ eventsPerCommit }) => eventsPerCommit },
  { head: 'append p50, ms', of: ({ p50Ms }) => p50Ms },
  { head: 'p99, ms', of: ({ p99Ms }) => p99Ms },
  ...costs,
  ...log,
];
process.stdout.write(`${machine}\n\n`);
process.stdout.write(
  `| events an append | ${columns.map(({ head }) => head).join(' | ')} |\n| --: |${' --: |'.repeat(columns.length)}\n`,
);
for (const [size, rounds] of readings)
  process.stdout.write(`| ${size} | ${columns.map(({ of }) => spread(rounds.map(of))).join(' | ')} |\n`);
