import { isTerminal, type WorkflowRef } from '@baton/core';
import { Chance, World } from '../support/in-memory/index.js';
import { CheckpointWatch } from './checkpoint-watch.js';
import { Cluster, type PlantedBug, type Rates } from './cluster.js';
import { EffectSink } from './effect-sink.js';
import { FAULT_KINDS } from './fault-kinds.js';
import type { SimGraph } from './graph-draft.js';
import { ACTIONS, People } from './people.js';
import { countWhatHappened } from './happenings.js';
import { leftPlaces } from './limit-checks.js';
import { chainOf, rootOf, RunGraphs } from './run-graphs.js';
import { randomGraph } from './random-graph.js';
import { describeEvent, describeFailure } from './report.js';
import { differences, endOf, runProblems, taskProblems, touchedFamilies, type RunEnd } from './run-checks.js';
import { SimClock } from './sim-clock.js';
import { Counters, Trace } from './trace.js';
import { witnessOf } from './witness.js';

/** After the last fault every run ends; none stands still for longer than this, in virtual time. */
const STANDS_STILL_MS = 180_000;
/** Nor does any of them take longer than this, however much happens. */
const SETTLES_WITHIN_MS = 1_800_000;
const SERVED_EVERY_MS = 2_000;
const BAG = ACTIONS.flatMap((action) => Array.from({ length: action.weight }, () => action));

/** What came of a seed. */
export interface SimOutcome {
  seed: number;
  runs: number;
  violations: string[];
  counts: Readonly<Record<string, number>>;
  traceHash: string;
  /** All that is needed to see what happened, for people. */
  describe(): string;
}

export interface SimOptions {
  bug?: PlantedBug;
  /** Hears every line of the trace. */
  listener?: (line: string) => void;
  /** Nothing fails, and one run is all. */
  isReference?: boolean;
  graph?: SimGraph;
}

/** One world from one seed: processes, a workflow, people and faults, and at the end the checks. */
class Simulation {
  readonly counters = new Counters();
  private readonly chance: Chance;
  private readonly clock: SimClock;
  private readonly world: World;
  private readonly trace: Trace;
  private readonly sink = new EffectSink();
  private readonly violations: string[] = [];
  private readonly graph: SimGraph;
  private readonly graphs: RunGraphs;
  private readonly checkpoints: CheckpointWatch;
  private readonly cluster: Cluster;
  private people!: People;

  constructor(
    private readonly seed: number,
    private readonly options: SimOptions = {},
  ) {
    this.chance = new Chance(seed);
    this.graph = options.graph ?? randomGraph(new Chance(seed ^ 0x5eed));
    this.clock = new SimClock(new Chance(seed ^ 0x717e));
    this.world = new World(this.clock);
    this.graphs = new RunGraphs(this.world, this.graph);
    this.checkpoints = new CheckpointWatch(this.world);
    this.world.queueService.random = this.chance.next;
    this.trace = new Trace(options.listener);
    const { world, clock, chance, sink, trace, counters, graph, graphs } = this;
    const say = (violation: string): void => void this.violations.push(violation);
    this.cluster = new Cluster({
      ...{ world, clock, chance, graph, sink, trace, counters, bug: options.bug ?? null },
      witnessOf: (process) =>
        witnessOf(process, { world, graphs, trace, counters, say, factsOf: (runId) => this.people.factsOf(runId) }),
    });
  }

  async play(): Promise<SimOutcome> {
    try {
      await this.begin();
      if (this.options.isReference !== true) await this.storm();
      await this.endAll();
    } catch (error) {
      this.violations.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
    this.cluster.killAll();
    if (this.options.isReference !== true) await this.check();
    this.noteJournals();
    const { seed, violations, counters, trace, people, graph, world } = this;
    return {
      ...{ seed, violations, counts: counters.counts, runs: people.runIds.length, traceHash: trace.hash() },
      describe: () => describeFailure(seed, { violations, graph, trace, world }),
    };
  }

  private async begin(): Promise<void> {
    const { world, chance, trace, counters, graph, graphs } = this;
    const publish = ({ name, nodes, concurrency, settings }: SimGraph): Promise<WorkflowRef> =>
      world.publish(name, nodes, { concurrency, ...settings });
    for (const child of graph.children) await publish(child);
    const workflow = await publish(graph);
    const taskIds = ['task-1', 'task-2'];
    for (const id of taskIds) await world.createTask(id);
    this.people = new People({ world, chance, trace, counters, graph, graphs, workflow, taskIds });
    const isReference = this.options.isReference === true;
    for (let n = isReference ? 1 : chance.pick([1, 2, 2, 3]); n > 0; n -= 1) await this.cluster.startAnyWorker();
    for (let n = isReference ? 1 : 2; n > 0; n -= 1) this.cluster.startApi();
    if (isReference) await world.launch(workflow, graph.input);
    else this.people.act(ACTIONS[0]!, this.cluster.apis[0]!.api);
  }

  /** Faults and people, in turn by chance. Some seeds have no faults at all, so that what needs none is seen plainly. */
  private async storm(): Promise<void> {
    const { chance, clock, cluster, people, world, counters, trace } = this;
    const roughness = chance.pick([0, 1, 2, 3, 4]);
    if (roughness > 0) cluster.rates = this.drawRates();
    const end = clock.now() + 2_000 + chance.below(14_000);
    while (clock.now() < end) {
      await clock.advance(chance.below(1_000));
      await this.lookAtCheckpoints();
      if (roughness > 0 && chance.happens(0.15 * roughness)) {
        const fault = chance.pick(FAULT_KINDS);
        if (fault.strike({ world, cluster, chance, runIds: people.runIds }) === false) continue;
        counters.count(`fault: ${fault.name}`);
        trace.note(clock.now(), `fault: ${fault.name}`);
      } else people.act(chance.pick(BAG), chance.pick(cluster.apis).api);
    }
  }

  private drawRates(): Rates {
    const rate = (high: number): number => this.chance.pick([0, high / 4, high]);
    return { crash: rate(0.004), stop: rate(0.08), refuse: rate(0.02), lostReply: rate(0.02), slow: rate(0.05), late: rate(0.1) };
  }

  /** The faults end; every run has to, soon. */
  private async endAll(): Promise<void> {
    const { clock, cluster, people, world } = this;
    const { queueService, poolService, lockService, bellService } = world;
    await cluster.heal();
    queueService.reachable = poolService.reachable = lockService.reachable = true;
    bellService.broken = 'no';
    const end = clock.now() + SETTLES_WITHIN_MS;
    let [seen, seenAt] = [0, clock.now()];
    const haveEnded = (): boolean => people.runIds.every((runId) => isTerminal(world.run(runId).status));
    while (clock.now() < Math.min(end, seenAt + STANDS_STILL_MS)) {
      if (await clock.happensWithin(SERVED_EVERY_MS, haveEnded)) return;
      const happened = people.runIds.reduce((sum, runId) => sum + world.run(runId).seq, 0);
      if (happened > seen) [seen, seenAt] = [happened, clock.now()];
      await this.lookAtCheckpoints();
      people.serve(cluster.apis[0]!.api);
    }
  }

  private async lookAtCheckpoints(): Promise<void> {
    const { looked, problems } = await this.checkpoints.look();
    if (looked > 0) this.counters.count('checkpoint compared with its journal', looked);
    this.violations.push(...problems);
  }

  private async check(): Promise<void> {
    const { world, people, violations, graph, graphs, trace, chance, counters } = this;
    violations.push(...people.shocks, ...this.cluster.defects(), ...taskProblems(world));
    for (const runId of people.acknowledged)
      if (!world.db.runs.has(runId)) violations.push(`${runId} was acknowledged, and is not there`);
    const effectsOf = Map.groupBy(this.sink.effects, ({ runId }) => runId);
    const reference = graph.racy ? null : await this.playReference();
    const touched = touchedFamilies(world);
    for (const runId of people.runIds) {
      const { status } = world.run(runId);
      counters.count(`run ${status}`);
      const problems = isTerminal(status)
        ? [...runProblems(runId, { world, graphs, effects: effectsOf.get(runId) ?? [], chance })]
        : [`has not ended, long after the last fault: ${status}`];
      const place = chainOf(world, rootOf(world, runId)).indexOf(runId);
      const isComparable =
        place >= 0 && !touched.has(rootOf(world, runId)) && world.run(rootOf(world, runId)).forkedFrom === null;
      if (isTerminal(status) && reference !== null && isComparable) {
        counters.count('run compared with its reference');
        problems.push(
          ...(reference[place] === undefined ? ['it goes on longer'] : differences(endOf(world, runId), reference[place])),
        );
      }
      countWhatHappened(counters, world.run(runId), world.journal(runId));
      violations.push(...problems.map((problem) => `${trace.nameOf(runId)}: ${problem}`));
    }
    if (people.runIds.every((runId) => isTerminal(world.run(runId).status))) violations.push(...leftPlaces(world));
  }

  /** How the run ends without any fault, and each of those in which it goes on. */
  private async playReference(): Promise<RunEnd[]> {
    const reference = new Simulation(this.seed, { isReference: true, graph: this.graph });
    await reference.play();
    return chainOf(reference.world, reference.people.runIds[0]!).map((runId) => endOf(reference.world, runId));
  }

  private noteJournals(): void {
    for (const [runId, events] of this.world.db.journals) {
      for (const event of events.slice(1)) this.trace.note(event.at, `${this.trace.nameOf(runId)} ${describeEvent(event)}`);
    }
  }
}

/** Plays one seed. */
export function simulate(seed: number, options: SimOptions = {}): Promise<SimOutcome> {
  return new Simulation(seed, options).play();
}
