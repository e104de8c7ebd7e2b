import {
  faultPoint,
  isProgress,
  reduce,
  type AppendOutcome,
  type AppendRequest,
  type EventDraft,
  type Plan,
  type Run,
  type RunState,
  type RunStore,
  type Settlement,
  type Submission,
} from '@baton/core';

interface Waiter {
  seq: number;
  resolve(): void;
  reject(error: unknown): void;
}

/** Events of a run on their way into the journal. Under one epoch a run has one writer, so each knows the seq that it will have. */
export class RunOutbox {
  private events: EventDraft[] = [];
  /** Signals that the events answer. They leave the inbox with them: until then another owner must find them there. */
  private consumed: number[] = [];
  /** Dispatches to pools that the events call back. */
  private closedPoolJobs: number[] = [];
  /** Children whose start the events tell of. */
  private starts: Submission[] = [];
  private waiters: Waiter[] = [];
  private committedSeq: number;

  constructor(
    private readonly run: Run,
    private readonly state: RunState,
    private readonly runs: RunStore,
    /** Told when progress has been committed. */
    private readonly progressed?: () => void,
  ) {
    this.committedSeq = state.seq;
  }

  get isEmpty(): boolean {
    return this.events.length === 0;
  }

  /** Whether children start with what lies here: others wait for the next commit. */
  get holdsStarts(): boolean {
    return this.starts.length > 0;
  }

  /** Whether what lies here only says that somebody tried: nothing that a handler could build on. */
  get holdsNoOutcome(): boolean {
    return this.events.every((draft) => !isProgress(draft.type));
  }

  /** Adds an event, and applies it to the state, which so runs ahead of the journal. `plans`: as {@link reduce} wants them. */
  record(draft: EventDraft, plans?: ReadonlyMap<string, Plan>): number {
    this.events.push(draft);
    const seq = this.state.seq + 1;
    reduce(this.state, { ...draft, runId: this.run.id, seq, epoch: this.run.epoch }, plans);
    return seq;
  }

  /** Resolves once the event is committed. */
  committed(seq: number): Promise<void> {
    if (seq <= this.committedSeq) return Promise.resolve();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.waiters.push({ seq, resolve, reject });
    return promise;
  }

  /** Says that what lies here answers a signal. */
  consume(signalId: number): void {
    this.consumed.push(signalId);
  }

  /** Says that what lies here calls a dispatch to a pool back. */
  closePoolJob(seq: number): void {
    this.closedPoolJobs.push(seq);
  }

  /** Lets children become runs with the event that says so. */
  start(children: readonly Submission[]): void {
    this.starts.push(...children);
  }

  /** Appends all that lies here, in one commit. When it is refused, what said that the run rests or has ended is taken back. */
  async send(settle?: Settlement): Promise<AppendOutcome> {
    faultPoint('advance.beforeAppend');
    const { run, events, consumed, closedPoolJobs, starts } = this;
    const request: AppendRequest = { runId: run.id, run, epoch: run.epoch, baseSeq: this.committedSeq, events };
    this.events = [];
    if (consumed.length > 0) {
      request.consumed = consumed;
      this.consumed = [];
    }
    if (closedPoolJobs.length > 0) {
      request.closedPoolJobs = closedPoolJobs;
      this.closedPoolJobs = [];
    }
    if (starts.length > 0) {
      request.starts = starts;
      this.starts = [];
    }
    if (settle !== undefined) request.settle = settle;
    const outcome = await this.runs.append(request);
    if (outcome.kind === 'inbox') {
      this.consumed = consumed;
      this.closedPoolJobs = closedPoolJobs;
      this.starts = starts;
      this.events = events.filter(({ type }) => type !== 'run.waiting' && type !== 'run.completed');
      this.state.seq = this.committedSeq + this.events.length;
    }
    if (outcome.kind === 'appended') {
      this.committedSeq = outcome.seq;
      if (this.progressed !== undefined && events.some(({ type }) => isProgress(type))) this.progressed();
      if (this.waiters.length > 0) this.tellWaiters();
    }
    return outcome;
  }

  private tellWaiters(): void {
    const { waiters, committedSeq } = this;
    this.waiters = waiters.filter(({ seq }) => seq > committedSeq);
    for (const { seq, resolve } of waiters) if (seq <= committedSeq) resolve();
  }

  /** What has not been committed never will be. */
  close(reason: string): void {
    for (const waiter of this.waiters.splice(0)) waiter.reject(new Error(reason));
  }
}
