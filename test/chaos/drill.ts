import { setTimeout as pause } from 'node:timers/promises';
import { Caller } from './caller.js';
import { Chance } from './chance.js';
import { Facts, type EventFact, type RunFact } from './facts.js';
import { findViolations, type Evidence, type Violation } from './invariants.js';
import { Load } from './load.js';
import { LOAD_KINDS } from './load-kinds.js';
import { ratePerSecond } from './pace.js';
import type { Firing, Row } from './rows/index.js';
import type { Servers } from './servers.js';
import { Stage } from './stage.js';

export interface DrillOptions {
  seed: string;
  /** Runs that must be accepted. */
  runs: number;
  /** Times that the fault must strike. */
  firings: number;
  apis: number;
  workers: number;
  env: Record<string, string>;
  ownHosts: boolean;
}

/** One row under one seed: what was done, what came of it. */
export interface DrillResult {
  row: string;
  seed: string;
  firings: readonly Firing[];
  fired: number;
  runs: number;
  acknowledged: number;
  operations: { ok: number; failed: number; unknown: number };
  slowestCallMs: number;
  /** For each firing, until the last of the runs that were live then has moved again. */
  recoveryMs: readonly number[];
  /** From the last fault's end to the last run's. */
  settledMs: number;
  /** How often a worker was taken for dead that lived. Harmless, as long as it violates nothing. */
  falseTakeovers: number;
  violations: readonly Violation[];
  /** Why the drill proves nothing. */
  vacuous: readonly string[];
}

export interface Drill {
  result: DrillResult;
  evidence: Evidence;
  logFiles: readonly string[];
}

/** A drill that never ends proves nothing either. */
const PATIENCE_MS = 30_000;
/** Beyond the fault. */
const CALLERS_PATIENCE_MS = 60_000;

/** Puts a row on the stage: load, faults by the seed's schedule, calm, and the checks. */
export async function drill(row: Row, servers: Servers, options: DrillOptions): Promise<Drill> {
  const seed = `${options.seed}/${row.id}`;
  const chance = new Chance(`${seed} faults`);
  const { apis, workers, env, ownHosts } = options;
  const stage = await Stage.open(
    servers,
    row.id,
    { apis, workers, poolWorkers: 1, proxied: [], ...row.stage, env: { ...row.stage.env, ...env }, ownHosts },
    chance,
  );
  try {
    await stage.startAll();
    const caller = new Caller(() => stage.apiUrls, new Chance(`${seed} calls`), seed, CALLERS_PATIENCE_MS + row.lastsMs);
    const load = new Load(
      caller,
      new Chance(`${seed} load`),
      ratePerSecond(row, options.runs, options.firings),
      row.kinds ?? LOAD_KINDS,
    );
    load.start();
    const firings = await strike(row, stage, chance, options.firings);
    await Promise.all(stage.slots.filter(({ process }) => process === null).map((slot) => stage.start(slot)));
    await untilAccepted(caller, options.runs);
    await load.stop();
    const faultsEndedAt = firings.at(-1)?.endedAt ?? Date.now();
    const facts = await Facts.open(stage.databaseUrl);
    try {
      await untilSettled(facts, row.settleMs + PATIENCE_MS);
      const [runs, journals] = [await facts.readRuns(), await facts.readJournals()];
      const { acknowledged, operations, contradictions } = caller;
      const { effects } = stage.ledger;
      const evidence = {
        acknowledged,
        operations,
        contradictions,
        runs,
        journals,
        effects,
        faultsEndedAt,
        settleMs: row.settleMs,
      };
      return {
        result: { ...resultOf(row, options, firings, evidence), falseTakeovers: stage.countFalseTakeovers() },
        evidence,
        logFiles: stage.processes.map(({ logFile }) => logFile),
      };
    } finally {
      await facts.close();
    }
  } finally {
    await stage.close();
    await servers.mend();
    await stage.dropDatabase();
  }
}

async function strike(row: Row, stage: Stage, chance: Chance, planned: number): Promise<Firing[]> {
  const firings: Firing[] = [];
  for (let fired = 0; fired < planned && firings.length < 2 * planned;) {
    await pause(chance.between(...row.gapMs));
    const firing = await row.fire(stage, chance);
    firings.push(firing);
    fired += firing.times;
  }
  return firings;
}

async function untilAccepted(caller: Caller, runs: number): Promise<void> {
  const endsAt = performance.now() + PATIENCE_MS;
  while (caller.acknowledged.length < runs && performance.now() < endsAt) await pause(50);
}

async function untilSettled(facts: Facts, boundMs: number): Promise<void> {
  const endsAt = performance.now() + boundMs;
  while ((await facts.countOpenRuns()) > 0 && performance.now() < endsAt) await pause(100);
}

function resultOf(
  row: Row,
  options: DrillOptions,
  firings: readonly Firing[],
  evidence: Evidence,
): Omit<DrillResult, 'falseTakeovers'> {
  const { operations, runs, journals, acknowledged, faultsEndedAt } = evidence;
  const count = (outcome: string): number => operations.filter((operation) => operation.outcome === outcome).length;
  const counts = { ok: count('ok'), failed: count('failed'), unknown: count('unknown') };
  const fired = firings.reduce((sum, { times }) => sum + times, 0);
  const vacuous: string[] = [];
  if (fired < options.firings) vacuous.push(`the fault struck ${fired} times of ${options.firings}`);
  if (counts.ok * 2 < operations.length) vacuous.push(`only ${counts.ok} of ${operations.length} operations succeeded`);
  if (acknowledged.length < options.runs) vacuous.push(`only ${acknowledged.length} of ${options.runs} runs were accepted`);
  const findings = firings.flatMap((firing) => firing.findings);
  return {
    ...{ row: row.id, seed: options.seed, firings, fired, runs: runs.length, acknowledged: acknowledged.length },
    ...{ operations: counts, slowestCallMs: Math.max(0, ...operations.map(({ ms }) => ms)) },
    recoveryMs: firings.map(({ recoversFrom }) => recoveryMs(recoversFrom, runs, journals)),
    settledMs: Math.max(0, ...runs.map(({ finishedAt }) => (finishedAt ?? Number.POSITIVE_INFINITY) - faultsEndedAt)),
    violations: [
      ...findViolations(evidence).filter(({ invariant }) => row.invariants.includes(invariant)),
      ...findings.map((what) => ({ invariant: 'E' as const, runId: null, what })),
    ],
    vacuous,
  };
}

function recoveryMs(from: number, runs: readonly RunFact[], journals: ReadonlyMap<string, readonly EventFact[]>): number {
  const waits = runs
    .filter(({ createdAt, finishedAt }) => createdAt <= from && (finishedAt === null || finishedAt > from))
    .map(({ id }) => ((journals.get(id) ?? []).find(({ at }) => at > from)?.at ?? Number.POSITIVE_INFINITY) - from);
  return Math.max(0, ...waits);
}
