import { isDeepStrictEqual } from 'node:util';
import { isTerminal, type JournalEvent, type JsonObject, type JsonValue } from '@baton/core';
import type { World } from '../support/in-memory/index.js';
import { outputOf, type RunGraphs } from './run-graphs.js';

/** What the end of each child of a node was, by its place, as the journal of the parent has it. */
type Told = Map<number, JsonObject>;

/** What a run says of its children agrees with what they are: each was created once, has ended, and was heard of at most once. */
export function* childProblems(world: World, graphs: RunGraphs, runId: string): Generator<string> {
  const events = world.journal(runId);
  yield* creationProblems(world, runId, events);
  const { nodes } = graphs.of(runId, events);
  const heard = new Set<string>();
  const told = new Map<string, Told>();
  const joined = new Map<string, Told>();
  for (const { type, nodeId, payload } of events) {
    if (type === 'signal.received' && payload.type === 'child') {
      const childId = payload.payload['child_id'] as string;
      if (heard.has(childId)) yield `the end of its child ${childId} is journaled twice`;
      heard.add(childId);
      yield* endProblems(world, payload.payload);
      const { nodeId: waiting, index } = world.run(childId).parent!;
      told.set(waiting, (told.get(waiting) ?? new Map<number, JsonObject>()).set(index, payload.payload));
    }
    if (type === 'node.resumed') joined.set(nodeId!, new Map(told.get(nodeId!)));
    if (type === 'node.completed') yield* resultProblems(nodeId!, nodes[nodeId!]!, joined.get(nodeId!), payload.output);
  }
}

/** As many rows as the journal says, each of them ended. */
function* creationProblems(world: World, runId: string, events: readonly JournalEvent[]): Generator<string> {
  const places = events.flatMap((event) =>
    event.type === 'children.started' ? event.payload.places.map((place) => `${event.nodeId}/${place}`) : [],
  );
  const rows = [...world.db.runs.values()].filter(({ parent }) => parent?.runId === runId);
  const created = rows
    .filter(({ id, parent }) => parent!.childId === id)
    .map(({ parent }) => `${parent!.nodeId}/${parent!.index}`);
  const [said, found] = [places, created].map((list) => list.toSorted().join(', '));
  if (said !== found) yield `its journal says that the children ${said} were started, there are ${found}`;
  for (const { id, status } of rows) if (!isTerminal(status)) yield `its child ${id} is ${status}`;
}

function* endProblems(world: World, said: JsonObject): Generator<string> {
  const childRunId = said['run_id'] as string;
  const { status } = world.run(childRunId);
  if (status !== said['status']) yield `it was told that ${childRunId} is ${JSON.stringify(said['status'])}, which is ${status}`;
  if (status === 'completed' && !isDeepStrictEqual(outputOf(world, childRunId), said['output']))
    yield `it was told another output of ${childRunId} than that run has`;
}

/** The output of a node that has waited for children is made of theirs. */
function* resultProblems(
  nodeId: string,
  { type, config }: { type?: string; config?: { body?: { type: string } } },
  told: Told | undefined,
  output: JsonValue,
): Generator<string> {
  if (type !== 'workflow' && !(type === 'map' && config?.body?.type === 'workflow')) return;
  const done = [...(told ?? [])].toSorted(([left], [right]) => left - right).flatMap(([, end]) => ('output' in end ? [end] : []));
  const outputs = done.map((end) => end['output']);
  const said = type === 'workflow' ? [output] : (output as { items: JsonValue[] }).items;
  if (!isDeepStrictEqual(said, outputs))
    yield `node ${nodeId} gives ${JSON.stringify(said)}, its children gave ${JSON.stringify(outputs)}`;
}
