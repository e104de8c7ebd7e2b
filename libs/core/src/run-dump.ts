import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ChildGroup } from './child-group.js';
import { EVENT_SCHEMAS, EVENT_VERSION } from './journal-event.js';
import type { JsonObject, JsonValue } from './json.js';
import type { Plan } from './plan.js';
import type { NodeState } from './node-state.js';
import { initialState, type KeptSignal, type RunFacts, type RunState } from './run-state.js';
import { initialTrace, type RunTrace } from './run-trace.js';

/** Raise it when {@link reduce} or `traceEvent` makes another state of the same events: older dumps then fit no more. */
const DUMP_VERSION = 3;

/** How each field is dumped. A field without an entry does not compile, and is refused by {@link dumpState}. */
type Shape<T> = { readonly [K in keyof T]-?: z.ZodType<T[K]> };

const count = z.int().min(0);
const flag = z.boolean();
/** A value that was checked when it was journaled. */
const payload = z.custom<JsonValue>((value) => value !== undefined);
/** JSON as it stands. */
const plain = <T>() => z.custom<T>(isPlain);
const setOf = <T>(item: z.ZodType<T>) =>
  z.codec(z.array(item), z.instanceof(Set<T>), { decode: (items) => new Set(items), encode: (items) => [...items] });
const mapOf = <K, V>(key: z.ZodType<K>, value: z.ZodType<V>) =>
  z.codec(z.array(z.tuple([key, value])), z.instanceof(Map<K, V>), {
    decode: (entries) => new Map(entries),
    encode: (entries) => [...entries],
  });
const integers = z.codec(z.array(z.int()), z.instanceof(Int32Array), {
  decode: (items) => Int32Array.from(items),
  encode: (items) => [...items],
});

const GROUP: Shape<ChildGroup> = {
  workflow: plain<ChildGroup['workflow']>(),
  inputs: z.array(payload),
  concurrency: count,
  wanted: count,
  tolerated: count,
  outcomes: z.array(plain<ChildGroup['outcomes'][number]>()),
  round: count,
  waiting: z.array(count),
  live: mapOf(z.string(), count),
  completed: count,
  failed: count,
  lastSignalId: count.nullable(),
};

const NODE: Shape<NodeState> = {
  status: plain<NodeState['status']>(),
  visit: count,
  attempt: count,
  failures: count,
  workedMs: z.number(),
  workingSince: z.number().nullable(),
  output: payload,
  steps: mapOf(z.string(), payload).nullable(),
  children: mapOf(z.string(), z.strictObject(GROUP)).nullable(),
  wait: plain<NodeState['wait']>(),
  dispatch: plain<NodeState['dispatch']>(),
  goesOn: flag,
  cuts: flag,
  cutBy: z.string().nullable(),
  error: plain<NodeState['error']>(),
  undo: plain<NodeState['undo']>(),
  usage: plain<NodeState['usage']>(),
};

const CHILDREN: Shape<RunState['children']> = {
  waiting: setOf(z.string()),
  live: mapOf(z.string(), plain<{ nodeId: string; key: string }>()),
  released: setOf(z.string()),
};

/** Without what the run's row and its definition say, and the nodes. */
const STATE: Shape<Omit<RunState, 'plan' | 'facts' | 'nodes'>> = {
  status: plain<RunState['status']>(),
  seq: count,
  epoch: count,
  remaining: integers,
  unsettled: count,
  ready: setOf(count),
  running: setOf(count),
  dispatched: mapOf(count, z.number()),
  retrying: mapOf(count, z.number()),
  sleeping: mapOf(count, z.number()),
  awaiting: mapOf(z.string(), z.array(count)),
  mailbox: mapOf(z.string(), z.array(plain<KeptSignal>())),
  receivedEvents: setOf(z.string()),
  children: z.strictObject(CHILDREN),
  paused: flag,
  startedBy: z.string().nullable(),
  budget: plain<RunState['budget']>(),
  waitsForPlace: flag,
  continuation: plain<RunState['continuation']>(),
  revision: count,
  lastRevision: count,
  undoable: z.array(count),
  undoing: z.array(count).nullable(),
  failure: plain<RunState['failure']>(),
  worked: plain<RunState['worked']>(),
  usage: plain<RunState['usage']>(),
  lastAt: z.number(),
  output: payload,
  error: plain<RunState['error']>(),
};

const TRACE: Shape<RunTrace> = {
  lastAt: z.number(),
  startedAt: mapOf(z.string(), z.number()),
  refused: mapOf(z.string(), plain<{ target: string; since: number; limit?: string }>()),
  paused: plain<RunTrace['paused']>(),
  undoing: plain<RunTrace['undoing']>(),
  forkedFrom: plain<RunTrace['forkedFrom']>(),
  attempts: count,
  failures: count,
};

/** Nodes by index, each with the fields that are not as at the beginning. */
const Nodes = z.array(z.tuple([count, z.strictObject(NODE).partial()]));
const RunDump = z.strictObject({
  format: z.string(),
  plan: z.string(),
  nodes: Nodes,
  state: z.strictObject(STATE),
  trace: z.strictObject(TRACE),
});

/**
 * Which builds can read a dump: those that know the same fields and the same events, no others. A worker that lacks an event's type must meet
 * that event in the journal, where it hands the run back; a state that somebody else has folded would hide it.
 */
export const DUMP_FORMAT = createHash('sha256')
  .update(
    JSON.stringify([
      DUMP_VERSION,
      EVENT_VERSION,
      ...[GROUP, NODE, CHILDREN, STATE, TRACE, EVENT_SCHEMAS].map((part) => Object.keys(part).sort()),
    ]),
  )
  .digest('hex')
  .slice(0, 16);

/** What the journal of a run says up to a seq, folded. */
export interface FoldedRun {
  readonly state: RunState;
  readonly trace: RunTrace;
}

export type Restored =
  | { kind: 'restored'; run: FoldedRun }
  /** `format`: of a build that knows other fields or events; `plan`: of another definition; `damaged`: not a dump, or not a whole one. */
  | { kind: 'unfit'; reason: 'format' | 'plan' | 'damaged' };

/** A folded run as JSON, in O(nodes). @throws on a field that has no entry here. */
export function dumpState({ state, trace }: FoldedRun): JsonObject {
  const { plan, facts, nodes, ...rest } = state;
  const fresh = initialState(plan, facts).nodes;
  const dump = {
    format: DUMP_FORMAT,
    plan: plan.digest,
    nodes: nodes.flatMap((node, index) => {
      const changed = changedFields(node, fresh[index]!);
      return changed === null ? [] : [[index, changed] as [number, Partial<NodeState>]];
    }),
    state: rest,
    trace,
  };
  return z.encode(RunDump, dump) as JsonObject;
}

/** The digest of the plan in a dump of this format, if a patch has brought it: else it is the one that the run was submitted with. */
export function patchedPlan(dump: unknown): string | null {
  const { format, plan, state } = (dump ?? {}) as { format?: unknown; plan?: unknown; state?: { revision?: unknown } };
  return format === DUMP_FORMAT && typeof plan === 'string' && state?.revision !== 0 ? plan : null;
}

/** The folded run as {@link dumpState} found it: the same state, from which the rest of the journal can be folded on. */
export function restoreState(dump: unknown, plan: Plan, facts: RunFacts): Restored {
  const { format, plan: digest } = (dump ?? {}) as { format?: unknown; plan?: unknown };
  if (typeof format !== 'string') return { kind: 'unfit', reason: 'damaged' };
  if (format !== DUMP_FORMAT) return { kind: 'unfit', reason: 'format' };
  if (digest !== plan.digest) return { kind: 'unfit', reason: 'plan' };
  const decoded = RunDump.safeParse(dump);
  if (!decoded.success) return { kind: 'unfit', reason: 'damaged' };
  const state = Object.assign(initialState(plan, facts), decoded.data.state);
  if (state.remaining.length !== plan.nodes.length) return { kind: 'unfit', reason: 'damaged' };
  for (const [index, fields] of decoded.data.nodes) {
    if (index >= state.nodes.length) return { kind: 'unfit', reason: 'damaged' };
    Object.assign(state.nodes[index]!, fields);
  }
  return { kind: 'restored', run: { state, trace: Object.assign(initialTrace(), decoded.data.trace) } };
}

function changedFields(node: NodeState, fresh: NodeState): Partial<NodeState> | null {
  const changed = Object.entries(node).filter(([name, value]) => value !== fresh[name as keyof NodeState]);
  return changed.length === 0 ? null : (Object.fromEntries(changed) as Partial<NodeState>);
}

/** Whether JSON keeps all of it: no map or set, at any depth, would come back empty. */
function isPlain(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isPlain);
  if (typeof value !== 'object' || value === null) return value !== undefined && typeof value !== 'function';
  return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isPlain);
}
