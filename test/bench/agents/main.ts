// `npm run bench -- --workload agents [--rounds 3]`: what Baton adds to the calls of 200 agents in flight on one worker, over MariaDB and Redis.
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import type { Drive } from '../bench-client.js';
import { describeMachine, machineLine } from '../machine.js';
import { Stage } from '../stage.js';
import { spread } from '../summary.js';
import { BenchModel, batonWithModel } from './bench-model.js';
import { callsAgain, quantiles, readOverhead } from './call-overhead.js';

const AGENTS = 200;
const DELAY_MS = 500;
const WARM_UP_STEPS = 10;

const ONE_BY_ONE = { runs: AGENTS, steps: 30, inFlight: AGENTS, shape: 'agents' } as const satisfies Drive;

/**
 * As runs that ask one call after the other, of a model whose answers take as long as each other, and of such as take more or less; and as one run that asks all
 * at once. All runs begin in the same instant, so that the first calls of each are those of a crowd.
 */
const DRIVES: Readonly<Record<string, { drive: Drive; spreadMs: number }>> = {
  'runs, one after the other': { drive: ONE_BY_ONE, spreadMs: 0 },
  'the same, answered after 450 to 550 ms': { drive: ONE_BY_ONE, spreadMs: 50 },
  'the same, answered after 300 to 700 ms': { drive: ONE_BY_ONE, spreadMs: 200 },
  'one run, all at once': { drive: { runs: 10, steps: AGENTS, inFlight: 1, shape: 'agent-fan' }, spreadMs: 0 },
};

/** By figure, in the order of the table. */
type Reading = Record<string, number>;

async function measure(model: BenchModel, drive: Drive, spreadMs: number): Promise<Reading> {
  const environment = { MODEL_MAX_CONNECTIONS: String(AGENTS) };
  const stage = await Stage.open(batonWithModel(model.url, environment));
  try {
    await model.answerAfter(DELAY_MS, spreadMs);
    await stage.drive({ ...drive, ...(drive.shape === 'agents' ? { steps: WARM_UP_STEPS } : { runs: drive.runs / 2 }) });
    await model.answerAfter(DELAY_MS, spreadMs);
    const cpuBefore = model.cpuMs;
    const { result, processes } = await stage.measure(drive);
    const modelCpu = model.cpuMs - cpuBefore;
    const { calls, mostInFlight } = await model.calls();
    const { call, settled, turn, before, after } = await readOverhead(stage, calls);
    const { cpuMs, peakBytes, loopDelay } = processes['worker']!;
    const name = (title: string, values: readonly number[]): Reading =>
      Object.fromEntries(['p50', 'p95', 'max'].map((part, index) => [`${title}, ms: ${part}`, values[index]!]));
    return {
      'calls in flight, most': mostInFlight,
      'calls made again': callsAgain(calls),
      'calls/s': calls.length / (result.elapsedMs / 1_000),
      ...name('overhead of a call', quantiles(call)),
      ...(drive.shape === 'agents' && name('of agents that had made ten calls before', quantiles(settled))),
      ...name('of it before the model has it', quantiles(before)),
      ...name('of it after its answer', quantiles(after)),
      ...(drive.shape === 'agents' && name('overhead until the next call starts', quantiles(turn))),
      'worker, CPU ms a call': cpuMs / calls.length,
      'model, CPU ms a call': modelCpu / calls.length,
      'worker, event loop late by, ms: p99': loopDelay!.p99Ms,
      'worker, most RSS, MiB': peakBytes / 2 ** 20,
      'load average': loadavg()[0]!,
    };
  } finally {
    await stage.close();
  }
}

const { values } = parseArgs({ options: { workload: { type: 'string' }, rounds: { type: 'string', default: '3' } } });
const machine = describeMachine();
const model = await BenchModel.start();
const readings = new Map<string, Reading[]>(Object.keys(DRIVES).map((title) => [title, []]));
try {
  for (let round = 1; round <= Number(values.rounds); round += 1) {
    for (const [title, { drive, spreadMs }] of Object.entries(DRIVES)) {
      const reading = await measure(model, drive, spreadMs);
      readings.get(title)!.push(reading);
      process.stderr.write(`round ${round}  ${title}: p95 ${reading['overhead of a call, ms: p95']!.toFixed(1)} ms\n`);
    }
  }
} finally {
  await model.stop();
}

const show = (value: number): string => Number(value.toPrecision(3)).toLocaleString('en');
process.stdout.write(`${machineLine(machine)}\n`);
for (const [title, rounds] of readings) {
  process.stdout.write(`\n| ${AGENTS} agents: ${title} | median (min..max) |\n| --- | --: |\n`);
  for (const figure of Object.keys(rounds[0]!)) {
    const { median, min, max } = spread(rounds.map((reading) => reading[figure]!));
    process.stdout.write(`| ${figure} | ${show(median)} (${show(min)}..${show(max)}) |\n`);
  }
}
