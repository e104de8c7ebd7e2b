import {
  childGroup,
  endChild,
  isGroupDone,
  isGroupFailed,
  nextPlaces,
  reopenGroup,
  startPlaces,
  type ChildGroup,
} from './child-group.js';
import { readChildEnded } from './child-run.js';
import type { EventPayload } from './journal-event.js';
import type { JsonObject } from './json.js';
import type { RunState } from './run-state.js';

// What a run knows of its children, beside its nodes. `live` and `released` are kept so that a decision never walks the groups.

/** Children that one decision starts or tells to end: what one commit then carries. */
const CHILDREN_AT_ONCE = 100;

export interface ChildrenState {
  /** Ids of nodes that wait for children. */
  readonly waiting: Set<string>;
  /** Children that nodes wait for, by child id. */
  readonly live: Map<string, { nodeId: string; key: string }>;
  /** Children that nothing waits for any more, and that nobody has told to end yet. */
  readonly released: Set<string>;
}

/** Children that become runs now. */
export interface ChildrenStart {
  /** The node. */
  readonly index: number;
  readonly key: string;
  readonly places: readonly number[];
}

export function noChildren(): ChildrenState {
  return { waiting: new Set(), live: new Map(), released: new Set() };
}

/** A node waits: for new children, or once more for those of an earlier attempt. */
export function awaitChildren(state: RunState, index: number, { key, children }: EventPayload<'node.suspended'>): void {
  const node = state.nodes[index]!;
  const groups = (node.children ??= new Map<string, ChildGroup>());
  if (children !== undefined && !groups.has(key)) groups.set(key, { ...childGroup(children), round: node.failures });
  state.children.waiting.add(state.plan.nodes[index]!.id);
}

export function startChildren(state: RunState, index: number, { key, places }: EventPayload<'children.started'>): void {
  const node = state.nodes[index]!;
  const group = node.children?.get(key);
  if (group === undefined) return;
  const nodeId = state.plan.nodes[index]!.id;
  const origin = { runId: state.facts.id, nodeId, visit: node.visit, key };
  for (const id of startPlaces(group, places, origin)) state.children.live.set(id, { nodeId, key });
}

/** A child has ended; one that nothing waits for is of no interest. */
export function takeChild(state: RunState, signalId: number, payload: JsonObject): void {
  const ended = readChildEnded(payload);
  if (ended === null) return;
  const { live, released } = state.children;
  const place = live.get(ended.childId);
  live.delete(ended.childId);
  released.delete(ended.childId);
  if (place === undefined) return;
  const group = state.nodes[state.plan.indexById.get(place.nodeId)!]!.children!.get(place.key)!;
  endChild(group, ended.childId, ended.outcome, signalId);
}

/** The node does not wait for children any more: those that live are to be told. */
export function releaseChildren(state: RunState, index: number): void {
  if (!state.children.waiting.delete(state.plan.nodes[index]!.id)) return;
  for (const { live } of state.nodes[index]!.children!.values()) {
    for (const childId of live.keys()) {
      state.children.live.delete(childId);
      state.children.released.add(childId);
    }
    live.clear();
  }
}

/** Nothing waits any more: the run is undone. */
export function releaseAll(state: RunState): void {
  for (const nodeId of state.children.waiting) releaseChildren(state, state.plan.indexById.get(nodeId)!);
}

/** An attempt has failed and there will be another: it waits again where too many children did not complete. */
export function reopenChildren(state: RunState, index: number): void {
  const { children, steps, failures } = state.nodes[index]!;
  for (const [key, group] of children ?? []) {
    if (!isGroupFailed(group)) continue;
    reopenGroup(group, failures);
    steps?.delete(key);
  }
}

/** A wait for children that has ended. */
interface EndedWait {
  readonly index: number;
  readonly key: string;
  readonly signalId: number | null;
}

const NO_CHILDREN: { readonly start: readonly ChildrenStart[]; readonly ended: readonly EndedWait[] } = { start: [], ended: [] };

/** What the children of a run need next: places to start, waits that have ended. */
export function decideChildren(state: RunState): typeof NO_CHILDREN {
  if (state.children.waiting.size === 0) return NO_CHILDREN;
  const start: ChildrenStart[] = [];
  const ended: EndedWait[] = [];
  let room = CHILDREN_AT_ONCE;
  for (const nodeId of state.children.waiting) {
    const index = state.plan.indexById.get(nodeId)!;
    const { wait, children } = state.nodes[index]!;
    const { key } = wait!;
    const group = children!.get(key)!;
    if (isGroupDone(group)) {
      ended.push({ index, key, signalId: group.lastSignalId });
      continue;
    }
    const places = nextPlaces(group, room);
    room -= places.length;
    if (places.length > 0) start.push({ index, key, places });
  }
  return { start, ended };
}

/** Children to tell now. */
export function childrenToTell({ children: { released } }: RunState): string[] {
  return released.size === 0 ? [] : [...released].slice(0, CHILDREN_AT_ONCE);
}
