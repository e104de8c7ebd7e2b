import { api, unwrap } from '../../api/client.js';

/** What goes with a run, as people are told before. */
export const GOES_WITH_A_RUN = 'journal, logs, result, payloads, artifacts and approvals';

/**
 * Removes a run that has ended, and all below it. It cannot be undone.
 *
 * @throws ProblemError such as `run_not_ended`, `dead_letter_open`, `run_not_found`
 */
export function deleteRun(id: string): Promise<unknown> {
  return api.DELETE('/api/v1/runs/{id}', { params: { path: { id } } }).then(unwrap);
}
