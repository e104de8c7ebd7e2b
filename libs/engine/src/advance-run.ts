import { randomUUID } from 'node:crypto';
import {
  BatonError,
  dispatchOf,
  faultPoint,
  formatHolder,
  lockKey,
  runEvent,
  scopesOf,
  tellParent,
  toErrorInfo,
  type AcquireRequest,
  type ClaimOutcome,
  type ClaimRequest,
  type Dispatch,
  type HeldLock,
  type LockHolder,
  type Run,
  type RunLock,
  type RunQueue,
  type Signal,
  type WorkerLoad,
  type WorkerRegistry,
} from '@baton/core';
import { AlarmClock } from './alarm-clock.js';
import { GroupedReads } from './grouped-reads.js';
import type { RunLoader } from './load-run.js';
import { NodePlaces } from './node-places.js';
import { PassingMap } from './passing-map.js';
import type { RunAdmitter } from './run-admitter.js';
import { cancelLiveChildren } from './run-children.js';
import { RunExecution, type ExecutionEnd, type LetGoReason } from './run-execution.js';
import type { RunExecutionOptions, RunExecutionParts } from './run-execution-parts.js';
import { SolitaryLine } from './solitary-line.js';

export interface RunAdvancerOptions extends RunExecutionOptions {
  /** Claims in a row without progress after which a run is poison. */
  maxClaims: number;
  /** Nodes of all its runs that it has in work at once; those of pools are counted by their pools. */
  maxNodes: number;
  /** How long to try again where a submitter or a finishing run holds the lock. */
  lockRetryMs: number;
  /** How long the row of a claim that was not answered is asked, from its first answer on, before it counts as not granted: its commit may be under way. */
  lostClaimMs: number;
}

export interface RunAdvancerParts extends Omit<
  RunExecutionParts,
  'announcedElsewhere' | 'poolWith' | 'readInbox' | 'getPlan' | 'places' | 'alarms'
> {
  loader: RunLoader;
  locks: RunLock;
  queue: RunQueue;
  registry: WorkerRegistry;
  admitter: Pick<RunAdmitter, 'ring'>;
}

/** How long a run under suspicion is alone of its kind in its worker: what kills a process later takes others of its kind with it. */
const SUSPICION_MS = 30_000;

/** A run whose row still names this worker though it has let go of it. */
interface Orphan {
  runId: string;
  /** Null: the claim was not answered, so that the row must be asked whether it was granted. */
  epoch: number | null;
  counted: boolean;
  /** Where the row must be asked: until when, on the monotonic clock; null: it has not answered yet. */
  askedUntil: number | null;
}

/** The worker's part in a run: takes the lock, claims the epoch, loads the state and executes. One execution a run in this process. */
export class RunAdvancer {
  private readonly held = new PassingMap<string, RunExecution>();
  private readonly inAdvance = new Map<string, Promise<void>>();
  private readonly orphans: Orphan[] = [];
  private readonly inboxes: GroupedReads<Signal[]>;
  /** Runs whose inbox is to be read once they are loaded: signals waited at the claim, or somebody has rung since. */
  private readonly rungEarly = new Set<string>();
  private draining = false;
  private readonly places: NodePlaces;
  /** Of runs that have been claimed without progress for half as often as makes them poison: it may be another that kills the workers. */
  private readonly suspects: SolitaryLine;
  private readonly drained = new AbortController();
  private readonly shared: RunExecutionParts;

  constructor(
    private readonly parts: RunAdvancerParts,
    private readonly options: RunAdvancerOptions,
  ) {
    this.places = new NodePlaces(options.maxNodes);
    this.suspects = new SolitaryLine(parts.clock, SUSPICION_MS);
    this.inboxes = new GroupedReads(async (runIds) => Map.groupBy(await parts.runs.readSignals(runIds), ({ runId }) => runId));
    this.shared = this.sharedParts();
  }

  /** The runs that this process holds. */
  get heldRunIds(): string[] {
    return [...this.held.keys()];
  }

  /** What is in work here; a run that is about to be claimed or let go counts. */
  get workload(): WorkerLoad {
    return { runs: this.inAdvance.size, nodes: this.places.taken };
  }

  /** Does what a job asks: returns when the run has ended, parked, been refused or let go. Never throws: SQL says what is due. */
  async advance(dispatch: Dispatch): Promise<void> {
    const { runId } = dispatch;
    if (this.draining) return;
    if (this.inAdvance.has(runId)) return this.ringInbox(runId);
    const work = this.take(dispatch)
      .catch((error: unknown) => this.parts.observer.trouble({ what: 'advance', runId, error }))
      .finally(() => {
        this.inAdvance.delete(runId);
        this.rungEarly.delete(runId);
      });
    this.inAdvance.set(runId, work);
    await work;
  }

  /** Somebody says that a run of this worker has signals. */
  ringInbox(runId: string): void {
    const execution = this.held.get(runId);
    if (execution !== undefined) execution.ringInbox();
    else if (this.inAdvance.has(runId)) this.rungEarly.add(runId);
  }

  /** Hands signals of the inbox to the runs that this process holds. */
  deliver(signals: readonly Signal[]): void {
    for (const [runId, ofRun] of Map.groupBy(signals, (signal) => signal.runId)) this.held.get(runId)?.deliver(ofRun);
  }

  /** Lets go of every run: the lease is gone. */
  stopAll(reason: LetGoReason): void {
    for (const [, execution] of this.held.entries()) execution.stop(reason);
  }

  /** Takes no more, lets nodes in work finish within `graceMs`, then lets go of the rest. */
  async drain(graceMs: number): Promise<void> {
    this.draining = true;
    this.drained.abort();
    for (const [, execution] of this.held.entries()) execution.drain();
    const finished = new AbortController();
    const all = Promise.all(this.inAdvance.values());
    await Promise.race([all, this.parts.clock.sleep(graceMs, finished.signal)]);
    finished.abort();
    this.stopAll('shutdown');
    await all;
    await this.handBackOrphans();
  }

  /** Gives back what was let go while SQL could not be told. Called with each renewal of the lease. */
  async handBackOrphans(): Promise<void> {
    await Promise.all(this.orphans.splice(0).map((orphan) => this.handBack(orphan)));
  }

  private async handBack(orphan: Orphan): Promise<void> {
    const { runId, counted } = orphan;
    try {
      const epoch = orphan.epoch ?? (await this.findEpochOfLostClaim(orphan));
      if (epoch === null) return;
      const settle = { kind: 'hand_back', wakeAt: this.parts.clock.now(), uncounted: !counted } as const;
      await this.parts.runs.append({ runId, epoch, baseSeq: 0, events: [], settle });
    } catch (error) {
      this.orphans.push(orphan);
      this.parts.observer.trouble({ what: 'hand back', runId, error });
    }
  }

  /** Null: there is nothing to give back, or nothing yet. */
  private async findEpochOfLostClaim(orphan: Orphan): Promise<number | null> {
    const { runId } = orphan;
    const row = this.inAdvance.has(runId) ? null : await this.parts.runs.findRun(runId);
    if (this.inAdvance.has(runId)) {
      // Another job of the run is on its way, or at work: its claim may be refused by the very one that was lost.
      this.orphans.push(orphan);
      return null;
    }
    if (row?.workerId === this.options.workerId) return row.epoch;
    const now = this.parts.clock.monotonic();
    const askedUntil = orphan.askedUntil ?? now + this.options.lostClaimMs;
    if (now < askedUntil) this.orphans.push({ ...orphan, askedUntil });
    return null;
  }

  /** A suspect waits before its claim, which would count. */
  private async take(dispatch: Dispatch): Promise<void> {
    if ((dispatch.claims ?? 0) < this.options.maxClaims / 2) return this.claimAndExecute(dispatch);
    const leave = await this.suspects.enter();
    try {
      if (!this.draining) await this.claimAndExecute(dispatch, leave);
    } finally {
      leave();
    }
  }

  private async claimAndExecute(dispatch: Dispatch, progressed?: () => void): Promise<void> {
    const locked = await this.takeLock(dispatch);
    if (locked === 'foreign') return this.parts.observer.claimRefused({ runId: dispatch.runId, reason: 'locked' });
    faultPoint('advance.afterLock');
    try {
      const { observer } = this.parts;
      const lock = {
        method: locked?.method ?? ('sql' as const),
        holder: formatHolder(this.holder),
        tokenLength: locked?.token.length ?? 0,
      };
      const outcome = await this.claim(dispatch, lock);
      if (outcome.kind !== 'claimed') return observer.claimRefused({ runId: dispatch.runId, reason: outcome.kind });
      faultPoint('advance.afterClaim');
      const { run, claims, signals } = outcome;
      if (signals) this.rungEarly.add(run.id);
      observer.runClaimed({
        ...{ runId: run.id, taskId: run.taskId, epoch: run.epoch, workerId: this.options.workerId },
        queuedMs: run.epoch === 1 ? Math.max(0, this.parts.clock.now() - run.createdAt) : null,
      });
      await this.executeClaimed(run, claims, locked, progressed);
    } finally {
      void locked?.release();
    }
  }

  private async claim(dispatch: Dispatch, lock: ClaimRequest['lock']): Promise<ClaimOutcome> {
    const { runId, taskId, generation } = dispatch;
    const { workerId } = this.options;
    const request = { runId, workerId, generation, token: randomUUID(), at: this.parts.clock.now() };
    try {
      return await this.parts.runs.claim({ ...request, lock: taskId === null ? null : lock });
    } catch (error) {
      this.orphans.push({ runId, epoch: null, counted: false, askedUntil: null });
      throw error;
    }
  }

  private async executeClaimed(run: Run, claims: number, lock: HeldLock | null, progressed?: () => void): Promise<void> {
    let end: ExecutionEnd;
    try {
      end = claims > this.options.maxClaims ? await this.failPoisoned(run, claims) : await this.execute(run, lock, progressed);
    } catch (error) {
      const storage = error instanceof BatonError && error.code === 'storage_unavailable';
      this.parts.observer.trouble({ what: 'execute', runId: run.id, error });
      end = { kind: 'let_go', reason: storage ? 'storage' : 'defect' };
    } finally {
      this.held.delete(run.id);
    }
    await this.settle(run, end);
  }

  private async execute(run: Run, lock: HeldLock | null, progressed?: () => void): Promise<ExecutionEnd> {
    const { state } = await this.parts.loader.load(run);
    const execution = new RunExecution(run, state, this.shared, this.options, progressed);
    this.held.set(run.id, execution);
    if (this.rungEarly.delete(run.id)) execution.ringInbox();
    if (lock?.isLost === true) execution.stop('lock_lost');
    if (this.draining) execution.drain();
    return execution.execute();
  }

  /** Ends a run that kills its workers, or that none can load: nothing of it is touched but its row. */
  private async failPoisoned(run: Run, claims: number): Promise<ExecutionEnd> {
    const { clock, observer, runs } = this.parts;
    const now = clock.now();
    const context = { run_id: run.id, claims };
    const error = toErrorInfo(new BatonError('poison_run', `Claimed ${claims} times in a row without progress.`, context));
    const events = [runEvent('run.claimed', now, { worker_id: this.options.workerId }), runEvent('run.failed', now, { error })];
    await cancelLiveChildren(runs, run, 'its parent run has failed', now);
    const tells = tellParent(run, { status: 'failed', error });
    const deadLetter = { kind: 'run', nodeId: null, nodeType: null, error, attempts: claims, failedNodes: 0 } as const;
    const leavesLetter = this.options.deadLetters !== 'none';
    const settle = {
      ...({ kind: 'end', status: 'failed', closesApprovals: true, closesPoolJobs: true } as const),
      ...(leavesLetter && { deadLetter }),
      ...(tells !== undefined && { tells }),
    };
    const outcome = await runs.append({ runId: run.id, epoch: run.epoch, baseSeq: run.seq, events, settle });
    if (outcome.kind !== 'appended') return { kind: 'let_go', reason: 'fenced' };
    if (leavesLetter) observer.deadLetterLeft({ runId: run.id, kind: 'run', code: error.code });
    observer.runEnded({ runId: run.id, taskId: run.taskId, status: 'failed', ms: now - run.createdAt });
    return { kind: 'ended', status: 'failed' };
  }

  /** After the execution: what was let go is given back, what was handed back is dispatched. */
  private async settle(run: Run, end: ExecutionEnd): Promise<void> {
    const { observer, admitter } = this.parts;
    if (end.kind === 'ended' && run.limited) admitter.ring(scopesOf(run));
    if (end.kind === 'let_go') {
      observer.runLetGo({ runId: run.id, taskId: run.taskId, reason: end.reason });
      if (end.reason !== 'fenced')
        this.orphans.push({ runId: run.id, epoch: run.epoch, counted: end.reason === 'defect', askedUntil: null });
    }
    if (end.kind === 'handed_back') {
      faultPoint('handBack.afterCommit');
      if (end.afterMs === 0) await this.dispatch(run);
      else void this.dispatchLater(run, end.afterMs);
    }
  }

  private async dispatch(run: Run): Promise<void> {
    const { observer, queue } = this.parts;
    await queue.enqueue([dispatchOf(run)]).catch((error: unknown) => observer.dispatchFailed(run.id, error));
  }

  /** Once it is due: a job that comes earlier is refused. Where this process ends first, the waker brings it. */
  private async dispatchLater(run: Run, afterMs: number): Promise<void> {
    await this.parts.clock.sleep(afterMs, this.drained.signal);
    if (!this.draining) await this.dispatch(run);
  }

  /** What its executions share. */
  private sharedParts(): RunExecutionParts {
    const { runs, handlers, childRequests, payloads, budgets, logs, pools, clock, random, observer, patcher, loader } =
      this.parts;
    return {
      ...{ runs, handlers, childRequests, payloads, budgets, logs, pools, clock, random, observer, patcher },
      ...{ places: this.places, alarms: new AlarmClock(clock) },
      readInbox: async (runId) => (await this.inboxes.read(runId)) ?? [],
      announcedElsewhere: (types) => this.announcedElsewhere(types),
      poolWith: (types) => this.poolWith(types),
      getPlan: (digest) => loader.getPlan(digest),
    };
  }

  private async announcedElsewhere(types: readonly string[]): Promise<boolean> {
    const workers = await this.parts.registry.list();
    const others = workers.filter((worker) => worker.live && worker.takesRuns && worker.id !== this.options.workerId);
    return others.some(({ nodeTypes }) => types.every((type) => nodeTypes.includes(type)));
  }

  private async poolWith(types: readonly string[]): Promise<string | null> {
    const inPools = (await this.parts.registry.list()).filter(({ live, pools }) => live && pools.length > 0);
    return inPools.find(({ nodeTypes }) => types.every((type) => nodeTypes.includes(type)))?.pools[0] ?? null;
  }

  private get holder(): LockHolder {
    return { kind: 'worker', id: this.options.workerId };
  }

  /**
   * The lock, null where the lock service is away (SQL alone decides), or `foreign`. A submitter's lock is taken over: its run is a committed
   * row, so whoever else submits will be refused by SQL. So is the lock of a worker whose lease has ended.
   */
  private async takeLock(dispatch: Dispatch): Promise<HeldLock | null | 'foreign'> {
    const { locks, registry } = this.parts;
    const request: AcquireRequest = {
      key: lockKey(dispatch),
      holder: this.holder,
      operation: 'advance',
      retryForMs: this.options.lockRetryMs,
      stillOurs: () => this.isStillOurs(dispatch.runId),
      onLost: () => this.held.get(dispatch.runId)?.stop('lock_lost'),
    };
    let outcome = await locks.acquire(request);
    if (outcome.kind === 'foreign' && outcome.holder !== null) {
      const { kind, id } = outcome.holder;
      if (kind === 'api' || !(await registry.isLive(id))) outcome = await locks.takeOver(request, outcome.value);
    }
    if (outcome.kind === 'acquired') return outcome.lock;
    return outcome.kind === 'unreachable' ? null : 'foreign';
  }

  /** Asked when Redis was wiped: the epoch in SQL says whether the lock may be made again. */
  private async isStillOurs(runId: string): Promise<boolean> {
    const execution = this.held.get(runId);
    if (execution === undefined) return this.inAdvance.has(runId);
    try {
      const row = await this.parts.runs.findRun(runId);
      return row !== null && row.epoch === execution.run.epoch && row.workerId === this.options.workerId;
    } catch (error) {
      this.parts.observer.trouble({ what: 'epoch check', runId, error });
      return true;
    }
  }
}
