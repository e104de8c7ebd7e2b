import {
  BatonError,
  faultPoint,
  keepMsOf,
  type ClearedRuns,
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
  /** Between passes that have come to an end; where there is more, the next one follows after a pause. */
  intervalMs: number;
  terms: RetentionTerms;
  /** Runs of one page. */
  pageSize: number;
  /** Pages that one pass looks at, and runs after which it takes no further page: the next pass goes on where this one ended. */
  pages: number;
  runs: number;
  /** Runs whose rows one pass removes. */
  clearedRuns: number;
  /** Runs that are archived at once, and then taken away. */
  archivedAtOnce: number;
}

export interface RunRemoval {
  /** Runs that were taken away. */
  removed: number;
  /** Runs that were archived before. */
  archived: number;
}

/** How long the rows of a run outlive it: whoever has just looked it up may still read or write some of them. */
const GRACE_MS = 600_000;
/** Runs that one transaction takes away. */
const TAKEN_AT_ONCE = 50;
/** How long a run is left alone that could not be archived, by all workers. */
const REST_MS = 3_600_000;
/** Runs in a row without an answer, after which the archive is taken for away. */
const AWAY_AFTER = 8;
/** Where there is more, a pass leaves the database to others for as long as it took itself, within these bounds. */
const PAUSE_MS = { least: 20, most: 1_000 };

/**
 * Removes runs some time after their end, with all that is theirs: tenant by tenant, since each may keep its own for another time. Where there is an
 * archive a run goes only once it is kept there; one that cannot be stays, and is told of. What a run leaves is cleared beside that, later.
 */
export class RunRemover {
  private readonly removing: ActorLoop;
  private readonly clearing: ActorLoop;
  /** Tenants whose runs may be removed; null: all that have runs. */
  private readonly tenants: readonly string[] | null;
  private tenantId: string | null = null;
  private after: CreatedPlace | null = null;
  /** Runs in a row that the archive has not answered for in this pass: whole lots, so that a run of which it takes nothing holds up no other. */
  private unanswered = 0;

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
    this.removing = this.loopOf('run remover', async () => {
      const { removed } = await this.removeOnce();
      return removed > 0 && this.tenantId !== null && !this.isArchiveAway;
    });
    this.clearing = this.loopOf('run clearer', async () => (await this.clearOnce()).isMore);
  }

  start(): void {
    this.removing.start();
    this.clearing.start();
  }

  /** What is being archived is given up. */
  async stop(): Promise<void> {
    await Promise.all([this.removing.stop(), this.clearing.stop()]);
  }

  /** One pass over the runs that are too old. */
  async removeOnce(): Promise<RunRemoval> {
    const { archive, observer } = this.parts;
    const { pages, runs } = this.options;
    this.unanswered = 0;
    let removed = 0;
    for (let page = 0; page < pages && removed < runs && !this.isToStop; page += 1) {
      this.tenantId ??= await this.nextTenant('');
      if (this.tenantId === null) break;
      removed += await this.removePage(this.tenantId);
      if (this.isToStop) break;
      if (this.after === null) this.tenantId = await this.nextTenant(this.tenantId);
      if (this.tenantId === null) break;
    }
    const removal = { removed, archived: archive === null ? 0 : removed };
    observer.runsRemoved({ ...removal, cleared: 0 });
    return removal;
  }

  /** One pass over what removed runs have left, also where nothing is to be removed any more. */
  async clearOnce(): Promise<ClearedRuns> {
    const { retention, clock, observer } = this.parts;
    const found = await retention.clear(clock.now() - GRACE_MS, this.options.clearedRuns);
    observer.runsRemoved({ removed: 0, archived: 0, cleared: found.cleared });
    return found;
  }

  /** @param pass says whether there is more to do at once; one that fails is made again at the next interval */
  private loopOf(name: string, pass: () => Promise<boolean>): ActorLoop {
    const { clock } = this.parts;
    const { intervalMs } = this.options;
    let nextMs = intervalMs;
    const timed = async (): Promise<void> => {
      nextMs = intervalMs;
      const begun = clock.monotonic();
      if (await pass()) nextMs = Math.min(Math.max(clock.monotonic() - begun, PAUSE_MS.least), PAUSE_MS.most);
    };
    return new ActorLoop(name, timed, this.parts, () => nextMs);
  }

  private get isArchiveAway(): boolean {
    return this.unanswered >= AWAY_AFTER;
  }

  private get isToStop(): boolean {
    return this.isArchiveAway || this.removing.isStopping;
  }

  private async nextTenant(after: string): Promise<string | null> {
    if (this.tenants === null) return await this.parts.retention.nextTenant(after);
    return this.tenants.find((tenantId) => tenantId > after) ?? null;
  }

  /** How many runs it takes away. The next pass takes up a page that is cut off. */
  private async removePage(tenantId: string): Promise<number> {
    const { retention, archive, clock } = this.parts;
    const keepMs = keepMsOf(this.options.terms, tenantId);
    if (keepMs === null) return 0;
    const at = clock.now();
    const { runs, next } = await retention.findEnded({
      ...{ tenantId, before: at - keepMs, unarchivedSince: at - REST_MS },
      ...{ after: this.after, limit: this.options.pageSize },
    });
    const removed = archive === null ? await this.removeAtOnce(runs, at) : await this.removeArchived(runs, archive);
    if (!this.isToStop) this.after = next;
    return removed;
  }

  private async removeAtOnce(runs: readonly RemovableRun[], at: number): Promise<number> {
    let removed = 0;
    for (; removed < runs.length && !this.isToStop; removed = Math.min(removed + TAKEN_AT_ONCE, runs.length))
      await this.parts.retention.takeAway(runs.slice(removed, removed + TAKEN_AT_ONCE), at);
    return removed;
  }

  /** In an order of its own: replicas that look at the same page archive different runs of it. */
  private async removeArchived(runs: readonly RemovableRun[], archive: RunArchive): Promise<number> {
    const { retention, clock, random } = this.parts;
    const { archivedAtOnce } = this.options;
    const shuffled = runs.map((run) => ({ run, place: random() })).sort((one, other) => one.place - other.place);
    let removed = 0;
    for (let from = 0; from < shuffled.length && !this.isToStop; from += archivedAtOnce) {
      const tried = shuffled.slice(from, from + archivedAtOnce);
      const outcomes = await allOf(tried.map(({ run }) => this.archive(run, archive)));
      this.unanswered = outcomes.every((outcome) => outcome === 'unanswered') ? this.unanswered + outcomes.length : 0;
      const kept = tried.filter((_one, index) => outcomes[index] === 'kept').map(({ run }) => run);
      faultPoint('remove.afterArchive');
      await retention.takeAway(kept, clock.now());
      removed += kept.length;
    }
    return removed;
  }

  /** `kept`: the run is in the archive and may go; `unanswered`: the archive may be away, or takes this run alone not. */
  private async archive(run: RemovableRun, archive: RunArchive): Promise<'kept' | 'left' | 'unanswered'> {
    const { retention, clock, observer } = this.parts;
    try {
      return (await archive.keep(run, this.removing.signal)) ? 'kept' : 'left';
    } catch (error) {
      // Its turn comes later: most likely nothing but the stop has cut it off.
      if (this.removing.isStopping) return 'left';
      const detail = error instanceof Error ? error.message : String(error);
      // Where SQL is away this fails, too: it is no failure of the archive, and the pass ends.
      await retention.reportUnarchived({ runId: run.runId, tenantId: run.tenantId, detail, at: clock.now() });
      observer.runNotArchived({ runId: run.runId, error });
      return error instanceof BatonError && error.code === 'storage_unavailable' ? 'unanswered' : 'left';
    }
  }
}

/** As Promise.all, but nothing goes on beside a pass that has failed. */
async function allOf<T>(works: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(works);
  return await Promise.all(works);
}
