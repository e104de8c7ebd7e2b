import { journalViolations } from '../support/journal-checks.js';
import { eventually } from '../support/eventually.js';
import { Chance } from './chance.js';
import { Facts } from './facts.js';
import type { Servers } from './servers.js';
import { Stage } from './stage.js';

/** Runs that begin for each kill; each lasts for some seconds. */
const RUNS = 20;
/** Of earlier kills, that may still be in work when the next one comes. */
const MAX_OPEN_RUNS = 60;
const WORKFLOW = 'chaos-long';
/** Well beyond the lease. */
const MOVE_BOUND_MS = 30_000;
const END_BOUND_MS = 90_000;

export interface Takeovers {
  killed: number;
  /** For each run that a killed worker held: from the kill to its next claim. */
  movedMs: number[];
  /** What is wrong with the journals. */
  journals: string[];
}

/** Kills one of two workers in the middle of its runs, again and again, with default settings but for room for all runs in one worker, and measures how soon the runs move. */
export async function measureTakeovers(
  servers: Servers,
  { kills, ownHosts, seed }: { kills: number; ownHosts: boolean; seed: string },
): Promise<Takeovers> {
  const chance = new Chance(seed);
  const options = { apis: 1, workers: 2, poolWorkers: 0, proxied: [], env: { WORKER_CONCURRENCY: '1000' }, ownHosts };
  const stage = await Stage.open(servers, 'kills', options, chance);
  const movedMs: number[] = [];
  try {
    await stage.startAll();
    const facts = await Facts.open(stage.databaseUrl);
    try {
      for (let killed = 0; killed < kills; killed += 1) movedMs.push(...(await killOne(stage, facts, chance)));
      await eventually(async () => (await facts.countOpenRuns()) === 0, 'all runs have ended', END_BOUND_MS);
      const journals = [...(await facts.readJournals())].flatMap(([runId, events]) => journalViolations(runId, events));
      return { killed: kills, movedMs, journals };
    } finally {
      await facts.close();
    }
  } finally {
    await stage.close();
  }
}

async function killOne(stage: Stage, facts: Facts, chance: Chance): Promise<number[]> {
  await eventually(async () => (await facts.countOpenRuns()) <= MAX_OPEN_RUNS, 'most runs have ended', END_BOUND_MS);
  await Promise.all(Array.from({ length: RUNS }, () => stage.startRun(WORKFLOW)));
  const victim = await eventually(
    async () => {
      const workers = await Promise.all(
        stage.workers.map(async (slot) => ({ slot, held: await facts.readHeld(slot.process!.child.pid!) })),
      );
      const busy = workers.filter(({ held }) => held.length > 0);
      return busy.length > 0 ? chance.pick(busy) : null;
    },
    'a worker holds runs',
    MOVE_BOUND_MS,
  );
  const killedAt = Date.now();
  await stage.kill(victim.slot);
  const moved = await eventually(() => facts.readMoves(victim.held, killedAt), 'its runs have moved', MOVE_BOUND_MS);
  await stage.start(victim.slot);
  return moved.map((at) => at - killedAt);
}
