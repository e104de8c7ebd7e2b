import { displaceable, limitsOf, NO_PLACES, oldestWanted, type PlaceBook, type PlaceView } from './place-book.js';
import type { SqliteStatements } from './sqlite-statements.js';
import type { WriteRequest } from './write-request.js';

/** What a batch must know of limits. `alsoLoad`: the runs that it may have to displace. Whoever has the write lock has it for every scope. */
export function loadPlaces(sql: SqliteStatements, batch: readonly WriteRequest[], alsoLoad: (runId: string) => void): PlaceView {
  const limits = limitsOf(batch);
  if (limits.length === 0) return NO_PLACES;
  const scopes = new Set(limits.map(({ scope }) => scope));
  const view: PlaceView = {
    locked: scopes,
    counts: [...scopes].flatMap((scope) => sql.placeCounts.all(scope)),
    awaited: batch.flatMap((request) => (request.kind === 'admit' ? sql.awaitedPlaces.all(request.runId) : [])),
    oldest: [...oldestWanted(limits)].flatMap(([scope, wanted]) => sql.oldestPlaces.all(scope, wanted)),
  };
  for (const runId of displaceable(view, limits)) alsoLoad(runId);
  return view;
}

export function writePlaces(sql: SqliteStatements, { written, admitted, moved, leaving, freed, passed }: PlaceBook): void {
  for (const { runId, tenantId, scope, status, at } of written) sql.insertPlace.run(runId, tenantId, scope, status, at);
  for (const runId of admitted) sql.updatePlaces.run('taken', runId);
  for (const { runId, scope } of moved) {
    sql.updatePlaces.run('wanted', runId);
    sql.updatePlace.run('queued', runId, scope);
  }
  for (const { runId, scope } of leaving) sql.updatePlace.run('leaving', runId, scope);
  for (const runId of freed) sql.deletePlaces.run(runId);
  for (const { runId, nextRunId } of passed) sql.passPlaces.run(nextRunId, runId);
}
