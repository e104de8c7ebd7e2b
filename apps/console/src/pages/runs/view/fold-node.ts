import type { KnownNodeEvent } from './known-event.js';
import { added, changedLast, endedLast, isSettled, readUsage, type AttemptView, type NodeView } from './node-view.js';

/** What an event makes of the node that it is of: the same object where it changes nothing. `undoing`: the run is being undone. */
export function foldNode(node: NodeView, event: KnownNodeEvent, undoing: boolean): NodeView {
  if (event.type === 'step.completed') return foldStep(node, event);
  if (undoing) return foldUndo(node, event);
  if (isSettled(node) || event.visit !== node.visit) return node;
  const at = Date.parse(event.at);
  const { attempts } = node;
  switch (event.type) {
    case 'node.started':
      return { ...node, status: 'running', attempt: event.attempt, attempts: added(attempts, begun(event, null)) };
    case 'node.dispatched':
      return {
        ...node,
        status: 'dispatched',
        attempt: event.attempt,
        attempts: added(attempts, begun(event, event.payload.pool)),
      };
    case 'node.completed':
      return {
        ...{ ...node, status: 'completed', endedAt: at, output: event.payload.output },
        attempts: endedLast(attempts, at, 'completed'),
      };
    case 'node.repeated':
      return {
        ...{ ...node, status: 'ready', visit: node.visit + 1, attempt: 0, output: event.payload.output },
        attempts: endedLast(attempts, at, 'repeated'),
      };
    case 'node.skipped':
      return {
        ...{ ...node, status: 'skipped', endedAt: at, skipped: event.payload.reason },
        attempts: endedLast(attempts, at, 'skipped'),
      };
    case 'node.suspended': {
      const { awaits, wake_at: until, reason } = event.payload;
      const wait = { visit: event.visit, kind: awaits.kind, reason, since: at, until, endedAt: null };
      return { ...node, status: 'waiting', attempts: endedLast(attempts, at, 'suspended'), waits: added(node.waits, wait) };
    }
    case 'node.resumed':
      return { ...node, status: 'ready', waits: changedLast(node.waits, { endedAt: at }) };
    case 'node.interrupted':
      return { ...node, status: 'ready', attempts: endedLast(attempts, at, 'interrupted') };
    case 'node.failed': {
      const { error, retry_at: retryAt } = event.payload;
      const ended = changedLast(endedLast(attempts, at, 'failed'), { error, retryAt });
      if (retryAt !== null) return { ...node, status: 'retrying', attempts: ended };
      return { ...node, status: 'failed', error, endedAt: at, attempts: ended };
    }
    default:
      return node;
  }
}

function foldStep(node: NodeView, event: KnownNodeEvent & { type: 'step.completed' }): NodeView {
  const { key, output, usage } = event.payload;
  const { visit, attempt } = event;
  const used = usage === undefined ? { usage: null, model: null } : { usage: readUsage(usage), model: usage.model };
  const step = { visit, attempt, key, at: Date.parse(event.at), output, ...used };
  return { ...node, steps: added(node.steps, step) };
}

function foldUndo(node: NodeView, event: KnownNodeEvent): NodeView {
  const at = Date.parse(event.at);
  switch (event.type) {
    case 'compensation.started':
      return { ...node, undo: 'running', undoing: added(node.undoing, begun(event, null)) };
    case 'compensation.completed':
      return { ...node, undo: 'completed', undoing: endedLast(node.undoing, at, 'completed') };
    case 'compensation.failed': {
      const { error, retry_at: retryAt } = event.payload;
      const undoing = changedLast(endedLast(node.undoing, at, 'failed'), { error, retryAt });
      return { ...node, undo: retryAt === null ? 'failed' : 'retrying', undoing };
    }
    default:
      return node;
  }
}

function begun({ visit, attempt, at }: KnownNodeEvent, pool: string | null): AttemptView {
  return { visit, attempt, pool, startedAt: Date.parse(at), endedAt: null, outcome: null, error: null, retryAt: null };
}
