import {
  BatonError,
  nodeTimeLeft,
  nodeTimeout,
  type Clock,
  type PlanCompensation,
  type PlanNode,
  type RunState,
} from '@baton/core';

interface LimitedTask {
  readonly node: PlanNode;
  /** What is done: the node's own work, or what undoes it. */
  readonly work: PlanNode | PlanCompensation;
}

/** How long an attempt may take, its own limit or what is left of that of all attempts of the node, whichever ends first; null: as long as it likes. */
export function attemptLimit(
  { state, clock }: { state: RunState; clock: Clock },
  { node, work }: LimitedTask,
): { ms: number; error: BatonError } | null {
  const { timeoutMs } = work;
  const left = work === node ? nodeTimeLeft(state, state.plan.indexById.get(node.id)!, clock.now()) : null;
  if (left !== null && left <= (timeoutMs ?? Infinity)) return { ms: Math.max(0, left), error: nodeTimeout(node) };
  if (timeoutMs === null) return null;
  const detail = `The attempt took longer than ${timeoutMs} ms.`;
  return { ms: timeoutMs, error: new BatonError('timeout', detail, { node_id: node.id }) };
}
