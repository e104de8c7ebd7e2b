import { adoptPlan } from './adopt-plan.js';
import type { ChildGroup } from './child-group.js';
import {
  awaitChildren,
  noChildren,
  releaseAll,
  releaseChildren,
  reopenChildren,
  startChildren,
  takeChild,
  type ChildrenState,
} from './child-state.js';
import { isHeldBack } from './circuit.js';
import { BatonError, type ErrorInfo } from './errors.js';
import type { EventPayload, JournalEvent, KeptNode } from './journal-event.js';
import type { JsonObject, JsonValue } from './json.js';
import { beginWork, endWork, forgetWork } from './node-worked-time.js';
import type { Plan, PlanNode } from './plan.js';
import { NO_BUDGET, takeAsk, takeGrant, takeRenewal, type RunBudgetState } from './run-budget.js';
import type { RunStatus } from './run.js';
import { awaitedKey, signalKey, type Awaited } from './signal.js';
import { addUsage, NO_USAGE, readUsage, type Usage } from './usage.js';
import { NOT_WORKED, workedAfter, type WorkedTime } from './worked-time.js';

export type NodeStatus =
  'pending' | 'ready' | 'running' | 'dispatched' | 'retrying' | 'waiting' | 'completed' | 'failed' | 'skipped';

/** What a run knows of one node. */
export interface NodeState {
  status: NodeStatus;
  visit: number;
  /** Tries of this visit so far, re-runs after a crash included; going on after a wait is no new try. */
  attempt: number;
  /** Failed tries of this visit that called something; the retry policy counts these. */
  failures: number;
  /** How long its attempts in this visit were in work, in milliseconds; the one that is not included. */
  workedMs: number;
  /** Since when an attempt is in work. */
  workingSince: number | null;
  output: JsonValue;
  /** Results of finished steps by key, while the node is not settled. */
  steps: Map<string, JsonValue> | null;
  /** Its children by the key of the call, while the visit is not settled. */
  children: Map<string, ChildGroup> | null;
  /** What it waits for, while it does. */
  wait: { key: string; awaits: Awaited; wakeAt: number | null; reason: string; since: number } | null;
  /** Where it is out, while it is: `seq` is that of its `node.dispatched`. */
  dispatch: { seq: number; pool: string; deadline: number; since: number } | null;
  /** It comes out of a wait: its next start goes on with the same try. */
  goesOn: boolean;
  /** Skipped as a branch that is not taken. */
  cuts: boolean;
  /** The node that took another branch, where it was one. */
  cutBy: string | null;
  /** Why it failed for good. */
  error: ErrorInfo | null;
  /** How its undoing stands, once it is its turn. */
  undo: UndoState | null;
  /** What its steps have used of models, in all visits; null: they have called none. */
  usage: Usage | null;
}

/** The undoing of a completed node. */
export interface UndoState {
  status: 'running' | 'retrying' | 'completed' | 'failed';
  attempt: number;
  failures: number;
  retryAt: number | null;
}

/** What expressions may know of the run besides its nodes. It never changes. */
export interface RunFacts {
  readonly id: string;
  readonly taskId: string | null;
  readonly tenantId: string;
  readonly workflow: string;
  readonly input: JsonValue;
}

/** A signal that has come before the node that it answers. */
export interface KeptSignal {
  signalId: number;
  payload: JsonObject;
}

/**
 * The state of a run: the journal, folded. Changed only by {@link reduce}, in place, in O(1) a node event plus its dependents.
 * `ready`, `running` and `retrying` are kept beside the nodes so that a decision never walks the graph.
 */
export interface RunState {
  /** The one in use. What is kept by a node's place in it is moved by {@link adoptPlan} when a patch brings another. */
  plan: Plan;
  readonly facts: RunFacts;
  nodes: NodeState[];
  status: RunStatus;
  seq: number;
  epoch: number;
  /** Dependencies of each node that are not settled yet. */
  remaining: Int32Array;
  unsettled: number;
  readonly ready: Set<number>;
  readonly running: Set<number>;
  /** Nodes that are out in a pool, with their deadlines. They stay so whoever holds the baton. */
  readonly dispatched: Map<number, number>;
  /** Node index to the instant from which it may be tried again. */
  readonly retrying: Map<number, number>;
  /** Nodes that wait until an instant, whatever else they wait for. */
  readonly sleeping: Map<number, number>;
  /** Nodes that wait for a signal, by its key; the one that has waited longest first. */
  readonly awaiting: Map<string, number[]>;
  /** Signals that no node has waited for yet, by key, oldest first. */
  readonly mailbox: Map<string, KeptSignal[]>;
  readonly children: ChildrenState;
  paused: boolean;
  /** The revision of the plan in use; 0: as submitted. */
  revision: number;
  /** The last revision that the run has taken up or refused. */
  lastRevision: number;
  /** Who started it; null: unknown. */
  startedBy: string | null;
  budget: RunBudgetState;
  /** A limit was full when it was submitted: nothing starts before it is admitted. */
  waitsForPlace: boolean;
  /** What the run goes on with once it has completed. */
  continuation: { readonly input: JsonValue } | null;
  /** Completed nodes that say how they are undone, in the order of their completion. */
  undoable: number[];
  /** Once the run is being undone: the nodes to undo, the next one last. */
  undoing: number[] | null;
  /** The first failure that the run does not survive: of a node, or (`nodeId` null) of the run itself. */
  failure: { nodeId: string | null; error: ErrorInfo; compensate: boolean } | null;
  /** How long workers have had it. */
  worked: WorkedTime;
  /** What its own steps have used of models: not what a run that it forks or continues has paid, nor its children. */
  usage: Usage;
  /** When the journal last grew. */
  lastAt: number;
  output: JsonValue;
  error: ErrorInfo | null;
}

/** The state before the first event. */
export function initialState(plan: Plan, facts: RunFacts): RunState {
  return {
    plan,
    facts,
    nodes: plan.nodes.map(freshNode),
    status: 'queued',
    seq: 0,
    epoch: 0,
    remaining: Int32Array.from(plan.nodes, (node) => node.dependsOn.length),
    unsettled: plan.nodes.length,
    ready: new Set(),
    running: new Set(),
    dispatched: new Map(),
    retrying: new Map(),
    sleeping: new Map(),
    awaiting: new Map(),
    mailbox: new Map(),
    children: noChildren(),
    paused: false,
    revision: 0,
    lastRevision: 0,
    startedBy: null,
    budget: NO_BUDGET,
    waitsForPlace: false,
    continuation: null,
    undoable: [],
    undoing: null,
    failure: null,
    worked: NOT_WORKED,
    usage: NO_USAGE,
    lastAt: 0,
    output: null,
    error: null,
  };
}

function freshNode(): NodeState {
  return {
    status: 'pending',
    visit: 1,
    attempt: 0,
    failures: 0,
    workedMs: 0,
    workingSince: null,
    output: null,
    steps: null,
    children: null,
    wait: null,
    dispatch: null,
    goesOn: false,
    cuts: false,
    cutBy: null,
    error: null,
    undo: null,
    usage: null,
  };
}

const NO_PLANS: ReadonlyMap<string, Plan> = new Map();

/**
 * Applies one journal event. Pure but for `state`; the same journal gives the same state at every prefix.
 * `plans`: by digest, at least those that a `run.patched` among the events leads to.
 */
export function reduce(state: RunState, event: JournalEvent, plans: ReadonlyMap<string, Plan> = NO_PLANS): void {
  state.seq = event.seq;
  state.epoch = event.epoch;
  if (event.nodeId === null) state.worked = workedAfter(state.worked, event, aroundOf(state));
  const { lastAt } = state;
  state.lastAt = event.at;
  if (event.nodeId !== null) {
    const index = state.plan.indexById.get(event.nodeId);
    if (event.type === 'step.completed') countUsage(state, event, index);
    if (index !== undefined) reduceNode(state, event, index);
    return;
  }
  switch (event.type) {
    case 'run.submitted':
      state.startedBy = event.payload.by ?? null;
      state.budget = { ...state.budget, limits: event.payload.budget ?? {} };
      state.waitsForPlace = event.payload.waits_for_place === true;
      for (const kept of event.payload.snapshot ?? []) keepNode(state, kept);
      for (const { signal_id: id, payload } of event.payload.continued_from?.events ?? [])
        keepSignal(state, id, signalKey('event', payload), payload);
      for (const root of state.plan.roots) if (!isSettled(state.nodes[root]!)) makeReady(state, root);
      break;
    case 'run.claimed':
      state.status = state.paused ? 'paused' : 'running';
      if (state.undoing !== null) state.status = 'compensating';
      for (const index of state.running) {
        endWork(state.nodes[index]!, lastAt);
        makeReady(state, index);
      }
      state.running.clear();
      break;
    case 'run.waiting':
      state.status = 'waiting';
      break;
    case 'budget.reached':
      takeAsk(state, event.payload, event.at);
      break;
    case 'budget.renewed':
      takeRenewal(state);
      break;
    case 'run.paused':
      state.status = 'paused';
      state.paused = true;
      break;
    case 'run.resumed':
      state.status = 'running';
      state.paused = false;
      break;
    case 'signal.received': {
      const { signal_id: id, type, payload } = event.payload;
      if (type === 'admit') state.waitsForPlace = false;
      if (type === 'child') takeChild(state, id, payload);
      else if (type !== 'decide' || !takeGrant(state, payload)) keepSignal(state, id, signalKey(type, payload), payload);
      break;
    }
    case 'children.cancelled':
      for (const childId of event.payload.child_ids) state.children.released.delete(childId);
      break;
    case 'run.patched':
      state.revision = state.lastRevision = event.payload.revision;
      adoptPlan(state, planOf(event.payload.digest, plans), freshNode);
      break;
    case 'run.patch_refused':
      state.lastRevision = event.payload.revision;
      break;
    case 'run.compensating':
      releaseAll(state);
      state.status = 'compensating';
      state.undoing = [...state.undoable];
      state.failure ??= { nodeId: event.payload.node_id, error: event.payload.error, compensate: true };
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

/** What is journaled was paid, whatever becomes of its node. */
function countUsage(state: RunState, { payload }: { payload: EventPayload<'step.completed'> }, index: number | undefined): void {
  if (payload.usage === undefined) return;
  const usage = readUsage(payload.usage);
  state.usage = addUsage(state.usage, usage);
  const node = index === undefined ? undefined : state.nodes[index]!;
  if (node !== undefined) node.usage = addUsage(node.usage ?? NO_USAGE, usage);
}

function aroundOf({ paused, undoing, lastAt }: RunState): { paused: boolean; undoing: boolean; lastAt: number } {
  return { paused, undoing: undoing !== null, lastAt };
}

function planOf(digest: string, plans: ReadonlyMap<string, Plan>): Plan {
  const plan = plans.get(digest);
  if (plan === undefined) throw new BatonError('internal', `The plan ${digest} was not loaded before its events.`, { digest });
  return plan;
}

function reduceNode(state: RunState, event: JournalEvent, index: number): void {
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

/** A node that a fork has taken over as it was. */
function keepNode(state: RunState, { id, status, visit, output, cuts = false, cut_by: cutBy, error }: KeptNode): void {
  const index = state.plan.indexById.get(id);
  if (index === undefined) return;
  Object.assign(state.nodes[index]!, { visit, output, cuts, cutBy: cutBy ?? null, error: error ?? null });
  settle(state, index, status);
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
  state.sleeping.delete(index);
  if (state.dispatched.delete(index)) state.nodes[index]!.dispatch = null;
  releaseChildren(state, index);
}

function keepSignal(state: RunState, signalId: number, key: string | null, payload: JsonObject): void {
  if (key === null) return;
  const kept = state.mailbox.get(key);
  if (kept === undefined) state.mailbox.set(key, [{ signalId, payload }]);
  else kept.push({ signalId, payload });
}

function suspend(state: RunState, index: number, payload: EventPayload<'node.suspended'>, at: number): void {
  leaveQueues(state, index);
  const node = state.nodes[index]!;
  node.status = 'waiting';
  node.wait = { key: payload.key, awaits: payload.awaits, wakeAt: payload.wake_at, reason: payload.reason, since: at };
  if (payload.awaits.kind === 'children') awaitChildren(state, index, payload);
  if (payload.wake_at !== null) state.sleeping.set(index, payload.wake_at);
  const key = awaitedKey(payload.awaits, state.plan.nodes[index]!.id, node.visit);
  if (key === null) return;
  const waiting = state.awaiting.get(key);
  if (waiting === undefined) state.awaiting.set(key, [index]);
  else waiting.push(index);
}

function resume(state: RunState, index: number, { key, output, signal_id: signalId }: EventPayload<'node.resumed'>): void {
  const node = state.nodes[index]!;
  const signal = node.wait === null ? null : awaitedKey(node.wait.awaits, state.plan.nodes[index]!.id, node.visit);
  if (signal !== null) {
    drop(state.awaiting, signal, (waiting) => waiting === index);
    if (signalId !== null) drop(state.mailbox, signal, (kept) => kept.signalId === signalId);
  }
  leaveQueues(state, index);
  node.wait = null;
  node.goesOn = true;
  (node.steps ??= new Map()).set(key, output);
  makeReady(state, index);
}

/** Removes the first entry of a list that fits, and the list with its last entry. */
function drop<T>(lists: Map<string, T[]>, key: string, fits: (entry: T) => boolean): void {
  const list = lists.get(key);
  const at = list?.findIndex(fits) ?? -1;
  if (list === undefined || at < 0) return;
  list.splice(at, 1);
  if (list.length === 0) lists.delete(key);
}

function settle(state: RunState, index: number, status: 'completed' | 'skipped' | 'failed'): void {
  const node = state.nodes[index]!;
  leaveQueues(state, index);
  forgetWork(node);
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

/** The outputs of a node's dependencies, by id: what its handler gets beside the run's input. */
export function dependencyOutputs(state: RunState, node: PlanNode): JsonObject {
  return outputsOf(state, node.dependsOn);
}

/** The output of the run as its nodes stand: of the only output node, or of all on branches that were taken by id. */
export function runOutput(state: RunState): JsonValue {
  const { outputs } = state.plan;
  if (outputs.length === 1) return state.nodes[outputs[0]!]!.output;
  return outputsOf(
    state,
    outputs.filter((index) => !state.nodes[index]!.cuts),
  );
}

function outputsOf(state: RunState, indexes: readonly number[]): JsonObject {
  return Object.fromEntries(indexes.map((index) => [state.plan.nodes[index]!.id, state.nodes[index]!.output]));
}
