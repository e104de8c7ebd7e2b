import { z } from 'zod';
import { diffNodes } from './definition-diff.js';
import { BatonError, toErrorInfo, type ErrorInfo } from './errors.js';
import { runEvent, type EventDraft } from './journal-event.js';
import type { JsonObject } from './json.js';
import { touchedNodes } from './patch-policy.js';
import type { Plan } from './plan.js';
import type { RunState } from './run-state.js';

/** What the signal `patch` says: the revision that waits, and the definition that it makes. */
const PatchSignalSchema = z.object({
  revision: z.int(),
  digest: z.string(),
  previous_digest: z.string(),
  by: z.string(),
  reason: z.string(),
});
export type PatchSignal = z.infer<typeof PatchSignalSchema>;

/** Null: no revision. */
export function readPatchSignal(payload: JsonObject): PatchSignal | null {
  return PatchSignalSchema.safeParse(payload).data ?? null;
}

/**
 * What the holder journals of a revision that waits: that the run goes on with its plan, or, where it may not, why. It is held against the
 * plan in use and the state as it stands now: a revision that was made from a refused one stands or falls by what it changes itself.
 */
export function answerPatch(state: RunState, plan: Plan, signal: PatchSignal, at: number): EventDraft {
  const definitions = (of: Plan) => of.nodes.map(({ definition }) => definition);
  const diff = diffNodes(definitions(state.plan), definitions(plan));
  const error = refusal(state, touchedNodes(state, diff), signal.revision);
  if (error !== null) return runEvent('run.patch_refused', at, { ...signal, error });
  return runEvent('run.patched', at, { ...signal, ...diff });
}

function refusal(state: RunState, touched: readonly string[], revision: number): ErrorInfo | null {
  const context = { run_id: state.facts.id, revision };
  if (state.failure !== null)
    return toErrorInfo(new BatonError('patch_refused', 'The run had failed before it could take the patch up.', context));
  if (touched.length === 0) return null;
  const nodes = touched.map((id) => `\`${id}\``).join(', ');
  const message = `What the patch changes or removes had started before the run could take it up: ${nodes}.`;
  return toErrorInfo(new BatonError('patch_refused', message, { ...context, nodes: [...touched] }));
}
