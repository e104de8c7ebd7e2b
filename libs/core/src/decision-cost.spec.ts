import { expect, it } from '@jest/globals';
import { Chance } from '../../../test/support/in-memory/index.js';
import { layeredGraph } from '../../../test/support/layered-graph.js';
import { decide } from './decide.js';
import { nodeEvent, runEvent, type EventDraft } from './journal-event.js';
import { compilePlan, type Plan } from './plan.js';
import { reduce } from './reduce.js';
import { initialState, type RunState } from './run-state.js';
import { WorkflowDefinitionSchema } from './workflow-definition.js';

const FACTS = { id: 'r', taskId: null, tenantId: 'default', workflow: 'flow', input: null };
const SUBMITTED = { workflow_id: 'w', workflow_name: 'flow', workflow_version: 1, digest: 'd' };

/** A state that counts how often a node of it is looked at. */
function countingState(plan: Plan): { state: RunState; looks: () => number } {
  let looks = 0;
  const state = initialState(plan, FACTS);
  const get = (nodes: RunState['nodes'], key: string | symbol): unknown => {
    if (typeof key === 'string' && /^\d+$/.test(key)) looks += 1;
    return Reflect.get(nodes, key);
  };
  return { state: { ...state, nodes: new Proxy(state.nodes, { get }) }, looks: () => looks };
}

/** Executes every node, as many at once as the plan allows, and returns how often nodes were looked at. */
function playThrough(plan: Plan): number {
  const { state, looks } = countingState(plan);
  const take = (draft: EventDraft): void => reduce(state, { ...draft, runId: 'r', seq: state.seq + 1, epoch: 1 });
  take(runEvent('run.submitted', 1, SUBMITTED));
  const inWork: { id: string; visit: number; attempt: number }[] = [];
  for (;;) {
    const { start, outcome } = decide(plan, state, 1);
    if (outcome !== null) break;
    for (const { index, visit, attempt } of start) {
      const subject = { id: plan.nodes[index]!.id, visit, attempt };
      take(nodeEvent('node.started', subject, 1, {}));
      inWork.push(subject);
    }
    take(nodeEvent('node.completed', inWork.shift()!, 1, { output: null }));
  }
  expect(state.unsettled).toBe(0);
  return looks();
}

const planOf = (nodes: readonly { id: string; depends_on: string[] }[]): Plan =>
  compilePlan(WorkflowDefinitionSchema.parse({ name: 'flow', nodes: nodes.map((node) => ({ ...node, type: 'work' })) }));

it.each([
  ['wide', (count: number) => Array.from({ length: count }, (_, n) => ({ id: `n${n}`, depends_on: [] }))],
  [
    'deep',
    (count: number) => Array.from({ length: count }, (_, n) => ({ id: `n${n}`, depends_on: n === 0 ? [] : [`n${n - 1}`] })),
  ],
  ['layered', (count: number) => layeredGraph(count, new Chance(count).next)],
] as const)('a run of a %s graph looks at each node a few times, however many there are', (_, graph) => {
  const perNode = [100, 1_000, 10_000].map((count) => playThrough(planOf(graph(count))) / count);
  for (const looks of perNode) expect(looks).toBeLessThan(20);
  expect(perNode[2]! / perNode[0]!).toBeLessThan(1.5);
});
