import { describe, expect, it } from '@jest/globals';
import { nodeEvent, runEvent, WorkflowDefinitionSchema, type EventDraft, type JournalEvent } from '@baton/core';
import { EXECUTION_MESSAGE_TYPES, toExecutionMessages } from './execution-message.js';

const AT = Date.UTC(2026, 0, 1);
const definition = WorkflowDefinitionSchema.parse({
  name: 'research',
  nodes: [
    { id: 'plan', type: 'agent', config: { role: 'lead' } },
    { id: 'join', type: 'aggregate', depends_on: ['plan'] },
  ],
});
const node = { visit: 1, attempt: 2 };
const error = { code: 'http_failed', message: 'No answer.', retryable: true };
const journaled = (draft: EventDraft): JournalEvent => ({ ...draft, runId: 'run-1', seq: 7, epoch: 2 });
const messagesOf = (draft: EventDraft) => toExecutionMessages(journaled(draft), { workflowId: 'w-1', definition });

describe('messages of executions', () => {
  it('say what they are about, and where they stand', () => {
    expect(messagesOf(nodeEvent('node.completed', { id: 'join', ...node }, AT, { output: 42 }))).toEqual([
      {
        ...{ type: 'task.completed', workflow_id: 'w-1', execution_id: 'run-1', timestamp: '2026-01-01T00:00:00.000Z', seq: 7 },
        data: { task_id: 'join', ...node, status: 'completed', output: 42 },
      },
    ]);
  });

  it.each<[string, EventDraft, object[]]>([
    [
      'run.waiting',
      runEvent('run.waiting', AT, { wake_at: null, reason: 'approval' }),
      [{ status: 'waiting', reason: 'approval' }],
    ],
    ['run.completed', runEvent('run.completed', AT, { output: 'x' }), [{ status: 'completed', output: 'x' }]],
    [
      'node.skipped',
      nodeEvent('node.skipped', { id: 'join', ...node }, AT, { reason: 'r' }),
      [{ status: 'skipped', reason: 'r' }],
    ],
    ['step.completed', nodeEvent('step.completed', { id: 'plan', ...node }, AT, { key: 'k', output: 1 }), []],
  ])('%s', (_, draft, data) => {
    expect(messagesOf(draft).map((message) => message.data)).toMatchObject(data);
    expect(messagesOf(draft)).toHaveLength(data.length);
  });

  it.each<[string, EventDraft, string[]]>([
    ['an agent', nodeEvent('node.started', { id: 'plan', ...node }, AT, {}), ['agent.assigned', 'task.started']],
    ['another node', nodeEvent('node.started', { id: 'join', ...node }, AT, {}), ['task.started']],
    ['a pause', runEvent('run.paused', AT, { reason: 'lunch' }), ['workflow.status_changed', 'checkpoint.created']],
    ['a failed attempt', nodeEvent('node.failed', { id: 'plan', ...node }, AT, { error, retry_at: AT }), ['error.occurred']],
    ['a failed run', runEvent('run.failed', AT, { error }), ['workflow.status_changed', 'error.occurred']],
  ])('of %s', (_, draft, types) => {
    expect(messagesOf(draft).map(({ type }) => type)).toEqual(types);
    for (const type of types) expect(EXECUTION_MESSAGE_TYPES).toContain(type);
  });

  it('an assignment says to whom, once', () => {
    const [assigned] = messagesOf(nodeEvent('node.started', { id: 'plan', ...node }, AT, {}));
    expect(assigned!.data).toEqual({ agent_id: 'lead', task_id: 'plan', dependencies: [], estimated_duration: 30 });
  });
});
