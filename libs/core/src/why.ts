import { approvalId } from './approval.js';
import { describeOver } from './budget-ask.js';
import { readPatchSignal } from './patch-answer.js';
import type { PlanNode } from './plan.js';
import { budgetApprovalId, type BudgetAsk } from './run-budget.js';
import { isTerminal, type Run, type RunStatus } from './run.js';
import type { PlaceInLine } from './run-places.js';
import type { RunState } from './run-state.js';
import type { RunTrace } from './run-trace.js';
import type { Signal, SignalType } from './signal.js';
import { explainLine, explainPlaces } from './why-limit.js';
import { explainPools, type PoolSurroundings } from './why-pool.js';
import type { Worker } from './worker-lease.js';

/** Why a run does not move, or that it does. */
export const WHY_CODES = [
  ...(['ended', 'running', 'compensating', 'paused', 'pausing', 'cancelling', 'patching'] as const),
  ...(['no_worker', 'no_worker_for_type', 'workers_busy', 'dispatching', 'holder_dead', 'holder_silent'] as const),
  ...(['waiting_for_approval', 'waiting_for_event', 'waiting_for_child', 'waiting_for_retry', 'waiting_for_time'] as const),
  ...([
    'waiting_for_budget',
    'deciding',
    'circuit_open',
    'rate_limited',
    'at_limit',
    'waiting_for_pool',
    'no_worker_for_pool',
  ] as const),
] as const;
export type WhyCode = (typeof WHY_CODES)[number];

/** One true sentence, and the same for programs. Instants are milliseconds since the epoch. */
export interface Why {
  readonly code: WhyCode;
  readonly sentence: string;
  /** Since when it is so, as far as the journal knows. */
  readonly since: number;
  /** When it changes by itself. */
  readonly until?: number;
  readonly nodeId?: string;
  readonly approvalId?: string;
  readonly event?: string;
  /** What is not called for the time being. */
  readonly target?: string;
  /** A child run that is waited for, and how it stands. */
  readonly childRunId?: string;
  readonly childStatus?: RunStatus;
  readonly nodeType?: string;
  readonly pool?: string;
  readonly workerId?: string;
  /** The try to come, and how many there are in all. */
  readonly attempt?: number;
  readonly of?: number;
  /** The scope of the limit that is full. */
  readonly limit?: string;
  /** How many more nodes wait, or are in work; of a run in line, how many stand before it. */
  readonly others?: number;
}

/** What is known around a run at one instant. */
export interface RunSurroundings extends PoolSurroundings {
  readonly now: number;
  /** Signals of the run that nobody has answered yet. */
  readonly inbox: readonly Signal[];
  /** The child that the run has waited for longest, the last of its chain; null: it waits for none, or none has started. */
  readonly child: Pick<Run, 'id' | 'status'> | null;
  readonly workers: readonly Worker[];
  /** Where a node goes; null: it is in the hands of whoever holds the run. */
  poolOf(node: PlanNode): string | null;
  /** Jobs that wait in the queue; null: it does not answer. */
  readonly queued: number | null;
  /** What is left of the lease of a worker that is heard regularly, at least. */
  readonly leaseLeftMs: number;
  /** Where the run waits for a place under a limit, if it does. */
  readonly place?: PlaceInLine | null;
}

export interface ExplainedRun {
  readonly run: Run;
  readonly state: RunState;
  readonly trace: RunTrace;
}

/** Characters of an error's message in a sentence. */
const MESSAGE_CHARS = 300;

/** Says why a run does not move. Pure; as true as what it is given. */
export function explainRun(explained: ExplainedRun, around: RunSurroundings): Why {
  const { run, state } = explained;
  if (isTerminal(run.status)) return explainEnd(run, state);
  if (run.workerId !== null)
    return explainHolder(run, around) ?? explainWish(explained, around) ?? explainWork(explained, around);
  if (run.wakeAt !== null && run.wakeAt <= around.now) return explainQueue(explained, around);
  if (state.waitsForPlace && !state.paused) return explainLine(around.place ?? null, explained.trace.lastAt);
  if (run.status === 'queued') {
    const until = { until: run.wakeAt! };
    return {
      code: 'dispatching',
      sentence: `The run goes to another worker ${at(run.wakeAt!)}.`,
      since: explained.trace.lastAt,
      ...until,
    };
  }
  return state.paused ? explainPause(explained) : explainWork(explained, around);
}

function explainEnd({ status, finishedAt }: Run, { error }: RunState): Why {
  const ended = { code: 'ended', since: finishedAt! } as const;
  if (status !== 'failed' || error === null) return { ...ended, sentence: `The run has ended: it is ${status}.` };
  const nodeId = error.details?.['node_id'];
  const where = typeof nodeId === 'string' ? { nodeId } : {};
  const place = where.nodeId === undefined ? '' : ` at the node ${where.nodeId}`;
  const message = error.message.length > MESSAGE_CHARS ? `${error.message.slice(0, MESSAGE_CHARS)}…` : error.message;
  return { ...ended, ...where, sentence: `The run has failed${place} with ${error.code}: ${message}` };
}

/** What is wrong with the worker that holds the run; null: nothing. */
function explainHolder({ workerId }: Run, { workers, now, leaseLeftMs }: RunSurroundings): Why | null {
  const worker = workers.find(({ id }) => id === workerId);
  const held = { workerId: workerId! };
  if (worker === undefined || !worker.live) {
    const since = worker?.leaseUntil ?? now;
    const sentence = `The worker ${workerId} that held the run is dead; another takes it over as soon as one is free.`;
    return { code: 'holder_dead', sentence, since, ...held };
  }
  if (worker.leaseUntil - now >= leaseLeftMs) return null;
  const sentence = `The worker ${workerId} that holds the run is silent; unless it is heard again, another takes over ${at(worker.leaseUntil)}.`;
  return { code: 'holder_silent', sentence, since: now, until: worker.leaseUntil, ...held };
}

/** What somebody has asked of the run and its worker has not done yet. */
function explainWish({ run }: ExplainedRun, { inbox }: RunSurroundings): Why | null {
  const find = (wished: SignalType): Signal | undefined => inbox.find(({ type }) => type === wished);
  const wish = find('cancel') ?? find('pause');
  if (wish === undefined) return explainPatch(run, find('patch'));
  const code = wish.type === 'cancel' ? 'cancelling' : 'pausing';
  const done = code === 'cancelling' ? 'cancelled' : 'paused';
  const sentence = `The run has been told to be ${done}; the worker ${run.workerId} is about to stop what is in work.`;
  return { code, sentence, since: wish.at, workerId: run.workerId! };
}

function explainPatch({ workerId }: Run, signal: Signal | undefined): Why | null {
  const patch = signal === undefined ? null : readPatchSignal(signal.payload);
  if (patch === null) return null;
  const sentence = `The run has been patched by ${patch.by}: revision ${patch.revision}; the worker ${workerId} is about to take it up.`;
  return { code: 'patching', sentence, since: signal!.at, workerId: workerId! };
}

/** Due, and held by nobody. */
function explainQueue({ run, state, trace }: ExplainedRun, { workers, queued, poolOf }: RunSurroundings): Why {
  const since = Math.max(run.wakeAt!, trace.lastAt);
  const live = workers.filter((worker) => worker.live && worker.takesRuns);
  if (live.length === 0) return { code: 'no_worker', sentence: 'The run waits for a worker: none is alive.', since };
  const missing = missingType(state, workers, poolOf);
  if (missing !== null) {
    const { id: nodeId, type: nodeType } = missing;
    const sentence = `No live worker runs nodes of type ${nodeType}: the next worker that is free skips the node ${nodeId}.`;
    return { code: 'no_worker_for_type', sentence, since, nodeId, nodeType };
  }
  const workersAlive = `${live.length} ${live.length === 1 ? 'worker is' : 'workers are'} alive`;
  if (queued !== null && queued > 0) {
    const sentence = `The run waits for a free worker: ${workersAlive} and ${queued} ${queued === 1 ? 'job is' : 'jobs are'} queued.`;
    return { code: 'workers_busy', sentence, since, others: queued };
  }
  return { code: 'dispatching', sentence: `The run is being handed to a worker: ${workersAlive}.`, since };
}

/** The first node to start, where none that could start has a worker for its type. */
function missingType({ plan, ready }: RunState, workers: readonly Worker[], poolOf: RunSurroundings['poolOf']): PlanNode | null {
  const types = new Set(workers.flatMap(({ live, nodeTypes }) => (live ? nodeTypes : [])));
  const nodes = [...ready].map((index) => plan.nodes[index]!);
  return nodes.every((node) => poolOf(node) === null && !types.has(node.type)) ? (nodes[0] ?? null) : null;
}

function explainPause({ trace }: ExplainedRun): Why {
  const { since, reason, by } = trace.paused!;
  const sentence = `The run is paused${by === null ? '' : ` by ${by}`} since ${instant(since)}: ${reason}.`;
  return { code: 'paused', sentence, since };
}

/** What its nodes are at. */
function explainWork(explained: ExplainedRun, around: RunSurroundings): Why {
  const { state, trace } = explained;
  if (state.undoing !== null) return explainUndoing(explained);
  if (state.paused) return explainPause(explained);
  if (state.budget.asking !== null) return explainBudget(explained.run, state.budget.asking);
  if (state.running.size > 0) return explainRunning(explained);
  const holder = around.workers.find(({ id }) => id === explained.run.workerId);
  return (
    explainPlaces(state, holder, trace.lastAt) ??
    explainWait(explained, around) ?? {
      code: 'deciding',
      sentence: 'A worker is about to go on with the run.',
      since: trace.lastAt,
    }
  );
}

/** What the run has asked for. */
function explainBudget({ id: runId }: Run, asking: BudgetAsk): Why {
  const { scope, over, since, until } = asking;
  const renewal = until === null ? '' : `, or until ${instant(until)}`;
  const sentence = `${describeOver(over, scope)}: it waits since ${instant(since)} until somebody grants it${renewal}.`;
  return {
    code: 'waiting_for_budget',
    sentence,
    since,
    approvalId: budgetApprovalId(runId, asking),
    ...(until !== null && { until }),
  };
}

function explainUndoing({ state, trace }: ExplainedRun): Why {
  const { since, nodeId } = trace.undoing!;
  const next = state.undoing!.at(-1);
  const done = state.undoable.length - state.undoing!.length;
  const cause = nodeId ?? 'the run itself';
  const known = { since, ...(nodeId !== null && { nodeId }) };
  const sentence = `The run is being undone since ${cause} failed: ${done} of ${state.undoable.length} nodes are dealt with`;
  const retryAt = next === undefined ? null : (state.nodes[next]!.undo?.retryAt ?? null);
  if (retryAt === null) return { code: 'compensating', sentence: `${sentence}.`, ...known };
  const retried = `${sentence}; undoing ${state.plan.nodes[next!]!.id} is tried again ${at(retryAt)}.`;
  return { code: 'compensating', sentence: retried, ...known, until: retryAt };
}

function explainRunning({ state, trace }: ExplainedRun): Why {
  const [first] = state.running;
  const { id: nodeId } = state.plan.nodes[first!]!;
  const since = trace.startedAt.get(nodeId) ?? trace.lastAt;
  const others = state.running.size - 1;
  const { attempt } = state.nodes[first!]!;
  const sentence = `The node ${nodeId} is in work since ${instant(since)}${attempt > 1 ? ` (attempt ${attempt})` : ''}${more(others)}.`;
  return { code: 'running', sentence, since, nodeId, attempt, others };
}

/** The wait that says most: what nobody will end, a person's, an event's, a child's, a pool's, then a retry, then a time. */
function explainWait({ run, state, trace }: ExplainedRun, around: RunSurroundings): Why | null {
  const waits = [...waitsFor(run, state, around), ...retries(state, trace, around.now), ...explainPools(state, around)];
  const first = RANK.map((code) => waits.filter((why) => why.code === code)).find((found) => found.length > 0)?.[0];
  if (first === undefined) return null;
  const others = waits.length - 1;
  return { others, ...first, sentence: `${first.sentence}${more(others)}.` };
}

const RANK: readonly WhyCode[] = [
  ...(['no_worker_for_pool', 'waiting_for_approval', 'waiting_for_event', 'waiting_for_child', 'waiting_for_pool'] as const),
  ...(['circuit_open', 'rate_limited', 'waiting_for_retry', 'waiting_for_time'] as const),
];

function waitsFor({ id: runId }: Run, state: RunState, { child }: RunSurroundings): Why[] {
  const waiting = new Set([
    ...[...state.awaiting.values()].flat(),
    ...state.sleeping.keys(),
    ...[...state.children.waiting].map((id) => state.plan.indexById.get(id)!),
  ]);
  return [...waiting].map((index): Why => {
    const { id: nodeId } = state.plan.nodes[index]!;
    const { wait, visit } = state.nodes[index]!;
    const { awaits, since, wakeAt, reason } = wait!;
    const known = { since, nodeId, ...(wakeAt !== null && { until: wakeAt }) };
    const latest = wakeAt === null ? '' : `, until ${instant(wakeAt)} at most`;
    switch (awaits.kind) {
      case 'approval': {
        const question = reason.replace(/^waiting for approval: /, '');
        const sentence = `The node ${nodeId} waits for a decision since ${instant(since)}${latest} (${question})`;
        return { code: 'waiting_for_approval', sentence, approvalId: approvalId({ runId, nodeId, visit }), ...known };
      }
      case 'event': {
        const sentence = `The node ${nodeId} waits for the event ${awaits.name} since ${instant(since)}${latest}`;
        return { code: 'waiting_for_event', sentence, event: awaits.name, ...known };
      }
      case 'children':
        return { ...explainChildren(state, index, child), ...known };
      case 'time':
        return { code: 'waiting_for_time', sentence: `The node ${nodeId} waits until ${instant(wakeAt!)}`, ...known };
    }
  });
}

/** The children of one node: one by name, how many more live, how many have ended. */
function explainChildren(state: RunState, index: number, child: RunSurroundings['child']): Omit<Why, 'since'> {
  const { wait, children } = state.nodes[index]!;
  const { live, outcomes, completed, failed, wanted } = children!.get(wait!.key)!;
  const node = `The node ${state.plan.nodes[index]!.id}`;
  const since = `since ${instant(wait!.since)}`;
  const progress = outcomes.length === 1 ? '' : ` (${completed} of ${wanted} are completed, ${failed} failed)`;
  if (child === null || live.size === 0) {
    return { code: 'waiting_for_child', sentence: `${node} waits for child runs ${since}${progress}` };
  }
  const others = live.size - 1;
  const besides = others === 0 ? '' : ` and ${others} more`;
  const sentence = `${node} waits for the child run ${child.id} (${child.status})${besides} ${since}${progress}`;
  return { code: 'waiting_for_child', sentence, childRunId: child.id, childStatus: child.status };
}

function retries(state: RunState, trace: RunTrace, now: number): Why[] {
  return [...state.retrying].map(([index, until]): Why => {
    const { id: nodeId, retry } = state.plan.nodes[index]!;
    const refusal = trace.refused.get(nodeId);
    if (refusal !== undefined) {
      const { target, since, limit } = refusal;
      const waits = `The node ${nodeId} waits until ${instant(until)}`;
      const known = { since, until, nodeId, target };
      if (limit !== undefined)
        return { code: 'rate_limited', sentence: `${waits}: calls to ${target} are limited (${limit})`, ...known };
      const sentence = `${waits}: calls to ${target} are stopped since ${instant(since)}, because they failed`;
      return { code: 'circuit_open', sentence, ...known };
    }
    const attempt = state.nodes[index]!.failures + 1;
    const seconds = Math.max(0, Math.ceil((until - now) / 1_000));
    const sentence = `The node ${nodeId} is tried again in ${seconds} s (try ${attempt} of ${retry.max_attempts})`;
    return { code: 'waiting_for_retry', sentence, since: trace.lastAt, until, nodeId, attempt, of: retry.max_attempts };
  });
}

function more(others: number): string {
  if (others === 0) return '';
  return `, and ${others} more ${others === 1 ? 'node' : 'nodes'}`;
}

function at(ms: number): string {
  return `at ${instant(ms)}`;
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}
