import { setTimeout as pause } from 'node:timers/promises';
import { quantile } from '../../bench/bench-client.js';
import { LOUD, QUIET, type Deployment, type RunTimes } from './deployment.js';
import { StartClient, type LoopResult, type Shot } from './open-loop.js';

/** What one rate of load came to. Times in ms. */
export interface Phase {
  name: string;
  perSecond: number;
  fromAt: number;
  toAt: number;
  sent: number;
  unsent: number;
  accepted: number;
  refused: number;
  /** Neither accepted nor properly refused. */
  improper: number;
  answerP99: number;
  /** Runs that ended in it, each second. */
  goodput: number;
  runP95: number;
  quietP95: number;
  quietRefused: number;
  backlogMax: number;
  residentMax: number;
}

export interface Overload {
  capacity: number;
  maxBacklog: number;
  phases: Phase[];
  acknowledged: number;
  /** Acknowledged, and not ended well when all was over. */
  lost: number;
}

const CALLERS = 64;
/** What the workers always find queued while their capacity is measured. */
const ENOUGH_QUEUED = 200;
const WARM_UP_MS = 3_000;
const QUIET_PER_SECOND = 5;
const FACTORS = [0.5, 1, 2, 5, 10];
/** How long the runs of a full backlog take at capacity: what a caller may have to wait, and what must be over a minute later. */
const BACKLOG_SECONDS = 10;
/** What answers must keep to, less what a refusal takes. */
const MAX_START_DELAY_MS = '150';
const RETURN_MS = 60_000;
const LAST_MS = 15_000;
const SAMPLE_MS = 500;
const WATCH_MS = 20;
const DRAIN_BOUND_MS = 120_000;

/** Finds the capacity, then offers multiples of it and goes back. */
export async function measureOverload(deployment: Deployment, seconds: number, say: (line: string) => void): Promise<Overload> {
  let client = new StartClient(await deployment.start({}));
  try {
    const capacity = await measureCapacity(deployment, client, seconds);
    const maxBacklog = Math.max(100, Math.round(capacity * BACKLOG_SECONDS));
    say(`capacity ${capacity.toFixed(0)} runs/s in a closed loop; MAX_BACKLOG=${maxBacklog}`);
    await client.close();
    client = new StartClient(await deployment.start({ MAX_BACKLOG: String(maxBacklog), MAX_START_DELAY_MS }));
    await client.driveClosed(LOUD, CALLERS, WARM_UP_MS, () => true);
    await drained(deployment);
    const done: { phase: Phase; loop: LoopResult }[] = [];
    const play = async (name: string, factor: number, ms: number): Promise<void> => {
      const played = await playPhase(deployment, client, { name, perSecond: factor * capacity, ms });
      done.push(played);
      say(
        `${name}: ${played.phase.accepted} accepted, ${played.phase.refused} refused, p99 ${played.phase.answerP99.toFixed(0)} ms`,
      );
    };
    await play('quiet alone', 0, seconds * 1_000);
    for (const factor of FACTORS) await play(`${factor} x`, factor, seconds * 1_000);
    await play('back, first minute', 0.5, RETURN_MS - LAST_MS);
    await play('back, after it', 0.5, LAST_MS);
    return await conclude(deployment, { capacity, maxBacklog, done });
  } finally {
    await client.close();
  }
}

/** Runs that end each second while some are always queued, and as few as that allows. */
async function measureCapacity(deployment: Deployment, client: StartClient, seconds: number): Promise<number> {
  const over = new AbortController();
  let queued = 0;
  const watch = async (): Promise<void> => {
    while (!over.signal.aborted) {
      queued = await deployment.countQueued();
      await pause(WATCH_MS);
    }
  };
  const watching = watch();
  await client.driveClosed(LOUD, CALLERS, WARM_UP_MS, () => queued < ENOUGH_QUEUED);
  const fromAt = Date.now();
  await client.driveClosed(LOUD, CALLERS, seconds * 1_000, () => queued < ENOUGH_QUEUED);
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
  client: StartClient,
  { name, perSecond, ms }: { name: string; perSecond: number; ms: number },
): Promise<{ phase: Phase; loop: LoopResult }> {
  const over = new AbortController();
  const samples = sample(deployment, over.signal);
  const fromAt = Date.now();
  const loud = perSecond === 0 ? [] : [{ ...LOUD, perSecond }];
  const loop = await client.drive([...loud, { ...QUIET, perSecond: QUIET_PER_SECOND }], ms);
  const toAt = fromAt + ms;
  over.abort();
  const { backlogMax, residentMax } = await samples;
  const refused = loop.shots.filter(isRefusal);
  const accepted = loop.shots.filter(({ status }) => status === 202);
  const phase: Phase = {
    ...{ name, perSecond: perSecond + QUIET_PER_SECOND, fromAt, toAt, sent: loop.shots.length, unsent: loop.unsent },
    ...{ accepted: accepted.length, refused: refused.length, improper: loop.shots.length - accepted.length - refused.length },
    answerP99: quantileOf(
      loop.shots.map((shot) => shot.ms),
      0.99,
    ),
    quietRefused: loop.shots.filter(({ tenant, status }) => tenant === QUIET.tenant && status !== 202).length,
    ...{ goodput: 0, runP95: 0, quietP95: 0, backlogMax, residentMax },
  };
  return { phase, loop };
}

/** 429 or 503 that says when to come again. */
function isRefusal({ status, retryAfter }: Shot): boolean {
  return (status === 429 || status === 503) && /^\d+$/.test(retryAfter ?? '');
}

async function sample(deployment: Deployment, over: AbortSignal): Promise<{ backlogMax: number; residentMax: number }> {
  let [backlogMax, residentMax] = [0, 0];
  while (!over.aborted) {
    backlogMax = Math.max(backlogMax, await deployment.countQueued());
    residentMax = Math.max(residentMax, deployment.residentBytes());
    await pause(SAMPLE_MS, undefined, { signal: over }).catch(() => undefined);
  }
  return { backlogMax, residentMax };
}

/** Waits until every run has ended, and reads from SQL how long they took. */
async function conclude(
  deployment: Deployment,
  { capacity, maxBacklog, done }: { capacity: number; maxBacklog: number; done: { phase: Phase; loop: LoopResult }[] },
): Promise<Overload> {
  await drained(deployment);
  const runs = new Map((await deployment.runsSince(done[0]!.phase.fromAt)).map((run) => [run.id, run]));
  const endedAt = [...runs.values()].flatMap(({ finishedAt }) => (finishedAt === null ? [] : [finishedAt]));
  for (const { phase, loop } of done) {
    phase.goodput = endedAt.filter((at) => at >= phase.fromAt && at < phase.toAt).length / ((phase.toAt - phase.fromAt) / 1_000);
    const tookOf = (shots: readonly Shot[]): number =>
      quantileOf(
        shots.map((shot) => tookMs(shot, runs)),
        0.95,
      );
    phase.runP95 = tookOf(loop.shots.filter(({ runId }) => runId !== null));
    phase.quietP95 = tookOf(loop.shots.filter(({ tenant }) => tenant === QUIET.tenant));
  }
  const acknowledged = done.flatMap(({ loop }) => loop.shots.flatMap(({ runId }) => (runId === null ? [] : [runId])));
  const lost = acknowledged.filter((id) => runs.get(id)?.status !== 'completed').length;
  return { capacity, maxBacklog, phases: done.map(({ phase }) => phase), acknowledged: acknowledged.length, lost };
}

/** From when the start was meant to be sent to the end of the run; a refused start takes for ever. */
function tookMs({ runId, intendedAt }: Shot, runs: ReadonlyMap<string, RunTimes>): number {
  const finishedAt = runId === null ? null : (runs.get(runId)?.finishedAt ?? null);
  return finishedAt === null ? Infinity : finishedAt - intendedAt;
}

function quantileOf(values: readonly number[], q: number): number {
  return quantile(
    values.toSorted((left, right) => left - right),
    q,
  );
}
