import { setTimeout as pause } from 'node:timers/promises';
import { quantile } from '../../bench/bench-client.js';
import { cpuMs } from '../../bench/measured-process.js';
import { Client } from './client.js';
import { LOUD, QUIET, type Deployment, type RunTimes } from './deployment.js';
import type { Accepted, LoopResult } from './start-loop.js';

/** CPUs in use on average. */
interface Cores {
  clients: number;
  api: number;
  worker: number;
  servers: number;
}

/** What one rate of load came to. Times in ms. */
export interface Phase {
  name: string;
  perSecond: number;
  fromAt: number;
  toAt: number;
  unsent: number;
  accepted: number;
  refused: number;
  /** Answers that neither accept nor properly refuse, connections that ended before one, and starts of which the client heard nothing in time. */
  improper: number;
  lost: number;
  givenUp: number;
  /** Since they were written to the socket, and since they were meant to be. */
  answerP99: number;
  meantP99: number;
  /** Of the client's own event loop, p99. */
  clientDelay: number;
  /** Runs that ended in it, each second. */
  goodput: number;
  runP95: number;
  quietP95: number;
  quietRefused: number;
  backlogMax: number;
  /** Bytes of the API, and of the largest worker. */
  resident: { api: number; worker: number };
  cores: Cores;
}

export interface Overload {
  capacity: number;
  maxBacklog: number;
  phases: Phase[];
  acknowledged: number;
  /** Acknowledged, and not ended well when all was over. */
  lost: number;
  brokenJournals: number;
  /** How often a worker that lived was taken for dead. */
  falseTakeovers: number;
}

interface Loops {
  loud: LoopResult | null;
  quiet: LoopResult;
}

const CALLERS = 64;
/** What the workers always find queued while their capacity is measured. */
const ENOUGH_QUEUED = 200;
const WARM_UP_MS = 3_000;
const QUIET_PER_SECOND = 5;
const FACTORS = [0.5, 1, 2, 5, 10];
/** How long the runs of a full backlog take at capacity: what a caller may have to wait, and what must be over a minute later. */
const BACKLOG_SECONDS = 10;
const RETURN_MS = 60_000;
const LAST_MS = 15_000;
const SAMPLE_MS = 500;
const WATCH_MS = 20;
const DRAIN_BOUND_MS = 120_000;

/** Finds the capacity, then offers multiples of it and goes back. */
export async function measureOverload(deployment: Deployment, seconds: number, say: (line: string) => void): Promise<Overload> {
  const capacity = await withClients(await deployment.start({}), ({ loud }) => measureCapacity(deployment, loud, seconds));
  const maxBacklog = Math.max(100, Math.round(capacity * BACKLOG_SECONDS));
  say(`capacity ${capacity.toFixed(0)} runs/s in a closed loop; MAX_BACKLOG=${maxBacklog}`);
  return withClients(await deployment.start({ MAX_BACKLOG: String(maxBacklog) }), async (clients) => {
    await clients.loud.driveClosed({ token: LOUD.token, callers: CALLERS, forMs: WARM_UP_MS });
    await drained(deployment);
    const done: { phase: Phase; loops: Loops }[] = [];
    const play = async (name: string, factor: number, ms: number): Promise<void> => {
      const played = await playPhase(deployment, clients, { name, perSecond: factor * capacity, ms });
      done.push(played);
      say(
        `${name}: ${played.phase.accepted} accepted, ${played.phase.refused} refused, p99 ${played.phase.answerP99.toFixed(0)} ms`,
      );
    };
    await play('quiet alone', 0, seconds * 1_000);
    for (const factor of FACTORS) await play(`${factor} x`, factor, seconds * 1_000);
    await play('back, first minute', 0.5, RETURN_MS - LAST_MS);
    await play('back, after it', 0.5, LAST_MS);
    return conclude(deployment, { capacity, maxBacklog, done });
  });
}

interface Clients {
  loud: Client;
  quiet: Client;
}

async function withClients<T>(url: string, work: (clients: Clients) => Promise<T>): Promise<T> {
  const clients = { loud: new Client(url), quiet: new Client(url) };
  try {
    return await work(clients);
  } finally {
    await Promise.all([clients.loud.close(), clients.quiet.close()]);
  }
}

/** Runs that end each second while some are always queued, and as few as that allows. */
async function measureCapacity(deployment: Deployment, client: Client, seconds: number): Promise<number> {
  const over = new AbortController();
  const watch = async (): Promise<void> => {
    while (!over.signal.aborted) {
      client.hold((await deployment.countQueued()) >= ENOUGH_QUEUED);
      await pause(WATCH_MS);
    }
  };
  const watching = watch();
  await client.driveClosed({ token: LOUD.token, callers: CALLERS, forMs: WARM_UP_MS });
  const fromAt = Date.now();
  await client.driveClosed({ token: LOUD.token, callers: CALLERS, forMs: seconds * 1_000 });
  const toAt = Date.now();
  over.abort();
  await watching;
  await drained(deployment);
  const runs = await deployment.runsSince(fromAt - WARM_UP_MS);
  const ended = runs.filter(({ finishedAt }) => finishedAt !== null && finishedAt >= fromAt && finishedAt < toAt);
  return ended.length / ((toAt - fromAt) / 1_000);
}

/** Waits until every run has ended, with a bound. */
async function drained(deployment: Deployment): Promise<void> {
  const givesUpAt = Date.now() + DRAIN_BOUND_MS;
  while ((await deployment.countUnended()) > 0 && Date.now() < givesUpAt) await pause(SAMPLE_MS);
}

async function playPhase(
  deployment: Deployment,
  clients: Clients,
  { name, perSecond, ms: forMs }: { name: string; perSecond: number; ms: number },
): Promise<{ phase: Phase; loops: Loops }> {
  const over = new AbortController();
  const samples = sample(deployment, over.signal);
  const cpu = (): Cores => ({ ...deployment.cpuMs(), clients: cpuMs(clients.loud.pid) + cpuMs(clients.quiet.pid) });
  const [before, fromAt] = [cpu(), Date.now()];
  const [loud, quiet, after] = await Promise.all([
    perSecond === 0 ? null : clients.loud.drive({ token: LOUD.token, perSecond, forMs }),
    clients.quiet.drive({ token: QUIET.token, perSecond: QUIET_PER_SECOND, forMs }),
    // What is still waited for afterwards costs nobody anything.
    pause(forMs).then(cpu),
  ]);
  over.abort();
  const { backlogMax, resident } = await samples;
  const both = loud === null ? [quiet] : [loud, quiet];
  const sum = (countOf: (loop: LoopResult) => number): number => both.reduce((total, loop) => total + countOf(loop), 0);
  const coresOf = (part: keyof Cores): number => (after[part] - before[part]) / forMs;
  const phase: Phase = {
    ...{ name, perSecond: perSecond + QUIET_PER_SECOND, fromAt, toAt: fromAt + forMs },
    ...{ accepted: sum(({ accepted }) => accepted.length), refused: sum(({ refused }) => refused) },
    ...{ improper: sum(({ improper }) => improper), lost: sum(({ lost }) => lost) },
    ...{ givenUp: sum(({ givenUp }) => givenUp), unsent: sum(({ unsent }) => unsent) },
    answerP99: quantileOf(
      both.flatMap(({ sinceWritten }) => [...sinceWritten]),
      0.99,
    ),
    meantP99: quantileOf(
      both.flatMap(({ sinceMeant }) => [...sinceMeant]),
      0.99,
    ),
    clientDelay: Math.max(...both.map(({ loopDelay }) => loopDelay)),
    quietRefused: quiet.refused + quiet.improper + quiet.lost + quiet.givenUp,
    ...{ goodput: 0, runP95: 0, quietP95: 0, backlogMax, resident },
    cores: { clients: coresOf('clients'), api: coresOf('api'), worker: coresOf('worker'), servers: coresOf('servers') },
  };
  return { phase, loops: { loud, quiet } };
}

async function sample(deployment: Deployment, over: AbortSignal): Promise<Pick<Phase, 'backlogMax' | 'resident'>> {
  let backlogMax = 0;
  const resident = { api: 0, worker: 0 };
  while (!over.aborted) {
    backlogMax = Math.max(backlogMax, await deployment.countQueued());
    const now = deployment.residentBytes();
    resident.api = Math.max(resident.api, now.api);
    resident.worker = Math.max(resident.worker, now.worker);
    await pause(SAMPLE_MS, undefined, { signal: over }).catch(() => undefined);
  }
  return { backlogMax, resident };
}

/** Waits until every run has ended, and reads from SQL how long they took. */
async function conclude(
  deployment: Deployment,
  { capacity, maxBacklog, done }: { capacity: number; maxBacklog: number; done: { phase: Phase; loops: Loops }[] },
): Promise<Overload> {
  await drained(deployment);
  const runs = new Map((await deployment.runsSince(done[0]!.phase.fromAt)).map((run) => [run.id, run]));
  const endedAt = [...runs.values()].flatMap(({ finishedAt }) => (finishedAt === null ? [] : [finishedAt]));
  for (const { phase, loops } of done) {
    phase.goodput = endedAt.filter((at) => at >= phase.fromAt && at < phase.toAt).length / ((phase.toAt - phase.fromAt) / 1_000);
    const quiet = loops.quiet.accepted.map((accepted) => tookMs(accepted, runs));
    const loud = (loops.loud?.accepted ?? []).map((accepted) => tookMs(accepted, runs));
    phase.runP95 = quantileOf([...loud, ...quiet], 0.95);
    // A quiet start that was refused takes for ever.
    phase.quietP95 = quantileOf([...quiet, ...Array.from({ length: phase.quietRefused }, () => Infinity)], 0.95);
  }
  const acknowledged = done.flatMap(({ loops: { loud, quiet } }) => [...(loud?.accepted ?? []), ...quiet.accepted]);
  const lost = acknowledged.filter(({ runId }) => runs.get(runId)?.status !== 'completed').length;
  return {
    ...{ capacity, maxBacklog, phases: done.map(({ phase }) => phase), acknowledged: acknowledged.length, lost },
    brokenJournals: await deployment.countBrokenJournals(),
    falseTakeovers: deployment.countFalseTakeovers(),
  };
}

/** From when the start was written to the end of the run. */
function tookMs({ runId, writtenAt }: Accepted, runs: ReadonlyMap<string, RunTimes>): number {
  const finishedAt = runs.get(runId)?.finishedAt ?? null;
  return finishedAt === null ? Infinity : finishedAt - writtenAt;
}

function quantileOf(values: readonly number[], q: number): number {
  return quantile(
    values.toSorted((left, right) => left - right),
    q,
  );
}
