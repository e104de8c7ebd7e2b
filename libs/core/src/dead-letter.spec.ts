import { beforeEach, describe, expect, test } from '@jest/globals';
import { deadLetterOf, type DeadLetterRule } from './dead-letter.js';
import { nodeEvent, runEvent, type EventDraft } from './journal-event.js';
import { compilePlan } from './plan.js';
import { reduce } from './reduce.js';
import { initialState, type RunState } from './run-state.js';
import { WorkflowDefinitionSchema } from './workflow-definition.js';

const ERROR = { code: 'node_failed', message: 'no' };
const FACTS = { id: 'r', taskId: null, tenantId: 'default', workflow: 'flow', input: null };
const SUBMITTED = { workflow_id: 'w', workflow_name: 'flow', workflow_version: 1, digest: 'd' };

let state: RunState;

beforeEach(() => {
  const nodes = [
    { id: 'a', type: 'work', on_error: 'continue' },
    { id: 'b', type: 'other' },
    { id: 'c', type: 'work', on_error: 'continue' },
  ];
  state = initialState(compilePlan(WorkflowDefinitionSchema.parse({ name: 'flow', nodes })), FACTS);
});

function play(...events: EventDraft[]): void {
  for (const event of events) reduce(state, { ...event, runId: 'r', seq: state.seq + 1, epoch: 1 });
}

const failing = (id: string): EventDraft[] =>
  [1, 2].flatMap((attempt) => [
    nodeEvent('node.started', { id, visit: 1, attempt }, 1, {}),
    nodeEvent('node.failed', { id, visit: 1, attempt }, 1, { error: ERROR, retry_at: attempt === 1 ? 2 : null }),
  ]);

describe('what the end of a run leaves behind', () => {
  test('of a run that failed: the node whose failure it was', () => {
    play(runEvent('run.submitted', 1, SUBMITTED), ...failing('a'), ...failing('b'));
    const error = { code: 'node_failed', message: 'the run' };
    expect(deadLetterOf(state, { status: 'failed', error }, 'runs')).toEqual({
      ...{ kind: 'run', nodeId: 'b', nodeType: 'other', error, attempts: 2, failedNodes: 2 },
    });
  });

  test('of a run that failed by itself: no node', () => {
    play(runEvent('run.submitted', 1, SUBMITTED));
    expect(deadLetterOf(state, { status: 'failed', error: ERROR }, 'all')).toEqual({
      ...{ kind: 'run', nodeId: null, nodeType: null, error: ERROR, attempts: 0, failedNodes: 0 },
    });
  });

  test.each<[DeadLetterRule, object | null]>([
    ['all', { kind: 'nodes', nodeId: 'a', nodeType: 'work', error: ERROR, attempts: 2, failedNodes: 2 }],
    ['runs', null],
    ['none', null],
  ])('of a run that went on without nodes, under the rule %s', (rule, expected) => {
    play(runEvent('run.submitted', 1, SUBMITTED), ...failing('a'), ...failing('c'));
    expect(deadLetterOf(state, { status: 'completed' }, rule)).toEqual(expected);
  });

  test('nothing, where it was cancelled, or nothing failed, or what failed is of the run that it forks', () => {
    const snapshot = [{ id: 'a', status: 'failed', visit: 1, output: null, error: ERROR } as const];
    play(runEvent('run.submitted', 1, { ...SUBMITTED, forked_from: { run_id: 'q', seq: 9, nodes: ['b'] }, snapshot }));
    expect(deadLetterOf(state, { status: 'completed' }, 'all')).toBeNull();
    play(...failing('c'));
    expect(deadLetterOf(state, { status: 'cancelled' }, 'all')).toBeNull();
  });
});
