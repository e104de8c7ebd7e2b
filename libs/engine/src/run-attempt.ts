import {
  faultPoint,
  nodeEvent,
  toWireStepUsage,
  type CallAmounts,
  type Clock,
  type JsonValue,
  type NodeHandler,
  type NodeStart,
  type PatchResult,
  type PlanCompensation,
  type PlanNode,
  type Run,
  type RunState,
  type Usage,
} from '@baton/core';
import type { AttemptLog } from './attempt-log.js';
import type { AttemptOutcome, FinishedStep, StrandedAttempt } from './attempt-outcome.js';
import type { ChildRequests } from './child-requests.js';
import type { EngineObserver } from './engine-observer.js';
import { logFailure } from './log-failure.js';
import { NodeAttempt, type AttemptTask } from './node-attempt.js';
import type { RunNodePlaces } from './node-places.js';
import { outcomeEvents, undoEvents } from './outcome-events.js';
import type { RunBudget } from './run-budget.js';
import type { RunLogWriter } from './run-log-writer.js';
import type { RunOutbox } from './run-outbox.js';
import type { RunPayloads } from './run-payloads.js';

/** What the attempts of a run have to do with. */
export interface RunAttemptParts {
  run: Run;
  state: RunState;
  outbox: RunOutbox;
  /** Each node that is launched has one, and gives it back here. */
  places: Pick<RunNodePlaces, 'release'>;
  logs: Pick<RunLogWriter, 'open'>;
  clock: Clock;
  random: () => number;
  observer: EngineObserver;
  maxOutputBytes: number;
  childRequests: ChildRequests;
  payloads: RunPayloads;
  /** Called when the payloads of the run cannot be reached. */
  strand(error: unknown): void;
  budget: RunBudget;
  /** Called when an event has come into the outbox. */
  tell(): void;
  /** Changes the run for one of its nodes. */
  patchRun(nodeId: string, key: string, operations: JsonValue, reason: string): Promise<PatchResult>;
}

/** An attempt of a node of a run that is in work in this process: its steps and its end become events. */
export class RunAttempt implements AttemptTask {
  readonly log: AttemptLog;
  private readonly subject: { readonly id: string; readonly visit: number; readonly attempt: number };
  private readonly attempt: NodeAttempt;
  private readonly startedAt: number;
  /** The event of its last step, for which the step does not wait itself. */
  private lastStepSeq: number | null = null;

  /** `inWork`: by node; what is not there any more is over. */
  constructor(
    private readonly parts: RunAttemptParts,
    private readonly inWork: Map<string, RunAttempt>,
    readonly node: PlanNode,
    readonly work: PlanNode | PlanCompensation,
    readonly start: NodeStart,
    readonly handler: NodeHandler,
  ) {
    const { run, logs, clock } = parts;
    const { visit, attempt } = start;
    this.subject = { id: node.id, visit, attempt };
    this.log = logs.open({ runId: run.id, tenantId: run.tenantId, nodeId: node.id, visit, attempt });
    this.attempt = new NodeAttempt(parts, this);
    this.startedAt = clock.monotonic();
  }

  begin(): void {
    void this.attempt.execute().then((outcome) => this.end(outcome));
  }

  /** Tells the handler to stop. */
  abort(reason: Error): void {
    this.attempt.abort(reason);
  }

  /** Only while it is in work: a step that outlives its attempt is nobody's result. */
  journalStep({ key, output, usage, isLast }: FinishedStep): Promise<void> | null {
    if (!this.isInWork) return Promise.reject(new Error(`the attempt has ended before its step \`${key}\``));
    const { outbox, clock, budget } = this.parts;
    const hold = budget.takeHold(this.node.id, key);
    const used = usage === null ? null : { usage: toWireStepUsage(usage), ...(hold !== null && { hold: hold.id }) };
    const seq = outbox.record(nodeEvent('step.completed', this.subject, clock.now(), { key, output, ...used }));
    const settled = hold === null ? null : outbox.committed(seq).then(() => budget.settle(hold, usage));
    if (!isLast) {
      this.parts.tell();
      return settled ?? outbox.committed(seq);
    }
    settled?.catch(() => undefined);
    this.lastStepSeq = seq;
    // In the common case the attempt has ended by then, and both are sent at once.
    setImmediate(() => this.isInWork && this.parts.tell());
    return null;
  }

  reserve(key: string, wanted: () => CallAmounts, signal: AbortSignal): Promise<boolean> | false {
    return this.parts.budget.reserve(this.subject, key, wanted, signal);
  }

  /** Another attempt may hold what it wants for the same step by now. */
  releaseStep(key: string, used: Usage | null): void {
    if (this.isInWork) this.parts.budget.releaseStep(this.node.id, key, used);
  }

  patchRun(key: string, operations: JsonValue, reason: string): Promise<PatchResult> {
    return this.parts.patchRun(this.node.id, key, operations, reason);
  }

  private get isInWork(): boolean {
    return this.inWork.get(this.node.id) === this;
  }

  /** Turns its end into events. */
  private end(outcome: AttemptOutcome | StrandedAttempt): void {
    this.parts.places.release();
    if (!this.isInWork) return this.log.end();
    if (outcome.kind === 'stranded') void this.strand(outcome.error);
    else this.settle(outcome);
  }

  /** The run is let go with what is not committed by then: the last step first. */
  private async strand(cause: unknown): Promise<void> {
    const { outbox, budget } = this.parts;
    if (this.lastStepSeq !== null) await outbox.committed(this.lastStepSeq).catch(() => undefined);
    this.log.end();
    if (!this.isInWork) return;
    this.inWork.delete(this.node.id);
    budget.release(this.node.id);
    this.parts.strand(cause);
  }

  private settle(outcome: AttemptOutcome): void {
    const { run, state, outbox, budget, clock, observer, random } = this.parts;
    const { node, work, log, subject } = this;
    this.inWork.delete(node.id);
    budget.release(node.id);
    if (outcome.kind === 'completed') faultPoint('advance.afterEffect');
    const now = state.plan.nodes[state.plan.indexById.get(node.id)!]!;
    const attempted = { state, node: now, subject, at: clock.now(), random: random() };
    const events = work === node ? outcomeEvents(outcome, attempted) : undoEvents(outcome, attempted);
    for (const event of events) outbox.record(event);
    if (outcome.kind === 'failed') logFailure(log, events, attempted.at);
    log.end();
    const ms = clock.monotonic() - this.startedAt;
    const observed = { runId: run.id, taskId: run.taskId, nodeId: node.id, type: work.type, ms };
    if (outcome.kind === 'completed') observer.nodeEnded({ ...observed, outcome: 'completed' });
    if (outcome.kind === 'failed') observer.nodeEnded({ ...observed, outcome: 'failed', error: outcome.error });
    this.parts.tell();
  }
}
