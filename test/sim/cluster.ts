import { BatonError } from '@baton/core';
import type { EngineObserver } from '@baton/engine';
import {
  MemoryRunStore,
  type Chance,
  type MemoryDatabase,
  type SimulatedApi,
  type SimulatedWorker,
  type World,
} from '../support/in-memory/index.js';
import type { SimGraph } from './graph-draft.js';
import { NamingRunStore } from './naming-run-store.js';
import { POOL } from './node-sketches.js';
import { SinkLine, type EffectSink } from './effect-sink.js';
import { simHandlers, type HandlerWitness } from './handlers.js';
import { SimProcess, type Service, type Weather } from './sim-process.js';
import type { SimClock } from './sim-clock.js';
import type { Counters, Trace } from './trace.js';

/** A bug that somebody might put into the engine, planted around it: the checks must find each. */
export interface PlantedBug {
  name: string;
  runStore?: new (db: MemoryDatabase) => MemoryRunStore;
  noWaker?: true;
  /** What handlers are told as their idempotency key. */
  keyOf?: (context: { idempotencyKey: string; attempt: number }) => string;
}

/** How rough it is: the share of calls, or timers, that each of these befalls. */
export interface Rates {
  crash: number;
  /** Of appends: stopped just before, and continued when another has the run. */
  stop: number;
  refuse: number;
  lostReply: number;
  slow: number;
  late: number;
}

/** What a worker process is started for; its successor is too. */
type Duty = 'runs and pool' | 'runs' | 'pool';

/** A journal that grows so long may get checkpoints; smaller graphs need no writer. */
const LONG_GRAPH = 15;

const CALM: Rates = { crash: 0, stop: 0, refuse: 0, lostReply: 0, slow: 0, late: 0 };

/** Where a fault hurts most: it is four times as likely there. */
const DELICATE = new Set(['append', 'claim', 'submit', 'signal', 'decide', 'send', 'enqueue', 'raiseGenerations']);

interface Member {
  readonly process: SimProcess;
}
export interface WorkerMember extends Member {
  readonly duty: Duty;
  readonly worker: SimulatedWorker;
}
export interface ApiMember extends Member {
  readonly api: SimulatedApi;
}

interface ClusterParts {
  world: World;
  clock: SimClock;
  chance: Chance;
  graph: SimGraph;
  sink: EffectSink;
  trace: Trace;
  counters: Counters;
  witnessOf(process: SimProcess): HandlerWitness;
  bug: PlantedBug | null;
}

/** The processes of a simulation, and the weather between them and their services. */
export class Cluster implements Weather {
  readonly workers: WorkerMember[] = [];
  readonly apis: ApiMember[] = [];
  /** All there ever were. */
  private readonly everyWorker: SimulatedWorker[] = [];
  rates = CALM;
  sqlAwayUntil = 0;
  private started = 0;

  constructor(private readonly parts: ClusterParts) {}

  /** The first one does everything. */
  async startAnyWorker(): Promise<void> {
    const duty =
      this.everyWorker.length === 0 ? 'runs and pool' : this.parts.chance.pick<Duty>(['runs and pool', 'runs', 'pool']);
    await this.startWorker(duty);
  }

  private async startWorker(duty: Duty): Promise<void> {
    const { world, clock, chance, sink, bug, counters } = this.parts;
    this.started += 1;
    const process = new SimProcess(`w${this.started}`, clock, this);
    const line = new SinkLine(sink);
    const special = this.started % 2 === 1;
    const handlers = simHandlers({
      ...{ clock: process.clock, random: chance.next, line, special, keyOf: bug?.keyOf },
      witness: this.parts.witnessOf(process),
    });
    const worker = world.worker(process.id, {
      ...{ handlers, random: chance.next, clock: process.clock, ttlMs: 5_000, renewMs: 1_500 },
      options: { maxClaims: 1_000, parkAfterMs: 1_000, maxOutputBytes: 10_000 },
      waker: { intervalMs: 1_500, graceMs: 1_000 },
      ...{ pools: duty === 'runs' ? [] : [POOL], takesRuns: duty !== 'pool', maxTakes: 1_000 },
      routing: { queueMs: 20_000, timeoutMs: 20_000 },
      checkpoints: { intervalMs: 700, everyEvents: 40, everyMs: 5_000 },
      targets: { call: () => 'the target' },
      ...(bug?.runStore !== undefined && { runStore: bug.runStore }),
    });
    const { runs, registry, workflows, checkpoints, circuits, places } = worker;
    for (const { calls } of [runs, registry, workflows, checkpoints, circuits, places]) process.connect(calls, 'sql');
    for (const { calls } of [worker.queue, worker.poolQueue]) process.connect(calls, 'queue');
    process.connect(worker.locks.calls, 'locks');
    process.connect(line.calls, 'outside');
    process.onKill(() => [worker.crash(), line.calls.die()]);
    this.workers.push({ process, worker, duty });
    this.everyWorker.push(worker);
    try {
      await worker.start();
      if (bug?.noWaker !== true) worker.waker.start();
      this.startActors(worker);
    } catch {
      // As the real one: a process that cannot announce itself ends, and is started again.
      counters.count('worker that could not start');
      this.crashWorker(process);
    }
  }

  /** Those that can have something to do. */
  private startActors({ rescuer, admitter, checkpointWriter }: SimulatedWorker): void {
    const { nodes, settings, children } = this.parts.graph;
    const graphs = [nodes, ...children.map((child) => child.nodes)];
    if (graphs.some((each) => Object.values(each).some(({ pool }) => pool !== undefined))) rescuer.start();
    if (settings.limits !== undefined) admitter.start();
    if (Object.keys(nodes).length >= LONG_GRAPH) checkpointWriter.start();
  }

  startApi(): void {
    const { world, clock } = this.parts;
    this.started += 1;
    const process = new SimProcess(`a${this.started}`, clock, this);
    const api = world.api(process.id, { taskWorkflow: 'graph', runStore: NamingRunStore }, process.clock);
    for (const { calls } of [api.runs, api.tasks, api.workflows, api.places]) process.connect(calls, 'sql');
    process.connect(api.queue.calls, 'queue');
    process.connect(api.locks.calls, 'locks');
    process.onKill(() => {
      api.bell.die();
      for (const { calls } of [api.runs, api.tasks, api.workflows, api.places, api.queue, api.locks]) calls.die();
    });
    this.apis.push({ process, api });
  }

  /** kill -9; another takes its place after a while. */
  crash(process: SimProcess): void {
    if (process.isDead) return;
    if (this.workers.some((member) => member.process === process)) return this.crashWorker(process);
    process.kill();
    this.apis.splice(
      this.apis.findIndex((member) => member.process === process),
      1,
    );
    this.startApi();
  }

  /** SIGTERM, with a grace period; another takes its place. */
  shutDown(member: WorkerMember): void {
    const { worker, duty } = member;
    const { waker, rescuer, admitter, checkpointWriter } = worker;
    this.workers.splice(this.workers.indexOf(member), 1);
    const actors = [waker, rescuer, admitter, checkpointWriter].map((actor) => actor.stop());
    void Promise.all([...actors, worker.shutDown(this.parts.chance.below(4_000))]);
    void this.startWorker(duty);
  }

  /** SIGSTOP, and SIGCONT a little after another has taken one of its runs, or when nobody does for long. */
  stopUntilTaken({ process, worker }: WorkerMember): void {
    const { world, chance } = this.parts;
    const isTaken = (): boolean =>
      worker.advancer.heldRunIds.some((runId) => ![process.id, null].includes(world.run(runId).workerId));
    this.stopUntil(process, isTaken, 8_000 + chance.below(5_000), chance.below(1_000));
  }

  /** SIGSTOP, and SIGCONT after a while. */
  stopForAWhile({ process }: Member, ms: number): void {
    this.stopUntil(process, () => false, ms, 0);
  }

  private stopUntil(process: SimProcess, condition: () => boolean, atMostMs: number, moreMs: number): void {
    const { clock } = this.parts;
    const end = clock.now() + atMostMs;
    process.stop();
    const wait = async (): Promise<void> => {
      while (clock.now() < end && !condition()) await clock.sleep(50);
      await clock.sleep(moreMs);
      await process.continue();
    };
    void wait();
  }

  /** Every process goes on, every service answers, and there is a worker. */
  async heal(): Promise<void> {
    this.rates = CALM;
    this.sqlAwayUntil = 0;
    for (const { process } of [...this.workers, ...this.apis]) void process.continue();
    if (this.workers.length === 0) await this.startAnyWorker();
  }

  killAll(): void {
    for (const { process } of [...this.workers, ...this.apis]) process.kill();
  }

  /** What the engine found wrong and no weather explains. */
  defects(): string[] {
    const troubles = this.everyWorker.flatMap((worker) => worker.told('trouble') as Parameters<EngineObserver['trouble']>[0][]);
    return troubles.flatMap(({ what, error }) => {
      if (error instanceof BatonError && error.code === 'storage_unavailable') return [];
      if (error instanceof Error && error.message === 'the queue cannot be reached') return [];
      return [`trouble with ${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`];
    });
  }

  lateness(): number {
    const { late } = this.rates;
    if (late === 0 || !this.happens('late timer', late)) return 0;
    return this.parts.chance.below(400);
  }

  before(process: SimProcess, service: Service, operation: string): Promise<void> | void {
    const { trace, clock, chance } = this.parts;
    trace.note(clock.now(), `${process.id} ${service}.${operation}`);
    if (this.rates === CALM) return;
    const { crash, stop, refuse, slow } = this.rates;
    if (service === 'sql' && clock.now() < this.sqlAwayUntil) throw unavailable();
    const weight = DELICATE.has(operation) ? 4 : 1;
    if (this.happens('crash before a call is done', crash * weight)) return this.crash(process);
    const worker = operation === 'append' ? this.workers.find((member) => member.process === process) : undefined;
    if (worker !== undefined && this.happens('stopped with an append on its lips', stop)) return this.stopUntilTaken(worker);
    if (service !== 'locks' && this.happens('call refused', refuse * weight)) throw unavailable();
    if (this.happens('slow call', slow)) return clock.sleep(chance.below(3_000));
  }

  after(process: SimProcess, service: Service, operation: string): Promise<void> | void {
    if (this.rates === CALM) return;
    const { clock, chance } = this.parts;
    const { crash, lostReply, slow } = this.rates;
    const weight = DELICATE.has(operation) ? 4 : 1;
    if (this.happens('crash after a call is done', crash * weight)) return this.crash(process);
    const named = operation === 'append' ? 'lost reply to a commit' : 'lost reply';
    if (service !== 'locks' && this.happens(named, lostReply * weight)) throw unavailable();
    if (this.happens('slow reply', slow)) return clock.sleep(chance.below(3_000));
  }

  private happens(name: string, share: number): boolean {
    const { chance, counters, trace, clock } = this.parts;
    if (share === 0 || !chance.happens(share)) return false;
    counters.count(`fault: ${name}`);
    trace.note(clock.now(), `fault: ${name}`);
    return true;
  }

  private crashWorker(process: SimProcess): void {
    const { clock, chance } = this.parts;
    process.kill();
    const place = this.workers.findIndex((member) => member.process === process);
    // It was told to end, or killed, while it started: another comes for it already.
    if (place < 0) return;
    const [{ duty }] = this.workers.splice(place, 1) as [WorkerMember];
    void clock.sleep(chance.below(3_000)).then(() => this.startWorker(duty));
  }
}

function unavailable(): BatonError {
  return new BatonError('storage_unavailable', 'by chance');
}
