import { canonicalJson, compilePlan, isTerminal, type JsonValue, type Plan, type RunStatus } from '@baton/core';
import type { Chance, World } from '../support/in-memory/index.js';
import { effectProblems } from './effect-checks.js';
import type { Effect } from './effect-sink.js';
import { childProblems } from './child-checks.js';
import { journalProblems } from './journal-checks.js';
import { patchProblems } from './patch-checks.js';
import { replayProblems } from './replay-checks.js';
import { rootOf, type RunGraphs } from './run-graphs.js';
import { RunFacts, type Settled } from './run-facts.js';

/** How a run ended: what must not depend on faults, where the graph says all. */
export interface RunEnd {
  status: RunStatus;
  output: JsonValue;
  failedNode: JsonValue;
  settled: ReadonlyMap<string, Settled>;
}

/** Reads it from the journal of a run that has ended. */
export function endOf(world: World, runId: string): RunEnd {
  const events = world.journal(runId);
  const last = events.at(-1)!;
  return {
    status: world.run(runId).status,
    output: last.type === 'run.completed' ? last.payload.output : null,
    failedNode: last.type === 'run.failed' ? (last.payload.error.details?.['node_id'] ?? null) : null,
    settled: new RunFacts().catchUp(events).settled,
  };
}

/** What is wrong with a run that has ended. */
export function* runProblems(
  runId: string,
  { world, graphs, effects, chance }: { world: World; graphs: RunGraphs; effects: readonly Effect[]; chance: Chance },
): Generator<string> {
  const run = world.run(runId);
  const events = world.journal(runId);
  const last = events.at(-1)?.type;
  if (run.seq !== events.length) yield `its row says ${run.seq} events, its journal has ${events.length}`;
  if (last !== `run.${run.status}`) yield `its row says ${run.status}, its journal ends with ${last}`;
  if (run.workerId !== null || run.wakeAt !== null) yield 'it has ended, and somebody holds it or is to wake it';
  if (world.db.inboxOf(runId).length > 0) yield 'signals are left in its inbox';
  yield* journalProblems(events, (digest) => graphs.at(runId, digest), decidedByForks(world, runId));
  yield* effectProblems(runId, events, effects, graphs.of(runId, events), run.input);
  yield* replayProblems(run, plansOf(world), events, chance);
  yield* childProblems(world, graphs, runId);
  yield* patchProblems(world, runId, events);
}

/** Those of the workflows, and those that patches make of them, by digest. */
function plansOf({ db }: World): ReadonlyMap<string, Plan> {
  const published = db.workflows.map(({ digest, definition }) => [digest, definition] as const);
  return new Map([...published, ...db.definitions].map(([digest, definition]) => [digest, compilePlan(definition)]));
}

/** The nodes that this run or one that it goes back to was forked from: asked for, they run on any branch. And those that it has taken over. */
function decidedByForks(world: World, runId: string): ReadonlySet<string> {
  const decided = new Set<string>();
  for (let id: string | null = runId; id !== null; id = world.run(id).forkedFrom) {
    const first = world.journal(id)[0];
    if (first?.type !== 'run.submitted') continue;
    for (const node of first.payload.forked_from?.nodes ?? []) decided.add(node);
    if (id === runId) for (const kept of first.payload.snapshot ?? []) decided.add(kept.id);
  }
  return decided;
}

/** Runs in whose family people or limits had a hand, by changing or cancelling: what comes of them is not what the graph says. */
export function touchedFamilies(world: World): ReadonlySet<string> {
  const touched = new Set<string>();
  for (const { id } of world.db.runs.values()) {
    const byPeople = world.journal(id).some(({ type, payload }) => {
      if (type === 'run.cancelled') return !(payload.by ?? '').startsWith('run ');
      return (type === 'run.patched' || type === 'run.patch_refused') && !payload.by.startsWith('node:');
    });
    if (byPeople) touched.add(rootOf(world, id));
  }
  return touched;
}

/** Where the graph says all, whoever executed it, and however often, must have come to the same. */
export function* differences(end: RunEnd, reference: RunEnd): Generator<string> {
  if (end.status !== reference.status) {
    yield `it is ${end.status}; without faults it is ${reference.status}`;
    return;
  }
  const [failed, expected] = [end, reference].map(({ failedNode }) => JSON.stringify(failedNode));
  if (failed !== expected) yield `it failed by ${failed}; without faults by ${expected}`;
  if (end.status !== 'completed') return;
  // Two nodes that add nodes at once do so in either order.
  const [output, wanted] = [end, reference].map((one) => canonicalJson(one.output));
  if (output !== wanted) yield `its output is ${output}; without faults ${wanted}`;
  for (const [id, status] of reference.settled) {
    if (end.settled.get(id) !== status) yield `node ${id} is ${end.settled.get(id)}; without faults ${status}`;
  }
}

/** Every task says what its last run does, and lives no longer. */
export function* taskProblems({ db }: World): Generator<string> {
  for (const { id, status, liveRunId, lastRunId } of db.tasks.values()) {
    const last = lastRunId === null ? undefined : db.runs.get(lastRunId);
    if (last === undefined || !isTerminal(last.status)) continue;
    const expected = last.status === 'completed' ? 'done' : last.status;
    if (status !== expected || liveRunId !== null) yield `${id} is ${status}, its last run is ${last.status}`;
  }
}
