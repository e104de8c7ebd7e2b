import { keepMsOf, type Clock, type CreatedPlace, type RetentionTerms, type RunRetention } from '@baton/core';
import { ActorLoop } from './actor-loop.js';
import type { EngineObserver } from './engine-observer.js';

interface RunRemoverOptions {
  intervalMs: number;
  terms: RetentionTerms;
  /** Runs of one page. */
  pageSize: number;
  /** Pages that one pass looks at, and runs after which it takes no further page: the next pass goes on where this one ended. */
  pages: number;
  runs: number;
}

export interface RunRemoval {
  /** Runs that were taken away. */
  removed: number;
  /** Runs of which nothing is left. */
  cleared: number;
}

/** How long the rows of a run outlive it: whoever has just looked it up may still read or write some of them. */
const GRACE_MS = 600_000;

/** Removes runs some time after their end, with all that is theirs: tenant by tenant, since each may keep its own for another time. */
export class RunRemover {
  private readonly loop: ActorLoop;
  /** Tenants whose runs may be removed; null: all that have runs. */
  private readonly tenants: readonly string[] | null;
  private tenantId: string | null = null;
  private after: CreatedPlace | null = null;

  constructor(
    private readonly parts: {
      retention: RunRetention;
      clock: Clock;
      observer: Pick<EngineObserver, 'runsRemoved' | 'trouble'>;
      random: () => number;
    },
    private readonly options: RunRemoverOptions,
  ) {
    const { keepMs, tenants } = options.terms;
    this.tenants = keepMs === null ? [...tenants.keys()].sort() : null;
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
    const { pageSize, pages, runs } = this.options;
    const removal = { removed: 0, cleared: await retention.clear(clock.now() - GRACE_MS, pageSize) };
    for (let page = 0; page < pages && removal.removed < runs && !this.loop.isStopping; page += 1) {
      this.tenantId ??= await this.nextTenant('');
      if (this.tenantId === null) break;
      removal.removed += await this.removePage(this.tenantId);
      if (this.after === null) this.tenantId = await this.nextTenant(this.tenantId);
      if (this.tenantId === null) break;
    }
    observer.runsRemoved(removal);
    return removal;
  }

  private async nextTenant(after: string): Promise<string | null> {
    if (this.tenants === null) return await this.parts.retention.nextTenant(after);
    return this.tenants.find((tenantId) => tenantId > after) ?? null;
  }

  /** How many runs it takes away. */
  private async removePage(tenantId: string): Promise<number> {
    const { retention, clock } = this.parts;
    const keepMs = keepMsOf(this.options.terms, tenantId);
    if (keepMs === null) return 0;
    const at = clock.now();
    const { runs, next } = await retention.findEnded({
      ...{ tenantId, before: at - keepMs, after: this.after, limit: this.options.pageSize },
    });
    await retention.takeAway(runs, at);
    this.after = next;
    return runs.length;
  }
}
