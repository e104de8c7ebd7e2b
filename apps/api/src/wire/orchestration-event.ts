import { z } from 'zod';
import {
  buildGraph,
  estimateResources,
  expectedSeconds,
  measureGraph,
  tierOf,
  type JournalEvent,
  type WorkflowDefinition,
} from '@baton/core';
import { checkpointId } from './control.js';
import { Instant, toInstant } from './json.js';

const Ids = { workflow_id: z.string(), execution_id: z.string(), timestamp: Instant };
const AllocatedAgent = z.object({ name: z.string(), type: z.string(), count: z.int() });

/** The events of orchestration clients: other names for events of the journal. Each stands for one event, in its place. */
export const ORCHESTRATION_EVENTS = {
  'workflow.execution_started': z.strictObject({
    ...Ids,
    orchestration_pattern: z.string().nullable(),
    estimated_duration: z.int().describe('Seconds.'),
    allocated_agents: z.array(AllocatedAgent),
  }),
  'agent.task_assigned': z.strictObject({
    ...Ids,
    agent_id: z.string().describe('The name of the agent, or its role.'),
    task_id: z.string(),
    dependencies: z.array(z.string()),
    estimated_duration: z.int().describe('Seconds.'),
    tier: z.string().optional().describe('Where it stands among the agents of its pattern.'),
  }),
  'workflow.checkpoint_created': z.strictObject({
    ...Ids,
    checkpoint_id: z.uuid(),
    state_snapshot: z.strictObject({ status: z.literal('paused'), seq: z.int(), epoch: z.int(), journal_url: z.string() }),
    recovery_instructions: z.strictObject({ action: z.literal('resume'), method: z.literal('POST'), url: z.string() }),
  }),
} as const;

export type OrchestrationEventType = keyof typeof ORCHESTRATION_EVENTS;
export type OrchestrationEvent = {
  [T in OrchestrationEventType]: { type: T; data: z.infer<(typeof ORCHESTRATION_EVENTS)[T]> };
}[OrchestrationEventType];

/** What an event does not say of its run. */
export interface Orchestrated {
  workflowId: string;
  definition: WorkflowDefinition;
}

/** The event under its other name; null: it has none. */
export function toOrchestrationEvent(event: JournalEvent, { workflowId, definition }: Orchestrated): OrchestrationEvent | null {
  const ids = { workflow_id: workflowId, execution_id: event.runId, timestamp: toInstant(event.at) };
  switch (event.type) {
    case 'run.submitted':
      return { type: 'workflow.execution_started', data: { ...ids, ...planned(definition) } };
    case 'node.started':
    case 'node.dispatched': {
      const node = definition.nodes.find(({ id }) => id === event.nodeId);
      if (node?.type !== 'agent') return null;
      const name = node.config['agent'] ?? node.config['role'];
      const tier = tierOf(node);
      return {
        type: 'agent.task_assigned',
        data: {
          ...ids,
          ...{ agent_id: typeof name === 'string' ? name : node.id, task_id: node.id, dependencies: node.depends_on },
          estimated_duration: Math.ceil(expectedSeconds(node)),
          ...(tier !== null && { tier }),
        },
      };
    }
    case 'run.paused': {
      const run = `/api/v1/runs/${encodeURIComponent(event.runId)}`;
      const { seq, epoch } = event;
      return {
        type: 'workflow.checkpoint_created',
        data: {
          ...ids,
          checkpoint_id: checkpointId(event.runId, seq),
          state_snapshot: { status: 'paused', seq, epoch, journal_url: `${run}/journal` },
          recovery_instructions: { action: 'resume', method: 'POST', url: `${run}/resume` },
        },
      };
    }
    default:
      return null;
  }
}

/** The agents that a definition declares. */
export function allocatedAgents({ agents = {} }: WorkflowDefinition): z.infer<typeof AllocatedAgent>[] {
  return Object.entries(agents).map(([name, { type, count }]) => ({ name, type, count }));
}

function planned(definition: WorkflowDefinition) {
  const { graph } = buildGraph(definition.nodes);
  const shape = measureGraph(graph, (index) => expectedSeconds(definition.nodes[index]!));
  return {
    orchestration_pattern: definition.orchestration_pattern ?? null,
    estimated_duration: estimateResources(definition, shape).estimated_duration_seconds,
    allocated_agents: allocatedAgents(definition),
  };
}
