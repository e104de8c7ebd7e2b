import { reopenChildren, startChildren } from './child-state.js';
import { isHeldBack } from './circuit.js';
import type { ErrorInfo } from './errors.js';
import type { JournalEvent } from './journal-event.js';
import { leaveQueues, makeReady, settle } from './node-queues.js';
import { isSettled, type NodeState } from './node-state.js';
import { resume, suspend } from './node-waits.js';
import { beginWork, endWork, forgetWork } from './node-worked-time.js';
import type { RunState } from './run-state.js';

/** Applies an event of a node; one of an earlier visit, or of a node that is at its end, changes nothing. */
export function reduceNode(state: RunState, event: JournalEvent, index: number): void {
  const node = state.nodes[index]!;
  if (state.undoing !== null) return reduceUndo(state, event, node);
  if (isSettled(node) || event.visit !== node.visit) return;
  switch (event.type) {
    case 'node.started':
      leaveQueues(state, index);
      beginWork(node, event.at);
      node.status = 'running';
      node.attempt = event.attempt;
      node.goesOn = false;
      state.running.add(index);
      break;
    case 'node.dispatched': {
      const { pool, deadline } = event.payload;
      leaveQueues(state, index);
      beginWork(node, event.at);
      Object.assign(node, { status: 'dispatched', attempt: event.attempt, goesOn: false });
      node.dispatch = { seq: event.seq, pool, deadline, since: event.at };
      state.dispatched.set(index, deadline);
      break;
    }
    case 'step.completed':
      (node.steps ??= new Map()).set(event.payload.key, event.payload.output);
      break;
    case 'node.completed':
      node.output = event.payload.output;
      if (event.payload.continues !== undefined) state.continuation = event.payload.continues;
      settle(state, index, 'completed');
      break;
    case 'node.repeated':
      Object.assign(node, {
        visit: node.visit + 1,
        attempt: 0,
        failures: 0,
        steps: null,
        children: null,
        goesOn: false,
        output: event.payload.output,
      });
      forgetWork(node);
      leaveQueues(state, index);
      makeReady(state, index);
      break;
    case 'node.skipped':
      node.cuts = event.payload.cuts === true;
      node.cutBy = event.payload.by ?? null;
      settle(state, index, 'skipped');
      break;
    case 'node.suspended':
      endWork(node, event.at);
      suspend(state, index, event.payload, event.at);
      break;
    case 'node.resumed':
      resume(state, index, event.payload);
      break;
    case 'children.started':
      startChildren(state, index, event.payload);
      break;
    case 'node.interrupted':
      endWork(node, event.at);
      leaveQueues(state, index);
      makeReady(state, index);
      break;
    case 'node.failed': {
      const counts = !isHeldBack(event.payload.error);
      if (counts) node.failures += 1;
      endWork(node, event.at);
      leaveQueues(state, index);
      if (event.payload.retry_at === null) {
        failNode(state, index, event.payload.error);
      } else {
        // Children are named after the failures before them: without one more, those that start anew would be the old ones.
        if (counts) reopenChildren(state, index);
        node.status = 'retrying';
        state.retrying.set(index, event.payload.retry_at);
      }
      break;
    }
  }
}

/** Its failure is the run's, unless it says that the run goes on without it. */
function failNode(state: RunState, index: number, error: ErrorInfo): void {
  const { id, onError } = state.plan.nodes[index]!;
  state.nodes[index]!.error = error;
  if (onError === 'continue') return settle(state, index, 'failed');
  state.nodes[index]!.status = 'failed';
  state.failure ??= { nodeId: id, error, compensate: onError === 'compensate' };
}

function reduceUndo(state: RunState, event: JournalEvent, node: NodeState): void {
  switch (event.type) {
    case 'compensation.started':
      node.undo = { status: 'running', attempt: event.attempt, failures: node.undo?.failures ?? 0, retryAt: null };
      break;
    case 'step.completed':
      (node.steps ??= new Map()).set(event.payload.key, event.payload.output);
      break;
    case 'compensation.completed':
      node.undo!.status = 'completed';
      state.undoing!.pop();
      break;
    case 'compensation.failed':
      if (!isHeldBack(event.payload.error)) node.undo!.failures += 1;
      node.undo!.retryAt = event.payload.retry_at;
      node.undo!.status = event.payload.retry_at === null ? 'failed' : 'retrying';
      if (event.payload.retry_at === null) state.undoing!.pop();
      break;
  }
}
