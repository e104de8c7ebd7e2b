import type { ErrorInfo } from './errors.js';
import type { JournalEvent } from './journal-event.js';
import type { JsonObject, JsonValue } from './json.js';
import type { Plan, PlanNode } from './plan.js';
import type { RunStatus } from './run.js';

export type NodeStatus = 'pending' | 'ready' | 'running' | 'retrying' | 'completed' | 'failed' | 'skipped';

/** What a run knows of one node. */
export interface NodeState {
  status: NodeStatus;
  visit: number;
  /** Tries of this visit so far, re-runs after a crash included. */
  attempt: number;
  /** Failed tries of this visit; the retry policy counts these. */
  failures: number;
  output: JsonValue;
  /** Results of finished steps by key, while the node is not settled. */
  steps: Map<string, JsonValue> | null;
}

/**
 * The state of a run: the journal, folded. Changed only by {@link reduce}, in place, in O(1) a node event plus its dependents.
 * `ready`, `running` and `retrying` are kept beside the nodes so that a decision never walks the graph.
 */
export interface RunState {
  readonly plan: Plan;
  readonly nodes: NodeState[];
  status: RunStatus;
  seq: number;
  epoch: number;
  /** Dependencies of each node that are not settled yet. */
  readonly remaining: Int32Array;
  unsettled: number;
  readonly ready: Set<number>;
  readonly running: Set<number>;
  /** Node index to the instant from which it may be tried again. */
  readonly retrying: Map<number, number>;
  /** The first node that failed for good. */
  failure: { nodeId: string; error: ErrorInfo } | null;
  output: JsonValue;
  error: ErrorInfo | null;
}

/** The state before the first event. */
export function initialState(plan: Plan): RunState {
  return {
    plan,
    nodes: plan.nodes.map(() => ({ status: 'pending', visit: 1, attempt: 0, failures: 0, output: null, steps: null })),
    status: 'queued',
    seq: 0,
    epoch: 0,
    remaining: Int32Array.from(plan.nodes, (node) => node.dependsOn.length),
    unsettled: plan.nodes.length,
    ready: new Set(),
    running: new Set(),
    retrying: new Map(),
    failure: null,
    output: null,
    error: null,
  };
}

/** Applies one journal event. Pure but for `state`; the same journal gives the same state at every prefix. */
export function reduce(state: RunState, event: JournalEvent): void {
  state.seq = event.seq;
  state.epoch = event.epoch;
  if (event.nodeId !== null) {
    const index = state.plan.indexById.get(event.nodeId);
    if (index !== undefined) reduceNode(state, event, index);
    return;
  }
  switch (event.type) {
    case 'run.submitted':
      for (const root of state.plan.roots) makeReady(state, root);
      break;
    case 'run.claimed':
      state.status = 'running';
      for (const index of state.running) makeReady(state, index);
      state.running.clear();
      break;
    case 'run.waiting':
      state.status = 'waiting';
      break;
    case 'run.completed':
      state.status = 'completed';
      state.output = event.payload.output;
      break;
    case 'run.failed':
      state.status = 'failed';
      state.error = event.payload.error;
      break;
    case 'run.cancelled':
      state.status = 'cancelled';
      break;
  }
}

function reduceNode(state: RunState, event: JournalEvent, index: number): void {
  const node = state.nodes[index]!;
  if (isSettled(node) || event.visit !== node.visit) return;
  switch (event.type) {
    case 'node.started':
      leaveQueues(state, index);
      node.status = 'running';
      node.attempt = event.attempt;
      state.running.add(index);
      break;
    case 'step.completed':
      (node.steps ??= new Map()).set(event.payload.key, event.payload.output);
      break;
    case 'node.completed':
      node.output = event.payload.output;
      settle(state, index, 'completed');
      break;
    case 'node.skipped':
      settle(state, index, 'skipped');
      break;
    case 'node.failed':
      node.failures += 1;
      leaveQueues(state, index);
      if (event.payload.retry_at === null) {
        node.status = 'failed';
        state.failure ??= { nodeId: event.nodeId!, error: event.payload.error };
      } else {
        node.status = 'retrying';
        state.retrying.set(index, event.payload.retry_at);
      }
      break;
  }
}

function isSettled(node: NodeState): boolean {
  return node.status === 'completed' || node.status === 'skipped' || node.status === 'failed';
}

function makeReady(state: RunState, index: number): void {
  state.nodes[index]!.status = 'ready';
  state.ready.add(index);
}

function leaveQueues(state: RunState, index: number): void {
  state.ready.delete(index);
  state.running.delete(index);
  state.retrying.delete(index);
}

function settle(state: RunState, index: number, status: 'completed' | 'skipped'): void {
  const node = state.nodes[index]!;
  leaveQueues(state, index);
  node.status = status;
  node.steps = null;
  state.unsettled -= 1;
  for (const dependent of state.plan.nodes[index]!.dependents) {
    state.remaining[dependent]! -= 1;
    if (state.remaining[dependent] === 0) makeReady(state, dependent);
  }
}

/** The outputs of a node's dependencies, by id: what its handler gets beside the run's input. */
export function dependencyOutputs(state: RunState, node: PlanNode): JsonObject {
  return outputsOf(state, node.dependsOn);
}

/** The output of the run as its nodes stand: of the only output node, or of all of them by id. */
export function runOutput(state: RunState): JsonValue {
  const { outputs } = state.plan;
  return outputs.length === 1 ? state.nodes[outputs[0]!]!.output : outputsOf(state, outputs);
}

function outputsOf(state: RunState, indexes: readonly number[]): JsonObject {
  return Object.fromEntries(indexes.map((index) => [state.plan.nodes[index]!.id, state.nodes[index]!.output]));
}
