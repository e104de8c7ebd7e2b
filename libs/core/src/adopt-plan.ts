import { isUntouched } from './patch-policy.js';
import type { Plan } from './plan.js';
import type { NodeState } from './node-state.js';
import type { RunState } from './run-state.js';

/**
 * Goes on with another plan, in place: nodes keep what they are by their id, and whatever is kept by place moves with them. Nodes that have
 * not begun wait for what they depend on now; one that has begun must be in the new plan as it was. O(nodes + edges).
 */
export function adoptPlan(state: RunState, plan: Plan, fresh: () => NodeState): void {
  const { plan: old, nodes } = state;
  const placesOf = (index: number): number[] => {
    const place = plan.indexById.get(old.nodes[index]!.id);
    return place === undefined ? [] : [place];
  };
  state.plan = plan;
  state.nodes = plan.nodes.map(({ id }) => {
    const before = old.indexById.get(id);
    return before === undefined || isUntouched(nodes[before]!) ? fresh() : nodes[before]!;
  });
  for (const places of [state.ready, state.running]) refill(places, [...places].flatMap(placesOf));
  for (const instants of [state.retrying, state.sleeping, state.dispatched]) {
    const moved = [...instants].flatMap(([index, at]) => placesOf(index).map((place) => [place, at] as const));
    instants.clear();
    for (const [place, at] of moved) instants.set(place, at);
  }
  for (const [key, waiting] of state.awaiting) state.awaiting.set(key, waiting.flatMap(placesOf));
  state.undoable = state.undoable.flatMap(placesOf);
  countRemaining(state);
}

/** What each node waits for, and which of those that have not begun are ready: those that were first, then the others in order. */
function countRemaining(state: RunState): void {
  const { plan, nodes, ready } = state;
  state.remaining = Int32Array.from(plan.nodes, ({ dependsOn }) => dependsOn.filter((index) => !isSettled(state, index)).length);
  state.unsettled = plan.nodes.filter(({ index }) => !isSettled(state, index)).length;
  refill(
    ready,
    [...ready].filter((index) => !isUntouched(nodes[index]!) || state.remaining[index] === 0),
  );
  for (const { index } of plan.nodes) {
    if (!isUntouched(nodes[index]!) || state.remaining[index] !== 0) continue;
    nodes[index]!.status = 'ready';
    ready.add(index);
  }
}

/** A failure that the run does not survive settles nothing. */
function isSettled({ plan, nodes }: RunState, index: number): boolean {
  const { status } = nodes[index]!;
  return status === 'completed' || status === 'skipped' || (status === 'failed' && plan.nodes[index]!.onError === 'continue');
}

function refill(set: Set<number>, values: readonly number[]): void {
  set.clear();
  for (const value of values) set.add(value);
}
