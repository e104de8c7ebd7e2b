import { answerPatch, readPatchSignal, type Clock, type Plan, type PatchSignal, type RunState, type Signal } from '@baton/core';
import type { RunOutbox } from './run-outbox.js';

/** Takes up the patches of a run that this worker holds. Their plans are loaded first: between the answer and the decision nothing is awaited. */
export class PatchIntake {
  private readonly loaded = new Map<string, Plan>();

  constructor(
    private readonly parts: { state: RunState; outbox: RunOutbox; getPlan(digest: string): Promise<Plan>; clock: Clock },
  ) {}

  /** Whether these signals can be answered now. */
  isPrepared(signals: readonly Signal[]): boolean {
    return signals.every((signal) => {
      const patch = this.read(signal);
      return patch === null || this.loaded.has(patch.digest);
    });
  }

  /** Loads the plans that these signals need, each once, and keeps no others. */
  async prepare(signals: readonly Signal[]): Promise<void> {
    const digests = new Set(signals.flatMap((signal) => this.read(signal)?.digest ?? []));
    for (const digest of this.loaded.keys()) if (!digests.has(digest)) this.loaded.delete(digest);
    for (const digest of digests) if (!this.loaded.has(digest)) this.loaded.set(digest, await this.parts.getPlan(digest));
  }

  /** Journals what becomes of the patch. Two of them may lead to one plan: there and back. */
  answer(signal: Signal): void {
    const { state, outbox, clock } = this.parts;
    const patch = this.read(signal);
    if (patch === null) return;
    outbox.record(answerPatch(state, this.loaded.get(patch.digest)!, patch, clock.now()), this.loaded);
  }

  /** Null: no patch, or one that was answered before. */
  private read({ type, payload }: Signal): PatchSignal | null {
    const patch = type === 'patch' ? readPatchSignal(payload) : null;
    return patch !== null && patch.revision > this.parts.state.lastRevision ? patch : null;
  }
}
