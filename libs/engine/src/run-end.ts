import {
  deadLetterOf,
  faultPoint,
  runEvent,
  tellParent,
  type AppendOutcome,
  type Clock,
  type DeadLetterRule,
  type Run,
  type RunEnding,
  type RunOutcome,
  type RunState,
} from '@baton/core';
import type { EngineObserver } from './engine-observer.js';
import type { RunChildren } from './run-children.js';
import type { RunInbox, Wish } from './run-inbox.js';
import type { RunOutbox } from './run-outbox.js';

/** How a run ends: by itself, or because somebody wants it to. */
export type EndOutcome = RunOutcome | { status: 'cancelled'; wish: Wish };

interface RunEndParts {
  run: Run;
  state: RunState;
  outbox: RunOutbox;
  inbox: RunInbox;
  children: RunChildren;
  /** Which ends leave a dead letter. */
  deadLetters: DeadLetterRule;
  clock: Clock;
  observer: EngineObserver;
}

/** The end of a run, with all that one commit settles with it: dead letter, approvals, jobs of pools, the news for its parent, its successor. */
export class RunEnd {
  constructor(private readonly parts: RunEndParts) {}

  /** Commits the end. On `inbox` the run stands as before: a patch, or a signal for the run in which it was to go on, has come first. */
  async commit(outcome: EndOutcome): Promise<AppendOutcome['kind']> {
    const { run, state, outbox, inbox, children, clock, observer } = this.parts;
    const continues = outcome.status === 'completed' ? outcome.continues : undefined;
    const { worked, lastRevision: revision } = state;
    const now = clock.now();
    const continuesAs = continues === undefined ? undefined : children.successor(continues.input);
    const ending = this.record(outcome, now, continuesAs?.runId);
    inbox.dismiss();
    const closesApprovals = state.budget.asks > 0 || state.nodes.some(({ wait }) => wait?.awaits.kind === 'approval');
    const closesPoolJobs = state.dispatched.size > 0;
    const deadLetter = deadLetterOf(state, outcome, this.parts.deadLetters);
    const tells = continuesAs === undefined ? tellParent(run, ending) : undefined;
    const sent = await outbox.send({
      ...{ kind: 'end', status: outcome.status },
      ...(run.taskId === null && { withoutTask: true }),
      ...(deadLetter !== null && { deadLetter }),
      ...(closesApprovals && { closesApprovals }),
      ...(closesPoolJobs && { closesPoolJobs }),
      ...(outcome.status === 'completed' && { revision }),
      ...(tells !== undefined && { tells }),
      ...(continuesAs !== undefined && { continuesAs }),
    });
    if (sent.kind === 'inbox') Object.assign(state, { output: null, worked });
    if (sent.kind !== 'appended') return sent.kind;
    faultPoint('advance.afterEnd');
    if (deadLetter !== null) observer.deadLetterLeft({ runId: run.id, kind: deadLetter.kind, code: deadLetter.error.code });
    observer.runEnded({ runId: run.id, taskId: run.taskId, status: outcome.status, ms: now - run.createdAt });
    return sent.kind;
  }

  private record(outcome: EndOutcome, now: number, continuedAs: string | undefined): RunEnding {
    const { outbox } = this.parts;
    if (outcome.status === 'completed') {
      const { status, output } = outcome;
      outbox.record(runEvent('run.completed', now, { output, ...(continuedAs !== undefined && { continued_as: continuedAs }) }));
      return { status, output };
    }
    if (outcome.status === 'failed') outbox.record(runEvent('run.failed', now, { error: outcome.error }));
    else outbox.record(runEvent('run.cancelled', now, outcome.wish));
    return outcome.status === 'failed' ? outcome : { status: 'cancelled', reason: outcome.wish.reason };
  }
}
