import {
  BatonError,
  faultPoint,
  keepMsOf,
  type Clock,
  type CreatedPlace,
  type RemovableRun,
  type RetentionTerms,
  type RunArchive,
  type RunRetention,
} from '@baton/core';
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
  /** Runs that were archived before. */
  archived: number;
  /** Runs of which nothing is left. */
  cleared: number;
}

/** How long the rows of a run outlive it: whoever has just looked it up may still read or write some of them. */
const GRACE_MS = 600_000;
/** Runs that are archived at once, and then taken away. */
const ARCHIVED_AT_ONCE = 8;

/**
 * Removes runs some time after their end, with all that is theirs: tenant by tenant, since each may keep its own for another time. Where there is an
 * archive a run goes only once it is kept there; one that cannot be stays, and is told of.
 */
export class RunRemover {
  private readonly loop: ActorLoop;
  /** Tenants whose runs may be removed; null: all that have runs. */
  private readonly tenants: readonly string[] | null;
  private tenantId: string | null = null;
  private after: CreatedPlace | null = null;
  /** Whether the archive has not answered in this pass. */
  private isArchiveAway = false;

  constructor(
    private readonly parts: {
      retention: RunRetention;
      archive: RunArchive | null;
      clock: Clock;
      observer: Pick<EngineObserver, 'runsRemoved' | 'runNotArchived' | 'trouble'>;
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
    const { retention, archive, clock, observer } = this.parts;
    const { pageSize, pages, runs } = this.options;
    const cleared = await retention.clear(clock.now() - GRACE_MS, pageSize);
    this.isArchiveAway = false;
    let removed = 0;
    for (let page = 0; page < pages && removed < runs && !this.isToStop; page += 1) {
      this.tenantId ??= await this.nextTenant('');
      if (this.tenantId === null) break;
      removed += await this.removePage(this.tenantId);
      if (this.after === null) this.tenantId = await this.nextTenant(this.tenantId);
      if (this.tenantId === null) break;
    }
    const removal = { removed, archived: archive === null ? 0 : removed, cleared };
    observer.runsRemoved(removal);
    return removal;
  }

  private get isToStop(): boolean {
    return this.isArchiveAway || this.loop.isStopping;
  }

  private async nextTenant(after: string): Promise<string | null> {
    if (this.tenants === null) return await this.parts.retention.nextTenant(after);
    return this.tenants.find((tenantId) => tenantId > after) ?? null;
  }

  /** How many runs it takes away. */
  private async removePage(tenantId: string): Promise<number> {
    const { retention, archive, clock } = this.parts;
    const keepMs = keepMsOf(this.options.terms, tenantId);
    if (keepMs === null) return 0;
    const at = clock.now();
    const { runs, next } = await retention.findEnded({
      ...{ tenantId, before: at - keepMs, after: this.after, limit: this.options.pageSize },
    });
    this.after = next;
    if (archive !== null) return await this.removeArchived(runs, archive);
    await retention.takeAway(runs, at);
    return runs.length;
  }

  /** In an order of its own: replicas that look at the same page archive different runs of it. */
  private async removeArchived(runs: readonly RemovableRun[], archive: RunArchive): Promise<number> {
    const { retention, clock, random } = this.parts;
    const shuffled = runs.map((run) => ({ run, place: random() })).sort((one, other) => one.place - other.place);
    let removed = 0;
    for (let from = 0; from < shuffled.length && !this.isToStop; from += ARCHIVED_AT_ONCE) {
      const tried = shuffled.slice(from, from + ARCHIVED_AT_ONCE);
      const kept = (await Promise.all(tried.map(({ run }) => this.archived(run, archive)))).filter((run) => run !== null);
      faultPoint('remove.afterArchive');
      await retention.takeAway(kept, clock.now());
      removed += kept.length;
    }
    return removed;
  }

  /** The run, if it is in the archive and may go. */
  private async archived(run: RemovableRun, archive: RunArchive): Promise<RemovableRun | null> {
    const { retention, clock, observer } = this.parts;
    try {
      return (await archive.keep(run)) ? run : null;
    } catch (error) {
      this.isArchiveAway ||= error instanceof BatonError && error.code === 'storage_unavailable';
      observer.runNotArchived({ runId: run.runId, error });
      const detail = error instanceof Error ? error.message : String(error);
      await retention.reportUnarchived({ runId: run.runId, tenantId: run.tenantId, detail, at: clock.now() });
      return null;
    }
  }
}
