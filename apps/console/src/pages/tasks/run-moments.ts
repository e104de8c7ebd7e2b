import type { RunEvent } from '../../live/protocol.js';

/** Something in the life of a run that a person wants to read about. */
export interface Moment {
  seq: number;
  at: string;
  /** A status, for its colour and icon. */
  status: string;
  title: string;
  detail: string | null;
  nodeId: string | null;
  /** From the start of a node's attempt to its end. */
  ms: number | null;
  /** The approval that it waits for. */
  approvalId: string | null;
}

type Telling = Partial<Pick<Moment, 'detail' | 'approvalId'>> & Pick<Moment, 'status' | 'title'>;

/** The moments of a journal, in order: an attempt of a node is one moment, from its start to its end, and steps are none. */
export function momentsOf(events: readonly RunEvent[]): Moment[] {
  const moments: Moment[] = [];
  const begun = new Map<string, Moment>();
  for (const event of events) {
    const told = tell(event);
    if (told === null) continue;
    const key = `${event.node_id} ${event.visit} ${event.attempt}`;
    const moment = { detail: null, approvalId: null, ...told, seq: event.seq, at: event.at, nodeId: event.node_id, ms: null };
    const earlier = event.node_id === null ? undefined : begun.get(key);
    if (earlier === undefined) {
      moments.push(moment);
      if (event.type === 'node.started' || event.type === 'node.dispatched') begun.set(key, moment);
    } else if (event.type !== 'node.started' && event.type !== 'node.dispatched') {
      const { seq, at } = earlier;
      Object.assign(earlier, moment, { seq, at, ms: Date.parse(event.at) - Date.parse(at) });
      begun.delete(key);
    }
  }
  return moments;
}

function tell(event: RunEvent): Telling | null {
  const { type, node_id: node, payload, attempt } = event;
  const read = (name: string): string | null => (typeof payload[name] === 'string' ? payload[name] : null);
  const because = read('reason') === null || read('reason') === '' ? null : read('reason');
  const by = read('by') === null ? '' : ` by ${read('by')}`;
  const tried = attempt > 1 ? ` · attempt ${attempt}` : '';
  switch (type) {
    case 'run.submitted':
      return {
        status: 'queued',
        title: `Submitted${by}`,
        detail: `${read('workflow_name')} v${String(payload['workflow_version'])}`,
      };
    case 'run.claimed':
      return { status: 'started', title: 'A worker took the baton', detail: read('worker_id') };
    case 'node.started':
      return { status: 'running', title: `${node}${tried}` };
    case 'node.dispatched':
      return { status: 'running', title: `${node}${tried}`, detail: `in the pool ${read('pool')}` };
    case 'node.completed':
    case 'node.repeated':
      return { status: 'completed', title: `${node}${tried}` };
    case 'node.failed':
      return {
        status: payload['retry_at'] === null ? 'failed' : 'retrying',
        title: `${node}${tried}`,
        detail: errorText(payload['error']),
      };
    case 'node.skipped':
      return { status: 'skipped', title: `${node} skipped`, detail: because };
    case 'node.suspended':
      return suspended(event, because);
    case 'node.resumed':
      return { status: 'running', title: `${node} goes on` };
    case 'node.interrupted':
      return { status: 'paused', title: `${node} interrupted`, detail: because };
    case 'budget.reached':
      return { status: 'waiting', title: 'Its budget is used up' };
    case 'budget.renewed':
      return { status: 'running', title: 'Its budget is renewed' };
    case 'run.paused':
      return { status: 'paused', title: `Paused${by}`, detail: because };
    case 'run.resumed':
      return { status: 'running', title: `Resumed${by}`, detail: because };
    case 'run.patched':
      return { status: 'completed', title: `Patched to revision ${String(payload['revision'])}${by}`, detail: because };
    case 'run.patch_refused':
      return { status: 'failed', title: `Patch refused`, detail: errorText(payload['error']) };
    case 'run.waiting':
      return { status: 'waiting', title: 'Waits', detail: because };
    case 'run.compensating':
      return { status: 'compensating', title: 'Is being undone', detail: errorText(payload['error']) };
    case 'compensation.completed':
      return { status: 'compensated', title: `${node} undone` };
    case 'compensation.failed':
      return { status: 'failed', title: `${node} could not be undone`, detail: errorText(payload['error']) };
    case 'run.completed':
      return { status: 'completed', title: 'Completed' };
    case 'run.failed':
      return { status: 'failed', title: 'Failed', detail: errorText(payload['error']) };
    case 'run.cancelled':
      return { status: 'cancelled', title: `Cancelled${by}`, detail: because };
    default:
      return null;
  }
}

function suspended({ run_id: runId, node_id: node, visit, payload }: RunEvent, reason: string | null): Telling {
  const { kind } = (payload['awaits'] ?? {}) as { kind?: string };
  const isApproval = kind === 'approval';
  const title = isApproval ? `${node} waits for a person` : `${node} waits`;
  return { status: 'waiting', title, detail: reason, approvalId: isApproval ? `${runId}.${visit}.${node}` : null };
}

function errorText(error: unknown): string | null {
  const { code, message } = (error ?? {}) as { code?: string; message?: string };
  return message === undefined ? (code ?? null) : `${code}: ${message}`;
}
