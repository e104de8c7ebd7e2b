import { expect, it } from '@jest/globals';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { decide } from './decide.js';
import { nodeEvent, runEvent, type EventDraft } from './journal-event.js';
import { compilePlan, type Plan } from './plan.js';
import { reduce } from './reduce.js';
import { initialState, type RunState } from './run-state.js';
import { WorkflowDefinitionSchema } from './workflow-definition.js';

// The budget of docs/performance.md: bytes that one decision allocates, whatever the size of the graph.

const BUDGET_BYTES = 2_000;
const FACTS = { id: 'r', taskId: null, tenantId: 'default', workflow: 'flow', input: null };
const SUBMITTED = { workflow_id: 'w', workflow_name: 'flow', workflow_version: 1, digest: 'd' };
/** Few enough that the young generation holds what they leave: a collection among them would hide it. */
const DECISIONS = 100;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** A run of which a tenth is done, and the next node may start. */
function runInWork(plan: Plan): RunState {
  const state = initialState(plan, FACTS);
  const take = (draft: EventDraft): void => reduce(state, { ...draft, runId: 'r', seq: state.seq + 1, epoch: 1 });
  take(runEvent('run.submitted', 1, SUBMITTED));
  const inWork: { id: string; visit: number; attempt: number }[] = [];
  for (let done = 0; done < plan.nodes.length / 10; done += 1) {
    for (const { index, visit, attempt } of decide(plan, state, 1).start) {
      const subject = { id: plan.nodes[index]!.id, visit, attempt };
      take(nodeEvent('node.started', subject, 1, {}));
      inWork.push(subject);
    }
    take(nodeEvent('node.completed', inWork.shift()!, 1, { output: null }));
  }
  return state;
}

/** Of one decision. The least of several readings: a collection makes one too small to be kept, compiled code makes one too large. */
function bytesOf(plan: Plan): number {
  const state = runInWork(plan);
  for (let warmUp = 0; warmUp < 500; warmUp += 1) decide(plan, state, 1);
  const readings = Array.from({ length: 8 }, () => {
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    for (let time = 0; time < DECISIONS; time += 1) decide(plan, state, 1);
    return (process.memoryUsage().heapUsed - before) / DECISIONS;
  });
  return Math.min(...readings.filter((bytes) => bytes > 0));
}

const planOf = (nodes: readonly object[]): Plan =>
  compilePlan(WorkflowDefinitionSchema.parse({ name: 'flow', nodes: nodes.map((node) => ({ ...node, type: 'work' })) }));
const wide = (count: number) => Array.from({ length: count }, (_, n) => ({ id: `n${n}`, depends_on: [] }));
const deep = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ id: `n${n}`, depends_on: n === 0 ? [] : [`n${n - 1}`] }));

it.each([
  ['wide', wide],
  ['deep', deep],
] as const)('a decision on a %s graph allocates what changes, not what there is', (_, graph) => {
  const [few, many] = [100, 3_000].map((count) => bytesOf(planOf(graph(count)))) as [number, number];
  expect(few).toBeGreaterThan(0);
  expect(few).toBeLessThan(BUDGET_BYTES);
  expect(many).toBeLessThan(1.5 * few + 100);
});
