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
  type Plan,
  type WorkflowDefinition,
} from '@baton/core';
import { Chance } from '../support/in-memory/chance.js';
import { layeredGraph } from '../support/layered-graph.js';

const SIZES = [1_000, 10_000, 100_000];
const ROUNDS = 9;
const FACTS = { id: 'r', taskId: null, tenantId: 'default', workflow: 'graph', input: null };

function definitionOf(count: number): WorkflowDefinition {
  const nodes = layeredGraph(count, new Chance(count).next).map((node) => ({ ...node, type: 'echo' }));
  return WorkflowDefinitionSchema.parse({ name: 'graph', concurrency: 100, nodes });
}

/** Milliseconds of CPU. */
function measure(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** Plays a run to its end, deciding after each event that ends a node; returns its events. */
function play(plan: Plan): number {
  const state = initialState(plan, FACTS);
  const take = (draft: EventDraft): void => reduce(state, { ...draft, runId: 'r', seq: state.seq + 1, epoch: 1 });
  take(runEvent('run.submitted', 1, { workflow_id: 'w', workflow_name: 'graph', workflow_version: 1, digest: plan.digest }));
  const inWork: { id: string; visit: number; attempt: number }[] = [];
  for (let next = 0; ; next += 1) {
    const { start, outcome } = decide(plan, state, 1);
    if (outcome !== null) return state.seq;
    for (const { index, visit, attempt } of start) {
      const subject = { id: plan.nodes[index]!.id, visit, attempt };
      take(nodeEvent('node.started', subject, 1, {}));
      inWork.push(subject);
    }
    take(nodeEvent('node.completed', inWork[next]!, 1, { output: null }));
  }
}

function show(values: readonly number[]): string {
  const sorted = values.toSorted((left, right) => left - right);
  const [least, middle, most] = [sorted[0]!, sorted[Math.floor(sorted.length / 2)]!, sorted.at(-1)!];
  return `${middle.toPrecision(3)} (${least.toPrecision(3)}..${most.toPrecision(3)})`;
}

process.stdout.write(
  '| nodes | plan, ms | events reduced, with a decision after each outcome, a second |\n| ---: | ---: | ---: |\n',
);
for (const size of SIZES) {
  const definition = definitionOf(size);
  const plan = compilePlan(definition);
  for (let warmUp = 0; warmUp < 3; warmUp += 1) play(compilePlan(definition));
  const planned = Array.from({ length: ROUNDS }, () => measure(() => compilePlan(definition)));
  const rates = Array.from({ length: ROUNDS }, () => {
    let events = 0;
    const ms = measure(() => (events = play(plan)));
    return (events / ms) * 1_000;
  });
  process.stdout.write(`| ${size.toLocaleString('en')} | ${show(planned)} | ${show(rates)} |\n`);
}
