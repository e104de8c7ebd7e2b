// `npm run bench -- --workload w6`: what runs cost that only wait, in the queue or for an event, and whether one of many is woken at once.
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { quantile } from '../bench-client.js';
import { describeMachine, machineLine } from '../machine.js';
import { cpuMs, peakResidentBytes, type MeasuredProcess } from '../measured-process.js';
import { growth, total, type DatabaseSize } from './database-size.js';
import { WaitingStage, type Held, type Submitted } from './waiting-stage.js';

const QUEUED_WARM_UP = 2_000;
/** Enough for buffers and heap of the worker to have the size that such a load gives them. */
const PARKED_WARM_UP = 20_000;
const BATCH = 1_000;
const WOKEN = 50;
const EVENT = 'go';
/** Long enough for each of the worker's actors to have its turn. */
const IDLE_MS = 12_000;
/** In which BullMQ lets go of the last jobs, and Redis of the buffers of its clients. */
const SETTLE_MS = 3_000;
const MIB = 2 ** 20;

const OPTIONS = {
  workload: { type: 'string', default: 'w6' },
  store: { type: 'string', default: 'mariadb' },
  queued: { type: 'string', default: '20000' },
  parked: { type: 'string', default: '100000' },
} as const;

function show(value: number, digits = 0): string {
  return value.toLocaleString('en', { maximumFractionDigits: digits });
}

function line(what: string, ...cells: string[]): string {
  return `| ${[what, ...cells].join(' | ')} |`;
}

/** Of Redis and SQL, by the run. */
function perRun(after: Held, before: Held, runs: number): string[] {
  const sql = total(growth(after.sql, before.sql));
  return [
    line('Redis, bytes a run', show((after.redisBytes - before.redisBytes) / runs, 1)),
    line('Redis, keys a run', show((after.redisKeys - before.redisKeys) / runs, 3)),
    line('SQL, bytes a run, indexes included', show(sql.bytes / runs)),
    line('SQL, rows a run', show(sql.rows / runs, 2)),
    line('SQL, bytes of log a run', show((after.sqlLogBytes - before.sqlLogBytes) / runs)),
  ];
}

function byTable(size: DatabaseSize, runs: number): string {
  const grown = [...size].filter(([, { rows }]) => rows >= runs / 2);
  return grown.map(([table, { rows, bytes }]) => `${table} ${show(rows / runs, 2)} (${show(bytes / runs)} bytes)`).join(', ');
}

/** Milliseconds of CPU in a second. */
async function idleCpu(worker: MeasuredProcess): Promise<number> {
  const before = cpuMs(worker.pid);
  await pause(IDLE_MS);
  return ((cpuMs(worker.pid) - before) / IDLE_MS) * 1_000;
}

function submission(how: string, { ms, cpuMs: cpu }: Submitted, runs: number): string[] {
  const micros = Object.values(cpu).map((onCpu) => show((onCpu / runs) * 1_000));
  return [
    line(`${how}, runs/s`, show((runs / ms) * 1_000)),
    line(`of it, CPU µs a run: ${Object.keys(cpu).join(', ')}`, micros.join(', ')),
  ];
}

/** Runs of one step, started while there is no worker, one by one and then by the batch; then a worker comes. */
async function measureQueued(stage: WaitingStage, runs: number): Promise<string[]> {
  const workflow = await stage.publish('queued', 'echo', { i: 1 });
  await stage.submit(workflow, QUEUED_WARM_UP);
  await pause(SETTLE_MS);
  const before = await stage.read();
  const alone = await stage.submit(workflow, runs);
  await pause(SETTLE_MS);
  const after = await stage.read();
  const inBatches = await stage.submitInBatches(workflow, runs, BATCH);
  const worker = stage.startWorker();
  const drainMs = await stage.reach('completed', runs * 2 + QUEUED_WARM_UP, worker);
  const peak = peakResidentBytes(worker.pid);
  const { heapBytes, residentBytes } = await worker.memoryInUse();
  return [
    ...submission('submitted one by one', alone, runs),
    ...submission(`submitted ${show(BATCH)} by a call`, inBatches, runs),
    ...perRun(after, before, runs),
    line('worker started and all ended, s', show(drainMs / 1_000, 1)),
    line('worker, most RSS on the way, MiB', show(peak / MIB)),
    line('worker, RSS after it, MiB', show(residentBytes / MIB)),
    line('worker, heap after it, MiB', show(heapBytes / MIB, 1)),
    `\nRows: ${byTable(growth(after.sql, before.sql), runs)}.`,
  ];
}

/** Runs that wait for an event, under a worker that has parked others before. */
async function measureParked(stage: WaitingStage, runs: number): Promise<string[]> {
  const workflow = await stage.publish('parked', 'wait', { event: EVENT });
  const worker = stage.startWorker();
  const park = async (count: number, inAll: number): Promise<{ ids: string[]; submitMs: number; ms: number }> => {
    const { ids, ms: submitMs } = await stage.submit(workflow, count);
    const ms = submitMs + (await stage.reach('waiting', inAll, worker));
    await pause(SETTLE_MS);
    return { ids, submitMs, ms };
  };
  await park(PARKED_WARM_UP, PARKED_WARM_UP);
  const memoryBefore = await worker.memoryInUse();
  const cpuBefore = await idleCpu(worker);
  const before = await stage.read();
  const { ids, submitMs, ms } = await park(runs, runs + PARKED_WARM_UP);
  const after = await stage.read();
  const memoryAfter = await worker.memoryInUse();
  const cpuAfter = await idleCpu(worker);
  const step = Math.max(1, Math.floor(runs / WOKEN));
  const times: number[] = [];
  for (let index = 0; index < ids.length; index += step) times.push(await stage.wake(ids[index]!, EVENT));
  times.sort((a, b) => a - b);
  const keys = await stage.redisKeys();
  return [
    line('submitted while the worker parks, runs/s', show((runs / submitMs) * 1_000)),
    line('parked, runs/s', show((runs / ms) * 1_000)),
    line('Redis, keys before and after', `${show(before.redisKeys)}, ${show(after.redisKeys)}`),
    line('Redis, KiB before and after', `${show(before.redisBytes / 1_024)}, ${show(after.redisBytes / 1_024)}`),
    ...perRun(after, before, runs),
    line(
      'worker, heap before and after, MiB',
      `${show(memoryBefore.heapBytes / MIB, 1)}, ${show(memoryAfter.heapBytes / MIB, 1)}`,
    ),
    line(
      'worker, RSS before and after, MiB',
      `${show(memoryBefore.residentBytes / MIB)}, ${show(memoryAfter.residentBytes / MIB)}`,
    ),
    line('idle worker, CPU before and after, ms/s', `${show(cpuBefore, 1)}, ${show(cpuAfter, 1)}`),
    line(`event sent to end known, ms: p50 of ${times.length}`, show(quantile(times, 0.5), 1)),
    line('the slowest', show(times.at(-1)!, 1)),
    `\nRows: ${byTable(growth(after.sql, before.sql), runs)}.\n\nKeys in Redis at the end: ${keys.join(', ')}.`,
  ];
}

async function onStage(measure: (stage: WaitingStage) => Promise<string[]>): Promise<string[]> {
  const stage = await WaitingStage.open();
  try {
    return await measure(stage);
  } finally {
    await stage.close();
  }
}

const { values } = parseArgs({ options: OPTIONS });
if (values.store !== 'mariadb') throw new Error(`--store ${values.store}: w6 measures Redis and mariadb`);
const [queued, parked] = [Number(values.queued), Number(values.parked)];
process.stdout.write(`${machineLine(describeMachine())}\n`);
const head = (title: string): string[] => ['', line(title, ''), '| --- | --: |'];
const sections: [string, (stage: WaitingStage) => Promise<string[]>][] = [
  [`${show(queued)} queued runs`, (stage) => measureQueued(stage, queued)],
  [`${show(parked)} parked runs`, (stage) => measureParked(stage, parked)],
];
for (const [title, measure] of sections) process.stdout.write(`${[...head(title), ...(await onStage(measure))].join('\n')}\n`);
