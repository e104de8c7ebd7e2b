import {
  judgeAdmission,
  RunPlaces,
  type AdmitOutcome,
  type AdmitRequest,
  type LimitLoad,
  type PlaceInLine,
  type RunInLine,
  type RunLimit,
  type ScopeLoad,
  type Submission,
  type SubmitOutcome,
} from '@baton/core';
import { PortCalls } from './port-calls.js';

/** A place that a run holds or awaits under a limit. */
interface PlaceRow {
  readonly runId: string;
  readonly scope: string;
  readonly at: number;
  status: 'taken' | 'queued' | 'wanted' | 'leaving';
}

/** Tells a run that it makes room for another. */
type Displace = (runId: string, limit: RunLimit) => void;

/** The tables of {@link MemoryRunPlaces}, shared by all processes of a test. */
export class PlaceTables {
  readonly scopes = new Map<string, RunLimit>();
  rows: PlaceRow[] = [];

  /** The places of a scope with this status, the oldest first. */
  rowsIn(scope: string, status: PlaceRow['status']): PlaceRow[] {
    const found = this.rows.filter((place) => place.scope === scope && place.status === status);
    return found.sort((a, b) => a.at - b.at || (a.runId < b.runId ? -1 : 1));
  }

  /** How many stand in the place's line before it. */
  aheadOf(place: PlaceRow): number {
    const { scope, at, runId } = place;
    return this.rowsIn(scope, 'queued').filter((other) => other.at < at || (other.at === at && other.runId < runId)).length;
  }

  /** Whether a new run waits for its places; or how a limit refuses it. */
  take({ runId, limits = [], at }: Submission, displace: Displace): boolean | SubmitOutcome {
    for (const limit of limits) this.scopes.set(limit.scope, limit);
    const lineOf = (scope: string): number => this.rowsIn(scope, 'queued').length;
    const admission = judgeAdmission(limits, ({ scope }) => this.loadOf(scope, lineOf(scope)), { accepted: false });
    if (admission.kind === 'refused') {
      const { scope, capacity } = admission.limit;
      const taken = this.rowsIn(scope, 'taken');
      const liveRunId = capacity === 1 ? (taken[0]?.runId ?? null) : null;
      return { kind: 'limited', limit: admission.limit, live: taken.length + lineOf(scope), liveRunId };
    }
    if (admission.kind === 'admitted') this.displaceOldest(admission.displaces, displace);
    const line = admission.kind === 'waits' ? admission.limit.scope : null;
    for (const { scope } of limits) {
      this.rows.push({ runId, scope, at, status: line === null ? 'taken' : line === scope ? 'queued' : 'wanted' });
    }
    return line !== null;
  }

  /** Lets a run that stands in a line take its places, if nobody is before it. */
  admit({ runId, limits }: AdmitRequest, displace: Displace): AdmitOutcome {
    const own = this.rows.filter((place) => place.runId === runId);
    if (!own.some(({ status }) => status === 'queued')) return 'none';
    const aheadIn = (scope: string): number => this.aheadOf(own.find((place) => place.scope === scope)!);
    const admission = judgeAdmission(limits, ({ scope }) => this.loadOf(scope, aheadIn(scope)), { accepted: true });
    if (admission.kind !== 'admitted') {
      for (const place of own) place.status = place.scope === admission.limit.scope ? 'queued' : 'wanted';
      return 'waits';
    }
    this.displaceOldest(admission.displaces, displace);
    for (const place of own) place.status = 'taken';
    return 'admitted';
  }

  /** A run that has ended gives its places to the one in which it goes on, or to nobody. */
  free(runId: string, nextRunId: string | null): void {
    this.rows = this.rows.flatMap((place) => {
      if (place.runId !== runId) return [place];
      return nextRunId === null ? [] : [{ ...place, runId: nextRunId }];
    });
  }

  private loadOf(scope: string, ahead: number): ScopeLoad {
    return { taken: this.rowsIn(scope, 'taken').length, ahead };
  }

  private displaceOldest(limits: readonly RunLimit[], displace: Displace): void {
    for (const limit of limits) {
      const oldest = this.rowsIn(limit.scope, 'taken')[0]!;
      oldest.status = 'leaving';
      displace(oldest.runId, limit);
    }
  }
}

/** {@link RunPlaces} of one process over the shared tables. */
export class MemoryRunPlaces extends RunPlaces {
  constructor(
    private readonly tables: PlaceTables,
    readonly calls = new PortCalls(),
  ) {
    super();
  }

  firstInLine(scope: string, limit: number): Promise<RunInLine[]> {
    return this.calls.make('firstInLine', scope, () => {
      const free = (this.tables.scopes.get(scope)?.capacity ?? 0) - this.tables.rowsIn(scope, 'taken').length;
      const line = this.tables.rowsIn(scope, 'queued').slice(0, Math.max(0, Math.min(free, limit)));
      return line.map(({ runId }) => ({ runId, limits: this.limitsOf(runId) }));
    });
  }

  scopesWithLine({ after = '', limit }: { after?: string; limit: number }): Promise<string[]> {
    return this.calls.make('scopesWithLine', after, () => {
      const scopes = new Set(this.tables.rows.filter(({ status }) => status === 'queued').map(({ scope }) => scope));
      return [...scopes]
        .filter((scope) => scope > after)
        .sort()
        .slice(0, limit);
    });
  }

  list(tenantId: string, limit: number): Promise<LimitLoad[]> {
    return this.calls.make('list', tenantId, () =>
      [...this.tables.scopes.values()]
        .filter((scope) => scope.tenantId === tenantId)
        .map((scope) => ({
          ...scope,
          taken: this.tables.rowsIn(scope.scope, 'taken').length,
          waiting: this.tables.rowsIn(scope.scope, 'queued').length,
        }))
        .slice(0, limit),
    );
  }

  placeInLine(runId: string): Promise<PlaceInLine | null> {
    return this.calls.make('placeInLine', runId, () => {
      const own = this.tables.rows.find((place) => place.runId === runId && place.status === 'queued');
      if (own === undefined) return null;
      const { scope, at: since } = own;
      const taken = this.tables.rowsIn(scope, 'taken').length;
      return { limit: this.tables.scopes.get(scope)!, taken, ahead: this.tables.aheadOf(own), since };
    });
  }

  private limitsOf(runId: string): RunLimit[] {
    const scopes = this.tables.rows.filter((place) => place.runId === runId).map(({ scope }) => scope);
    return scopes.sort().map((scope) => this.tables.scopes.get(scope)!);
  }
}
