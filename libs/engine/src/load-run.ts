import {
  BatonError,
  initialState,
  initialTrace,
  patchedPlan,
  reduce,
  restoreState,
  submittedEvent,
  traceEvent,
  type CheckpointStore,
  type FoldedRun,
  type JournalEvent,
  type Plan,
  type Run,
  type RunFacts,
  type RunStore,
} from '@baton/core';
import type { EngineObserver } from './engine-observer.js';
import { unpackState } from './packed-state.js';
import type { PlanCache } from './plan-cache.js';

export interface RunLoaderParts {
  runs: Pick<RunStore, 'readJournal'>;
  checkpoints: Pick<CheckpointStore, 'find'>;
  plans: PlanCache;
  observer: Pick<EngineObserver, 'checkpointIgnored'>;
}

export interface RunLoaderOptions {
  /** Events read from the journal at once. */
  pageSize: number;
}

/** A journal that is shorter is read as fast as its checkpoint would be: it gets none, and is asked for none. */
export const CHECKPOINT_MIN_EVENTS = 100;

const NO_PLANS: ReadonlyMap<string, Plan> = new Map();

/** Folds the journal of a run: from its last checkpoint on where it has one that fits, else from the beginning. */
export class RunLoader {
  constructor(
    private readonly parts: RunLoaderParts,
    private readonly options: RunLoaderOptions,
  ) {}

  /** The run, at least as far as its row says. */
  async load(run: Run): Promise<FoldedRun> {
    const folded = await this.loadCheckpoint(run);
    await this.readOn(run, folded);
    return folded;
  }

  /** The run as its checkpoint says; where there is none that can be trusted, as before its first event. */
  async loadCheckpoint(run: Run): Promise<FoldedRun> {
    const { id, taskId, tenantId, input, workflow } = run;
    const facts: RunFacts = { id, taskId, tenantId, workflow: workflow.name, input };
    const plan = await this.parts.plans.get(workflow.digest);
    const restored = run.seq < CHECKPOINT_MIN_EVENTS ? null : await this.restore(run, plan, facts);
    return restored ?? { state: initialState(plan, facts), trace: initialTrace() };
  }

  /** Folds on, in place, what the journal has beyond the state. */
  async readOn(run: Run, folded: FoldedRun): Promise<void> {
    const { state } = folded;
    if (state.seq === 0 && run.seq === 1 && !run.limited && run.forkedFrom === null && run.continuedFrom === null)
      return fold(folded, firstEvent(run), NO_PLANS);
    while (state.seq < run.seq) {
      const page = await this.parts.runs.readJournal(run.id, state.seq, this.options.pageSize);
      if (page.length === 0)
        throw new BatonError('internal', `The journal of run ${run.id} ends at ${state.seq}, its row says ${run.seq}.`, {
          run_id: run.id,
        });
      const plans = await this.plansIn(page);
      for (const event of page) fold(folded, event, plans);
    }
  }

  /** The plan of a definition that a run has, or will have. */
  getPlan(digest: string): Promise<Plan> {
    return this.parts.plans.get(digest);
  }

  /** The plans that patches among the events lead to, by digest. */
  private async plansIn(events: readonly JournalEvent[]): Promise<ReadonlyMap<string, Plan>> {
    const plans = new Map<string, Plan>();
    for (const { type, payload } of events)
      if (type === 'run.patched') plans.set(payload.digest, await this.parts.plans.get(payload.digest));
    return plans;
  }

  private async restore(run: Run, plan: Plan, facts: RunFacts): Promise<FoldedRun | null> {
    const checkpoint = await this.parts.checkpoints.find(run.id);
    if (checkpoint === null) return null;
    const ignore = (reason: string): null => {
      this.parts.observer.checkpointIgnored({ runId: run.id, reason });
      return null;
    };
    const dump = unpackState(checkpoint.state);
    const patched = patchedPlan(dump);
    const restored = restoreState(dump, patched === null ? plan : await this.parts.plans.get(patched), facts);
    if (restored.kind === 'unfit') return ignore(restored.reason);
    const { seq } = restored.run.state;
    return seq === checkpoint.seq && seq <= run.seq ? restored.run : ignore('seq');
  }
}

/** Says nothing that the row does not, unless the run takes over what another has. */
function firstEvent(run: Run): JournalEvent {
  const { id: runId, workflow, startedBy, budget, createdAt: at } = run;
  const terms = { ...(startedBy !== null && { by: startedBy }), ...(budget !== null && { budget }) };
  return { ...submittedEvent({ workflow, ...terms, at }), runId, seq: 1, epoch: 0 };
}

function fold({ state, trace }: FoldedRun, event: JournalEvent, plans: ReadonlyMap<string, Plan>): void {
  reduce(state, event, plans);
  traceEvent(trace, event);
}
