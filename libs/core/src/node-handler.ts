import type { CircuitPolicy } from './circuit.js';
import type { ExpressionScope } from './expression.js';
import type { ChildOutcome, ChildrenRequest } from './child-run.js';
import type { JsonObject, JsonValue } from './json.js';
import type { NodeLog } from './run-log.js';
import type { Awaited, WaitResult } from './signal.js';
import type { StepUsage, Usage } from './usage.js';

/** What an expression may look at beside the run: the item of a map, the visit of a loop, the answer to a call. */
export type ScopeExtras = Pick<ExpressionScope, 'item' | 'index' | 'visit' | 'last' | 'response'>;

/** What a node waits for, and until when at most (milliseconds since the epoch; null: for ever). */
export interface NodeWait {
  readonly awaits: Exclude<Awaited, { kind: 'children' }>;
  readonly until: number | null;
  /** For people: why the run waits. */
  readonly reason: string;
}

export interface StepOptions<T> {
  /** What the step has used of a model: journaled with its result and counted once, however often it is replayed. Null: nothing. */
  readonly usage?: (result: T) => StepUsage | null;
  /** What the step has used all the same where it failed: it counts against budgets. Without it, and null: nothing. */
  readonly spent?: (error: unknown) => Usage | null;
  /**
   * Whether the node does nothing outside any more once it has this result, but ends: `step` then does not wait until it is committed, and both are
   * committed together.
   */
  readonly isLast?: (result: T) => boolean;
}

/** What became of a patch that a node made to its run. Plain data: a step journals it. */
export type PatchResult =
  /** Accepted as this revision: the run takes it up at its next decision. */
  | { accepted: true; revision: number; added: string[]; changed: string[]; removed: string[] }
  /** Not accepted: what is wrong, in words that an agent can act on. */
  | { accepted: false; code: string; message: string; problems: { pointer: string; message: string; remedy: string }[] };

/** What a handler gets. One context per attempt of a node's visit. */
export interface NodeContext {
  readonly runId: string;
  readonly tenantId: string;
  readonly taskId: string | null;
  /** The name of who started the run; null: unknown. */
  readonly startedBy: string | null;
  readonly nodeId: string;
  readonly visit: number;
  readonly attempt: number;
  /** `run/node/visit`: never changes with attempts, epochs or seqs. Send it with every effect. */
  readonly idempotencyKey: string;
  /** The node's input, its placeholders filled; the run's where the node defines none. */
  readonly input: JsonValue;
  /** The node's config, its placeholders filled, except what stands under `body`. */
  readonly config: JsonObject;
  /** Items or children of this node that may be in work at once. */
  readonly concurrency: number;
  /** In a later visit: the output of the one before. */
  readonly last: JsonValue;
  /** What the definition says of circuits; the rest as configured. */
  readonly circuit?: Partial<CircuitPolicy>;
  /** Outputs of the nodes that this one depends on, by id. */
  readonly outputs: JsonObject;
  /** Aborts when the baton is lost, the run ends, the attempt times out or the worker shuts down. Pass it to every call. */
  readonly signal: AbortSignal;
  /**
   * What people read of this attempt beside the journal. Log within a step, or after one: the lines of a handler that is entered again are said again.
   */
  readonly log: NodeLog;
  /**
   * Runs `fn` once and journals its result under `key`, unique within the node: on re-entry, in another attempt or on another worker,
   * a finished step is replayed, not run.
   */
  step<T extends JsonValue>(key: string, fn: (signal: AbortSignal) => Promise<T> | T, options?: StepOptions<T>): Promise<T>;
  /**
   * Holds what the call of a step is going to use at most against the budgets of the run, of those above it and of its tenant, before it is made: until
   * the step is journaled, which counts what it has used, or fails. It waits while other calls hold what it needs. Where it is more than is
   * left, the handler is left, the run asks for more, and `execute` is called again once it is granted. Call it within the step. False: there is no
   * budget, nothing is held, and `wanted` was not called. `signal`, beside that of the attempt, ends the waiting for other calls.
   * @throws BatonError `budget_exceeded` where the run is to fail instead; the reason of the signal.
   */
  reserve(key: string, wanted: () => Usage, signal?: AbortSignal): Promise<boolean>;
  /**
   * Waits for a signal or an instant, at no cost: the handler is left, the run may be parked for days, and another worker may go on. When the
   * wait has ended, `execute` is called again: its finished steps are replayed, and this call returns how the wait ended.
   * Do not catch what it throws. `key` is unique within the node, among steps too.
   */
  waitFor(key: string, wait: NodeWait): Promise<WaitResult>;
  /**
   * Changes the definition of its own run by operations of RFC 6902, once: a journaled step, unique by its key within the node. The nodes that
   * it adds run after it as their dependencies say. A patch that is not accepted is an answer, not an error. @throws BatonError
   * `storage_unavailable`.
   */
  patch(key: string, operations: JsonValue, reason: string): Promise<PatchResult>;
  /**
   * Runs workflows as runs of their own, over all workers, and waits for them as `waitFor` waits, at no cost. What came of each, in the order of
   * the inputs; null: it was cancelled or never started, since the others decided. Where more than `tolerated` do not complete and the
   * attempt fails for it, the next attempt runs them anew, and only them.
   * @throws BatonError `workflow_not_found`, `workflow_archived`, `child_failed` for what exceeds CHILD_MAX_DEPTH or CHILD_MAX_COUNT.
   */
  runChildren(key: string, children: ChildrenRequest): Promise<(ChildOutcome | null)[]>;
  /** Evaluates an expression in the scope of the run. @throws BatonError `expression_invalid`, `expression_failed`. */
  evaluate(expression: string, more?: ScopeExtras): JsonValue;
  /** Fills the placeholders of a template in the scope of the run. @throws BatonError as `evaluate`. */
  render(template: JsonValue, more?: ScopeExtras): JsonValue;
  /** Skips nodes that depend on this one, once it completes: the branches not taken. */
  skip(nodeIds: readonly string[], reason: string): void;
  /** Lets the run go on, once it has completed, in a new run of the same workflow version with this input. The last one that says so decides. */
  continueAsNew(input: JsonValue): void;
  /** Enters the node once more after this visit: what `execute` returns is then the `last` of the next one. */
  repeat(): void;
}

/** Executes nodes of one type. Runs at least once per visit; its outcome is recorded exactly once. */
export abstract class NodeHandler {
  /** The node type that it executes. */
  abstract readonly type: string;
  abstract execute(context: NodeContext): Promise<JsonValue>;
  /**
   * The nodes without a place in the graph that this one executes itself, as its config has them. A worker that lacks a type of theirs leaves the node to
   * one that has them all.
   */
  bodies?(config: JsonObject): readonly { readonly type: string; readonly config: JsonObject }[];
  /**
   * What this node calls, if it calls something outside: the origin of a URL, a model. Failures of the call open a circuit for it, which all
   * workers share; while it is open, `execute` is not called. Null: nothing that can be named.
   */
  target?(context: NodeContext): Promise<string | null> | string | null;
}
