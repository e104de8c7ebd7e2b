import type { JournalEvent, JsonObject, JsonValue, RunStatus } from '@baton/core';
import { toInstant } from './json.js';
import { toOrchestrationEvent, type Orchestrated } from './orchestration-event.js';

/** The messages of the WebSockets of workflows and runs: other names for events of the journal. */
export const EXECUTION_MESSAGE_TYPES = [
  'workflow.status_changed',
  'agent.assigned',
  'task.started',
  'task.completed',
  'error.occurred',
  'checkpoint.created',
] as const;
type ExecutionMessageType = (typeof EXECUTION_MESSAGE_TYPES)[number];

export interface ExecutionMessage {
  type: ExecutionMessageType;
  workflow_id: string;
  execution_id: string;
  timestamp: string;
  /** Of the event in the run's journal. */
  seq: number;
  data: JsonObject;
}

interface Named {
  type: ExecutionMessageType;
  data: JsonObject;
}

/** What an event is called, in the order in which it is to be told; empty: it has no other name. */
export function toExecutionMessages(event: JournalEvent, about: Orchestrated): ExecutionMessage[] {
  const ids = { workflow_id: about.workflowId, execution_id: event.runId, timestamp: toInstant(event.at), seq: event.seq };
  return namesOf(event, about).map(({ type, data }) => ({ type, ...ids, data }));
}

function namesOf(event: JournalEvent, about: Orchestrated): Named[] {
  const node = { task_id: event.nodeId, visit: event.visit, attempt: event.attempt };
  switch (event.type) {
    case 'run.submitted': {
      const { workflow_name, workflow_version } = event.payload;
      return [status('queued', { workflow_name, workflow_version })];
    }
    case 'run.claimed':
      return [status('running', { worker_id: event.payload.worker_id })];
    case 'run.resumed':
      return [status('running', event.payload)];
    case 'run.waiting':
      return [status('waiting', { reason: event.payload.reason })];
    case 'run.paused':
      return [status('paused', event.payload), ...shared('checkpoint.created', event, about)];
    case 'run.compensating':
      return [status('compensating', { error: toError(event.payload.error), task_id: event.payload.node_id })];
    case 'run.completed':
      return [status('completed', event.payload)];
    case 'run.cancelled':
      return [status('cancelled', event.payload)];
    case 'run.failed': {
      const error = toError(event.payload.error);
      return [status('failed', { error }), { type: 'error.occurred', data: { task_id: null, error, retry_at: null } }];
    }
    case 'node.started':
    case 'node.dispatched':
      return [...shared('agent.assigned', event, about), { type: 'task.started', data: { ...node, ...poolOf(event) } }];
    case 'node.completed':
    case 'node.repeated':
      return [{ type: 'task.completed', data: { ...node, status: 'completed', output: event.payload.output } }];
    case 'node.skipped':
      return [{ type: 'task.completed', data: { ...node, status: 'skipped', reason: event.payload.reason } }];
    case 'node.failed':
    case 'compensation.failed': {
      const { error, retry_at } = event.payload;
      return [{ type: 'error.occurred', data: { ...node, error: toError(error), retry_at: toInstantOr(retry_at) } }];
    }
    default:
      return [];
  }
}

function status(now: RunStatus, more: JsonObject): Named {
  return { type: 'workflow.status_changed', data: { status: now, ...more } };
}

/** As the streams of orchestration clients have it, without what each message says anyhow. */
function shared(type: ExecutionMessageType, event: JournalEvent, about: Orchestrated): Named[] {
  const named = toOrchestrationEvent(event, about);
  if (named === null) return [];
  const { workflow_id: _id, execution_id: _execution, timestamp: _timestamp, ...data } = named.data;
  return [{ type, data: { ...data } }];
}

function poolOf(event: JournalEvent): JsonObject {
  return event.type === 'node.dispatched' ? { pool: event.payload.pool } : {};
}

function toError({ code, message }: { code: string; message: string }): JsonValue {
  return { code, message };
}

function toInstantOr(at: number | null): string | null {
  return at === null ? null : toInstant(at);
}
