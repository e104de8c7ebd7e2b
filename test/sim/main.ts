import { fork } from 'node:child_process';
import { once } from 'node:events';
import { missingOccurrences } from './occurrences.js';
import { readOptions, USAGE, type SimRun } from './options.js';
import type { RangeResult, SeedRange } from './seed-player.js';
import { simulate } from './simulation.js';
import { Counters } from './trace.js';

/** Seeds that a process is told at once. */
const RANGE = 50;
const SAID_EVERY_MS = 5_000;
/** From so many seeds on everything must have occurred. */
const ENOUGH_SEEDS = 2_000;
const SHOWN_FAILURES = 5;

/** The seeds of a run, given to whoever asks, and what came of them. */
class Ledger {
  readonly failures: string[] = [];
  readonly counters = new Counters();
  seeds = 0;
  runs = 0;
  private next: number;
  private readonly startedAt = performance.now();
  private saidAt = this.startedAt;

  constructor(private readonly run: SimRun) {
    this.next = run.from;
  }

  take(): SeedRange | null {
    const from = this.next;
    const to = Math.min(from + RANGE, this.run.from + this.run.seeds);
    this.next = to;
    return from < to ? { from, to } : null;
  }

  add({ seeds, runs, counts, failures }: RangeResult): void {
    this.seeds += seeds;
    this.runs += runs;
    this.counters.add(counts);
    this.failures.push(...failures);
    if (performance.now() - this.saidAt < SAID_EVERY_MS) return;
    this.saidAt = performance.now();
    process.stderr.write(`${this.progress()}\n`);
  }

  progress(): string {
    const seconds = (performance.now() - this.startedAt) / 1_000;
    const rate = (this.seeds / seconds).toFixed(0);
    return `${this.seeds} of ${this.run.seeds} seeds, ${this.runs} runs, ${this.failures.length} failed, ${rate} seeds/s`;
  }
}

async function playAll(run: SimRun): Promise<boolean> {
  const ledger = new Ledger(run);
  await Promise.all(Array.from({ length: run.jobs }, () => playRanges(ledger)));
  for (const failure of ledger.failures.slice(0, SHOWN_FAILURES)) process.stdout.write(`${failure}\n\n`);
  for (const failure of ledger.failures.slice(SHOWN_FAILURES)) process.stdout.write(`${failure.split('\n', 1)[0]}\n`);
  const { counts } = ledger.counters;
  for (const name of Object.keys(counts).toSorted()) process.stdout.write(`${String(counts[name]).padStart(12)}  ${name}\n`);
  const missing = run.seeds < ENOUGH_SEEDS ? [] : missingOccurrences(counts);
  for (const name of missing) process.stdout.write(`never occurred: ${name}\n`);
  process.stdout.write(`${ledger.progress()}\n`);
  return ledger.failures.length === 0 && missing.length === 0;
}

/** In a process of its own, which ends with this one. */
async function playRanges(ledger: Ledger): Promise<void> {
  const player = fork(new URL('./seed-player.ts', import.meta.url));
  const ended = once(player, 'exit').then(([code, signal]) => {
    throw new Error(`a process that plays seeds has ended: ${signal ?? code}`);
  });
  try {
    for (let range = ledger.take(); range !== null; range = ledger.take()) {
      player.send(range);
      const [result] = (await Promise.race([once(player, 'message'), ended])) as [RangeResult];
      ledger.add(result);
    }
  } finally {
    ended.catch(() => undefined);
    player.disconnect();
  }
}

async function replay(seed: number): Promise<boolean> {
  const { violations, traceHash, describe } = await simulate(seed, { listener: (line) => process.stdout.write(`${line}\n`) });
  process.stdout.write(
    violations.length > 0 ? `${describe()}\n` : `seed ${seed} keeps every promise; its trace is ${traceHash}\n`,
  );
  return violations.length === 0;
}

try {
  const run = readOptions(process.argv.slice(2));
  process.exitCode = (await (run.isReplay ? replay(run.from) : playAll(run))) ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
  process.exitCode = 1;
}
