import {
  nodeEvent,
  reachedPayload,
  runEvent,
  type Clock,
  type Decision,
  type JsonValue,
  type NodeResume,
  type RunState,
} from '@baton/core';
import { subjectOf } from './node-subject.js';
import type { RunChildren } from './run-children.js';
import type { RunOutbox } from './run-outbox.js';
import type { RunPools } from './run-pools.js';

interface RunVerdictsParts {
  state: RunState;
  outbox: RunOutbox;
  pools: RunPools;
  children: RunChildren;
  /** Stops what is in work without counting it as a failure. */
  interrupt(reason: string): void;
  clock: Clock;
}

/** What a decision settles without executing a node: waits that are over, branches not taken, deadlines, budgets, children that start. */
export class RunVerdicts {
  constructor(private readonly parts: RunVerdictsParts) {}

  /** Journals what the decision settles by itself; false when it settles nothing. */
  record({ resume, settle, undo, overdue, children, over, renewed }: Decision): boolean {
    const { state, outbox, clock } = this.parts;
    const at = clock.now();
    if (over.length > 0) {
      this.parts.interrupt('the budget is used up');
      outbox.record(runEvent('budget.reached', at, reachedPayload(state, { scope: 'run', over, until: null })));
    }
    if (renewed) outbox.record(runEvent('budget.renewed', at, { number: state.budget.asks }));
    this.parts.pools.expire(overdue);
    this.parts.children.start(children);
    for (const ended of resume) this.resume(ended);
    for (const { index, verdict } of settle) {
      const subject = subjectOf(state, index);
      if ('skip' in verdict) outbox.record(nodeEvent('node.skipped', subject, at, { reason: verdict.skip, cuts: true }));
      else outbox.record(nodeEvent('node.failed', subject, at, { error: verdict.fail, retry_at: null }));
    }
    if (undo?.kind === 'begin') {
      this.parts.interrupt('the run is undone');
      outbox.record(runEvent('run.compensating', at, { error: undo.error, node_id: undo.nodeId }));
    }
    if (over.length > 0 || renewed) return true;
    return resume.length > 0 || settle.length > 0 || overdue.length > 0 || undo !== null || children.length > 0;
  }

  private resume({ index, key, output, signalId }: NodeResume): void {
    const { state, outbox, clock } = this.parts;
    const payload = { key, output: output as unknown as JsonValue, signal_id: signalId };
    outbox.record(nodeEvent('node.resumed', subjectOf(state, index), clock.now(), payload));
  }
}
