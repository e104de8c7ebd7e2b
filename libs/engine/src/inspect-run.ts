import {
  BatonError,
  initialState,
  initialTrace,
  reduce,
  traceEvent,
  type Run,
  type RunState,
  type RunStore,
  type RunTrace,
} from '@baton/core';
import type { PlanCache } from './plan-cache.js';

/** What the journal of a run says, folded. */
export interface InspectedRun {
  readonly state: RunState;
  readonly trace: RunTrace;
}

interface Folded extends InspectedRun {
  /** One reader at a time: a fold is changed in place. */
  turn: Promise<unknown>;
}

/**
 * Folds journals for readers: the state of any run, without its baton. The last runs looked at are kept and only read on; what is returned
 * changes with the next look, so use it at once.
 */
export class RunInspector {
  private readonly folds = new Map<string, Folded>();

  constructor(
    private readonly parts: { runs: Pick<RunStore, 'readJournal'>; plans: PlanCache },
    private readonly options: { capacity: number; pageSize: number },
  ) {}

  /** The run as its journal stands; at least as far as its row says. */
  async inspect(run: Run): Promise<InspectedRun> {
    const folded = this.folds.get(run.id) ?? (await this.begin(run));
    this.folds.delete(run.id);
    this.folds.set(run.id, folded);
    if (this.folds.size > this.options.capacity) this.folds.delete(this.folds.keys().next().value!);
    const turn = folded.turn.then(() => this.readOn(run, folded));
    folded.turn = turn.catch(() => undefined);
    await turn;
    return folded;
  }

  private async begin({ id, taskId, tenantId, input, workflow }: Run): Promise<Folded> {
    const plan = await this.parts.plans.get(workflow.digest);
    const state = initialState(plan, { id, taskId, tenantId, workflow: workflow.name, input });
    return this.folds.get(id) ?? { state, trace: initialTrace(), turn: Promise.resolve() };
  }

  private async readOn(run: Run, { state, trace }: Folded): Promise<void> {
    while (state.seq < run.seq) {
      const page = await this.parts.runs.readJournal(run.id, state.seq, this.options.pageSize);
      if (page.length === 0)
        throw new BatonError('internal', `The journal of run ${run.id} ends at ${state.seq}.`, { run_id: run.id });
      for (const event of page) {
        reduce(state, event);
        traceEvent(trace, event);
      }
    }
  }
}
