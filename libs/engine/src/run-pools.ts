import {
  BatonError,
  nodeEvent,
  nodeTimeLeft,
  nodeTimeout,
  PoolNewsSchema,
  raisedLimits,
  toErrorInfo,
  type BudgetLimits,
  type Clock,
  type EventDraft,
  type NodeStart,
  type PoolNews,
  type PoolOutcome,
  type Run,
  type RunState,
  type Signal,
} from '@baton/core';
import type { EngineObserver } from './engine-observer.js';
import type { AttemptOutcome } from './attempt-outcome.js';
import { logFailure } from './log-failure.js';
import { outcomeEvents } from './outcome-events.js';
import type { PoolRouting } from './pool-routing.js';
import type { RunLogWriter } from './run-log-writer.js';
import type { RunOutbox } from './run-outbox.js';

interface RunPoolsParts {
  run: Run;
  state: RunState;
  outbox: RunOutbox;
  logs: Pick<RunLogWriter, 'open'>;
  clock: Clock;
  random: () => number;
  observer: EngineObserver;
  /** What a run may use up, where its definition says nothing. */
  budget: BudgetLimits | undefined;
}

/** The nodes of a run that are out in pools: sends them there, and turns what is heard of them into events. */
export class RunPools {
  constructor(
    private readonly parts: RunPoolsParts,
    private readonly routing: PoolRouting,
  ) {}

  /** The attempt goes out with the commit of this event, which writes its row. */
  dispatch({ index, visit, attempt }: NodeStart, pool: string): void {
    const { state, outbox, clock } = this.parts;
    const node = state.plan.nodes[index]!;
    const at = clock.now();
    const left = nodeTimeLeft(state, index, at) ?? Infinity;
    const deadline = Math.min(this.routing.deadlineOf(node, at), at + left);
    outbox.record(nodeEvent('node.dispatched', { id: node.id, visit, attempt }, at, { pool, deadline }));
  }

  /** What comes of another dispatch than the one that is out is of no interest any more. */
  answer({ runId, payload }: Signal): void {
    const { state, observer } = this.parts;
    const parsed = PoolNewsSchema.safeParse(payload);
    if (!parsed.success) return observer.trouble({ what: 'pool signal', runId, error: parsed.error });
    const index = state.plan.indexById.get(parsed.data.node_id);
    if (index === undefined || state.undoing !== null) return;
    if ('step' in parsed.data) this.keepStep(index, parsed.data);
    else if (state.nodes[index]!.dispatch?.seq === parsed.data.dispatch) this.settle(index, parsed.data.outcome);
  }

  /** Attempts whose deadline has passed fail. */
  expire(overdue: readonly number[]): void {
    const { state, outbox, clock } = this.parts;
    for (const index of overdue) {
      const { pool, seq, deadline } = state.nodes[index]!.dispatch!;
      const node = state.plan.nodes[index]!;
      const isUp = (nodeTimeLeft(state, index, clock.now()) ?? Infinity) <= 0;
      const detail = `The pool ${pool} was not done by ${new Date(deadline).toISOString()} (POOL_QUEUE_MS, and the timeout of the node).`;
      const late = new BatonError('pool_deadline', detail, { node_id: node.id, pool }, { retryable: true });
      const error = toErrorInfo(isUp ? nodeTimeout(node) : late);
      outbox.closePoolJob(seq);
      this.record(this.eventsOf(index, { kind: 'failed', error }));
    }
  }

  /** Calls back what is out without counting it as a failure; steps that are finished are kept. */
  interrupt(reason: string): void {
    const { state, outbox, clock } = this.parts;
    for (const index of [...state.dispatched.keys()]) {
      const { visit, attempt, dispatch } = state.nodes[index]!;
      outbox.closePoolJob(dispatch!.seq);
      outbox.record(nodeEvent('node.interrupted', { id: state.plan.nodes[index]!.id, visit, attempt }, clock.now(), { reason }));
    }
  }

  /** Of the visit that the node is in, whichever attempt it was: a finished step is not run again. */
  private keepStep(index: number, { node_id: id, visit, attempt, step }: Extract<PoolNews, { step: object }>): void {
    const { state, outbox, clock } = this.parts;
    const node = state.nodes[index]!;
    if (node.visit !== visit || node.steps?.has(step.key)) return;
    if (node.status === 'completed' || node.status === 'failed' || node.status === 'skipped') return;
    outbox.record(nodeEvent('step.completed', { id, visit, attempt }, clock.now(), step));
  }

  private settle(index: number, outcome: PoolOutcome): void {
    if (outcome.kind === 'over_budget') return this.record(this.eventsOf(index, this.overBudget(outcome.ask)));
    if (outcome.kind !== 'skipped') return this.record(this.eventsOf(index, asAttemptOutcome(outcome)));
    const { state, clock } = this.parts;
    const { visit, attempt } = state.nodes[index]!;
    const subject = { id: state.plan.nodes[index]!.id, visit, attempt };
    this.record([nodeEvent('node.skipped', subject, clock.now(), { reason: outcome.reason })]);
  }

  /** By the limits as they stand: more may have been granted since the node was taken. */
  private overBudget(ask: Extract<PoolOutcome, { kind: 'over_budget' }>['ask']): AttemptOutcome {
    if (ask?.scope !== 'run') return { kind: 'over_budget', ask };
    const limits = raisedLimits(this.parts.state, this.parts.budget);
    const isStill = ask.over.some(({ amount, limit }) => (limits[amount] ?? Infinity) <= limit);
    return { kind: 'over_budget', ask: isStill ? ask : null };
  }

  private eventsOf(index: number, outcome: AttemptOutcome): EventDraft[] {
    const { run, state, logs, clock, random } = this.parts;
    const node = state.plan.nodes[index]!;
    const { visit, attempt } = state.nodes[index]!;
    const at = clock.now();
    const events = outcomeEvents(outcome, {
      ...{ state, node, subject: { id: node.id, visit, attempt }, at, random: random() },
    });
    if (outcome.kind === 'failed') {
      const log = logs.open({ runId: run.id, tenantId: run.tenantId, nodeId: node.id, visit, attempt });
      logFailure(log, events, at);
      log.end();
    }
    return events;
  }

  private record(events: readonly EventDraft[]): void {
    for (const event of events) this.parts.outbox.record(event);
  }
}

function asAttemptOutcome(outcome: Exclude<PoolOutcome, { kind: 'skipped' | 'over_budget' }>): AttemptOutcome {
  switch (outcome.kind) {
    case 'completed': {
      const { output, repeat, continues = null } = outcome;
      const skip = outcome.skip.map(({ node_id: nodeId, reason }) => ({ nodeId, reason }));
      return { kind: 'completed', output, repeat, continues, skip };
    }
    case 'failed':
      return { kind: 'failed', error: outcome.error };
    case 'suspended': {
      const { key, awaits, wake_at: until, reason, children } = outcome;
      return { kind: 'suspended', key, wait: { awaits, until, reason, ...(children !== undefined && { children }) } };
    }
  }
}

/** The same the other way round: what a worker of the pool sends. */
export function asPoolOutcome(outcome: AttemptOutcome): PoolOutcome {
  switch (outcome.kind) {
    case 'completed': {
      const { output, repeat, continues } = outcome;
      const skip = outcome.skip.map(({ nodeId, reason }) => ({ node_id: nodeId, reason }));
      return { kind: 'completed', output, repeat, skip, ...(continues !== null && { continues }) };
    }
    case 'failed':
      return { kind: 'failed', error: outcome.error };
    case 'over_budget':
      return { kind: 'over_budget', ask: outcome.ask === null ? null : { ...outcome.ask, over: [...outcome.ask.over] } };
    case 'suspended': {
      const { awaits, until, reason, children } = outcome.wait;
      return { kind: 'suspended', key: outcome.key, awaits, wake_at: until, reason, ...(children !== undefined && { children }) };
    }
  }
}
