import {
  budgetEndsAt,
  deadLetterOf,
  decide,
  lookupIn,
  PayloadMissing,
  faultPoint,
  nodeEvent,
  reachedPayload,
  runEvent,
  tellParent,
  timeBudget,
  type Clock,
  type DeadLetterRule,
  type Decision,
  type EventDraft,
  type JsonValue,
  type LoadedPayloads,
  type NodeHandler,
  type NodeResume,
  type NodeStart,
  type Plan,
  type PlanCompensation,
  type PatchResult,
  type Run,
  type RunEnding,
  type RunLimits,
  type RunOutcome,
  type RunState,
  type RunStore,
  type Signal,
  type SignalType,
  type TerminalRunStatus,
  type Undo,
} from '@baton/core';
import { Alarm } from './alarm.js';
import type { ChildRequests } from './child-requests.js';
import type { EngineObserver } from './engine-observer.js';
import type { NodePlaces, RunNodePlaces } from './node-places.js';
import { PatchIntake } from './patch-intake.js';
import type { RunPatcher } from './patch-run.js';
import { lackingTypes, neededTypes } from './lacking-types.js';
import type { PoolRouting } from './pool-routing.js';
import { RunBudget } from './run-budget.js';
import { RunAttempts } from './run-attempts.js';
import { RunChildren } from './run-children.js';
import { RunOutbox } from './run-outbox.js';
import type { RunPayloads } from './run-payloads.js';
import { RunPools } from './run-pools.js';

export interface RunExecutionOptions {
  workerId: string;
  /** A run with nothing to do before a longer time than this is parked; a shorter one is waited for with the baton in hand. */
  parkAfterMs: number;
  /** Holds the run open, baton in hand, before its first decision: for smoke tests. */
  holdMs: number;
  maxOutputBytes: number;
  /** Which ends leave a dead letter. */
  deadLetters: DeadLetterRule;
  /** How long a run that needs a node type of other workers is left to them. */
  handBackMs: number;
  /** How long it may be in work, and its undoing. */
  limits: RunLimits;
}

export interface RunExecutionParts {
  runs: RunStore;
  /** The signals that wait for the run. */
  readInbox(runId: string): Promise<readonly Signal[]>;
  handlers: ReadonlyMap<string, NodeHandler>;
  getPlan(digest: string): Promise<Plan>;
  patcher: Pick<RunPatcher, 'patchFromNode'>;
  /** Whether a live worker other than this one announces all these node types. */
  announcedElsewhere(types: readonly string[]): Promise<boolean>;
  childRequests: ChildRequests;
  payloads: RunPayloads;
  /** Which nodes go to a pool. */
  pools: PoolRouting;
  /** Places for the nodes that are in work here, shared with the worker's other runs. */
  places: NodePlaces;
  /** A pool with a live worker that announces all these node types; null: there is none. */
  poolWith(types: readonly string[]): Promise<string | null>;
  clock: Clock;
  random: () => number;
  observer: EngineObserver;
}

/** How long a run keeps the baton for the end of its next child. */
const CHILD_LINGER_MS = 200;

/** Why a run was let go before its end. */
export type LetGoReason = 'fenced' | 'lock_lost' | 'lease_lost' | 'storage' | 'shutdown' | 'defect';

/** How an execution ended. */
export type ExecutionEnd =
  | { kind: 'ended'; status: TerminalRunStatus }
  | { kind: 'parked' }
  /** It is due in `afterMs`. */
  | { kind: 'handed_back'; afterMs: number }
  | { kind: 'let_go'; reason: LetGoReason };

/**
 * Advances one claimed run until it ends, parks or is let go.
 *
 * The state runs ahead of the journal by what stands in the outbox. A handler starts only when every outcome that led to it is committed;
 * what happens while an append is under way shares the next one. Starts are journaled without being waited for.
 */
export class RunExecution {
  private readonly outbox: RunOutbox;
  private readonly attempts: RunAttempts;
  private readonly children: RunChildren;
  private readonly patches: PatchIntake;
  /** What conditions are about. */
  private loaded: LoadedPayloads = new Map();
  /** Rings when the time of the run is up. */
  private readonly alarm: Alarm;
  private readonly pools: RunPools;
  private readonly places: RunNodePlaces;
  /** Signals that were read and are not events yet. */
  private unanswered: Signal[] = [];
  /** Signals that were seen: a second look at the inbox may find them again. */
  private readonly seen = new Set<number>();
  private cancelled: Wish | null = null;
  private stopReason: LetGoReason | null = null;
  private draining = false;
  /** When the end of a child was last read. */
  private lastChildAt = -Infinity;
  private inboxRung = false;
  private news = Promise.withResolvers<void>();

  constructor(
    readonly run: Run,
    private readonly state: RunState,
    private readonly parts: RunExecutionParts,
    private readonly options: RunExecutionOptions,
  ) {
    this.outbox = new RunOutbox(run, state, parts.runs);
    const { handlers, childRequests, payloads, clock, random, observer, runs } = parts;
    const { maxOutputBytes } = options;
    const { outbox } = this;
    const tell = (): void => this.tell();
    this.alarm = new Alarm(clock, tell);
    this.patches = new PatchIntake({ state, outbox, getPlan: (digest) => parts.getPlan(digest), clock });
    this.pools = new RunPools({ run, state, outbox, clock, random, observer, budget: options.limits.budget }, parts.pools);
    this.places = parts.places.openFor(tell);
    const { places } = this;
    const { budget: configured } = options.limits;
    const budget = new RunBudget({ state, clock, ...(configured !== undefined && { configured }) });
    this.attempts = new RunAttempts({
      ...{ run, state, outbox, handlers, childRequests, payloads, budget, places, clock, random, observer, maxOutputBytes, tell },
      strand: (error) => this.strand(error),
      patchRun: (nodeId, key, patch, reason) => this.patchRun(nodeId, key, patch, reason),
    });
    this.children = new RunChildren({ run, state, outbox, runs, clock });
  }

  /** Signals wait in the inbox: read it at the next turn. */
  ringInbox(): void {
    this.inboxRung = true;
    this.tell();
  }

  /** Takes signals that were read for this run. */
  deliver(signals: readonly Signal[]): void {
    for (const signal of signals) {
      if (this.seen.has(signal.id)) continue;
      this.seen.add(signal.id);
      this.unanswered.push(signal);
      // A run that is being undone is ending anyway: what is done must not stay half undone.
      if (signal.type === 'cancel' && this.state.undoing === null) this.cancelled ??= wishOf(signal);
    }
    if (signals.length > 0) this.tell();
  }

  /** Lets go at once: handlers are aborted, nothing more is written. */
  stop(reason: LetGoReason): void {
    this.stopReason ??= reason;
    this.attempts.abort(`let go: ${reason}`);
    this.tell();
  }

  /** Starts no more nodes; once none is in work, hands the run back. */
  drain(): void {
    this.draining = true;
    this.tell();
  }

  async execute(): Promise<ExecutionEnd> {
    const claimedAt = this.parts.clock.now();
    this.record(runEvent('run.claimed', claimedAt, { worker_id: this.options.workerId }));
    try {
      if (this.options.holdMs > 0) await this.hold(claimedAt + this.options.holdMs);
      for (;;) {
        const end = await this.turn();
        if (end !== null) return end;
      }
    } finally {
      this.alarm.stop();
      this.attempts.abort('the execution has ended');
      this.places.close();
      this.outbox.close('the execution has ended');
    }
  }

  private async turn(): Promise<ExecutionEnd | null> {
    if (this.stopReason !== null) return { kind: 'let_go', reason: this.stopReason };
    const gathered = await this.gatherSignals();
    if (this.cancelled !== null) return this.end({ status: 'cancelled', wish: this.cancelled });
    for (const signal of this.unanswered.splice(0, gathered)) this.answer(signal);
    const now = this.parts.clock.now();
    const { limits } = this.options;
    const safe = this.outbox.holdsNoOutcome;
    const decision = this.decide(now);
    if (decision instanceof PayloadMissing) return this.load(decision);
    this.alarm.set(earlier(timeBudget(this.state, limits, now).endsAt, budgetEndsAt(this.state, limits)));
    if (decision.outcome !== null) return this.end(decision.outcome);
    if (decision.cancel.length > 0) return this.cancelChildren(decision.cancel);
    if (decision.children.length > 0 && this.outbox.holdsStarts) return this.append();
    if (decision.undo?.kind === 'undo') return this.advanceUndo(decision.undo);
    if (this.recordVerdicts(decision)) return null;
    const { local, pooled, foreign } = await this.placeStarts(this.draining ? [] : decision.start);
    if (this.stopReason !== null || this.cancelled !== null) return null;
    if (foreign.size > 0 && local.length + pooled.length + this.attempts.size === 0) {
      return this.handBack(this.options.handBackMs, elsewhere([...foreign]));
    }
    for (const { start, pool } of pooled) this.pools.dispatch(start, pool);
    // What finds no place stays ready, and the run is told when it is its turn.
    const placed = local.slice(0, this.places.take(local.length));
    for (const start of placed) this.recordStart(start);
    if (safe && placed.length > 0) {
      this.launch(placed);
      await nextTurn();
      return null;
    }
    if (!this.outbox.isEmpty) {
      const failure = await this.append();
      if (failure !== null) return failure;
      this.launch(placed);
      await nextTurn();
      return null;
    }
    if (this.attempts.size > 0 || local.length > 0) {
      await this.rest(decision.wakeAt);
      return null;
    }
    if (this.draining) return this.handBack(0, 'shutdown');
    return this.state.paused ? this.park(null) : this.restOrPark(decision.wakeAt);
  }

  /** The payload that a condition is about, where it is to be loaded first. */
  private decide(now: number): Decision | PayloadMissing {
    try {
      const decision = decide(this.state.plan, this.state, now, this.options.limits, lookupIn(this.loaded));
      if (this.loaded.size > 0) this.loaded = new Map();
      return decision;
    } catch (error) {
      if (error instanceof PayloadMissing) return error;
      throw error;
    }
  }

  private async load({ reference }: PayloadMissing): Promise<null> {
    const more = await this.parts.payloads.load(this.run.tenantId, [reference]);
    this.loaded = new Map([...this.loaded, ...more]);
    return null;
  }

  /** A node could not reach its payloads: whoever takes the run next, here or elsewhere, tries it again. */
  private strand(error: unknown): void {
    this.parts.observer.trouble({ what: 'payloads', runId: this.run.id, error });
    this.stop('storage');
  }

  /** Tells children that nothing waits for, once the journal says why. */
  private async cancelChildren(childIds: readonly string[]): Promise<ExecutionEnd | null> {
    const failure = this.outbox.isEmpty ? null : await this.append();
    if (failure === null) await this.children.cancel(childIds);
    return failure;
  }

  /** Journals what the decision settles by itself; false when it settles nothing. */
  private recordVerdicts({ resume, settle, undo, overdue, children, over, renewed }: Decision): boolean {
    const at = this.parts.clock.now();
    if (over.length > 0) {
      this.interrupt('the budget is used up');
      this.record(runEvent('budget.reached', at, reachedPayload(this.state, { scope: 'run', over, until: null })));
    }
    if (renewed) this.record(runEvent('budget.renewed', at, { number: this.state.budget.asks }));
    this.pools.expire(overdue);
    this.children.start(children);
    for (const ended of resume) this.recordResume(ended);
    for (const { index, verdict } of settle) {
      if ('skip' in verdict)
        this.record(nodeEvent('node.skipped', this.subjectOf(index), at, { reason: verdict.skip, cuts: true }));
      else this.record(nodeEvent('node.failed', this.subjectOf(index), at, { error: verdict.fail, retry_at: null }));
    }
    if (undo?.kind === 'begin') {
      this.interrupt('the run is undone');
      this.record(runEvent('run.compensating', at, { error: undo.error, node_id: undo.nodeId }));
    }
    if (over.length > 0 || renewed) return true;
    return resume.length > 0 || settle.length > 0 || overdue.length > 0 || undo !== null || children.length > 0;
  }

  /** Stops what is in work, here and in pools, without counting it as a failure. */
  private interrupt(reason: string): void {
    this.attempts.interrupt(reason);
    this.pools.interrupt(reason);
  }

  /** Undoes one node after the other; the start of each is committed before its handler is called. */
  private async advanceUndo({ index, attempt }: Extract<Undo, { kind: 'undo' }>): Promise<ExecutionEnd | null> {
    const isFree = this.attempts.size === 0 && !this.draining;
    const foreign = isFree ? await this.foreignTypes(this.state.plan.nodes[index]!.compensate!) : null;
    if (this.stopReason !== null) return null;
    if (foreign !== null) return this.handBack(this.options.handBackMs, elsewhere([foreign]));
    const mayStart = this.places.take(isFree ? 1 : 0) === 1;
    const starts = mayStart ? [{ index, visit: this.state.nodes[index]!.visit, attempt }] : [];
    if (mayStart)
      this.record(nodeEvent('compensation.started', { ...this.subjectOf(index), attempt }, this.parts.clock.now(), {}));
    if (!this.outbox.isEmpty) {
      const failure = await this.append();
      if (failure !== null) return failure;
      this.launch(starts);
      await nextTurn();
      return null;
    }
    if (this.attempts.size === 0 && this.draining) return this.handBack(0, 'shutdown');
    await this.rest(null);
    return null;
  }

  /** Nothing in work: a short wait is waited for, a longer one parks the run. */
  private async restOrPark(wakeAt: number | null): Promise<ExecutionEnd | null> {
    const { clock } = this.parts;
    const until = this.stayFor(wakeAt);
    if (until !== null) {
      await this.rest(until);
      return null;
    }
    const { worked } = this.state;
    this.record(runEvent('run.waiting', clock.now(), { wake_at: wakeAt, reason: this.describeWait() }));
    const end = await this.park(wakeAt);
    if (end === null) this.state.worked = worked;
    return end;
  }

  /** Until when a run with nothing in work keeps the baton; null: it parks. */
  private stayFor(wakeAt: number | null): number | null {
    const now = this.parts.clock.now();
    if (wakeAt !== null && wakeAt - now <= this.options.parkAfterMs) return wakeAt;
    // One child has just ended, and others may be about to: to take them up one by one would cost a claim each.
    const nextChildBy = this.lastChildAt + Math.min(CHILD_LINGER_MS, this.options.parkAfterMs);
    return this.state.children.live.size > 0 && nextChildBy > now ? nextChildBy : null;
  }

  /** Lays the baton down until `wakeAt` or a signal; null when signals have come meanwhile. */
  private async park(wakeAt: number | null): Promise<ExecutionEnd | null> {
    const outcome = await this.outbox.send({ kind: 'park', wakeAt, ...(this.state.paused && { paused: true }) });
    if (outcome.kind === 'inbox') return this.goOn();
    if (outcome.kind === 'fenced') return this.fenced();
    faultPoint('advance.afterPark');
    const { observer } = this.parts;
    observer.runParked({ runId: this.run.id, taskId: this.run.taskId, wakeAt });
    return { kind: 'parked' };
  }

  /** Null when a patch has come before the end of a run that would have completed, or a signal for the run in which it was to go on. */
  private async end(outcome: RunOutcome | { status: 'cancelled'; wish: Wish }): Promise<ExecutionEnd | null> {
    this.attempts.abort(`the run is ${outcome.status}`);
    const continues = outcome.status === 'completed' ? outcome.continues : undefined;
    if (this.children.mayLive) {
      const failure = this.outbox.isEmpty ? null : await this.append();
      if (failure !== null) return failure;
      await this.children.cancelAll(outcome.status);
    }
    const { worked, lastRevision: revision } = this.state;
    const now = this.parts.clock.now();
    const continuesAs = continues === undefined ? undefined : this.children.successor(continues.input);
    const ending = this.recordEnd(outcome, now, continuesAs?.runId);
    for (const { id } of this.unanswered.splice(0)) this.outbox.consume(id);
    const closesApprovals = this.state.budget.asks > 0 || this.state.nodes.some(({ wait }) => wait?.awaits.kind === 'approval');
    const closesPoolJobs = this.state.dispatched.size > 0;
    const deadLetter = deadLetterOf(this.state, outcome, this.options.deadLetters);
    const tells = continuesAs === undefined ? tellParent(this.run, ending) : undefined;
    const sent = await this.outbox.send({
      ...{ kind: 'end', status: outcome.status },
      ...(this.run.taskId === null && { withoutTask: true }),
      ...(deadLetter !== null && { deadLetter }),
      ...(closesApprovals && { closesApprovals }),
      ...(closesPoolJobs && { closesPoolJobs }),
      ...(outcome.status === 'completed' && { revision }),
      ...(tells !== undefined && { tells }),
      ...(continuesAs !== undefined && { continuesAs }),
    });
    if (sent.kind === 'inbox') {
      Object.assign(this.state, { output: null, worked });
      return this.goOn();
    }
    if (sent.kind !== 'appended') return this.fenced();
    faultPoint('advance.afterEnd');
    if (deadLetter !== null)
      this.parts.observer.deadLetterLeft({ runId: this.run.id, kind: deadLetter.kind, code: deadLetter.error.code });
    this.parts.observer.runEnded({
      runId: this.run.id,
      taskId: this.run.taskId,
      status: outcome.status,
      ms: now - this.run.createdAt,
    });
    return { kind: 'ended', status: outcome.status };
  }

  private recordEnd(
    outcome: RunOutcome | { status: 'cancelled'; wish: Wish },
    now: number,
    continuedAs: string | undefined,
  ): RunEnding {
    if (outcome.status === 'completed') {
      const { status, output } = outcome;
      this.record(runEvent('run.completed', now, { output, ...(continuedAs !== undefined && { continued_as: continuedAs }) }));
      return { status, output };
    }
    if (outcome.status === 'failed') this.record(runEvent('run.failed', now, { error: outcome.error }));
    else this.record(runEvent('run.cancelled', now, outcome.wish));
    return outcome.status === 'failed' ? outcome : { status: 'cancelled', reason: outcome.wish.reason };
  }

  /** The end or the park was refused, and nothing of it is written: signals wait. */
  private goOn(): null {
    this.state.status = this.state.paused ? 'paused' : 'running';
    this.inboxRung = true;
    return null;
  }

  private async handBack(afterMs: number, reason: string): Promise<ExecutionEnd> {
    const sent = await this.outbox.send({ kind: 'hand_back', wakeAt: this.parts.clock.now() + afterMs, uncounted: true });
    if (sent.kind !== 'appended') return this.fenced();
    this.parts.observer.runLetGo({ runId: this.run.id, taskId: this.run.taskId, reason });
    return { kind: 'handed_back', afterMs };
  }

  private fenced(): ExecutionEnd {
    this.stop('fenced');
    return { kind: 'let_go', reason: 'fenced' };
  }

  /** Appends the outbox; null when the run goes on. */
  private async append(): Promise<ExecutionEnd | null> {
    const outcome = await this.outbox.send();
    if (outcome.kind !== 'appended') return this.fenced();
    faultPoint('advance.afterAppend');
    return null;
  }

  private record(draft: EventDraft): number {
    return this.outbox.record(draft);
  }

  /** Turns a signal into its event. The node that it answers goes on at the next decision. */
  private answer(signal: Signal): void {
    const at = this.parts.clock.now();
    const wish = wishOf(signal);
    this.outbox.consume(signal.id);
    if (signal.type === 'pause') {
      // What has failed for good is undone to its end.
      if (this.state.paused || this.state.failure !== null) return;
      this.record(runEvent('run.paused', at, wish));
      this.interrupt(wish.reason);
    } else if (signal.type === 'resume') {
      if (this.state.paused) this.record(runEvent('run.resumed', at, wish));
    } else if (signal.type === 'patch') {
      this.patches.answer(signal);
    } else if (signal.type === 'pool') {
      this.pools.answer(signal);
    } else {
      const { id, type, payload } = signal;
      if (type === 'child') this.lastChildAt = at;
      this.record(runEvent('signal.received', at, { signal_id: id, type, payload }));
    }
  }

  private subjectOf(index: number): { id: string; visit: number; attempt: number } {
    const { visit, attempt } = this.state.nodes[index]!;
    return { id: this.state.plan.nodes[index]!.id, visit, attempt };
  }

  private recordResume({ index, key, output, signalId }: NodeResume): void {
    const payload = { key, output: output as unknown as JsonValue, signal_id: signalId };
    this.record(nodeEvent('node.resumed', this.subjectOf(index), this.parts.clock.now(), payload));
  }

  /** Why the run has nothing to do: the reason of the node that has waited longest, or a retry. */
  private describeWait(): string {
    if (this.state.waitsForPlace) return 'a limit on live runs is reached';
    if (this.state.budget.asking !== null) return 'the budget is used up';
    const { awaiting, sleeping, children, plan } = this.state;
    const waits = [...awaiting.values(), [...sleeping.keys()], [...children.waiting].map((id) => plan.indexById.get(id)!)]
      .flat()
      .map((index) => this.state.nodes[index]!.wait!);
    const [wait] = waits.toSorted((left, right) => left.since - right.since);
    if (wait !== undefined) return wait.reason;
    const [out] = this.state.dispatched.keys();
    return out === undefined ? 'retry' : `waiting for the pool ${this.state.nodes[out]!.dispatch!.pool}`;
  }

  private recordStart(start: NodeStart): void {
    const node = this.state.plan.nodes[start.index]!;
    const at = this.parts.clock.now();
    const subject = { id: node.id, visit: start.visit, attempt: start.attempt };
    const lacking = lackingTypes(this.parts.handlers, node);
    if (lacking.length === 0) this.record(nodeEvent('node.started', subject, at, {}));
    else this.record(nodeEvent('node.skipped', subject, at, { reason: `no worker runs nodes of type ${listed(lacking)}` }));
  }

  private launch(starts: readonly NodeStart[]): void {
    if (this.stopReason === null && this.cancelled === null) this.attempts.launch(starts);
  }

  /**
   * Where the nodes are executed: here, in a pool, or by other workers, which have a type that this one lacks: once it has nothing else to do,
   * the run belongs there. A type that only workers of a pool have goes to their pool; one that nobody has is skipped here.
   */
  private async placeStarts(starts: readonly NodeStart[]): Promise<PlacedStarts> {
    const { handlers, pools, poolWith } = this.parts;
    const placed: PlacedStarts = { local: [], pooled: [], foreign: new Set() };
    for (const start of starts) {
      const node = this.state.plan.nodes[start.index]!;
      let pool = pools.poolOf(node);
      if (pool === null && lackingTypes(handlers, node).length > 0) {
        const foreign = await this.foreignTypes(node);
        if (foreign !== null) {
          placed.foreign.add(foreign);
          continue;
        }
        pool = await poolWith(neededTypes(handlers, node));
      }
      if (pool === null) placed.local.push(start);
      else placed.pooled.push({ start, pool });
    }
    return placed;
  }

  /** What of the types that the work needs is lacking here, if another worker has them all; else null. */
  private async foreignTypes(work: PlanCompensation): Promise<string | null> {
    const { handlers, announcedElsewhere } = this.parts;
    const lacking = lackingTypes(handlers, work);
    if (lacking.length === 0) return null;
    return (await announcedElsewhere(neededTypes(handlers, work))) ? listed(lacking) : null;
  }

  /** The patch stands in the inbox before the node goes on: it is taken up before its outcome counts. */
  private async patchRun(nodeId: string, key: string, patch: JsonValue, reason: string): Promise<PatchResult> {
    const { id: runId, tenantId } = this.run;
    const result = await this.parts.patcher.patchFromNode({ runId, tenantId, nodeId, key, patch, reason, state: this.state });
    this.ringInbox();
    return result;
  }

  /** Reads the inbox, and loads what patches need, until nothing is left to wait for. How many can be answered; what comes from now on waits for the next turn. */
  private async gatherSignals(): Promise<number> {
    for (;;) {
      await this.readInbox();
      if (!this.patches.isPrepared(this.unanswered)) await this.patches.prepare(this.unanswered);
      else if (!this.inboxRung) return this.unanswered.length;
    }
  }

  private async readInbox(): Promise<void> {
    if (!this.inboxRung) return;
    this.inboxRung = false;
    this.deliver(await this.parts.readInbox(this.run.id));
  }

  private tell(): void {
    this.news.resolve();
  }

  /** Waits for news, or until the instant. */
  private async rest(until: number | null): Promise<void> {
    const { clock } = this.parts;
    if (until === null) await this.news.promise;
    else {
      const timer = new AbortController();
      await Promise.race([this.news.promise, clock.sleep(Math.max(0, until - clock.now()), timer.signal)]);
      timer.abort('there is news');
    }
    this.news = Promise.withResolvers<void>();
  }

  /** Keeps the run open, baton in hand, unless something must be acted on. */
  private async hold(untilAt: number): Promise<void> {
    for (;;) {
      await this.readInbox();
      if (this.parts.clock.now() >= untilAt || this.stopReason !== null || this.cancelled !== null || this.draining) return;
      await this.rest(untilAt);
    }
  }
}

interface PlacedStarts {
  local: NodeStart[];
  pooled: { start: NodeStart; pool: string }[];
  /** Types of nodes that are left to other workers. */
  foreign: Set<string>;
}

function elsewhere(types: readonly string[]): string {
  return `another worker runs nodes of type ${listed(types)}`;
}

function listed(types: readonly string[]): string {
  return [...new Set(types)].join(', ');
}

/** What a signal without a reason of its own says. */
const REASONS: Partial<Record<SignalType, string>> = { pause: 'paused', resume: 'resumed', cancel: 'cancelled' };

/** Why, and who asked for it where that is known. */
interface Wish {
  reason: string;
  by?: string;
}

function wishOf({ type, payload: { reason, by } }: Signal): Wish {
  const why = typeof reason === 'string' ? reason : (REASONS[type] ?? type);
  return { reason: why, ...(typeof by === 'string' && { by }) };
}

function earlier(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
