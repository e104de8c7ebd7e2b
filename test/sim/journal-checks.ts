import { isTerminalEvent, successorRunId, type JournalEvent } from '@baton/core';
import type { SimGraph } from './graph-draft.js';
import { RunFacts } from './run-facts.js';

/** Events that end a visit. */
function endsVisit(event: JournalEvent): boolean {
  if (event.type === 'node.failed') return event.payload.retry_at === null;
  return event.type === 'node.completed' || event.type === 'node.repeated' || event.type === 'node.skipped';
}

/** What is wrong with the journal of a run that has ended. `decided`: nodes that no branch decides any more, because of a fork. */
export function* journalProblems(
  events: readonly JournalEvent[],
  graphAt: (digest: string | null) => SimGraph,
  decided: ReadonlySet<string>,
): Generator<string> {
  let graph = graphAt(null);
  const facts = new RunFacts();
  const ends = new Set<string>();
  const claims = new Set<number>();
  const steps = new Set<string>();
  for (const [index, event] of events.entries()) {
    const { seq, epoch, type, nodeId, visit } = event;
    const say = (what: string): string => `seq ${seq} ${type} ${nodeId ?? ''}: ${what}`;
    if (seq !== index + 1) yield say(`stands at place ${index + 1}`);
    if (index > 0 && epoch < events[index - 1]!.epoch) yield say('its epoch falls');
    if (isTerminalEvent(type) !== (index === events.length - 1)) yield say('a journal ends with its only terminal event');
    if (type === 'run.claimed') {
      if (claims.has(epoch)) yield say(`epoch ${epoch} is claimed twice`);
      claims.add(epoch);
    } else if (epoch > 0 && !claims.has(epoch)) yield say(`epoch ${epoch} was never claimed`);
    if (type === 'node.started' || type === 'node.dispatched') yield* startProblems(event, facts, graph, say);
    if (OUTCOMES.has(type) && !facts.inWork.has(nodeId!)) yield say('its node was not in work');
    if (type === 'run.patched') {
      for (const id of [...event.payload.changed, ...event.payload.removed])
        if (facts.begun.has(id) || facts.settled.has(id)) yield say(`${id} had begun`);
      graph = graphAt(event.payload.digest);
    }
    if (type === 'run.completed') yield* successionProblems(event, say);
    if (type === 'compensation.started') yield* undoProblems(event, facts, graph, say);
    if (type === 'step.completed') {
      const step = `${nodeId}/${visit}/${facts.undoing}/${event.payload.key}`;
      if (steps.has(step)) yield say(`step ${event.payload.key} is recorded twice`);
      steps.add(step);
    }
    if (endsVisit(event)) {
      const end = `${nodeId}/${visit}`;
      if (ends.has(end)) yield say(`visit ${visit} has two outcomes`);
      if (facts.settled.has(nodeId!)) yield say('the node was settled before');
      ends.add(end);
    }
    facts.take(event);
  }
  yield* branchProblems(facts, graph, decided);
  if (facts.undoing) yield* undoneProblems(facts, graph);
}

/** What an attempt alone can come to. */
const OUTCOMES: ReadonlySet<string> = new Set(['node.completed', 'node.repeated', 'node.suspended', 'node.interrupted']);

function* successionProblems({ runId, payload }: JournalEvent, say: (what: string) => string): Generator<string> {
  const { continued_as: next } = payload as { continued_as?: string };
  if (next !== undefined && next !== successorRunId(runId)) yield say(`it goes on as ${next}`);
}

function* startProblems(
  event: JournalEvent,
  facts: RunFacts,
  { nodes }: SimGraph,
  say: (what: string) => string,
): Generator<string> {
  if (nodes[event.nodeId!] === undefined) yield say('started though it is not in the definition');
  const dependencies = nodes[event.nodeId!]?.depends_on ?? [];
  for (const id of dependencies) if (!facts.settled.has(id)) yield say(`started before ${id} was settled`);
  if (dependencies.length > 0 && dependencies.every((id) => facts.cuts.has(id)))
    yield say('started though everything before it was skipped');
  if (facts.settled.has(event.nodeId!)) yield say('started though it was settled');
  if (facts.paused) yield say('started while the run was paused');
  if (facts.undoing) yield say('started while the run was undone');
  if (facts.waitsForPlace) yield say('started before the run had its place');
  if (facts.inWork.get(event.nodeId!) === 'pool') yield say('started while it was out in a pool');
}

/** The last completed one first. */
function* undoProblems(
  { nodeId }: JournalEvent,
  facts: RunFacts,
  { nodes }: SimGraph,
  say: (what: string) => string,
): Generator<string> {
  const left = facts.completed.filter((id) => nodes[id]!.compensate !== undefined && !facts.undone.has(id));
  if (!facts.undoing) yield say('undone though the run is not');
  if (left.at(-1) !== nodeId) yield say(`undone before ${left.at(-1)}`);
}

/** Every node on a branch runs, or is skipped, as what decided it says. */
function* branchProblems(facts: RunFacts, { branches }: SimGraph, decided: ReadonlySet<string>): Generator<string> {
  for (const { node, by, chooser, taken } of branches) {
    const status = facts.settled.get(node);
    if (status === undefined || !facts.settled.has(by) || decided.has(node)) continue;
    // A branch whose chooser never ran depends on what else it hangs on.
    if (chooser !== undefined && facts.settled.get(chooser) !== 'completed') continue;
    const expected = taken(facts.outputs.get(by) ?? null);
    // What decides may have been skipped or have failed with what stands between them.
    if (status === 'completed' && !expected) yield `node ${node}: ran, though ${by} did not take it`;
    if (status === 'skipped' && expected && facts.settled.get(by) === 'completed')
      yield `node ${node}: skipped, though ${by} took it`;
  }
}

function* undoneProblems(facts: RunFacts, { nodes }: SimGraph): Generator<string> {
  for (const id of facts.completed) {
    if (nodes[id]!.compensate !== undefined && !facts.undone.has(id)) yield `node ${id}: never undone`;
  }
}
