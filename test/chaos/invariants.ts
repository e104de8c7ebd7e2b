import { journalViolations } from '../support/journal-checks.js';
import type { Acknowledged, Operation } from './caller.js';
import type { Effect } from './effect-ledger.js';
import type { EventFact, RunFact } from './facts.js';
import { POISON } from './load-kinds.js';
import { childrenIn, effectsIn, endOf } from './expectations.js';

export const INVARIANTS = ['A', 'B', 'C', 'D', 'E'] as const;
export type Invariant = (typeof INVARIANTS)[number];

export interface Violation {
  invariant: Invariant;
  /** Null where it concerns no run. */
  runId: string | null;
  what: string;
}

/** Everything that is known once a row is over. */
export interface Evidence {
  acknowledged: readonly Acknowledged[];
  operations: readonly Operation[];
  contradictions: readonly string[];
  runs: readonly RunFact[];
  journals: ReadonlyMap<string, readonly EventFact[]>;
  effects: readonly Effect[];
  /** When the last fault ended. */
  faultsEndedAt: number;
  /** T. */
  settleMs: number;
}

const MAX_CALL_MS = 5_000;
/** What becomes of these is for their row to check. */
const POISONOUS: ReadonlySet<string> = new Set(POISON.map(({ name }) => name));

/** Checks A to E as docs/reliability.md defines them. */
export function findViolations(evidence: Evidence): Violation[] {
  return [
    ...lostRuns(evidence),
    ...twoAtOnce(evidence),
    ...brokenJournals(evidence),
    ...wrongChildren(evidence),
    ...wrongEffects(evidence),
    ...lateRuns(evidence),
    ...badAnswers(evidence),
  ];
}

/** A: what was acknowledged is there and ended well: nothing in the load fails for good by itself. */
function* lostRuns({ acknowledged, contradictions, runs }: Evidence): Generator<Violation> {
  const byId = new Map(runs.map((run) => [run.id, run]));
  for (const { runId } of acknowledged) {
    if (!byId.has(runId)) yield { invariant: 'A', runId, what: 'was acknowledged, and is not in SQL' };
  }
  for (const { id, workflow, status } of runs) {
    if (POISONOUS.has(workflow)) continue;
    const end = endOf(workflow);
    if (status !== end) yield { invariant: 'A', runId: id, what: `is ${status}, not ${end}` };
  }
  for (const what of contradictions) yield { invariant: 'A', runId: null, what };
}

/**
 * A: a task has one live run at most. A run is claimed after its submission was committed, and its finishing instant is taken before its end is,
 * so where one run lives while the next is accepted, the next begins before the first has finished. All clocks are this machine's.
 */
function* twoAtOnce({ runs }: Evidence): Generator<Violation> {
  const ofTasks = Map.groupBy(
    runs.filter(({ taskId, startedAt }) => taskId !== null && startedAt !== null),
    ({ taskId }) => taskId,
  );
  for (const [taskId, ofTask] of ofTasks) {
    const inOrder = ofTask.toSorted((left, right) => left.startedAt! - right.startedAt!);
    for (const [index, run] of inOrder.entries()) {
      const previous = inOrder[index - 1];
      if (previous === undefined || (previous.finishedAt !== null && run.startedAt! >= previous.finishedAt)) continue;
      yield { invariant: 'A', runId: run.id, what: `began while run ${previous.id} of task ${taskId} was live` };
    }
  }
}

/** B: no gaps, one terminal event, epochs only rise, and each is claimed once. */
function* brokenJournals({ runs, journals }: Evidence): Generator<Violation> {
  for (const { id, seq, finishedAt } of runs) {
    const events = journals.get(id) ?? [];
    if (events.length !== seq)
      yield { invariant: 'B', runId: id, what: `its row says ${seq} events, its journal has ${events.length}` };
    if (finishedAt === null) continue;
    for (const what of journalViolations(id, events)) yield { invariant: 'B', runId: id, what };
    const claims = events.filter(({ type }) => type === 'run.claimed').map(({ epoch }) => epoch);
    if (new Set(claims).size !== claims.length)
      yield { invariant: 'B', runId: id, what: `an epoch was claimed twice: ${claims.join()}` };
  }
}

/** C: a child is the effect of a node. Each place has one; it is there as long as its parent, and ends before the node that waits for it. */
function* wrongChildren({ runs }: Evidence): Generator<Violation> {
  const byId = new Map(runs.map((run) => [run.id, run]));
  const byParent = Map.groupBy(
    runs.filter(({ parentId }) => parentId !== null),
    ({ parentId }) => parentId!,
  );
  for (const [parentId, children] of byParent) {
    const parent = byId.get(parentId);
    if (parent === undefined)
      yield { invariant: 'A', runId: parentId, what: `has ${children.length} children, and is not in SQL` };
    for (const { id, finishedAt } of children) {
      const isLate = parent?.status === 'completed' && (finishedAt ?? Infinity) > parent.finishedAt!;
      if (isLate) yield { invariant: 'B', runId: id, what: `had not ended when its parent ${parentId} completed` };
    }
  }
  for (const { id, workflow, status } of runs) {
    const places = (byParent.get(id) ?? []).map(({ parentNode, parentIndex }) => `${parentNode}/${parentIndex}`);
    const wanted = childrenIn(workflow);
    for (const place of new Set(places)) {
      const count = places.filter((other) => other === place).length;
      if (count > 1 || !wanted.has(place)) yield { invariant: 'C', runId: id, what: `has ${count} children at ${place}` };
    }
    if (status !== 'completed') continue;
    for (const place of wanted)
      if (!places.includes(place)) yield { invariant: 'C', runId: id, what: `has no child at ${place}` };
  }
}

/** C: after de-duplication by key, one effect for each node of a run, or for each item where it has items. */
function* wrongEffects({ runs, effects }: Evidence): Generator<Violation> {
  const byRun = Map.groupBy(effects, ({ runId }) => runId);
  const known = new Map(runs.map((run) => [run.id, run]));
  const owner = new Map<string, string>();
  for (const { runId, nodeId, key } of effects) {
    if (!known.has(runId)) yield { invariant: 'C', runId, what: 'had an effect, and is not in SQL' };
    const place = `${runId}/${nodeId}`;
    if (owner.has(key) && owner.get(key) !== place)
      yield { invariant: 'C', runId, what: `shares the key ${key} with ${owner.get(key)}` };
    owner.set(key, place);
  }
  for (const { id, workflow, status } of runs) {
    const keysByNode = new Map<string, Set<string>>();
    for (const { nodeId, key } of byRun.get(id) ?? []) keysByNode.set(nodeId, (keysByNode.get(nodeId) ?? new Set()).add(key));
    const wanted = effectsIn(workflow);
    for (const [nodeId, keys] of keysByNode) {
      if (keys.size > (wanted.get(nodeId) ?? 0))
        yield { invariant: 'C', runId: id, what: `node ${nodeId} had effects under the keys ${[...keys].join(', ')}` };
    }
    if (status !== 'completed') continue;
    for (const [nodeId, count] of wanted) {
      const had = keysByNode.get(nodeId)?.size ?? 0;
      if (had < count)
        yield { invariant: 'C', runId: id, what: `node ${nodeId} had ${had === 0 ? 'no effect' : `${had} effects of ${count}`}` };
    }
  }
}

/** D: terminal within T after the last fault, or after the run was accepted where that was later. */
function* lateRuns({ runs, faultsEndedAt, settleMs }: Evidence): Generator<Violation> {
  for (const { id, status, createdAt, finishedAt } of runs) {
    const lateMs = (finishedAt ?? Number.POSITIVE_INFINITY) - Math.max(faultsEndedAt, createdAt) - settleMs;
    if (lateMs <= 0) continue;
    const when = finishedAt === null ? `has not ended: ${status}` : `ended ${lateMs} ms too late`;
    yield { invariant: 'D', runId: id, what: when };
  }
}

/** E: no call takes more than 5 s, and the only 5xx are 503 with a whole `Retry-After`, and 507. */
function* badAnswers({ operations }: Evidence): Generator<Violation> {
  for (const { method, path, ms, status, retryAfter, detail } of operations) {
    const call = `${method} ${path}`;
    if (ms > MAX_CALL_MS) yield { invariant: 'E', runId: null, what: `${call} took ${ms} ms` };
    const isAllowed = status === 507 || (status === 503 && /^\d+$/.test(retryAfter ?? ''));
    if (status !== null && status >= 500 && !isAllowed)
      yield { invariant: 'E', runId: null, what: `${call} answered ${status}: ${detail}` };
  }
}
