import { RunPlaces, type LimitLoad, type PlaceInLine, type RunInLine, type RunLimit } from '@baton/core';
import type { MemoryDatabase, PlaceRow } from './memory-database.js';
import { PortCalls } from './port-calls.js';

/** {@link RunPlaces} of one process over the shared tables. */
export class MemoryRunPlaces extends RunPlaces {
  constructor(
    private readonly db: MemoryDatabase,
    readonly calls = new PortCalls(),
  ) {
    super();
  }

  firstInLine(scope: string, limit: number): Promise<RunInLine[]> {
    return this.calls.make('firstInLine', scope, () => {
      const free = (this.db.scopes.get(scope)?.capacity ?? 0) - this.db.placesIn(scope, 'taken').length;
      const line = this.db.placesIn(scope, 'queued').slice(0, Math.max(0, Math.min(free, limit)));
      return line.map(({ runId }) => ({ runId, limits: this.limitsOf(runId) }));
    });
  }

  scopesWithLine({ after = '', limit }: { after?: string; limit: number }): Promise<string[]> {
    return this.calls.make('scopesWithLine', after, () => {
      const scopes = new Set(this.db.places.filter(({ status }) => status === 'queued').map(({ scope }) => scope));
      return [...scopes]
        .filter((scope) => scope > after)
        .sort()
        .slice(0, limit);
    });
  }

  list(tenantId: string, limit: number): Promise<LimitLoad[]> {
    return this.calls.make('list', tenantId, () =>
      [...this.db.scopes.values()]
        .filter((scope) => scope.tenantId === tenantId)
        .map((scope) => ({
          ...scope,
          taken: this.db.placesIn(scope.scope, 'taken').length,
          waiting: this.db.placesIn(scope.scope, 'queued').length,
        }))
        .slice(0, limit),
    );
  }

  placeInLine(runId: string): Promise<PlaceInLine | null> {
    return this.calls.make('placeInLine', runId, () => {
      const own = this.db.places.find((place) => place.runId === runId && place.status === 'queued');
      if (own === undefined) return null;
      const { scope, at: since } = own;
      const taken = this.db.placesIn(scope, 'taken').length;
      return { limit: this.db.scopes.get(scope)!, taken, ahead: this.db.aheadOf(own), since };
    });
  }

  private limitsOf(runId: string): RunLimit[] {
    const scopes = this.db.places.filter((place: PlaceRow) => place.runId === runId).map(({ scope }) => scope);
    return scopes.sort().map((scope) => this.db.scopes.get(scope)!);
  }
}
