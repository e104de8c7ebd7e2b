import type { ExpressionScope } from './expression.js';
import type { JsonValue } from './json.js';
import { NO_PAYLOADS, openForm, type PayloadLookup } from './payload.js';
import type { RunState } from './run-state.js';

/** What an expression of the run may look at, as far as these nodes go. @throws PayloadMissing where `lookup` does. */
export function scopeOf(state: RunState, nodeIds: readonly string[], lookup: PayloadLookup = NO_PAYLOADS): ExpressionScope {
  const { id, taskId, tenantId, workflow, input } = state.facts;
  const nodes: ExpressionScope['nodes'] = Object.fromEntries(
    nodeIds.flatMap((nodeId) => {
      const index = state.plan.indexById.get(nodeId);
      if (index === undefined) return [];
      const { output, status, error } = state.nodes[index]!;
      return [[nodeId, { output: openForm(output, lookup), status, error: error as JsonValue }]];
    }),
  );
  return { input: openForm(input, lookup), nodes, run: { id, task_id: taskId, tenant_id: tenantId, workflow } };
}
