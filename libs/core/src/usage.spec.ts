import { describe, expect, it } from '@jest/globals';
import { snapshotForFork } from './fork.js';
import { nodeEvent, runEvent, type EventDraft, type KeptNode } from './journal-event.js';
import { compilePlan } from './plan.js';
import { reduce } from './reduce.js';
import { initialState, type RunState } from './run-state.js';
import { NO_USAGE, readStepUsage, readUsage, StepUsageSchema, toWireStepUsage, toWireUsage, type StepUsage } from './usage.js';
import { WorkflowDefinitionSchema } from './workflow-definition.js';

const USED: StepUsage = {
  ...{ modelCalls: 1, promptTokens: 70, completionTokens: 30, costMicros: 5 },
  ...{ model: 'local/m', agent: 'writer' },
};
const SUBMITTED = { workflow_id: 'w', workflow_name: 'flow', workflow_version: 1, digest: 'd' };
const compensate = { type: 'undo' };
const plan = compilePlan(
  WorkflowDefinitionSchema.parse({
    name: 'flow',
    nodes: [
      { id: 'a', type: 'agent', compensate },
      { id: 'b', type: 'agent', depends_on: ['a'] },
    ],
  }),
);

const of = (id: string, visit = 1) => ({ id, visit, attempt: 1 });
const used = (id: string, key: string, visit = 1): EventDraft =>
  nodeEvent('step.completed', of(id, visit), 2, { key, output: null, usage: toWireStepUsage(USED) });

function play(drafts: readonly EventDraft[], snapshot?: KeptNode[]): RunState {
  const state = initialState(plan, { id: 'r', taskId: null, tenantId: 'default', workflow: 'flow', input: null });
  const fork = snapshot === undefined ? {} : { forked_from: { run_id: 'old', seq: 9, nodes: [] }, snapshot };
  for (const draft of [runEvent('run.submitted', 1, { ...SUBMITTED, ...fork }), ...drafts])
    reduce(state, { ...draft, runId: 'r', seq: state.seq + 1, epoch: 1 });
  return state;
}

const times = (n: number) => ({ modelCalls: n, promptTokens: 70 * n, completionTokens: 30 * n, costMicros: 5 * n });

describe('usage', () => {
  it('is read as it was written', () => {
    expect(readStepUsage(StepUsageSchema.parse(toWireStepUsage(USED)))).toEqual(USED);
    expect(readUsage(toWireUsage(USED))).toEqual(times(1));
    expect(StepUsageSchema.safeParse({ ...toWireStepUsage(USED), cost_micros: 0.5 }).success).toBe(false);
  });

  it('is nothing for steps that call no model', () => {
    const { usage, nodes } = play([nodeEvent('step.completed', of('a'), 2, { key: 'k', output: 1 })]);
    expect(usage).toBe(NO_USAGE);
    expect(nodes[0]!.usage).toBeNull();
  });

  it('sums by node and in the run: over steps, visits, and what undoes', () => {
    const { usage, nodes } = play([
      ...[used('a', 'one'), nodeEvent('node.repeated', of('a'), 3, { output: null }), used('a', 'one', 2)],
      nodeEvent('node.completed', of('a', 2), 4, { output: null }),
      ...[
        used('b', 'one'),
        nodeEvent('node.failed', of('b'), 5, { error: { code: 'node_failed', message: 'x' }, retry_at: null }),
      ],
      runEvent('run.compensating', 6, { node_id: 'b', error: { code: 'node_failed', message: 'x' } }),
      ...[nodeEvent('compensation.started', of('a', 2), 7, {}), used('a', 'undo', 2)],
    ]);
    expect(usage).toEqual(times(4));
    expect(nodes.map((node) => node.usage)).toEqual([times(3), times(1)]);
  });

  it('counts what is journaled for a node that is settled, or in the plan no more', () => {
    const { usage, nodes } = play([
      nodeEvent('node.completed', of('a'), 3, { output: null }),
      used('a', 'late'),
      used('gone', 'k'),
    ]);
    expect(usage).toEqual(times(2));
    expect(nodes[0]!.usage).toEqual(times(1));
  });

  it('of a fork begins at nothing: what it takes over was paid by the run that it forks', () => {
    const old = play([used('a', 'one'), nodeEvent('node.completed', of('a'), 3, { output: 'A' })]);
    const fork = play([used('b', 'one')], snapshotForFork(old, plan, new Set(['b'])));
    expect(fork.nodes.map(({ usage }) => usage)).toEqual([null, times(1)]);
    expect(fork.usage).toEqual(times(1));
  });
});
