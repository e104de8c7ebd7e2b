import { isTerminal } from '@baton/core';
import type { World } from '../support/in-memory/index.js';
import type { SimGraph } from './graph-draft.js';
import type { RunFacts } from './run-facts.js';

/** At every instant: no more runs are live than the workflow allows, but for those that have been told to make room. */
export function* limitProblems(world: World, graph: SimGraph, factsOf: (runId: string) => RunFacts): Generator<string> {
  const { limits } = graph.settings;
  if (limits === undefined) return;
  const leaving = new Set(world.db.places.rows.flatMap(({ runId, status }) => (status === 'leaving' ? [runId] : [])));
  const live = [...world.db.runs.values()].filter(
    ({ id, status, limited }) => limited && !isTerminal(status) && !leaving.has(id) && !factsOf(id).waitsForPlace,
  );
  if (live.length > limits.active_runs) yield `${live.length} runs are live, ${limits.active_runs} may be`;
  yield* placeProblems(world);
}

function* placeProblems({ db }: World): Generator<string> {
  for (const { scope, capacity } of db.places.scopes.values()) {
    const taken = db.places.rowsIn(scope, 'taken').length;
    if (taken > capacity) yield `${scope}: ${taken} of ${capacity} places are taken`;
  }
}

/** What a run that executes has, if it is under a limit. */
export function* workProblems({ db }: World, runId: string): Generator<string> {
  const places = db.places.rows.filter((place) => place.runId === runId);
  for (const { status } of places)
    if (status !== 'taken' && status !== 'leaving') yield `it is in work, and its place is ${status}`;
}

/** Nobody keeps a place after his end. */
export function* leftPlaces({ db }: World): Generator<string> {
  for (const { runId, scope } of db.places.rows) {
    const run = db.runs.get(runId);
    if (run === undefined || isTerminal(run.status)) yield `${scope}: ${runId} has ended and keeps its place`;
  }
  for (const { runId, seq } of db.poolJobs.values()) {
    const run = db.runs.get(runId);
    if (run === undefined || isTerminal(run.status)) yield `${runId}: has ended and left its job ${seq} in a pool`;
  }
}
