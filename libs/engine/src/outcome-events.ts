import {
  isHeldBack,
  mayRetry,
  nodeEvent,
  reachedPayload,
  retryDelay,
  runEvent,
  visitsExceeded,
  type ErrorInfo,
  type EventDraft,
  type JsonValue,
  type PlanNode,
  type RetryPolicy,
  type RunState,
} from '@baton/core';
import type { AttemptOutcome } from './attempt-outcome.js';

interface Attempted {
  state: RunState;
  node: PlanNode;
  subject: { id: string; visit: number; attempt: number };
  at: number;
  random: number;
}

/** What the end of an attempt of a node's own work means for the journal. */
export function outcomeEvents(outcome: AttemptOutcome, attempted: Attempted): EventDraft[] {
  const { state, node, subject, at, random } = attempted;
  switch (outcome.kind) {
    case 'suspended': {
      const { awaits, until, reason, children } = outcome.wait;
      const wait = { key: outcome.key, awaits, wake_at: until, reason, ...(children !== undefined && { children }) };
      return [nodeEvent('node.suspended', subject, at, wait)];
    }
    case 'over_budget': {
      const isNew = outcome.ask !== null && state.budget.asking === null;
      const reached = isNew ? [runEvent('budget.reached', at, reachedPayload(state, outcome.ask!))] : [];
      return [...reached, nodeEvent('node.interrupted', subject, at, { reason: 'the budget is used up' })];
    }
    case 'completed': {
      const { output, continues } = outcome;
      if (outcome.repeat) return repeatEvents(output, attempted);
      const completed = { output, ...(continues !== null && { continues }) };
      const event = nodeEvent('node.completed', subject, at, completed);
      return outcome.skip.length === 0 ? [event] : [event, ...skipEvents(outcome.skip, attempted)];
    }
    case 'failed': {
      const failures = state.nodes[node.index]!.failures + 1;
      return [nodeEvent('node.failed', subject, at, failure(outcome.error, node.retry, failures, at, random))];
    }
  }
}

/** Enters the node once more, unless it has been entered too often. */
function repeatEvents(output: JsonValue, { state, subject, at }: Attempted): EventDraft[] {
  const error = visitsExceeded(state.plan, subject.id, subject.visit);
  if (error !== null) return [nodeEvent('node.failed', subject, at, { error, retry_at: null })];
  return [nodeEvent('node.repeated', subject, at, { output })];
}

/** The same of what undoes a node: it neither waits nor skips. */
export function undoEvents(outcome: AttemptOutcome, { state, node, subject, at, random }: Attempted): EventDraft[] {
  if (outcome.kind === 'completed') return [nodeEvent('compensation.completed', subject, at, { output: outcome.output })];
  const error: ErrorInfo =
    outcome.kind === 'failed'
      ? outcome.error
      : { code: 'node_failed', message: 'What undoes a node cannot wait.', retryable: false };
  const failures = (state.nodes[node.index]!.undo?.failures ?? 0) + 1;
  return [nodeEvent('compensation.failed', subject, at, failure(error, node.compensate!.retry, failures, at, random))];
}

/** A call that an open circuit refused takes no try: it is made when the circuit lets one through. */
function failure(error: ErrorInfo, retry: RetryPolicy, failures: number, at: number, random: number) {
  if (isHeldBack(error)) return { error, retry_at: at + (error.retry_after_ms ?? 0) };
  const delayMs = mayRetry(retry, error) ? retryDelay(retry, failures, random, error.retry_after_ms) : null;
  return { error, retry_at: delayMs === null ? null : at + delayMs };
}

/** Only dependents that have not started can be skipped; other names are left alone. */
function skipEvents(skip: readonly { nodeId: string; reason: string }[], { state, node, at }: Attempted): EventDraft[] {
  return skip.flatMap(({ nodeId, reason }) => {
    const index = state.plan.indexById.get(nodeId);
    if (index === undefined || !node.dependents.includes(index) || state.nodes[index]!.status !== 'pending') return [];
    const { visit, attempt } = state.nodes[index]!;
    return [nodeEvent('node.skipped', { id: nodeId, visit, attempt }, at, { reason, cuts: true, by: node.id })];
  });
}
