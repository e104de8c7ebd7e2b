import type { Clock, RunTally } from '@baton/core';
import { ActorLoop } from './actor-loop.js';
import type { EngineObserver } from './engine-observer.js';

export interface RunCounterOptions {
  intervalMs: number;
  /** Runs that one commit adds. */
  batch: number;
}

export interface CountPass {
  /** Runs that this pass has added. */
  runs: number;
  /** How many of them had been passed by: their ends were committed long after they happened. */
  late: number;
}

/** Commits of one pass. */
const BATCHES = 20;
/** Clocks differ, and a commit takes its time: what ended before this is rarely followed by what ended earlier. */
const SETTLE_MS = 60_000;
/** How far back it looks for what was passed by, a batch in a pass. */
const LOOK_BACK_MS = 86_400_000;

interface Place {
  finishedAt: number;
  runId: string;
}

/**
 * Adds the runs that have ended to the sums of the analytics, in the order of their ends. Replicas need not know of each other: a run is
 * marked in the commit that adds it.
 */
export class RunCounter {
  private readonly loop: ActorLoop;
  private ended: Place = { finishedAt: 0, runId: '' };
  private late: Place = { finishedAt: 0, runId: '' };

  constructor(
    private readonly parts: { tally: RunTally; clock: Clock; observer: EngineObserver; random: () => number },
    private readonly options: RunCounterOptions,
  ) {
    const pass = async (): Promise<void> => void (await this.runOnce());
    this.loop = new ActorLoop('run counter', pass, parts, options.intervalMs);
  }

  start(): void {
    this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  /** One pass: at most twenty batches of runs that have ended since the last one, and a batch of those that were looked at before. */
  async runOnce(): Promise<CountPass> {
    const { observer } = this.parts;
    const counted = await this.countEnded();
    const late = await this.countLate();
    observer.runsCounted({ runs: counted + late, late });
    return { runs: counted + late, late };
  }

  private async countEnded(): Promise<number> {
    const { tally, clock } = this.parts;
    const { batch: limit } = this.options;
    const until = clock.now() - SETTLE_MS;
    const countedTo = await tally.countedTo();
    if (countedTo > this.ended.finishedAt) this.ended = { finishedAt: countedTo, runId: '' };
    let counted = 0;
    for (let batch = 0; batch < BATCHES && !this.loop.isStopping; batch += 1) {
      const page = await tally.endedRuns({ after: this.ended, until, limit });
      this.ended = page.at(-1) ?? this.ended;
      const runIds = page.filter(({ isCounted }) => !isCounted).map(({ runId }) => runId);
      counted += await tally.count(runIds, this.ended.finishedAt);
      if (page.length < limit) break;
    }
    return counted;
  }

  private async countLate(): Promise<number> {
    const { tally, clock } = this.parts;
    const { batch: limit } = this.options;
    const oldest = clock.now() - LOOK_BACK_MS;
    if (this.late.finishedAt < oldest) this.late = { finishedAt: oldest, runId: '' };
    const page = await tally.endedRuns({ after: this.late, until: this.ended.finishedAt, limit });
    const runIds = page.filter(({ isCounted }) => !isCounted).map(({ runId }) => runId);
    this.late = page.length < limit ? { finishedAt: oldest, runId: '' } : page.at(-1)!;
    return await tally.count(runIds, 0);
  }
}
