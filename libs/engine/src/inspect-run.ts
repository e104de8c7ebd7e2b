import type { FoldedRun, Run } from '@baton/core';
import type { RunLoader } from './load-run.js';

/** What the journal of a run says, folded. */
export type InspectedRun = FoldedRun;

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
    private readonly loader: RunLoader,
    private readonly options: { capacity: number },
  ) {}

  /** The run as its journal stands; at least as far as its row says. */
  async inspect(run: Run): Promise<InspectedRun> {
    const folded = this.folds.get(run.id) ?? (await this.begin(run));
    this.folds.delete(run.id);
    this.folds.set(run.id, folded);
    if (this.folds.size > this.options.capacity) this.folds.delete(this.folds.keys().next().value!);
    const turn = folded.turn.then(() => this.loader.readOn(run, folded));
    folded.turn = turn.catch(() => undefined);
    await turn;
    return folded;
  }

  private async begin(run: Run): Promise<Folded> {
    const folded = await this.loader.loadCheckpoint(run);
    return this.folds.get(run.id) ?? { ...folded, turn: Promise.resolve() };
  }
}
