import type { RunState } from '@baton/core';

/** Why the run has nothing to do: the reason of the node that has waited longest, or a retry. */
export function waitReason(state: RunState): string {
  if (state.waitsForPlace) return 'a limit on live runs is reached';
  if (state.budget.asking !== null) return 'the budget is used up';
  const { awaiting, sleeping, children, plan } = state;
  const waits = [...awaiting.values(), [...sleeping.keys()], [...children.waiting].map((id) => plan.indexById.get(id)!)]
    .flat()
    .map((index) => state.nodes[index]!.wait!);
  const [wait] = waits.toSorted((left, right) => left.since - right.since);
  if (wait !== undefined) return wait.reason;
  const [out] = state.dispatched.keys();
  return out === undefined ? 'retry' : `waiting for the pool ${state.nodes[out]!.dispatch!.pool}`;
}
