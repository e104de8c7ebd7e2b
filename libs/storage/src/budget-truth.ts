import { amountsOf, callAmounts, EVENT_SCHEMAS, PoolNewsSchema, readUsage, type BudgetHold, type CallAmounts } from '@baton/core';
import type { Database } from './database.js';

/** What the step of a hold has used, as its run's journal says, or a signal that is to be journaled; null: neither knows of it. */
export async function journaledUse(database: Database, hold: BudgetHold): Promise<CallAmounts | null> {
  const { id, runId, nodeId, visit } = hold;
  // The inbox first: a step that leaves it meanwhile stands in the journal.
  const signals = await database.read<{ payload: string }>("SELECT payload FROM signals WHERE run_id = ? AND type = 'pool'", [
    runId,
  ]);
  const events = await database.read<{ payload: string }>(
    "SELECT payload FROM journal WHERE run_id = ? AND type = 'step.completed' AND node_id = ? AND visit = ?",
    [runId, nodeId, visit],
  );
  for (const step of [...events.map(stepOfEvent), ...signals.map(stepOfSignal)])
    if (step?.hold === id && step.usage !== undefined) return callAmounts(amountsOf(readUsage(step.usage)));
  return null;
}

function stepOfEvent({ payload }: { payload: string }) {
  const parsed = EVENT_SCHEMAS['step.completed'].safeParse(JSON.parse(payload));
  return parsed.success ? parsed.data : null;
}

function stepOfSignal({ payload }: { payload: string }) {
  const parsed = PoolNewsSchema.safeParse(JSON.parse(payload));
  return parsed.success && 'step' in parsed.data ? parsed.data.step : null;
}
