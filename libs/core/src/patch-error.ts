import { BatonError, type ErrorCode } from './errors.js';
import type { PatchProblem } from './json-patch.js';
import type { PatchResult } from './node-handler.js';

/** Problems of what a run has done already: no other patch of the same kind will do. */
const STARTED = new Set(['node_started', 'run_failed']);

/**
 * All that stands against a patch as one error: `patch_refused` where it comes too late, `limit_exceeded` where it asks for too much, and else
 * `patch_invalid`. Its detail is the first problem with its remedy: what an agent is told.
 */
export function patchError(runId: string, problems: readonly PatchProblem[]): BatonError {
  const only = (isOne: (code: string) => boolean): boolean => problems.every(({ code }) => isOne(code));
  let code: ErrorCode = 'patch_invalid';
  if (only((one) => STARTED.has(one))) code = 'patch_refused';
  else if (only((one) => one === 'limit_exceeded' || one === 'insufficient_capacity')) code = 'limit_exceeded';
  const [first] = problems;
  const others = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  const sentence = first === undefined ? 'It is not valid' : `${first.pointer}: ${first.message}`;
  const detail = `The patch of the run \`${runId}\` is not accepted${others}. ${sentence}. ${first?.remedy ?? ''}`.trim();
  return new BatonError(code, detail, { run_id: runId }, { problems, retryable: false });
}

const READABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  ...(['patch_invalid', 'patch_refused', 'limit_exceeded', 'stale_revision', 'run_ended', 'workflow_not_found'] as const),
]);

/** What an agent is told of its patch; null: the error is none of the patch's. */
export function agentReadable(error: unknown): PatchResult | null {
  if (!(error instanceof BatonError) || !READABLE.has(error.code)) return null;
  const problems = (error.options.problems ?? []).map(({ pointer, message, remedy = '' }) => ({ pointer, message, remedy }));
  return { accepted: false, code: error.code, message: error.message, problems };
}
