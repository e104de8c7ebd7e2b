import type { GraphNode } from '../../../components/graph/graph-node.js';
import type { NodeView } from './node-view.js';
import type { RunView } from './run-fold.js';

/** How a node looks: what the engine says, except where the run has ended under it, or has undone it. */
export function shownStatus({ status, undo }: NodeView, hasEnded: boolean): string {
  if (undo === 'completed') return 'undone';
  if (undo === 'running' || undo === 'retrying') return hasEnded ? 'stopped' : 'compensating';
  if (!hasEnded || status === 'completed' || status === 'failed' || status === 'skipped') return status;
  return status === 'pending' ? 'planned' : 'stopped';
}

/** The nodes of a view as a graph shows them. */
export function graphNodes({ nodes, hasEnded }: RunView): GraphNode[] {
  return nodes.map((node) => {
    const startedAt = node.attempts[0]?.startedAt;
    return {
      ...{ id: node.id, title: node.id, kind: node.type, status: shownStatus(node, hasEnded), after: node.after },
      attempts: node.attempt,
      ...(startedAt !== undefined && { startedAt }),
      ...(startedAt !== undefined && node.endedAt !== null && { endedAt: node.endedAt }),
    };
  });
}

/** How many nodes look how, the most telling first. */
export function countStatuses({ nodes, hasEnded }: RunView): { status: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const node of nodes) {
    const status = shownStatus(node, hasEnded);
    counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  return ORDER.flatMap((status) => (counts.has(status) ? [{ status, count: counts.get(status)! }] : []));
}

const ORDER = [
  ...['completed', 'failed', 'undone', 'compensating', 'running', 'dispatched', 'retrying', 'waiting'],
  ...['skipped', 'stopped', 'ready', 'pending', 'planned'],
];
