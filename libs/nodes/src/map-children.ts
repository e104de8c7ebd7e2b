import {
  BatonError,
  childOutput,
  type ChildOutcome,
  type ErrorInfo,
  type JsonObject,
  type JsonValue,
  type NodeContext,
} from '@baton/core';
import { parseConfig } from './node-config.js';
import { ChildConfig } from './workflow-node.js';

interface MapChildrenParts {
  items: readonly JsonValue[];
  /** So many done are enough. */
  wanted: number;
  bodyConfig: JsonObject;
  concurrency: number;
  /** Whether the failure of an item is one of the results. */
  survives: boolean;
  /** Whether the map fails once `wanted` is out of reach. */
  mustReach: boolean;
}

/**
 * The items of a map as child runs, spread over all workers. The map itself is parked until enough of them have ended. Another attempt runs those
 * anew that did not complete.
 */
export async function mapChildren(
  context: NodeContext,
  { items, wanted, bodyConfig, concurrency, survives, mustReach }: MapChildrenParts,
): Promise<({ output: JsonValue } | { error: ErrorInfo } | undefined)[]> {
  const { input, ...rest } = bodyConfig;
  const config = context.render(rest) as JsonObject;
  const { workflow, version } = parseConfig({ ...context, config }, ChildConfig);
  const inputs = items.map((item, index) => (input === undefined ? item : context.render(input, { item, index })));
  const tolerated = mustReach ? items.length - wanted : survives ? items.length : 0;
  const outcomes = await context.runChildren('items', {
    ...{ workflow, inputs, concurrency, wanted, tolerated, ...(version !== undefined && { version }) },
  });
  checkFailures(context, outcomes, wanted, tolerated);
  return outcomes.map((outcome) => {
    if (outcome === null) return undefined;
    return outcome.status === 'completed' ? { output: outcome.output } : { error: outcome.error };
  });
}

function checkFailures(
  { nodeId }: NodeContext,
  outcomes: readonly (ChildOutcome | null)[],
  wanted: number,
  tolerated: number,
): void {
  const failed = outcomes.filter((outcome) => outcome !== null && outcome.status !== 'completed');
  const [first] = failed;
  if (first === undefined || failed.length <= tolerated) return;
  if (tolerated === 0) childOutput(first);
  const detail = `${failed.length} of ${outcomes.length} child runs have failed, ${wanted} had to be done: ${first.runId} first.`;
  throw new BatonError('child_failed', detail, { node_id: nodeId, child_run_id: first.runId });
}
