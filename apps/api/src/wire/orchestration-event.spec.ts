import { describe, expect, it } from '@jest/globals';
import { EVENT_SCHEMAS, nodeEvent, runEvent, WorkflowDefinitionSchema, type EventDraft, type JournalEvent } from '@baton/core';
import { checkpointId } from './control.js';
import { ORCHESTRATION_EVENTS, toOrchestrationEvent, type OrchestrationEventType } from './orchestration-event.js';

const definition = WorkflowDefinitionSchema.parse({
  name: 'research',
  orchestration_pattern: 'supervisor',
  agents: { researchers: { type: 'research_agent', count: 3 } },
  nodes: [
    { id: 'plan', type: 'agent', config: { role: 'lead' }, estimate: 12.5 },
    { id: 'search', type: 'agent', config: { agent: 'researchers', role: 'draft', tier: 'worker' }, depends_on: ['plan'] },
    { id: 'alone', type: 'agent', depends_on: ['plan'] },
    { id: 'join', type: 'aggregate', depends_on: ['search', 'alone'] },
  ],
});
const about = { workflowId: 'w-1', definition };
const AT = Date.UTC(2026, 0, 1);
const IDS = { workflow_id: 'w-1', execution_id: 'run-1', timestamp: '2026-01-01T00:00:00.000Z' };

const submitted = { workflow_id: 'w-1', workflow_name: 'research', workflow_version: 1, digest: 'd' };
const started = (id: string): EventDraft => nodeEvent('node.started', { id, visit: 1, attempt: 1 }, AT, {});
const journaled = (draft: EventDraft): JournalEvent => ({ ...draft, runId: 'run-1', seq: 7, epoch: 2 });

describe('the events of orchestration clients', () => {
  it.each<[OrchestrationEventType, string, EventDraft, object]>([
    [
      'workflow.execution_started',
      'run.submitted',
      runEvent('run.submitted', AT, submitted),
      {
        orchestration_pattern: 'supervisor',
        estimated_duration: 44,
        allocated_agents: [{ name: 'researchers', type: 'research_agent', count: 3 }],
      },
    ],
    [
      'agent.task_assigned',
      'node.started of an agent',
      started('search'),
      { agent_id: 'researchers', task_id: 'search', dependencies: ['plan'], estimated_duration: 30, tier: 'worker' },
    ],
    [
      'agent.task_assigned',
      'node.started of a role',
      started('plan'),
      { agent_id: 'lead', task_id: 'plan', dependencies: [], estimated_duration: 13 },
    ],
    [
      'agent.task_assigned',
      'node.started of a nameless agent',
      started('alone'),
      { agent_id: 'alone', task_id: 'alone', dependencies: ['plan'], estimated_duration: 30 },
    ],
    [
      'agent.task_assigned',
      'node.dispatched of an agent in a pool',
      nodeEvent('node.dispatched', { id: 'plan', visit: 1, attempt: 1 }, AT, { pool: 'gpu', deadline: AT }),
      { agent_id: 'lead', task_id: 'plan', dependencies: [], estimated_duration: 13 },
    ],
    [
      'workflow.checkpoint_created',
      'run.paused',
      runEvent('run.paused', AT, { reason: 'lunch' }),
      {
        checkpoint_id: checkpointId('run-1', 7),
        state_snapshot: { status: 'paused', seq: 7, epoch: 2, journal_url: '/api/v1/runs/run-1/journal' },
        recovery_instructions: { action: 'resume', method: 'POST', url: '/api/v1/runs/run-1/resume' },
      },
    ],
  ])('%s is %s', (type, _source, draft, data) => {
    const event = toOrchestrationEvent(journaled(draft), about);
    expect(event).toEqual({ type, data: { ...IDS, ...data } });
    expect(ORCHESTRATION_EVENTS[type].parse(event?.data)).toEqual(event?.data);
  });

  it('are all there, with the fields of their contract', () => {
    const fields = Object.entries(ORCHESTRATION_EVENTS).map(([name, schema]) => [name, Object.keys(schema.shape).sort()]);
    const always = ['execution_id', 'timestamp', 'workflow_id'];
    expect(Object.fromEntries(fields)).toEqual({
      'workflow.execution_started': [...always, 'orchestration_pattern', 'estimated_duration', 'allocated_agents'].sort(),
      'agent.task_assigned': [...always, 'agent_id', 'task_id', 'dependencies', 'estimated_duration', 'tier'].sort(),
      'workflow.checkpoint_created': [...always, 'checkpoint_id', 'state_snapshot', 'recovery_instructions'].sort(),
    });
  });

  it('stand for these events of the journal, and no others', () => {
    const named = Object.keys(EVENT_SCHEMAS).filter((type) => {
      const event = { ...journaled(started('plan')), type, payload: { digest: 'd', reason: '' } } as unknown as JournalEvent;
      return toOrchestrationEvent(event, about) !== null;
    });
    expect(named.sort()).toEqual(['node.dispatched', 'node.started', 'run.paused', 'run.submitted']);
    expect(toOrchestrationEvent(journaled(started('join')), about)).toBeNull();
    expect(toOrchestrationEvent(journaled(started('gone')), about)).toBeNull();
  });
});
