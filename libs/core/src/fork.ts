import type { KeptNode } from './journal-event.js';
import type { Plan, PlanNode } from './plan.js';
import type { NodeState } from './node-state.js';
import type { RunState } from './run-state.js';

/**
 * What a fork of a run takes over into a run of `plan`: every node that is settled, except the chosen ones and whatever depends on
 * anything that is not taken over. What was undone is not. A branch that a node that is taken over did not take stays skipped, whatever else it
 * depends on. O(nodes + edges).
 */
export function snapshotForFork(state: RunState, plan: Plan, chosen: ReadonlySet<string>): KeptNode[] {
  const kept = new Map<number, KeptNode>();
  const unseen = Int32Array.from(plan.nodes, ({ dependsOn }) => dependsOn.length);
  const queue = [...plan.roots];
  for (const index of queue) {
    const node = plan.nodes[index]!;
    const cutter = cutterOf(state, node);
    const isCut = node.dependsOn.some((dependency) => plan.nodes[dependency]!.id === cutter && kept.has(dependency));
    const stays = isCut || node.dependsOn.every((dependency) => kept.has(dependency));
    const outcome = chosen.has(node.id) || !stays ? null : outcomeOf(state, node);
    if (outcome !== null) kept.set(index, outcome);
    for (const dependent of node.dependents) if ((unseen[dependent]! -= 1) === 0) queue.push(dependent);
  }
  return inOrderOfCompletion(state, plan, kept);
}

/**
 * The nodes from which a retry runs on: those whose failure the run did not survive, or else every one that failed; where none has, and the run
 * itself did, as at the end of its time, those that it was at.
 */
export function failedNodes(state: RunState): string[] {
  const failed = state.plan.nodes.filter(({ index }) => state.nodes[index]!.status === 'failed');
  const fatal = failed.filter(({ onError }) => onError !== 'continue');
  const unfinished =
    failed.length > 0 || state.status !== 'failed' ? [] : state.plan.nodes.filter(({ index }) => isBegun(state.nodes[index]!));
  return [fatal, failed, unfinished].find((nodes) => nodes.length > 0)?.map(({ id }) => id) ?? [];
}

function isBegun({ status }: NodeState): boolean {
  return status !== 'pending' && status !== 'completed' && status !== 'skipped' && status !== 'failed';
}

/** The node that took another branch than this one. */
function cutterOf(state: RunState, { id }: PlanNode): string | null {
  const index = state.plan.indexById.get(id);
  return index === undefined ? null : state.nodes[index]!.cutBy;
}

function outcomeOf(state: RunState, { id }: PlanNode): KeptNode | null {
  const index = state.plan.indexById.get(id);
  if (index === undefined) return null;
  const node = state.nodes[index]!;
  if (!survived(node, state.plan.nodes[index]!)) return null;
  const { status, visit, output, cuts, cutBy, error } = node;
  return {
    ...{ id, status: status as KeptNode['status'], visit, output },
    ...(cuts && { cuts }),
    ...(cutBy !== null && { cut_by: cutBy }),
    ...(error !== null && { error }),
  };
}

function survived({ status, undo }: NodeState, { onError }: PlanNode): boolean {
  if (status === 'failed') return onError === 'continue';
  return status === 'skipped' || (status === 'completed' && (undo === null || undo.status === 'failed'));
}

/** What can be undone comes last, in the order in which it completed: it is undone in the reverse. */
function inOrderOfCompletion(state: RunState, plan: Plan, kept: Map<number, KeptNode>): KeptNode[] {
  const undoable = state.undoable.flatMap((index) => plan.indexById.get(state.plan.nodes[index]!.id) ?? []);
  const last = new Set(undoable.filter((index) => kept.has(index)));
  const first = [...kept.keys()].filter((index) => !last.has(index));
  return [...first, ...last].map((index) => kept.get(index)!);
}
