import { setTimeout as pause } from 'node:timers/promises';
import { Caller } from '../chaos/caller.js';
import { Chance } from '../chaos/chance.js';
import { Facts } from '../chaos/facts.js';
import { findViolations } from '../chaos/invariants.js';
import { LOAD_KINDS, LONG_JOURNALS, SPOKEN_TO } from '../chaos/load-kinds.js';
import { Load } from '../chaos/load.js';
import { say } from '../chaos/say.js';
import type { Servers } from '../chaos/servers.js';
import { Stage } from '../chaos/stage.js';
import type { SoakOptions } from './options.js';
import { sampleProcesses } from './process-sample.js';
import { findLeftOvers, sampleServers } from './server-sample.js';
import { judge, type Sample, type Verdict } from './verdict.js';

export interface Soak {
  seconds: number;
  runs: number;
  operations: number;
  killed: number;
  samples: readonly Sample[];
  verdict: Verdict;
}

/** What is off by default, or begins beyond what the load needs, is used as well: checkpoints, and places that runs sometimes have to wait for. */
const USES_EVERYTHING = { CHECKPOINT_EVERY_EVENTS: '100', TENANT_ACTIVE_RUNS: '8', TENANT_ON_LIMIT: 'queue' };
const SAMPLE_EVERY_MS = 10_000;
const KILL_EVERY_MS = [45_000, 90_000] as const;
/** Within so many milliseconds after the load all runs have ended, and within as many again what they needed is gone. */
const SETTLE_MS = 90_000;
const PATIENCE_MS = 60_000;

/**
 * Moderate work of every kind for as long as it is told, with a kill -9 now and then: of the last worker or the worker of the pool. The API and
 * the first worker, which serves the pool as well, live from the first to the last minute, so that growth shows.
 */
export async function soak(servers: Servers, { minutes, perSecond, seed, maxSlope }: SoakOptions): Promise<Soak> {
  const chance = new Chance(`${seed} kills`);
  const options = { apis: 1, workers: 2, poolWorkers: 1, proxied: [], env: USES_EVERYTHING, figures: true };
  const stage = await Stage.open(servers, 'soak', options, chance);
  const facts = await Facts.open(stage.databaseUrl);
  try {
    await stage.startAll();
    const caller = new Caller(() => stage.apiUrls, new Chance(`${seed} calls`), seed, PATIENCE_MS);
    const load = new Load(caller, new Chance(`${seed} load`), perSecond, [...LOAD_KINDS, ...SPOKEN_TO, LONG_JOURNALS]);
    const samples: Sample[] = [];
    const startedAt = performance.now();
    const look = async (): Promise<void> => {
      const at = Math.round((performance.now() - startedAt) / 1_000);
      const [processes, figures] = await Promise.all([sampleProcesses(stage), sampleServers(stage)]);
      samples.push({ at, runs: caller.acknowledged.length, processes, ...figures });
      tell(samples.at(-1)!);
    };
    load.start();
    const endsAt = startedAt + minutes * 60_000;
    const stopping = new AbortController();
    const killing = killNowAndThen(stage, chance, stopping.signal);
    while (performance.now() < endsAt) {
      await pause(Math.min(SAMPLE_EVERY_MS, Math.max(0, endsAt - performance.now())));
      await look();
    }
    stopping.abort();
    const { killed, faultsEndedAt } = await killing;
    await load.stop();
    await until(async () => (await facts.countOpenRuns()) === 0);
    const leftOvers = await lastLeftOvers(stage);
    await look();
    const { acknowledged, operations, contradictions } = caller;
    const [runs, journals] = [await facts.readRuns(), await facts.readJournals()];
    const evidence = { acknowledged, operations, contradictions, runs, journals, effects: stage.ledger.effects };
    const violations = findViolations({ ...evidence, faultsEndedAt, settleMs: SETTLE_MS });
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    const warmUntil = (minutes * 60) / 2;
    return {
      ...{ seconds, runs: runs.length, operations: operations.length, killed, samples },
      verdict: judge(samples, { warmUntil, maxSlope, leftOvers, violations }),
    };
  } finally {
    await facts.close();
    await stage.close();
  }
}

async function killNowAndThen(
  stage: Stage,
  chance: Chance,
  signal: AbortSignal,
): Promise<{ killed: number; faultsEndedAt: number }> {
  let [killed, faultsEndedAt] = [0, Date.now()];
  for (;;) {
    await pause(chance.between(...KILL_EVERY_MS), undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return { killed, faultsEndedAt };
    const slot = chance.pick([stage.workers.at(-1)!, ...stage.poolWorkers]);
    say(`killing process ${stage.slots.indexOf(slot)}`);
    await stage.kill(slot);
    killed += 1;
    await stage.start(slot);
    faultsEndedAt = Date.now();
  }
}

/** Waits until nothing is left over, and says what is there still when that takes too long. */
async function lastLeftOvers(stage: Stage): Promise<string[]> {
  let found: string[] = [];
  await until(async () => (found = await findLeftOvers(stage)).length === 0);
  return found;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const endsAt = performance.now() + SETTLE_MS;
  while (!(await holds()) && performance.now() < endsAt) await pause(500);
}

function tell({ at, runs, processes, redisKeys, redisMb, redisClients, sqlConnections, rows }: Sample): void {
  const memory = processes.map(({ process, rssMb, heapMb, fds }) => {
    const heap = heapMb === null ? '' : `/${heapMb.toFixed(0)}`;
    return `${process} ${rssMb.toFixed(0)}${heap} MB ${fds} fds`;
  });
  const unfinished = Object.entries(rows).flatMap(([name, count]) => (count === 0 ? [] : [`${count} ${name}`]));
  say(
    `${String(at).padStart(5)} s  ${runs} accepted; ${memory.join(', ')}; Redis ${redisKeys} keys ${redisMb.toFixed(1)} MB ${redisClients} clients; SQL ${sqlConnections} connections; ${unfinished.join(', ')}`,
  );
}
