// `npm run bench -- --workload w7`: what planning and deciding cost on random layered graphs, without a server. CPU time, so that a busy machine shows less.
import {
  decide,
  initialState,
  nodeEvent,
  reduce,
  runEvent,
  compilePlan,
  WorkflowDefinitionSchema,
  type EventDraft,
  type JournalEvent,
  type Plan,
  type WorkflowDefinition,
} from '@baton/core';
import { Chance } from '../support/in-memory/chance.js';
import { layeredGraph } from '../support/layered-graph.js';

const SIZES = [1_000, 10_000, 100_000];
const ROUNDS = 9;
const FACTS = { id: 'r', taskId: null, tenantId: 'default', workflow: 'graph', input: null };

type Shape = (count: number) => { id: string; depends_on: string[] }[];

const layered: Shape = (count) => layeredGraph(count, new Chance(count).next);
/** All at once, after a first one. */
const wide: Shape = (count) => ids(count).map((id, index) => ({ id, depends_on: index === 0 ? [] : ['n1'] }));
/** One after the other. */
const deep: Shape = (count) => ids(count).map((id, index) => ({ id, depends_on: index === 0 ? [] : [`n${index}`] }));

function ids(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `n${index + 1}`);
}

function definitionOf(count: number, shape: Shape): WorkflowDefinition {
  const nodes = shape(count).map((node) => ({ ...node, type: 'echo' }));
  return WorkflowDefinitionSchema.parse({ name: 'graph', concurrency: 100, nodes });
}

/** Milliseconds of CPU. */
function measure(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** Plays a run to its end, deciding after each event that ends a node; returns its events, and what deciding took in all. */
function play(plan: Plan): { events: JournalEvent[]; decisions: number; decidedMs: number } {
  const state = initialState(plan, FACTS);
  const events: JournalEvent[] = [];
  const take = (draft: EventDraft): void => {
    const event = { ...draft, runId: 'r', seq: state.seq + 1, epoch: 1 };
    events.push(event);
    reduce(state, event);
  };
  let decidedMs = 0;
  take(runEvent('run.submitted', 1, { workflow_id: 'w', workflow_name: 'graph', workflow_version: 1, digest: plan.digest }));
  const inWork: { id: string; visit: number; attempt: number }[] = [];
  for (let next = 0; ; next += 1) {
    const before = performance.now();
    const { start, outcome } = decide(plan, state, 1);
    decidedMs += performance.now() - before;
    if (outcome !== null) return { events, decisions: next + 1, decidedMs };
    for (const { index, visit, attempt } of start) {
      const subject = { id: plan.nodes[index]!.id, visit, attempt };
      take(nodeEvent('node.started', subject, 1, {}));
      inWork.push(subject);
    }
    take(nodeEvent('node.completed', inWork[next]!, 1, { output: null }));
  }
}

/** Three digits of it. */
function brief(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en');
}

function show(values: readonly number[]): string {
  const sorted = values.toSorted((left, right) => left - right);
  const [least, middle, most] = [sorted[0]!, sorted[Math.floor(sorted.length / 2)]!, sorted.at(-1)!];
  return `${brief(middle)} (${brief(least)}..${brief(most)})`;
}

/** The events alone, folded once more. */
function fold(plan: Plan, events: readonly JournalEvent[]): void {
  const state = initialState(plan, FACTS);
  for (const event of events) reduce(state, event);
}

process.stdout.write('| graph | nodes | plan, ms | reduced and decided, events/s | reduced, events/s | one decision, us |\n');
process.stdout.write('| :--- | ---: | ---: | ---: | ---: | ---: |\n');
const GRAPHS = [
  ...SIZES.map((size) => ({ name: 'layers', shape: layered, size })),
  ...[wide, deep].map((shape) => ({ name: shape.name, shape, size: 10_000 })),
];
for (const { name, shape, size } of GRAPHS) {
  const definition = definitionOf(size, shape);
  const plan = compilePlan(definition);
  for (let warmUp = 0; warmUp < 3; warmUp += 1) play(compilePlan(definition));
  const planned = Array.from({ length: ROUNDS }, () => measure(() => compilePlan(definition)));
  const { events } = play(plan);
  const perSecond = (work: () => unknown): number => (events.length / measure(work)) * 1_000;
  const played = Array.from({ length: ROUNDS }, () => perSecond(() => play(plan)));
  const folded = Array.from({ length: ROUNDS }, () => perSecond(() => fold(plan, events)));
  const decided = Array.from({ length: ROUNDS }, () => {
    const { decidedMs, decisions } = play(plan);
    return (decidedMs / decisions) * 1_000;
  });
  const cells = [planned, played, folded, decided].map(show);
  process.stdout.write(`| ${name} | ${size.toLocaleString('en')} | ${cells.join(' | ')} |\n`);
}
