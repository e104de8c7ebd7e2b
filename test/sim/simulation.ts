import { isTerminal } from '@baton/core';
import { Chance, World } from '../support/in-memory/index.js';
import { Cluster, type PlantedBug, type Rates } from './cluster.js';
import { EffectSink } from './effect-sink.js';
import { FAULT_KINDS } from './fault-kinds.js';
import type { SimGraph } from './graph-draft.js';
import { ACTIONS, People } from './people.js';
import { randomGraph } from './random-graph.js';
import { describeEvent, describeFailure } from './report.js';
import { differences, endOf, runProblems, taskProblems, type RunEnd } from './run-checks.js';
import { SimClock } from './sim-clock.js';
import { Counters, Trace } from './trace.js';
import { witnessOf } from './witness.js';

/** After the last fault every run has so long, in virtual time. */
const SETTLES_WITHIN_MS = 180_000;
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
    this.world.queueService.random = this.chance.next;
    this.trace = new Trace(options.listener);
    const { world, clock, chance, sink, trace, counters, graph } = this;
    const say = (violation: string): void => void this.violations.push(violation);
    this.cluster = new Cluster({
      ...{ world, clock, chance, sink, trace, counters, bug: options.bug ?? null },
      witnessOf: (process) =>
        witnessOf(process, { world, graph, trace, counters, say, factsOf: (runId) => this.people.factsOf(runId) }),
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
    const { world, chance, trace, counters, graph } = this;
    const { concurrency } = graph;
    const workflow = await world.publish('graph', graph.nodes, { concurrency });
    const taskIds = ['task-1', 'task-2'];
    for (const id of taskIds) await world.createTask(id);
    this.people = new People({ world, chance, trace, counters, graph, workflow, taskIds });
    const isReference = this.options.isReference === true;
    for (let n = isReference ? 1 : chance.pick([1, 2, 2, 3]); n > 0; n -= 1) await this.cluster.startWorker();
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
    const { queueService, lockService, bellService } = world;
    await cluster.heal();
    queueService.reachable = lockService.reachable = true;
    bellService.broken = 'no';
    const end = clock.now() + SETTLES_WITHIN_MS;
    const haveEnded = (): boolean => people.runIds.every((runId) => isTerminal(world.run(runId).status));
    while (clock.now() < end) {
      if (await clock.happensWithin(SERVED_EVERY_MS, haveEnded)) return;
      people.serve(cluster.apis[0]!.api);
    }
  }

  private async check(): Promise<void> {
    const { world, people, violations, graph, trace, chance, counters } = this;
    violations.push(...people.shocks, ...this.cluster.defects(), ...taskProblems(world));
    for (const runId of people.acknowledged)
      if (!world.db.runs.has(runId)) violations.push(`${runId} was acknowledged, and is not there`);
    const effectsOf = Map.groupBy(this.sink.effects, ({ runId }) => runId);
    const reference = graph.racy ? null : await this.playReference();
    for (const runId of people.runIds) {
      const { status, forkedFrom } = world.run(runId);
      counters.count(`run ${status}`);
      const problems = isTerminal(status)
        ? [...runProblems(runId, { world, graph, effects: effectsOf.get(runId) ?? [], chance })]
        : [`has not ended ${SETTLES_WITHIN_MS} ms after the last fault: ${status}`];
      if (isTerminal(status) && status !== 'cancelled' && forkedFrom === null && reference !== null) {
        counters.count('run compared with its reference');
        problems.push(...differences(endOf(world, runId), reference));
      }
      violations.push(...problems.map((problem) => `${trace.nameOf(runId)}: ${problem}`));
    }
  }

  private async playReference(): Promise<RunEnd> {
    const reference = new Simulation(this.seed, { isReference: true, graph: this.graph });
    await reference.play();
    return endOf(reference.world, reference.people.runIds[0]!);
  }

  /** Ids of runs aside, which no seed governs. */
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
