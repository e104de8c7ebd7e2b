import type { Clock, EndedPlace, RunRetention } from '@baton/core';
import { ActorLoop } from './actor-loop.js';
import type { EngineObserver } from './engine-observer.js';

interface RunRemoverOptions {
  intervalMs: number;
  /** How long runs are kept after their end; null: for ever. */
  keepMs: number | null;
  /** Runs of one page, and pages of one pass: the next pass goes on where this one ended. */
  pageSize: number;
  pages: number;
}

export interface RunRemoval {
  /** Runs that were taken away. */
  removed: number;
  /** Runs of which nothing is left. */
  cleared: number;
}

/** How long the rows of a run outlive it: whoever has just looked it up may still read or write some of them. */
const GRACE_MS = 600_000;

/** Removes runs some time after their end, with all that is theirs. */
export class RunRemover {
  private readonly loop: ActorLoop;
  private after: EndedPlace | null = null;

  constructor(
    private readonly parts: {
      retention: RunRetention;
      clock: Clock;
      observer: Pick<EngineObserver, 'runsRemoved' | 'trouble'>;
      random: () => number;
    },
    private readonly options: RunRemoverOptions,
  ) {
    const pass = async (): Promise<void> => void (await this.runOnce());
    this.loop = new ActorLoop('run remover', pass, parts, options.intervalMs);
  }

  start(): void {
    this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  /** One pass. Also where nothing is to be removed any more, what was removed is cleared. */
  async runOnce(): Promise<RunRemoval> {
    const { retention, clock, observer } = this.parts;
    const { pageSize, pages } = this.options;
    const removal = { removed: 0, cleared: await retention.clear(clock.now() - GRACE_MS, pageSize) };
    for (let page = 0; page < pages && this.options.keepMs !== null && !this.loop.isStopping; page += 1) {
      const at = clock.now();
      const { removed, next } = await retention.removeEnded({
        ...{ before: at - this.options.keepMs, after: this.after, limit: pageSize, at },
      });
      removal.removed += removed;
      this.after = next;
      if (next === null) break;
    }
    observer.runsRemoved(removal);
    return removal;
  }
}
