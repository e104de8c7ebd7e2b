import { answerPatch, readPatchSignal, type Clock, type Plan, type PatchSignal, type RunState, type Signal } from '@baton/core';
import type { RunOutbox } from './run-outbox.js';

/** Takes up the patches of a run that this worker holds. Their plans are loaded first: between the answer and the decision nothing is awaited. */
export class PatchIntake {
  private readonly loaded = new Map<string, Plan>();

  constructor(
    private readonly parts: { state: RunState; outbox: RunOutbox; getPlan(digest: string): Promise<Plan>; clock: Clock },
  ) {}

  /** Loads what the first of these signals needs that is not there; false: all is there. */
  async prepare(signals: readonly Signal[]): Promise<boolean> {
    const missing = signals.map((signal) => this.read(signal)).find((patch) => patch !== null && !this.loaded.has(patch.digest));
    if (missing === undefined || missing === null) return false;
    this.loaded.set(missing.digest, await this.parts.getPlan(missing.digest));
    return true;
  }

  /** Journals what becomes of the patch. */
  answer(signal: Signal): void {
    const { state, outbox, clock } = this.parts;
    const patch = this.read(signal);
    if (patch === null) return;
    outbox.record(answerPatch(state, this.loaded.get(patch.digest)!, patch, clock.now()), this.loaded);
    this.loaded.delete(patch.digest);
  }

  /** Null: no patch, or one that was answered before. */
  private read({ type, payload }: Signal): PatchSignal | null {
    const patch = type === 'patch' ? readPatchSignal(payload) : null;
    return patch !== null && patch.revision > this.parts.state.lastRevision ? patch : null;
  }
}
