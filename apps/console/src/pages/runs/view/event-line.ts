import type { RunEvent } from '../../../live/protocol.js';

/** The groups by which a journal is filtered. */
export const EVENT_GROUPS = [
  { key: 'run', label: 'Run' },
  { key: 'node', label: 'Nodes' },
  { key: 'step', label: 'Steps' },
  { key: 'signal', label: 'Signals' },
  { key: 'children', label: 'Children' },
  { key: 'compensation', label: 'Undoing' },
  { key: 'budget', label: 'Budget' },
] as const;

export interface EventFilter {
  /** Empty: all. */
  readonly groups: readonly string[];
  /** In the type, the node, or what the event says. */
  readonly text: string;
}

const STATUSES: Readonly<Record<string, string>> = {
  'run.submitted': 'queued',
  'run.claimed': 'running',
  'run.waiting': 'waiting',
  'run.paused': 'paused',
  'run.resumed': 'running',
  'run.patched': 'paused',
  'run.patch_refused': 'failed',
  'run.compensating': 'compensating',
  'run.completed': 'completed',
  'run.failed': 'failed',
  'run.cancelled': 'cancelled',
  'node.started': 'running',
  'node.dispatched': 'dispatched',
  'node.completed': 'completed',
  'node.repeated': 'running',
  'node.failed': 'failed',
  'node.skipped': 'skipped',
  'node.suspended': 'waiting',
  'node.resumed': 'running',
  'node.interrupted': 'retrying',
  'step.completed': 'completed',
  'budget.reached': 'waiting',
  'compensation.failed': 'failed',
};

/** The status whose colour an event has. */
export function eventStatus(type: string): string {
  return STATUSES[type] ?? 'queued';
}

/** What an event says, in one line. */
export function eventLine({ type, payload }: RunEvent): string {
  const error = payload['error'] as { code?: string; message?: string } | undefined;
  if (error?.message !== undefined) return `${error.code}: ${error.message}`;
  const by = typeof payload['by'] === 'string' ? ` (${payload['by']})` : '';
  if (typeof payload['reason'] === 'string') return `${payload['reason']}${by}`;
  if (typeof payload['worker_id'] === 'string') return `by ${payload['worker_id']}`;
  if (typeof payload['pool'] === 'string') return `to the pool ${payload['pool']}`;
  if (typeof payload['key'] === 'string') return payload['key'];
  if (type === 'signal.received') return String(payload['type']);
  if (type === 'run.submitted') return `${String(payload['workflow_name'])} v${String(payload['workflow_version'])}${by}`;
  return 'output' in payload ? shortJson(payload['output']) : '';
}

/** The events that are asked for, in their order. */
export function filterEvents(events: readonly RunEvent[], { groups, text }: EventFilter): readonly RunEvent[] {
  const wanted = text.trim().toLowerCase();
  if (groups.length === 0 && wanted === '') return events;
  const isOf = new Set(groups);
  return events.filter(
    (event) =>
      (isOf.size === 0 || isOf.has(event.type.split('.')[0]!)) &&
      (wanted === '' || `${event.type} ${event.node_id ?? ''} ${eventLine(event)}`.toLowerCase().includes(wanted)),
  );
}

const LINE_CHARS = 160;

function shortJson(value: unknown): string {
  const text = JSON.stringify(value) ?? '';
  return text.length > LINE_CHARS ? `${text.slice(0, LINE_CHARS)}…` : text;
}
