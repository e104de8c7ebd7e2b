import { expect, test } from '@jest/globals';
import { nodeEvent, runEvent, type EventDraft } from './journal-event.js';
import { resultOf, tierProgress } from './orchestration-result.js';
import { compilePlan } from './plan.js';
import { reduce } from './reduce.js';
import { initialState } from './run-state.js';
import { WorkflowDefinitionSchema } from './workflow-definition.js';

const agent = (id: string, tier: string, after: string[] = []) => ({
  ...{ id, type: 'agent', depends_on: after },
  config: { role: 'work', tier },
});
const plan = compilePlan(
  WorkflowDefinitionSchema.parse({
    name: 'flow',
    nodes: [agent('worker-1', 'worker'), agent('worker-2', 'worker'), agent('final', 'final', ['worker-1', 'worker-2'])],
  }),
);
const visit = (id: string) => ({ id, visit: 1, attempt: 1 });

test('what agents came to and took, also when they have ended, and how far each tier is', () => {
  const state = initialState(plan, { id: 'run', taskId: null, tenantId: 'default', workflow: 'flow', input: null });
  const events: EventDraft[] = [
    runEvent('run.submitted', 0, { workflow_id: 'w', workflow_name: 'flow', workflow_version: 1, digest: plan.digest }),
    runEvent('run.claimed', 0, { worker_id: 'w1' }),
    nodeEvent('node.started', visit('worker-1'), 100, {}),
    nodeEvent('node.started', visit('worker-2'), 100, {}),
    nodeEvent('node.completed', visit('worker-1'), 1_600, { output: { answer: 'It is [1].', citations: [{ n: 1 }] } }),
  ];
  events.forEach((draft, index) => reduce(state, { ...draft, runId: 'run', seq: index + 1, epoch: 1 }));
  const { agentResults, synthesisResults, final } = resultOf(state, new Map());
  expect(agentResults).toMatchObject([
    { nodeId: 'worker-1', status: 'completed', answer: 'It is [1].', citations: [{ n: 1 }], workedMs: 1_500 },
    { nodeId: 'worker-2', status: 'running', answer: null, citations: [], workedMs: 0 },
  ]);
  expect([synthesisResults, final?.nodeId]).toEqual([[], 'final']);
  expect(tierProgress(state)).toEqual([
    { tier: 'worker', total: 2, settled: 1 },
    { tier: 'final', total: 1, settled: 0 },
  ]);
});
