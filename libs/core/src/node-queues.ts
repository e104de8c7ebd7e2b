import { releaseChildren } from './child-state.js';
import { isSettled } from './node-state.js';
import { endWork } from './node-worked-time.js';
import type { RunState } from './run-state.js';

/** The node may start. */
export function makeReady(state: RunState, index: number): void {
  state.nodes[index]!.status = 'ready';
  state.ready.add(index);
}

/** The node is neither ready nor in work, and waits neither for an instant nor for children, until the next event says what it is. */
export function leaveQueues(state: RunState, index: number): void {
  state.ready.delete(index);
  state.running.delete(index);
  state.retrying.delete(index);
  state.sleeping.delete(index);
  if (state.dispatched.delete(index)) state.nodes[index]!.dispatch = null;
  releaseChildren(state, index);
}

/** The node is at its end. Dependents that wait for no other node become ready. */
export function settle(state: RunState, index: number, status: 'completed' | 'skipped' | 'failed'): void {
  const node = state.nodes[index]!;
  leaveQueues(state, index);
  endWork(node, state.lastAt);
  node.status = status;
  node.steps = null;
  node.children = null;
  state.unsettled -= 1;
  if (status === 'completed' && state.plan.nodes[index]!.compensate !== null) state.undoable.push(index);
  for (const dependent of state.plan.nodes[index]!.dependents) {
    state.remaining[dependent]! -= 1;
    if (state.remaining[dependent] === 0 && !isSettled(state.nodes[dependent]!)) makeReady(state, dependent);
  }
}
