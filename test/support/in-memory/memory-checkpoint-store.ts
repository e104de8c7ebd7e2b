import { CheckpointStore, isTerminal, type Checkpoint } from '@baton/core';
import type { MemoryDatabase } from './memory-database.js';
import { PortCalls } from './port-calls.js';

/** {@link CheckpointStore} of one process over the shared tables. */
export class MemoryCheckpointStore extends CheckpointStore {
  constructor(
    private readonly db: MemoryDatabase,
    readonly calls = new PortCalls(),
  ) {
    super();
  }

  keep(checkpoint: Checkpoint): Promise<void> {
    return this.calls.make('keep', checkpoint, () => {
      const kept = this.db.checkpoints.get(checkpoint.runId);
      if (kept === undefined || kept.seq < checkpoint.seq) this.db.checkpoints.set(checkpoint.runId, checkpoint);
    });
  }

  find(runId: string): Promise<Checkpoint | null> {
    return this.calls.make('find', runId, () => this.db.checkpoints.get(runId) ?? null);
  }

  remove(runIds: readonly string[]): Promise<number> {
    return this.calls.make('remove', runIds, () => this.drop(runIds));
  }

  removeEnded(page: { after: string | null; limit: number }): Promise<{ removed: number; next: string | null }> {
    return this.calls.make('removeEnded', page, () => {
      const ids = [...this.db.checkpoints.keys()].toSorted();
      const seen = ids.filter((runId) => page.after === null || runId > page.after).slice(0, page.limit);
      return {
        removed: this.drop(seen.filter((runId) => this.isOver(runId))),
        next: seen.length < page.limit ? null : seen.at(-1)!,
      };
    });
  }

  private isOver(runId: string): boolean {
    const run = this.db.runs.get(runId);
    return run === undefined || isTerminal(run.status);
  }

  private drop(runIds: readonly string[]): number {
    return runIds.filter((runId) => this.db.checkpoints.delete(runId)).length;
  }
}
