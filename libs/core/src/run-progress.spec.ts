import { expect, it } from '@jest/globals';
import { compilePlan } from './plan.js';
import { phaseOf, progressOf } from './run-progress.js';
import { initialState } from './run-state.js';
import { WorkflowDefinitionSchema } from './workflow-definition.js';

const plan = compilePlan(
  WorkflowDefinitionSchema.parse({ name: 'flow', nodes: ['a', 'b', 'c'].map((id) => ({ id, type: 'work' })) }),
);
const fresh = () => initialState(plan, { id: 'r', taskId: null, tenantId: 'default', workflow: 'flow', input: null });

it('counts nodes by their state', () => {
  const state = fresh();
  state.nodes[0]!.status = 'completed';
  state.nodes[1]!.status = 'failed';
  expect(progressOf(state)).toEqual({ total: 3, settled: 2, byStatus: { completed: 1, failed: 1, pending: 1 } });
});

it('knows from the journal what the row does not say', () => {
  const paused = { ...fresh(), paused: true };
  const undone = { ...fresh(), undoing: [] };
  expect([phaseOf('running', fresh()), phaseOf('queued', fresh()), phaseOf('failed', undone)]).toEqual([
    'executing',
    'queued',
    'ended',
  ]);
  expect([phaseOf('running', paused), phaseOf('paused', paused), phaseOf('queued', paused)]).toEqual([
    'paused',
    'paused',
    'queued',
  ]);
  expect([phaseOf('running', undone), phaseOf('waiting', undone)]).toEqual(['compensating', 'compensating']);
});
