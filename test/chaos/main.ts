// `npm run chaos`: real processes, real faults, and checks of what docs/reliability.md promises. The exit code says how it went.
import { drill, type Drill, type DrillOptions, type DrillResult } from './drill.js';
import { keepFailure } from './keep-failure.js';
import { readOptions, USAGE, type ChaosOptions } from './options.js';
import { environmentOf, PLANTED_BUGS } from './planted-bugs.js';
import { renderMarkdown, summarize, type RowSummary } from './report.js';
import type { Row } from './rows/index.js';
import { Servers } from './servers.js';
import { SmallDisk } from './small-disk.js';
import { measureTakeovers } from './takeovers.js';

const QUICK_FIRINGS = 2;
/** A fault that lasts longer strikes once in a quick slice. */
const QUICK_LASTS_MS = 5_000;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

function describe({
  row,
  seed,
  fired,
  runs,
  operations: { ok, failed, unknown },
  recoveryMs,
  settledMs,
  falseTakeovers,
}: DrillResult): string {
  const worst = Math.max(0, ...recoveryMs);
  return `row ${row}, seed ${seed}: ${fired} firings, ${runs} runs, operations ${ok}/${failed}/${unknown}, recovery at worst ${worst} ms, settled after ${settledMs} ms, ${falseTakeovers} false takeovers`;
}

function tell(done: Drill, startedAt: number): void {
  const { result } = done;
  const isFine = result.violations.length === 0 && result.vacuous.length === 0;
  say(`${isFine ? 'ok  ' : 'FAIL'} ${describe(result)} (${Math.round((performance.now() - startedAt) / 1_000)} s)`);
  if (isFine) return;
  for (const why of result.vacuous) say(`     proves nothing: ${why}`);
  for (const { invariant, runId, what } of result.violations.slice(0, 10)) say(`     ${invariant} ${runId ?? ''} ${what}`);
  say(`     kept in ${keepFailure(done)}; again with: npm run chaos -- --rows ${result.row} --seeds 1 --seed ${result.seed}`);
}

async function runSeeds(row: Row, servers: Servers, { seeds, runs, quick, ownHosts }: ChaosOptions): Promise<RowSummary> {
  const results: DrillResult[] = [];
  for (const seed of seeds) {
    const startedAt = performance.now();
    const quickFirings = row.lastsMs > QUICK_LASTS_MS ? 1 : QUICK_FIRINGS;
    const firings = quick ? quickFirings : Math.ceil(row.firings / 5);
    const size = quick ? { apis: 2, workers: 2 } : { apis: 2, workers: 3 };
    const wanted = runs * (quick ? 1 : (row.runsFactor ?? 1));
    const done = await drill(row, servers, { seed, firings, runs: wanted, env: {}, ownHosts, ...size });
    tell(done, startedAt);
    results.push(done.result);
  }
  return summarize(row, results);
}

/** Null: this user cannot set up what the row needs. */
async function runRow(row: Row, servers: Servers, options: ChaosOptions): Promise<RowSummary | null> {
  if (row.smallDisk === undefined) return runSeeds(row, servers, options);
  if (!SmallDisk.isAllowed) {
    say(`left out: row ${row.id} mounts a small disk, which only root may`);
    return null;
  }
  const own = await Servers.start(row.smallDisk);
  try {
    return await runSeeds(row, own, options);
  } finally {
    await own.stop();
  }
}

async function runTable(servers: Servers, options: ChaosOptions): Promise<boolean> {
  const summaries: RowSummary[] = [];
  for (const row of options.rows) {
    const summary = await runRow(row, servers, options);
    if (summary !== null) summaries.push(summary);
  }
  process.stdout.write(`${options.json ? JSON.stringify(summaries, null, 1) : renderMarkdown(summaries)}\n`);
  const passed = summaries.filter((summary) => summary.passed).length;
  say(`${passed} passed, ${summaries.length - passed} failed`);
  return passed === summaries.length;
}

/** Each planted bug must be found in the row that shows it. */
async function runPlanted(servers: Servers, { rows, seeds, runs }: ChaosOptions): Promise<boolean> {
  let missed = 0;
  for (const bug of PLANTED_BUGS) {
    const row = rows.find(({ id }) => id === bug.row);
    if (row === undefined) continue;
    const options: DrillOptions = {
      ...{ seed: seeds[0]!, firings: bug.firings, runs, apis: 2, workers: 2 },
      env: environmentOf(bug),
      ownHosts: false,
    };
    const done = await drill(row, servers, options);
    const { result } = done;
    const caught = bug.isSeenIn(result);
    if (!caught) {
      missed += 1;
      say(`     kept in ${keepFailure(done)}`);
    }
    say(`${caught ? 'ok  ' : 'FAIL'} the planted bug ${bug.name} is ${caught ? '' : 'not '}found: ${describe(result)}`);
    for (const { invariant, runId, what } of result.violations.slice(0, 3)) say(`     ${invariant} ${runId ?? ''} ${what}`);
  }
  return missed === 0;
}

/** Kills one worker after the other in the middle of its runs. */
async function runKills(servers: Servers, { seeds, ownHosts, kills }: ChaosOptions): Promise<boolean> {
  const { movedMs, killed, journals } = await measureTakeovers(servers, { kills: kills!, ownHosts, seed: seeds[0]! });
  const sorted = movedMs.toSorted((left, right) => left - right);
  const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]!;
  say(`${killed} workers killed, ${sorted.length} runs moved: median ${at(0.5)} ms, p99 ${at(0.99)} ms, worst ${at(1)} ms`);
  for (const violation of journals) say(`     ${violation}`);
  return journals.length === 0;
}

let options: ChaosOptions;
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  say(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  process.exit(2);
}
say(`seeds: ${options.seeds.join(', ')}`);
const servers = await Servers.start();
try {
  const run = options.kills !== null ? runKills : options.planted ? runPlanted : runTable;
  process.exitCode = (await run(servers, options)) ? 0 : 1;
} finally {
  await servers.stop();
}
// Whatever a fault has left open must not keep the tests that wait for this from going on.
process.exit();
