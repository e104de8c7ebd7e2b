import { z } from 'zod';
import { ApprovalAskSchema } from './approval-terms.js';
import { BudgetOverSchema, BudgetStartSchema } from './budget.js';
import type { JsonObject } from './json.js';
import { ROLES } from './role.js';
import { SIGNAL_TYPES } from './signal.js';
import { StepUsageSchema } from './usage.js';

/** Raised when the shape of a stored payload changes; a worker that does not know a version hands the run back. */
export const EVENT_VERSION = 1;

const Empty = z.strictObject({});
const Failure = z.strictObject({
  code: z.string(),
  message: z.string(),
  retryable: z.boolean().optional(),
  retry_after_ms: z.int().min(0).optional(),
  details: z.record(z.string(), z.json()).optional(),
});

/** A node whose outcome a fork keeps. */
const KeptNode = z.strictObject({
  id: z.string(),
  status: z.enum(['completed', 'skipped', 'failed']),
  visit: z.int(),
  output: z.json(),
  /** Skipped as a branch that is not taken. */
  cuts: z.boolean().optional(),
  /** By which node. */
  cut_by: z.string().optional(),
  /** Why it failed, where the run goes on without it. */
  error: Failure.optional(),
});
export type KeptNode = z.infer<typeof KeptNode>;

/** The workflow version of children. */
const WorkflowVersion = z.strictObject({ id: z.string(), name: z.string(), version: z.int(), digest: z.string() });

/** Why, and who asked for it where that is known. */
const Wish = z.strictObject({ reason: z.string(), by: z.string().optional() });

/** A revision of the run's definition, and who made it. */
const Patched = z.strictObject({
  revision: z.int(),
  digest: z.string(),
  previous_digest: z.string(),
  by: z.string(),
  reason: z.string(),
});

/** The closed union of what can happen to a run, with the schema of each payload. Wire names in snake_case. */
export const EVENT_SCHEMAS = {
  /** Seq 1, epoch 0, written with the run's row. */
  'run.submitted': z.strictObject({
    workflow_id: z.string(),
    workflow_name: z.string(),
    workflow_version: z.int(),
    digest: z.string(),
    /** A limit is full: the run waits for its places, and starts nothing before a signal `admit`. */
    waits_for_place: z.literal(true).optional(),
    /** The run that it forks, as it stood at `seq`, and the nodes from which on it runs anew. */
    forked_from: z.strictObject({ run_id: z.string(), seq: z.int(), nodes: z.array(z.string()) }).optional(),
    /** What is kept of it; what can be undone in the order in which it completed. */
    snapshot: z.array(KeptNode).optional(),
    /** Who started it, where that is known: the name of a token. */
    by: z.string().optional(),
    /** What its start has lowered of its budget, and the budgets that it shares with the runs above it. */
    budget: BudgetStartSchema.optional(),
    /** The node that waits for it, and its place among the children of that node. */
    parent: z.strictObject({ run_id: z.string(), node_id: z.string(), index: z.int() }).optional(),
    /** The run that goes on in it, and the events that nothing of that run has waited for. */
    continued_from: z
      .strictObject({
        run_id: z.string(),
        events: z.array(z.strictObject({ signal_id: z.int(), payload: z.record(z.string(), z.json()) })),
      })
      .optional(),
  }),
  /** A worker took the baton: every node that was in work before is ready again. */
  'run.claimed': z.strictObject({ worker_id: z.string() }),
  'node.started': Empty,
  /** The attempt goes to the workers of a pool; it fails unless its outcome is heard by the deadline. */
  'node.dispatched': z.strictObject({ pool: z.string(), deadline: z.int() }),
  /** A journaled sub-result: replayed, never run again. `usage`: what it has used of a model, if it has called one. */
  'step.completed': z.strictObject({
    key: z.string(),
    output: z.json(),
    usage: StepUsageSchema.optional(),
    /** Which hold of the ledger its usage settles. */
    hold: z.string().optional(),
  }),
  /** `continues`: once the run has completed, it goes on in a new one with this input. */
  'node.completed': z.strictObject({ output: z.json(), continues: z.strictObject({ input: z.json() }).optional() }),
  /** The visit is over and the node is entered once more. */
  'node.repeated': z.strictObject({ output: z.json() }),
  /** An attempt failed. `retry_at`: when the next one may start; null: none is left, the node has failed. */
  'node.failed': z.strictObject({ error: Failure, retry_at: z.int().nullable() }),
  /**
   * `cuts`: a branch that is not taken; what hangs on nothing else is skipped with it. Otherwise the nodes after it go on.
   * `by`: the node that took another branch.
   */
  'node.skipped': z.strictObject({ reason: z.string(), cuts: z.boolean().optional(), by: z.string().optional() }),
  /** The node waits: its handler is called again, with the result under `key`, when a signal comes or `wake_at` has passed. */
  'node.suspended': z.strictObject({
    key: z.string(),
    awaits: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('time') }),
      z.strictObject({ kind: z.literal('event'), name: z.string() }),
      z.strictObject({ kind: z.literal('approval'), ask: ApprovalAskSchema.optional() }),
      z.strictObject({ kind: z.literal('children'), workflow: z.string(), count: z.int(), wanted: z.int() }),
    ]),
    wake_at: z.int().nullable(),
    reason: z.string(),
    /** The children to run, the first time that the node waits for them under this key. */
    children: z
      .strictObject({
        workflow: WorkflowVersion,
        inputs: z.array(z.json()),
        concurrency: z.int(),
        wanted: z.int(),
        tolerated: z.int(),
      })
      .optional(),
  }),
  /** Children have become runs, in the commit of this event. Their ids follow from the node, the key, its failures and their places. */
  'children.started': z.strictObject({ key: z.string(), places: z.array(z.int()) }),
  /** Children that nothing waits for any more have been told to end. */
  'children.cancelled': z.strictObject({ child_ids: z.array(z.string()) }),
  /** `signal_id`: the signal that ended the wait; null: its time did. */
  'node.resumed': z.strictObject({ key: z.string(), output: z.json(), signal_id: z.int().nullable() }),
  /** The attempt was stopped from outside, not by a fault of its own: the node is ready again. */
  'node.interrupted': z.strictObject({ reason: z.string() }),
  /** A signal has left the inbox; it waits here for the node that it answers. */
  'signal.received': z.strictObject({
    signal_id: z.int(),
    type: z.enum(SIGNAL_TYPES),
    payload: z.record(z.string(), z.json()),
  }),
  /** The run, a run above it, or its tenant has used up what it may: nothing starts before more is granted, or `until` has passed. `role` may grant it. */
  'budget.reached': z.strictObject({
    number: z.int(),
    scope: z.enum(['run', 'tree', 'tenant']),
    /** Of which account of the ledger; absent: the run's own. */
    account: z.string().optional(),
    over: z.array(BudgetOverSchema),
    until: z.int().nullable(),
    role: z.enum(ROLES),
  }),
  /** The tenant has a new period: the run goes on without a grant. */
  'budget.renewed': z.strictObject({ number: z.int() }),
  'run.paused': Wish,
  'run.resumed': Wish,
  /** The run goes on with the definition of a revision; what it changes, nodes by id. */
  'run.patched': Patched.extend({ added: z.array(z.string()), changed: z.array(z.string()), removed: z.array(z.string()) }),
  /** It does not: nodes that the revision changes or removes had started meanwhile, or the run had failed. */
  'run.patch_refused': Patched.extend({ error: Failure }),
  /** Parked: nothing to do before `wake_at` or a signal. */
  'run.waiting': z.strictObject({ wake_at: z.int().nullable(), reason: z.string() }),
  /**
   * A node failed whose failure undoes the run, or (`node_id` null) the run itself did: completed nodes that say how are undone, the last one
   * first.
   */
  'run.compensating': z.strictObject({ error: Failure, node_id: z.string().nullable() }),
  'compensation.started': Empty,
  'compensation.completed': z.strictObject({ output: z.json() }),
  /** `retry_at` as of a node; null: this one stays done, the others are still undone. */
  'compensation.failed': z.strictObject({ error: Failure, retry_at: z.int().nullable() }),
  /** `continued_as`: the run in which it goes on, accepted in the same commit. */
  'run.completed': z.strictObject({ output: z.json(), continued_as: z.string().optional() }),
  'run.failed': z.strictObject({ error: Failure }),
  'run.cancelled': Wish,
} as const;

export type EventType = keyof typeof EVENT_SCHEMAS;
export type EventPayload<T extends EventType> = z.infer<(typeof EVENT_SCHEMAS)[T]>;

interface EventOf<T extends EventType> {
  readonly type: T;
  /** Null for events of the run itself. */
  readonly nodeId: string | null;
  /** The entry into the node by the graph, from 1; 0 for events of the run. */
  readonly visit: number;
  /** The try of the visit, from 1; 0 for events of the run. */
  readonly attempt: number;
  /** Milliseconds since the epoch, on the writer's clock. */
  readonly at: number;
  readonly payload: EventPayload<T>;
}

/** What happened, before the journal gives it its place. */
export type EventDraft = { [T in EventType]: EventOf<T> }[EventType];

/** An entry of the journal. `(runId, seq)` is its identity; `seq` has no gaps; epochs only rise. */
export type JournalEvent = EventDraft & { readonly runId: string; readonly seq: number; readonly epoch: number };

/** An event of the run itself. */
export function runEvent<T extends EventType>(type: T, at: number, payload: EventPayload<T>): EventDraft {
  return { type, nodeId: null, visit: 0, attempt: 0, at, payload } as EventDraft;
}

/** An event of one attempt of a node's visit. */
export function nodeEvent<T extends EventType>(
  type: T,
  node: { id: string; visit: number; attempt: number },
  at: number,
  payload: EventPayload<T>,
): EventDraft {
  return { type, nodeId: node.id, visit: node.visit, attempt: node.attempt, at, payload } as EventDraft;
}

const UNPRODUCTIVE: ReadonlySet<EventType> = new Set<EventType>([
  ...(['run.submitted', 'run.claimed', 'run.waiting', 'node.started', 'node.dispatched', 'node.interrupted'] as const),
  'compensation.started',
]);

/** Whether an event shows that a claim got somewhere; without one, claim after claim, a run is poison. */
export function isProgress(type: EventType): boolean {
  return !UNPRODUCTIVE.has(type);
}

export function isTerminalEvent(type: EventType): boolean {
  return type === 'run.completed' || type === 'run.failed' || type === 'run.cancelled';
}

/** The wire form of a journal event, the same in SSE, WebSocket and REST. */
export interface WireEvent {
  run_id: string;
  seq: number;
  epoch: number;
  type: EventType;
  node_id: string | null;
  visit: number;
  attempt: number;
  at: string;
  payload: JsonObject;
}

export function toWireEvent(event: JournalEvent): WireEvent {
  return {
    run_id: event.runId,
    seq: event.seq,
    epoch: event.epoch,
    type: event.type,
    node_id: event.nodeId,
    visit: event.visit,
    attempt: event.attempt,
    at: new Date(event.at).toISOString(),
    payload: event.payload,
  };
}
