import { noChildren, type ChildrenState } from './child-state.js';
import type { ErrorInfo } from './errors.js';
import type { JsonObject, JsonValue } from './json.js';
import { freshNode, type NodeState } from './node-state.js';
import { NO_PAYLOADS, openForm } from './payload.js';
import type { Plan, PlanNode } from './plan.js';
import { NO_BUDGET, type RunBudgetState } from './run-budget.js';
import type { RunStatus } from './run.js';
import { NO_USAGE, type Usage } from './usage.js';
import { NOT_WORKED, type WorkedTime } from './worked-time.js';

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
 * The state of a run: the journal, folded. Changed only by `reduce`, in place, in O(1) a node event plus its dependents.
 * `ready`, `running` and `retrying` are kept beside the nodes so that a decision never walks the graph.
 */
export interface RunState {
  /** The one in use. What is kept by a node's place in it is moved by `adoptPlan` when a patch brings another. */
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
  /** Ids of the last events that were received, the oldest first. */
  readonly receivedEvents: Set<string>;
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
    receivedEvents: new Set(),
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

/** The outputs of a node's dependencies, by id: what its handler gets beside the run's input. @throws PayloadMissing where `lookup` does. */
export function dependencyOutputs({ plan, nodes }: RunState, { dependsOn }: PlanNode, lookup = NO_PAYLOADS): JsonObject {
  const outputs: JsonObject = {};
  for (const index of dependsOn) outputs[plan.nodes[index]!.id] = openForm(nodes[index]!.output, lookup);
  return outputs;
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
