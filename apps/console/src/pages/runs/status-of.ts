import type { Run } from './run-types.js';
import type { ShownRun } from './use-run-view.js';

/** Whichever is newer: the answer of the API, or what its journal has said since. */
export function statusOf(run: Run, { view }: ShownRun): string {
  return view !== null && view.seq > run.seq ? view.status : run.status;
}
