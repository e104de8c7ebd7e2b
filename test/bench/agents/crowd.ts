// `npm run bench -- --workload agents10k [--delay 30000]`: 100 runs of 100 agents, all of whose calls are in flight at once, on four workers, over
// MariaDB and Redis.
import { loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { describeMachine, machineLine } from '../machine.js';
import type { MemoryInUse } from '../memory-probe.js';
import { Stage } from '../stage.js';
import { BenchModel, batonWithModel } from './bench-model.js';
import { callsAgain, quantiles, readOverhead } from './call-overhead.js';

const WORKERS = 4;
const DRIVE = { runs: 100, steps: 100, inFlight: 100, shape: 'agent-fan' } as const;
const AGENTS = DRIVE.runs * DRIVE.steps;
/** Each worker gets as many runs as the others, and has no more to do than they. */
const ENVIRONMENT = {
  WORKER_CONCURRENCY: String(DRIVE.runs / WORKERS),
  WORKER_NODES: String(AGENTS / WORKERS),
  MODEL_MAX_CONNECTIONS: String(AGENTS / WORKERS),
};
const WARM_UP_DELAY_MS = 500;
const LOOK_MS = 100;
const MIB = 2 ** 20;

type Line = readonly [figure: string, value: string];

/** When all calls are in flight, or the drive is over before. */
async function peak(model: BenchModel, stage: Stage, over: AbortSignal): Promise<{ ms: number; memory: MemoryInUse[] }> {
  const startedAt = performance.now();
  while ((await model.inFlight()) < AGENTS) {
    if (over.aborted) return { ms: Number.NaN, memory: [] };
    await pause(LOOK_MS);
  }
  const ms = performance.now() - startedAt;
  // Of one alone: the collection holds it up, and four at once would do so for longer than a lease lasts where the machine is busy.
  return { ms, memory: await stage.workerMemory(1) };
}

async function measure(model: BenchModel, delayMs: number): Promise<Line[]> {
  const stage = await Stage.open(batonWithModel(model.url, ENVIRONMENT), { workers: WORKERS });
  try {
    await model.answerAfter(WARM_UP_DELAY_MS);
    await stage.drive({ ...DRIVE, runs: 2 * WORKERS });
    const memoryBefore = await stage.workerMemory();
    await model.answerAfter(delayMs);
    const cpuBefore = model.cpuMs;
    const over = new AbortController();
    const measured = stage.measure(DRIVE).finally(() => over.abort());
    const [{ result, processes }, top] = await Promise.all([measured, peak(model, stage, over.signal)]);
    const modelCpu = model.cpuMs - cpuBefore;
    const { calls, mostInFlight } = await model.calls();
    const overhead = await readOverhead(stage, calls);
    const memoryAfter = await stage.workerMemory();
    const worker = processes['worker']!;
    const heap = (memory: MemoryInUse[]): string => eachMiB(memory.map(({ heapBytes }) => heapBytes));
    const resident = (memory: MemoryInUse[]): string => eachMiB(memory.map(({ residentBytes }) => residentBytes));
    const taken = await stage.read('SELECT SUM(epoch - 1) AS taken_over FROM runs');
    const cpu = Object.entries({ ...roleCpu(processes), model: modelCpu });
    return [
      ['agents done', String(calls.length - callsAgain(calls))],
      ['calls made again, runs taken over by another worker', `${callsAgain(calls)}, ${taken['taken_over']}`],
      ['calls in flight, most', String(mostInFlight)],
      ['all in flight after, s', show(top.ms / 1_000)],
      [`all done after, s (each call ${delayMs / 1_000} s)`, show(result.elapsedMs / 1_000)],
      ['overhead of a call, ms: p50, p95, max', quantiles(overhead.call).map(show).join(', ')],
      ['of it before the model has it', quantiles(overhead.before).map(show).join(', ')],
      ['of it after its answer', quantiles(overhead.after).map(show).join(', ')],
      ['each worker, heap before, MiB', heap(memoryBefore)],
      ['the first of them, with all in flight', heap(top.memory)],
      ['after it', heap(memoryAfter)],
      ['each worker, RSS before, MiB', resident(memoryBefore)],
      ['the first of them, with all in flight', resident(top.memory)],
      ['all workers, most RSS on the way, MiB', show(worker.peakBytes / MIB)],
      ['worst worker, event loop late by, ms: p50, p99, max', Object.values(worker.loopDelay!).map(show).join(', ')],
      [`CPU ms a call: ${cpu.map(([role]) => role).join(', ')}`, cpu.map(([, ms]) => show(ms / calls.length)).join(', ')],
      ['load average at the end', show(loadavg()[0]!)],
    ];
  } finally {
    await stage.close();
  }
}

function roleCpu(processes: Record<string, { cpuMs: number }>): Record<string, number> {
  return Object.fromEntries(Object.entries(processes).map(([role, { cpuMs }]) => [role, cpuMs]));
}

function eachMiB(bytes: readonly number[]): string {
  return bytes.map((value) => show(value / MIB)).join(', ');
}

function show(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en');
}

const { values } = parseArgs({ options: { workload: { type: 'string' }, delay: { type: 'string', default: '30000' } } });
const machine = describeMachine();
const model = await BenchModel.start();
try {
  const lines = await measure(model, Number(values.delay));
  const table = lines.map(([figure, value]) => `| ${figure} | ${value} |`);
  const head = `| ${AGENTS.toLocaleString('en')} agents on ${WORKERS} workers | |`;
  process.stdout.write([machineLine(machine), '', head, '| --- | --: |', ...table, ''].join('\n'));
} finally {
  await model.stop();
}
