import { childRunId, type ChildOutcome } from './child-run.js';
import type { EventPayload } from './journal-event.js';
import type { JsonValue } from './json.js';
import type { WorkflowRef } from './run.js';

/** The children of one call of a node, as the journal tells of them. Changed in place, in O(1) for each child that starts or ends. */
export interface ChildGroup {
  readonly workflow: WorkflowRef;
  readonly inputs: readonly JsonValue[];
  readonly concurrency: number;
  readonly wanted: number;
  readonly tolerated: number;
  /** By place; null: it has not ended, or is to be run again. */
  readonly outcomes: (ChildOutcome | null)[];
  /** The retry of the node in which children start now. */
  round: number;
  /** Places that are to start, the next one last. */
  waiting: number[];
  /** Places of the children that live, by child id. */
  readonly live: Map<string, number>;
  completed: number;
  failed: number;
  /** The signal that told of the last end. */
  lastSignalId: number | null;
}

export function childGroup(children: NonNullable<EventPayload<'node.suspended'>['children']>): ChildGroup {
  const { workflow, inputs, concurrency, wanted, tolerated } = children;
  return {
    ...{ workflow, inputs, concurrency, wanted, tolerated },
    outcomes: Array.from({ length: inputs.length }, () => null),
    ...{ round: 0, waiting: placesDown(inputs.length, () => true), live: new Map(), completed: 0, failed: 0, lastSignalId: null },
  };
}

/** Whether nothing more is waited for: enough have completed, too many have not, or all have ended. */
export function isGroupDone({ outcomes, wanted, tolerated, completed, failed }: ChildGroup): boolean {
  return completed >= wanted || failed > tolerated || completed + failed === outcomes.length;
}

/** The places of the children that start now, at most `limit`. */
export function nextPlaces({ waiting, concurrency, live }: ChildGroup, limit: number): number[] {
  const free = Math.max(0, Math.min(limit, concurrency - live.size));
  return free === 0 ? [] : waiting.slice(-free).reverse();
}

/** Children have started; returns their ids. */
export function startPlaces(
  group: ChildGroup,
  places: readonly number[],
  node: { runId: string; nodeId: string; visit: number; key: string },
): string[] {
  group.waiting.splice(-places.length);
  return places.map((index) => {
    const id = childRunId({ ...node, round: group.round, index });
    group.live.set(id, index);
    return id;
  });
}

/** A child that lives has ended. */
export function endChild(group: ChildGroup, childId: string, outcome: ChildOutcome, signalId: number): void {
  group.outcomes[group.live.get(childId)!] = outcome;
  group.live.delete(childId);
  if (outcome.status === 'completed') group.completed += 1;
  else group.failed += 1;
  group.lastSignalId = signalId;
}

/** Whether the node that asked had to fail: only what did not complete is run again. */
export function isGroupFailed({ failed, tolerated }: ChildGroup): boolean {
  return failed > tolerated;
}

/** Makes what did not complete ready to start anew, in another round. */
export function reopenGroup(group: ChildGroup, round: number): void {
  group.outcomes.forEach((outcome, index) => {
    if (outcome !== null && outcome.status !== 'completed') group.outcomes[index] = null;
  });
  group.failed = 0;
  group.round = round;
  group.waiting = placesDown(group.outcomes.length, (index) => group.outcomes[index] === null);
}

function placesDown(count: number, wanted: (index: number) => boolean): number[] {
  const places: number[] = [];
  for (let index = count - 1; index >= 0; index -= 1) if (wanted(index)) places.push(index);
  return places;
}
