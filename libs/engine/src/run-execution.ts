import {
  budgetEndsAt,
  PayloadMissing,
  faultPoint,
  nodeEvent,
  runEvent,
  timeEndsAt,
  type AppendOutcome,
  type EventDraft,
  type JsonValue,
  type NodeStart,
  type PatchResult,
  type Run,
  type RunState,
  type Signal,
  type TerminalRunStatus,
  type Undo,
} from '@baton/core';
import { News } from './news.js';
import type { RunNodePlaces } from './node-places.js';
import { subjectOf } from './node-subject.js';
import { RunBudget } from './run-budget.js';
import { RunAttempts } from './run-attempts.js';
import { RunChildren } from './run-children.js';
import { RunDecisions } from './run-decisions.js';
import { RunEnd, type EndOutcome } from './run-end.js';
import type { RunExecutionOptions, RunExecutionParts } from './run-execution-parts.js';
import { RunInbox } from './run-inbox.js';
import { RunOutbox } from './run-outbox.js';
import { RunPools } from './run-pools.js';
import { elsewhere, RunRouting, type RoutedStarts } from './run-routing.js';
import { RunVerdicts } from './run-verdicts.js';
import { waitReason } from './wait-reason.js';

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

/** What comes of a turn; null: the run goes on. A turn that has nothing to wait for has no promise. */
type Turn = ExecutionEnd | null | Promise<ExecutionEnd | null>;

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
  private readonly inbox: RunInbox;
  private readonly decisions: RunDecisions;
  private readonly verdicts: RunVerdicts;
  private readonly routing: RunRouting;
  private readonly ending: RunEnd;
  private readonly news: News;
  /** When the time of the run is up; null: it has no end. */
  private timeEndsAt: number | null = null;
  private readonly pools: RunPools;
  private readonly places: RunNodePlaces;
  private stopReason: LetGoReason | null = null;
  private draining = false;

  constructor(
    readonly run: Run,
    private readonly state: RunState,
    private readonly parts: RunExecutionParts,
    private readonly options: RunExecutionOptions,
    /** Told when the run has made progress: what it does then no longer stands under suspicion. */
    progressed?: () => void,
  ) {
    this.outbox = new RunOutbox(run, state, parts.runs, progressed);
    const { handlers, childRequests, payloads, logs, clock, random, observer, runs } = parts;
    const { maxOutputBytes, limits, deadLetters } = options;
    const { outbox } = this;
    this.news = new News(clock);
    const tell = (): void => this.news.tell();
    const interrupt = (reason: string): void => this.interrupt(reason);
    this.decisions = new RunDecisions({ tenantId: run.tenantId, state, payloads, limits });
    this.pools = new RunPools({ run, state, outbox, logs, clock, random, observer, budget: limits.budget }, parts.pools);
    this.places = parts.places.openFor(tell);
    const { places, pools } = this;
    const budget = new RunBudget({ run, state, clock, observer, fence: { epoch: run.epoch }, ...parts.budgets });
    this.attempts = new RunAttempts({
      ...{
        run,
        state,
        outbox,
        handlers,
        childRequests,
        payloads,
        budget,
        places,
        logs,
        clock,
        random,
        observer,
        maxOutputBytes,
        tell,
      },
      strand: (error) => this.strand(error),
      patchRun: (nodeId, key, patch, reason) => this.patchRun(nodeId, key, patch, reason),
    });
    this.children = new RunChildren({ run, state, outbox, runs, clock, budget: limits.budget });
    const { children } = this;
    this.inbox = new RunInbox({
      ...{ state, outbox, pools, interrupt, tell, clock },
      readSignals: () => parts.readInbox(run.id),
      getPlan: (digest) => parts.getPlan(digest),
    });
    this.verdicts = new RunVerdicts({ state, outbox, pools, children, interrupt, clock });
    this.routing = new RunRouting({
      ...{ state, outbox, handlers, pools: parts.pools, clock },
      announcedElsewhere: (types) => parts.announcedElsewhere(types),
      poolWith: (types) => parts.poolWith(types),
    });
    this.ending = new RunEnd({ run, state, outbox, inbox: this.inbox, children, deadLetters, clock, observer });
  }

  /** Signals wait in the inbox: read it at the next turn. */
  ringInbox(): void {
    this.inbox.ring();
    this.news.tell();
  }

  /** Takes signals that were read for this run. */
  deliver(signals: readonly Signal[]): void {
    this.inbox.deliver(signals);
  }

  /** Lets go at once: handlers are aborted, nothing more is written. */
  stop(reason: LetGoReason): void {
    this.stopReason ??= reason;
    this.attempts.abort(`let go: ${reason}`);
    this.news.tell();
  }

  /** Starts no more nodes; once none is in work, hands the run back. */
  drain(): void {
    this.draining = true;
    this.news.tell();
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
      this.setAlarm(null);
      this.attempts.abort('the execution has ended');
      this.places.close();
      this.outbox.close('the execution has ended');
    }
  }

  private turn(): Turn {
    this.news.hear();
    if (this.stopReason !== null) return { kind: 'let_go', reason: this.stopReason };
    return this.inbox.isQuiet ? this.act(0) : this.inbox.gather().then((gathered) => this.act(gathered));
  }

  /** `gathered`: so many signals are to be answered. */
  private act(gathered: number): Turn {
    if (this.inbox.cancelled !== null) return this.end({ status: 'cancelled', wish: this.inbox.cancelled });
    if (gathered > 0) this.inbox.answer(gathered);
    // More than one commit should carry: this one first.
    if (!this.inbox.isAnswered) return this.append();
    const now = this.parts.clock.now();
    const { limits } = this.options;
    const safe = this.outbox.holdsNoOutcome;
    const decision = this.decisions.decide(now);
    if (decision instanceof PayloadMissing) return this.decisions.load(decision);
    this.setAlarm(earlier(timeEndsAt(this.state, limits), budgetEndsAt(this.state, limits)));
    if (decision.outcome !== null) return this.end(decision.outcome);
    if (decision.cancel.length > 0) return this.cancelChildren(decision.cancel);
    if (decision.children.length > 0 && this.outbox.holdsStarts) return this.append();
    if (decision.undo?.kind === 'undo') return this.advanceUndo(decision.undo);
    if (this.verdicts.record(decision)) return null;
    const routed = this.routing.route(this.draining ? [] : decision.start);
    const { wakeAt } = decision;
    return routed instanceof Promise ? routed.then((found) => this.start(found, safe, wakeAt)) : this.start(routed, safe, wakeAt);
  }

  /** Starts what finds a place, and waits for what comes next. `safe`: nothing that a handler could build on waits for its commit. */
  private start({ local, pooled, foreign }: RoutedStarts, safe: boolean, wakeAt: number | null): Turn {
    if (this.stopReason !== null || this.inbox.cancelled !== null) return null;
    if (foreign.size > 0 && local.length + pooled.length + this.attempts.size === 0) {
      return this.handBack(this.options.handBackMs, elsewhere(foreign));
    }
    for (const { start, pool } of pooled) this.pools.dispatch(start, pool);
    // What finds no place stays ready, and the run is told when it is its turn.
    const places = this.places.take(local.length);
    const placed = places === local.length ? local : local.slice(0, places);
    for (const start of placed) this.routing.recordStart(start);
    if (safe && placed.length > 0) return this.launch(placed);
    if (!this.outbox.isEmpty) return this.appendAndLaunch(placed);
    if (this.attempts.size > 0 || local.length > 0) return this.news.rest(wakeAt);
    if (this.draining) return this.handBack(0, 'shutdown');
    return this.state.paused ? this.park(null) : this.restOrPark(wakeAt);
  }

  private setAlarm(endsAt: number | null): void {
    if (endsAt === this.timeEndsAt) return;
    this.timeEndsAt = endsAt;
    const { alarms } = this.parts;
    if (endsAt === null || endsAt === Infinity) alarms.stop(this.run.id);
    else alarms.set(this.run.id, endsAt, () => this.news.tell());
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

  /** Stops what is in work, here and in pools, without counting it as a failure. */
  private interrupt(reason: string): void {
    this.attempts.interrupt(reason);
    this.pools.interrupt(reason);
  }

  /** Undoes one node after the other; the start of each is committed before its handler is called. */
  private async advanceUndo({ index, attempt }: Extract<Undo, { kind: 'undo' }>): Promise<ExecutionEnd | null> {
    const isFree = this.attempts.size === 0 && !this.draining;
    const foreign = isFree ? await this.routing.foreignTypes(this.state.plan.nodes[index]!.compensate!) : null;
    if (this.stopReason !== null) return null;
    if (foreign !== null) return this.handBack(this.options.handBackMs, elsewhere([foreign]));
    const mayStart = this.places.take(isFree ? 1 : 0) === 1;
    const starts = mayStart ? [{ index, visit: this.state.nodes[index]!.visit, attempt }] : [];
    if (mayStart)
      this.record(nodeEvent('compensation.started', { ...subjectOf(this.state, index), attempt }, this.parts.clock.now(), {}));
    if (!this.outbox.isEmpty) return this.appendAndLaunch(starts);
    if (this.attempts.size === 0 && this.draining) return this.handBack(0, 'shutdown');
    return this.news.rest(null);
  }

  /** Nothing in work: a short wait is waited for, a longer one parks the run. */
  private async restOrPark(wakeAt: number | null): Promise<ExecutionEnd | null> {
    const { clock } = this.parts;
    const until = this.stayFor(wakeAt);
    if (until !== null) return this.news.rest(until);
    const { worked } = this.state;
    this.record(runEvent('run.waiting', clock.now(), { wake_at: wakeAt, reason: waitReason(this.state) }));
    const end = await this.park(wakeAt);
    if (end === null) this.state.worked = worked;
    return end;
  }

  /** Until when a run with nothing in work keeps the baton; null: it parks. */
  private stayFor(wakeAt: number | null): number | null {
    const now = this.parts.clock.now();
    if (wakeAt !== null && wakeAt - now <= this.options.parkAfterMs) return wakeAt;
    // One child has just ended, and others may be about to: to take them up one by one would cost a claim each.
    const nextChildBy = this.inbox.lastChildAt + Math.min(CHILD_LINGER_MS, this.options.parkAfterMs);
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

  /** Null when signals have come before the end that count more than it. */
  private async end(outcome: EndOutcome): Promise<ExecutionEnd | null> {
    this.attempts.abort(`the run is ${outcome.status}`);
    if (this.children.mayLive) {
      const failure = this.outbox.isEmpty ? null : await this.append();
      if (failure !== null) return failure;
      await this.children.cancelAll(outcome.status);
    }
    const committed = await this.ending.commit(outcome);
    if (committed === 'inbox') return this.goOn();
    return committed === 'appended' ? { kind: 'ended', status: outcome.status } : this.fenced();
  }

  /** The end or the park was refused, and nothing of it is written: signals wait. */
  private goOn(): null {
    this.state.status = this.state.paused ? 'paused' : 'running';
    this.inbox.ring();
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
    return this.afterAppend(await this.outbox.send());
  }

  /** The same, and then calls the handlers of nodes whose start is committed with it. */
  private async appendAndLaunch(starts: readonly NodeStart[]): Promise<ExecutionEnd | null> {
    return this.afterAppend(await this.outbox.send()) ?? (await this.launch(starts));
  }

  private afterAppend({ kind }: AppendOutcome): ExecutionEnd | null {
    if (kind !== 'appended') return this.fenced();
    faultPoint('advance.afterAppend');
    return null;
  }

  private record(draft: EventDraft): number {
    return this.outbox.record(draft);
  }

  /** Handlers that return at once share the next commit. */
  private launch(starts: readonly NodeStart[]): Promise<null> {
    if (this.stopReason === null && this.inbox.cancelled === null) this.attempts.launch(starts);
    return nextTurn();
  }

  /** The patch stands in the inbox before the node goes on: it is taken up before its outcome counts. */
  private async patchRun(nodeId: string, key: string, patch: JsonValue, reason: string): Promise<PatchResult> {
    const { id: runId, tenantId } = this.run;
    const result = await this.parts.patcher.patchFromNode({ runId, tenantId, nodeId, key, patch, reason, state: this.state });
    this.ringInbox();
    return result;
  }

  /** Keeps the run open, baton in hand, unless something must be acted on. */
  private async hold(untilAt: number): Promise<void> {
    for (;;) {
      this.news.hear();
      await this.inbox.read();
      if (this.parts.clock.now() >= untilAt || this.stopReason !== null || this.inbox.cancelled !== null || this.draining) return;
      await this.news.rest(untilAt);
    }
  }
}

function earlier(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other);
}

let turn: Promise<null> | null = null;

/** The next turn of the event loop, which all who wait for it share. */
function nextTurn(): Promise<null> {
  turn ??= new Promise((resolve) =>
    setImmediate(() => {
      turn = null;
      resolve(null);
    }),
  );
  return turn;
}
