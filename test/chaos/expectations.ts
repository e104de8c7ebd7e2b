import type { JsonObject, WorkflowDefinition } from '@baton/core';
import { CANCELLED, WORKFLOWS } from './load-kinds.js';

type Node = WorkflowDefinition['nodes'][number];

const nodesOf = new Map(WORKFLOWS.map(({ name, nodes }) => [name, nodes]));

/** How a run of the load ends. */
export function endOf(workflow: string): 'completed' | 'cancelled' {
  return workflow === CANCELLED.name ? 'cancelled' : 'completed';
}

/** How many effects each node of a workflow of the load has in a run. */
export function effectsIn(workflow: string): Map<string, number> {
  return new Map(
    (nodesOf.get(workflow) ?? [])
      .map((node): [string, number] => [node.id, timesOf(node, 'effect')])
      .filter(([, times]) => times > 0),
  );
}

/** The places of the children of a run of it, as `node/index`. */
export function childrenIn(workflow: string): Set<string> {
  return new Set(
    (nodesOf.get(workflow) ?? []).flatMap((node) =>
      Array.from({ length: timesOf(node, 'workflow') }, (_, index) => `${node.id}/${index}`),
    ),
  );
}

/** How often a node does what nodes of the type do: once for each item where it is a map over such. */
function timesOf({ type, config }: Node, wanted: string): number {
  if (type === wanted) return 1;
  const body = config['body'] as JsonObject | undefined;
  return type === 'map' && body?.['type'] === wanted ? (config['items'] as unknown[]).length : 0;
}
