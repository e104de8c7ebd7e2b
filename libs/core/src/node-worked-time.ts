import { BatonError } from './errors.js';
import type { PlanNode } from './plan.js';
import type { NodeState } from './node-state.js';
import type { RunState } from './run-state.js';

/** An attempt is in work from now on; in a pool from its dispatch on. */
export function beginWork(node: NodeState, at: number): void {
  node.workingSince = at;
}

/** It has ended, or waits; what it took stays known when the node is settled. Clocks of two workers differ: no attempt is shorter than nothing. */
export function endWork(node: NodeState, at: number): void {
  if (node.workingSince !== null) node.workedMs += Math.max(0, at - node.workingSince);
  node.workingSince = null;
}

/** Another visit begins. */
export function forgetWork(node: NodeState): void {
  node.workedMs = 0;
  node.workingSince = null;
}

/** How long the attempts of the visit may still take in all, in milliseconds; null: as long as they like. */
export function nodeTimeLeft({ plan, nodes }: Pick<RunState, 'plan' | 'nodes'>, index: number, now: number): number | null {
  const { totalTimeoutMs } = plan.nodes[index]!;
  if (totalTimeoutMs === null) return null;
  const { workedMs, workingSince } = nodes[index]!;
  return totalTimeoutMs - workedMs - (workingSince === null ? 0 : Math.max(0, now - workingSince));
}

/** What a node fails with whose attempts have taken too long in all: another one would have no time. */
export function nodeTimeout({ id, totalTimeoutMs }: PlanNode): BatonError {
  const detail = `The attempts of the node took longer than ${totalTimeoutMs} ms in all.`;
  return new BatonError('timeout', detail, { node_id: id }, { retryable: false });
}
