// `npm run chaos`: real processes, real faults, and checks of what docs/reliability.md promises. The exit code says how it went.
import { seedsOf } from './campaign.js';
import { drill, type DrillOptions } from './drill.js';
import { keepFailure } from './keep-failure.js';
import { readOptions, USAGE, type ChaosOptions } from './options.js';
import { environmentOf, PLANTED_BUGS } from './planted-bugs.js';
import { say } from './say.js';
import { Servers } from './servers.js';
import { describe, estimateTable, reportTable, runTable } from './table.js';
import { measureTakeovers } from './takeovers.js';

/** Each planted bug must be found in the row that shows it. */
async function runPlanted(servers: Servers, { rows, plan }: ChaosOptions): Promise<boolean> {
  let missed = 0;
  for (const bug of PLANTED_BUGS) {
    const row = rows.find(({ id }) => id === bug.row);
    if (row === undefined) continue;
    const options: DrillOptions = {
      ...{ seed: seedsOf(plan)[0]!, firings: bug.firings, runs: plan.runs, apis: 2, workers: 2 },
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
async function runKills(servers: Servers, { plan, ownHosts, kills }: ChaosOptions): Promise<boolean> {
  const { movedMs, killed, journals } = await measureTakeovers(servers, { kills: kills!, ownHosts, seed: seedsOf(plan)[0]! });
  const sorted = movedMs.toSorted((left, right) => left - right);
  const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]!;
  say(`${killed} workers killed, ${sorted.length} runs moved: median ${at(0.5)} ms, p99 ${at(0.99)} ms, worst ${at(1)} ms`);
  for (const violation of journals) say(`     ${violation}`);
  return journals.length === 0;
}

/** Drills wait for more than they work, and the bounds of those of a quick slice are wide: two of them go side by side. */
async function runRows(servers: Servers, options: ChaosOptions): Promise<boolean> {
  if (!options.quick) return runTable([servers], options);
  const others = await Servers.start();
  try {
    return await runTable([servers, others], options);
  } finally {
    await others.stop();
  }
}

async function play(options: ChaosOptions): Promise<boolean> {
  if (options.report !== null) return reportTable(options.report);
  if (options.estimate) return estimateTable(options);
  say(`seeds: ${seedsOf(options.plan).join(', ')}`);
  const servers = await Servers.start();
  try {
    const run = options.kills !== null ? runKills : options.planted ? runPlanted : runRows;
    return await run(servers, options);
  } finally {
    await servers.stop();
  }
}

let options: ChaosOptions;
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  say(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  process.exit(2);
}
process.exitCode = (await play(options)) ? 0 : 1;
// Whatever a fault has left open must not keep the tests that wait for this from going on.
process.exit();
