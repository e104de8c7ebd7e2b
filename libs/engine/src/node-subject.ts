import type { RunState } from '@baton/core';

/** What the next event of a node is about: the node, as its run stands. */
export function subjectOf({ nodes, plan }: RunState, index: number): { id: string; visit: number; attempt: number } {
  const { visit, attempt } = nodes[index]!;
  return { id: plan.nodes[index]!.id, visit, attempt };
}
