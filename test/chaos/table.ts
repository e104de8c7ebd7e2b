import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { loadavg } from 'node:os';
import { Campaign, seedsOf, type CampaignEntry } from './campaign.js';
import { drill, type Drill, type DrillResult } from './drill.js';
import { keepFailure } from './keep-failure.js';
import type { ChaosOptions } from './options.js';
import { estimateSeconds, firingsPerSeed, sayHours } from './pace.js';
import { renderMarkdown, shortcomings, summarize, type RowSummary } from './report.js';
import { say } from './say.js';
import { ROWS, type Row } from './rows/index.js';
import { Servers } from './servers.js';
import { SmallDisk } from './small-disk.js';

const QUICK_FIRINGS = 2;
/** A fault that lasts longer strikes once in a quick slice. */
const QUICK_LASTS_MS = 5_000;

export function describe({
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

/**
 * The rows under each seed: all rows under the first one before any under the second, so that what is cut off has seen every fault. As many at
 * a time as there are servers.
 */
export async function runTable(lanes: readonly Servers[], options: ChaosOptions): Promise<boolean> {
  const { rows, out, plan, json } = options;
  const campaign = out === null ? null : Campaign.open(out, plan);
  const allowed = rows.filter(isAllowed);
  const todo = seedsOf(plan).flatMap((seed) => allowed.map((row) => ({ row, seed, found: campaign?.find(row.id, seed) })));
  const entries = todo.flatMap(({ found }) => (found === undefined ? [] : [found]));
  const left = todo.filter(({ found }) => found === undefined);
  let broken = 0;
  const play = async (servers: Servers): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      if (!options.quick) sayWhatIsLeft([next, ...left], plan.runs, entries);
      const entry = await runOne(next.row, next.seed, servers, options);
      if (entry === null) broken += 1;
      else {
        entries.push(entry);
        campaign?.add(entry);
      }
    }
  };
  await Promise.all(lanes.map(play));
  const summaries = summarizeAll(allowed, entries);
  process.stdout.write(`${json ? JSON.stringify(summaries, null, 1) : renderMarkdown(summaries)}\n`);
  const passed = summaries.filter((summary) => summary.passed).length;
  say(
    `${passed} passed, ${summaries.length - passed} failed${broken === 0 ? '' : `, ${broken} drills broke off and say nothing`}`,
  );
  return broken === 0 && passed === summaries.length;
}

function sayWhatIsLeft(left: readonly { row: Row }[], runs: number, entries: readonly CampaignEntry[]): void {
  const seconds = left.reduce((sum, { row }) => sum + estimateSeconds(row, runs, entries), 0);
  say(`${left.length} drills are left, about ${sayHours(seconds)}`);
}

/** Says how long the table takes, without playing it. */
export function estimateTable({ rows, plan, out }: ChaosOptions): true {
  const done = (out === null ? null : Campaign.read(out))?.entries ?? [];
  let whole = 0;
  for (const row of rows) {
    const seconds = estimateSeconds(row, plan.runs, done);
    whole += seconds * plan.seeds;
    say(`row ${row.id}: ${plan.seeds} times ${Math.round(seconds)} s`);
  }
  say(`in all about ${sayHours(whole)}`);
  return true;
}

/** Prints what a file of results holds, as it stands in docs/reliability.md. True: every row is there, and none has failed. */
export function reportTable(file: string): boolean {
  const campaign = Campaign.read(file);
  if (campaign === null) throw new Error(`there is no file ${file}`);
  const { entries, plan } = campaign;
  const summaries = summarizeAll(ROWS, entries);
  const loads = entries.map(({ load }) => load);
  const days = [...new Set(entries.map(({ at }) => at.slice(0, 10)))].toSorted();
  const spent = sayHours(entries.reduce((sum, { seconds }) => sum + seconds, 0));
  process.stdout.write(`${renderMarkdown(summaries)}\n`);
  say(`seed ${plan.seed}, commits ${[...new Set(entries.map(({ commit }) => commit))].join(', ')}, ${days.join(', ')}, ${spent}`);
  say(`load average ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}`);
  const lacking = shortcomings(ROWS, summaries, seedsOf(plan));
  for (const what of lacking) say(what);
  return lacking.length === 0;
}

function summarizeAll(rows: readonly Row[], entries: readonly CampaignEntry[]): RowSummary[] {
  return rows.flatMap((row) => {
    const results = entries.filter(({ result }) => result.row === row.id).map(({ result }) => result);
    return results.length === 0 ? [] : [summarize(row, results)];
  });
}

function isAllowed({ id, smallDisk }: Row): boolean {
  if (smallDisk === undefined || SmallDisk.isAllowed) return true;
  say(`left out: row ${id} mounts a small disk, which only root may`);
  return false;
}

/** Null: the drill broke off, which says nothing of Baton; a campaign that goes on plays it again. */
async function runOne(row: Row, seed: string, servers: Servers, options: ChaosOptions): Promise<CampaignEntry | null> {
  const startedAt = performance.now();
  const load = loadavg()[0]!;
  try {
    const done = await onServers(row, servers, (own) => drillOnce(row, seed, own, options));
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    tell(done, seconds);
    return { at: new Date().toISOString(), seconds, commit: headCommit(), load, result: done.result };
  } catch (error) {
    say(`row ${row.id}, seed ${seed} broke off: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

async function onServers<T>(row: Row, shared: Servers, work: (servers: Servers) => Promise<T>): Promise<T> {
  if (row.smallDisk === undefined) return work(shared);
  const own = await Servers.start(row.smallDisk);
  try {
    return await work(own);
  } finally {
    await own.stop();
  }
}

async function drillOnce(row: Row, seed: string, servers: Servers, { plan, quick, ownHosts }: ChaosOptions): Promise<Drill> {
  const quickFirings = row.lastsMs > QUICK_LASTS_MS ? 1 : QUICK_FIRINGS;
  const firings = quick ? quickFirings : firingsPerSeed(row);
  const size = quick ? { apis: 2, workers: 2 } : { apis: 2, workers: 3 };
  const runs = plan.runs * (quick ? 1 : (row.runsFactor ?? 1));
  return drill(row, servers, { seed, firings, runs, env: {}, ownHosts, ...size });
}

function tell(done: Drill, seconds: number): void {
  const { result } = done;
  const isFine = result.violations.length === 0 && result.vacuous.length === 0;
  say(`${isFine ? 'ok  ' : 'FAIL'} ${describe(result)} (${seconds} s)`);
  if (!isFine) {
    for (const why of result.vacuous) say(`     proves nothing: ${why}`);
    for (const { invariant, runId, what } of result.violations.slice(0, 10)) say(`     ${invariant} ${runId ?? ''} ${what}`);
    say(`     kept in ${keepFailure(done)}; again with: npm run chaos -- --rows ${result.row} --seeds 1 --seed ${result.seed}`);
  }
  for (const file of done.logFiles) rmSync(dirname(file), { recursive: true, force: true });
}

/** What was measured, where the tree is a repository. */
function headCommit(): string | null {
  const { status, stdout } = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}
