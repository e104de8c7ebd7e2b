import {
  childRunId,
  isTerminal,
  nodeEvent,
  runEvent,
  sharedBudgets,
  successorRunId,
  type BudgetLimits,
  type ChildrenStart,
  type Clock,
  type JsonValue,
  type Run,
  type RunState,
  type RunStore,
  type Submission,
} from '@baton/core';
import { subjectOf } from './node-subject.js';
import type { RunOutbox } from './run-outbox.js';

/** Children looked up at once. */
const CHILDREN_PAGE = 200;

interface RunChildrenParts {
  run: Run;
  state: RunState;
  outbox: RunOutbox;
  runs: Pick<RunStore, 'signal' | 'listRuns'>;
  clock: Clock;
  /** What a run may use up, where its definition says nothing. */
  budget: BudgetLimits | undefined;
}

/** The children of a run in work: they start with the events that say so, and are told when nothing waits for them any more. */
export class RunChildren {
  constructor(private readonly parts: RunChildrenParts) {}

  /** Whether any child may live that this run has started. */
  get mayLive(): boolean {
    const { live, released } = this.parts.state.children;
    return live.size > 0 || released.size > 0;
  }

  /** Journals that children start; their rows go with the event. */
  start(starts: readonly ChildrenStart[]): void {
    const { state, outbox, clock } = this.parts;
    for (const start of starts) {
      outbox.start(start.places.map((place) => this.submissionOf(start, place)));
      const { index, key, places } = start;
      outbox.record(nodeEvent('children.started', subjectOf(state, index), clock.now(), { key, places: [...places] }));
    }
  }

  /**
   * Tells children to end, and journals that they are told. What made them needless is committed by now; a crash before the journal says so
   * means that they are told twice.
   */
  async cancel(childIds: readonly string[]): Promise<void> {
    const { run, runs, clock, outbox } = this.parts;
    await cancelChildren(runs, run, childIds, 'nothing waits for it any more', clock.now());
    outbox.record(runEvent('children.cancelled', clock.now(), { child_ids: [...childIds] }));
  }

  /** Tells every child that may live: the run ends. */
  async cancelAll(status: string): Promise<void> {
    const { run, runs, clock, state } = this.parts;
    const { live, released } = state.children;
    await cancelChildren(runs, run, [...live.keys(), ...released], `its parent run is ${status}`, clock.now());
  }

  /** The run in which this one goes on, with the events that nothing has waited for. */
  successor(input: JsonValue): Submission {
    const { run, state, clock } = this.parts;
    const events = [...state.mailbox].flatMap(([key, kept]) =>
      key.startsWith('event ') ? kept.map(({ signalId, payload }) => ({ signal_id: signalId, payload })) : [],
    );
    return {
      ...{ runId: successorRunId(run.id), tenantId: run.tenantId, taskId: run.taskId, workflow: run.workflow, input },
      priority: run.priority,
      ...(state.startedBy !== null && { by: state.startedBy }),
      ...(run.budget !== null && { budget: run.budget }),
      ...(run.parent !== null && { parent: run.parent }),
      continuedFrom: { run_id: run.id, events },
      // Later than its predecessor, by which the runs of a task are ordered.
      ...{ idempotency: null, lock: null, at: Math.max(clock.now(), run.createdAt + 1) },
    };
  }

  private submissionOf({ index, key }: ChildrenStart, place: number): Submission {
    const { run, state, clock, budget: configured } = this.parts;
    const shared = sharedBudgets(state, configured);
    const { workflow, inputs, round } = state.nodes[index]!.children!.get(key)!;
    const { id: nodeId, visit } = subjectOf(state, index);
    const childId = childRunId({ runId: run.id, nodeId, visit, key, round, index: place });
    return {
      ...{ runId: childId, tenantId: run.tenantId, taskId: null, workflow, input: inputs[place]! },
      priority: run.priority,
      ...(state.startedBy !== null && { by: state.startedBy }),
      ...(shared.length > 0 && { budget: { shared: [...shared] } }),
      parent: { runId: run.id, nodeId, index: place, childId, depth: (run.parent?.depth ?? 0) + 1 },
      ...{ idempotency: null, lock: null, at: clock.now() },
    };
  }
}

/** Tells children to end: each by its row, one that goes on as another run by the run that lives. */
async function cancelChildren(
  runs: RunChildrenParts['runs'],
  parent: Pick<Run, 'id' | 'tenantId'>,
  childIds: readonly string[],
  reason: string,
  at: number,
): Promise<void> {
  const payload = { reason, by: `run ${parent.id}` };
  const outcomes = await Promise.all(childIds.map((childId) => runs.signal(childId, 'cancel', payload, at)));
  const ended = new Set(childIds.filter((_id, place) => outcomes[place]!.kind !== 'sent'));
  if (ended.size > 0) await cancelLiveChildren(runs, parent, reason, at, ended);
}

/** Tells the children of a run that live, whatever its journal says of them; of `among`, if it is given. */
export async function cancelLiveChildren(
  runs: RunChildrenParts['runs'],
  parent: Pick<Run, 'id' | 'tenantId'>,
  reason: string,
  at: number,
  among?: ReadonlySet<string>,
): Promise<void> {
  const payload = { reason, by: `run ${parent.id}` };
  let before: { createdAt: number; runId: string } | undefined;
  let missed = false;
  for (;;) {
    const query = { tenantId: parent.tenantId, parentId: parent.id, live: true, limit: CHILDREN_PAGE };
    const page = await runs.listRuns({ ...query, ...(before !== undefined && { before }) });
    const meant = page.filter(({ status, parent: of }) => !isTerminal(status) && (among?.has(of!.childId) ?? true));
    const outcomes = await Promise.all(meant.map(({ id }) => runs.signal(id, 'cancel', payload, at)));
    missed ||= outcomes.some(({ kind }) => kind !== 'sent');
    if (page.length === CHILDREN_PAGE) before = { createdAt: page.at(-1)!.createdAt, runId: page.at(-1)!.id };
    else if (!missed) return;
    else [before, missed] = [undefined, false];
  }
}
