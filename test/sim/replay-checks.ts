import { isDeepStrictEqual } from 'node:util';
import {
  decide,
  initialState,
  reduce,
  successorRunId,
  type JournalEvent,
  type Plan,
  type Run,
  type RunOutcome,
  type RunState,
} from '@baton/core';
import type { Chance } from '../support/in-memory/index.js';

/** Journals up to this long are replayed to every prefix, longer ones to this many. */
const ALL_PREFIXES = 40;

/** A state folded on and on is at every prefix what a fold from the beginning gives, nothing in the journal is changed by it, and the run ended as `decide` said. */
export function* replayProblems(
  run: Run,
  plans: ReadonlyMap<string, Plan>,
  events: readonly JournalEvent[],
  chance: Chance,
): Generator<string> {
  const plan = plans.get(run.workflow.digest)!;
  const frozen = events.map(freeze);
  const begin = (): RunState => initialState(plan, factsOf(run));
  const chosen = new Set(Array.from({ length: ALL_PREFIXES }, () => 1 + chance.below(events.length)));
  const live = begin();
  for (const [index, event] of frozen.entries()) {
    if (index === frozen.length - 1) yield* endProblems(live, event);
    reduce(live, event, plans);
    const prefix = index + 1;
    if (frozen.length > ALL_PREFIXES && !chosen.has(prefix) && prefix !== frozen.length) continue;
    const replayed = begin();
    for (const earlier of frozen.slice(0, prefix)) reduce(replayed, earlier, plans);
    if (!isDeepStrictEqual(replayed, live)) yield `the replay of ${prefix} of ${frozen.length} events gives another state`;
  }
}

/** The terminal event says what the state before it decides. */
function* endProblems(state: RunState, { type, payload, at }: JournalEvent): Generator<string> {
  if (type !== 'run.completed' && type !== 'run.failed') return;
  const { outcome } = decide(state.plan, state, at);
  const decided = outcome?.status === 'completed' ? completion(state, outcome) : outcome;
  const expected = type === 'run.completed' ? { status: 'completed', ...payload } : { status: 'failed', ...payload };
  if (!isDeepStrictEqual(decided, expected))
    yield `it ended as ${JSON.stringify(expected)}, its journal says ${JSON.stringify(decided)}`;
}

/** As its event has it. */
function completion({ facts }: RunState, { status, output, continues }: Extract<RunOutcome, { status: 'completed' }>) {
  return { status, output, ...(continues !== undefined && { continued_as: successorRunId(facts.id) }) };
}

function factsOf({ id, taskId, tenantId, workflow, input }: Run) {
  return { id, taskId, tenantId, workflow: workflow.name, input };
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const part of Object.values(value)) freeze(part);
  return Object.freeze(value);
}
