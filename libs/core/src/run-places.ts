import type { RunLimit } from './run-limit.js';

/** A run that waits for places, with all the limits that it is under, as they were last stated. */
export interface RunInLine {
  runId: string;
  limits: RunLimit[];
}

/** How a limit stands. */
export interface LimitLoad extends RunLimit {
  /** Live runs that hold a place. */
  taken: number;
  /** Runs in its line. */
  waiting: number;
}

/** Where a run waits: the limit in whose line it stands, and how many stand before it. */
export interface PlaceInLine {
  limit: RunLimit;
  taken: number;
  ahead: number;
  since: number;
}

/** Reads who holds and who awaits the places of the limits; they change in the commits of `RunStore`. */
export abstract class RunPlaces {
  /** The first runs in the line of a scope, as many as it has free places, at most `limit`. */
  abstract firstInLine(scope: string, limit: number): Promise<RunInLine[]>;
  /** Scopes with a line, in the order of their identity, after the given one. */
  abstract scopesWithLine(query: { after?: string; limit: number }): Promise<string[]>;
  /** The limits of a tenant, those with the most live runs first. */
  abstract list(tenantId: string, limit: number): Promise<LimitLoad[]>;
  /** Null: the run does not wait for a place. */
  abstract placeInLine(runId: string): Promise<PlaceInLine | null>;
}
