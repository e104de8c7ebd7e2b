import { isDeepStrictEqual } from 'node:util';
import { isTerminal, type Checkpoint } from '@baton/core';
import { PlanCache, RunLoader } from '@baton/engine';
import {
  MemoryCheckpointStore,
  MemoryDatabase,
  MemoryRunStore,
  MemoryWorkflowStore,
  type World,
} from '../support/in-memory/index.js';

/** Holds every checkpoint that it finds against the journal: what is loaded from it is what a fold from the beginning gives. */
export class CheckpointWatch {
  private readonly seen = new WeakSet<Checkpoint>();
  private readonly ignored: string[] = [];
  private readonly loading: RunLoader;
  private readonly folding: RunLoader;

  constructor(private readonly world: World) {
    const plans = new PlanCache(new MemoryWorkflowStore(world.db), 100);
    this.loading = this.loaderFrom(world.db, plans);
    this.folding = this.loaderFrom(new MemoryDatabase(world.clock), plans);
  }

  /** To be asked while nothing is under way. How many it has looked at, and what is wrong with them. */
  async look(): Promise<{ looked: number; problems: string[] }> {
    const problems: string[] = [];
    let looked = 0;
    for (const [runId, checkpoint] of this.world.db.checkpoints) {
      if (this.seen.has(checkpoint) || isTerminal(this.world.run(runId).status)) continue;
      this.seen.add(checkpoint);
      looked += 1;
      const run = this.world.run(runId);
      const [loaded, folded] = [await this.loading.load(run), await this.folding.load(run)];
      if (!isDeepStrictEqual(loaded, folded))
        problems.push(`${runId}: its checkpoint of seq ${checkpoint.seq} gives another state`);
    }
    return { looked, problems: [...problems, ...this.ignored.splice(0)] };
  }

  private loaderFrom(checkpoints: MemoryDatabase, plans: PlanCache): RunLoader {
    const { db } = this.world;
    return new RunLoader(
      {
        runs: new MemoryRunStore(db),
        checkpoints: new MemoryCheckpointStore(checkpoints),
        plans,
        observer: {
          checkpointIgnored: ({ runId, reason }) => void this.ignored.push(`${runId}: its checkpoint is ignored: ${reason}`),
        },
      },
      { pageSize: 1_000 },
    );
  }
}
