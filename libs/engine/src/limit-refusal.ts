import { BatonError, describeScope, type SubmitOutcome } from '@baton/core';
import type { EngineObserver } from './engine-observer.js';

/** How soon a refused caller may try again: nobody knows when the run in its way ends. */
const RETRY_AFTER_SECONDS = 1;

/** What a caller is told whose run a limit refuses, and what is counted. A workflow that runs one at a time is "already executing". */
export function limitRefusal({ limit, live, liveRunId }: Extract<SubmitOutcome, { kind: 'limited' }>): {
  error: BatonError;
  observed: Parameters<EngineObserver['startRefused']>[0];
} {
  const code = limit.kind === 'workflow' && limit.capacity === 1 ? 'already_executing' : 'limit_reached';
  const detail =
    code === 'already_executing'
      ? `The workflow ${limit.name} is executing already; it may have 1 live run.`
      : `${live} runs are live for ${describeScope(limit)}; ${limit.capacity} are allowed.`;
  const context = {
    limit: { kind: limit.kind, name: limit.name, active_runs: limit.capacity, live },
    ...(liveRunId !== null && { live_run_id: liveRunId }),
  };
  const error = new BatonError(code, detail, context, { retryAfterSeconds: RETRY_AFTER_SECONDS });
  return { error, observed: { code, limit: limit.kind } };
}
