import {
  faultPoint,
  nodeEvent,
  toWireStepUsage,
  type Clock,
  type JsonValue,
  type NodeHandler,
  type NodeStart,
  type PatchResult,
  type PlanCompensation,
  type PlanNode,
  type Run,
  type RunState,
} from '@baton/core';
import type { ChildRequests } from './child-requests.js';
import type { EngineObserver } from './engine-observer.js';
import { logFailure } from './log-failure.js';
import { lackingTypes } from './lacking-types.js';
import type { AttemptLog } from './attempt-log.js';
import type { FinishedStep } from './attempt-outcome.js';
import { NodeAttempt } from './node-attempt.js';
import type { RunNodePlaces } from './node-places.js';
import { outcomeEvents, undoEvents } from './outcome-events.js';
import type { RunBudget } from './run-budget.js';
import type { RunLogWriter } from './run-log-writer.js';
import type { RunOutbox } from './run-outbox.js';
import type { RunPayloads } from './run-payloads.js';

interface RunAttemptsParts {
  run: Run;
  state: RunState;
  outbox: RunOutbox;
  handlers: ReadonlyMap<string, NodeHandler>;
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

/** The nodes of a run that are in work in this process, at most one attempt each; how they end goes into the outbox. */
export class RunAttempts {
  /** By node: a patch may move its place. */
  private readonly inWork = new Map<string, NodeAttempt>();

  constructor(private readonly parts: RunAttemptsParts) {}

  get size(): number {
    return this.inWork.size;
  }

  /** Calls the handlers: of the nodes, or, while the run is undone, of what undoes them. */
  launch(starts: readonly NodeStart[]): void {
    const { state, handlers } = this.parts;
    for (const start of starts) {
      const node = state.plan.nodes[start.index]!;
      const work = state.undoing === null ? node : node.compensate!;
      const handler = handlers.get(work.type);
      if (handler === undefined || lackingTypes(handlers, work).length > 0) this.passOver(node, start);
      else this.begin(node, work, start, handler);
    }
  }

  /** Stops what is in work without counting it as a failure: the nodes are ready again, their finished steps kept. */
  interrupt(reason: string): void {
    const { state, outbox, clock } = this.parts;
    const at = clock.now();
    const interrupted = [...this.inWork.keys()];
    this.abort(reason);
    for (const id of interrupted) {
      const { visit, attempt } = state.nodes[state.plan.indexById.get(id)!]!;
      outbox.record(nodeEvent('node.interrupted', { id, visit, attempt }, at, { reason }));
    }
  }

  /** Tells every handler to stop. What comes of them is of no interest any more. */
  abort(reason: string): void {
    if (this.inWork.size === 0) return;
    const error = new Error(reason);
    for (const attempt of this.inWork.values()) attempt.abort(error);
    this.inWork.clear();
    this.parts.budget.releaseAll();
  }

  private begin(node: PlanNode, work: PlanNode | PlanCompensation, start: NodeStart, handler: NodeHandler): void {
    const { run, state, clock, maxOutputBytes, childRequests, payloads } = this.parts;
    const { id: runId, tenantId } = run;
    const log = this.parts.logs.open({ runId, tenantId, nodeId: node.id, visit: start.visit, attempt: start.attempt });
    const attempt: NodeAttempt = new NodeAttempt({
      ...{ run, state, node, work, start, handler, log, clock, maxOutputBytes, childRequests, payloads },
      journalStep: (step) => this.journalStep(attempt, node, start, step),
      reserve: (key, wanted, signal) => this.parts.budget.reserve({ id: node.id, visit: start.visit }, key, wanted, signal),
      releaseStep: (key, used) => {
        // Another attempt may hold what it wants for the same step by now.
        if (this.inWork.get(node.id) === attempt) this.parts.budget.releaseStep(node.id, key, used);
      },
      patchRun: (key, operations, reason) => this.parts.patchRun(node.id, key, operations, reason),
    });
    this.inWork.set(node.id, attempt);
    void this.follow(attempt, log, node, work, start);
  }

  /** Nobody has its type. A node was skipped with its start; what undoes one fails. */
  private passOver(node: PlanNode, start: NodeStart): void {
    const { handlers, run, state, outbox, places, clock, observer } = this.parts;
    places.release();
    if (state.undoing !== null) {
      const error = {
        code: 'node_failed',
        message: `no worker runs nodes of type ${lackingTypes(handlers, node.compensate!).join(', ')}`,
        retryable: false,
      };
      outbox.record(nodeEvent('compensation.failed', subjectOf(node, start), clock.now(), { error, retry_at: null }));
    }
    observer.nodeEnded({ runId: run.id, taskId: run.taskId, nodeId: node.id, type: 'unknown', outcome: 'skipped', ms: 0 });
  }

  /** Only of an attempt in work: a step that outlives its attempt is nobody's result. */
  private journalStep(attempt: NodeAttempt, node: PlanNode, start: NodeStart, step: FinishedStep): Promise<void> {
    const { key, output, usage, isLast } = step;
    if (this.inWork.get(node.id) !== attempt) {
      return Promise.reject(new Error(`the attempt has ended before its step \`${key}\``));
    }
    const { outbox, clock } = this.parts;
    const hold = this.parts.budget.takeHold(node.id, key);
    const used = usage === null ? {} : { usage: toWireStepUsage(usage), ...(hold !== null && { hold: hold.id }) };
    const seq = outbox.record(nodeEvent('step.completed', subjectOf(node, start), clock.now(), { key, output, ...used }));
    const committed = outbox.committed(seq);
    const settled = hold === null ? committed : committed.then(() => this.parts.budget.settle(hold, usage));
    if (!isLast) {
      this.parts.tell();
      return settled;
    }
    attempt.lastStep = settled.catch(() => undefined);
    // In the common case the attempt has ended by then, and both are sent at once.
    setImmediate(() => this.inWork.get(node.id) === attempt && this.parts.tell());
    return Promise.resolve();
  }

  /** Turns the end of an attempt into events. */
  private async follow(
    attempt: NodeAttempt,
    log: AttemptLog,
    node: PlanNode,
    work: PlanNode | PlanCompensation,
    start: NodeStart,
  ): Promise<void> {
    const { run, state, outbox, places, clock, observer, random } = this.parts;
    const startedAt = clock.monotonic();
    const outcome = await attempt.execute();
    places.release();
    // The run is let go with what is not committed by then.
    if (outcome.kind === 'stranded') await attempt.lastStep;
    if (this.inWork.get(node.id) !== attempt) return log.end();
    this.inWork.delete(node.id);
    this.parts.budget.release(node.id);
    if (outcome.kind === 'stranded') {
      log.end();
      return this.parts.strand(outcome.error);
    }
    if (outcome.kind === 'completed') faultPoint('advance.afterEffect');
    const now = state.plan.nodes[state.plan.indexById.get(node.id)!]!;
    const attempted = { state, node: now, subject: subjectOf(node, start), at: clock.now(), random: random() };
    const events = work === node ? outcomeEvents(outcome, attempted) : undoEvents(outcome, attempted);
    for (const event of events) outbox.record(event);
    if (outcome.kind === 'failed') logFailure(log, events, attempted.at);
    log.end();
    const ids = { runId: run.id, taskId: run.taskId, nodeId: node.id };
    const observed = { ...ids, type: work.type, ms: clock.monotonic() - startedAt };
    if (outcome.kind === 'completed') observer.nodeEnded({ ...observed, outcome: 'completed' });
    if (outcome.kind === 'failed') observer.nodeEnded({ ...observed, outcome: 'failed', error: outcome.error });
    this.parts.tell();
  }
}

function subjectOf(node: PlanNode, { visit, attempt }: NodeStart): { id: string; visit: number; attempt: number } {
  return { id: node.id, visit, attempt };
}
