import type { RemovableRun } from './run-retention.js';

/** Where runs are kept that retention takes away. */
export abstract class RunArchive {
  /**
   * Keeps all that makes up a run. When it resolves, what was kept has been read back and found whole, and outlives a crash. Safe to repeat: the same run is
   * kept in the same place. False: there is no such run any more.
   * @param signal ends it at once, with its reason; nothing that is half written is taken for an archive
   * @throws BatonError `storage_unavailable` where the archive or a store of what is to be kept does not answer; `payload_not_found` and
   * `blob_damaged` where a payload of the run is not to be had, `workflow_not_found` where a definition is not.
   */
  abstract keep(run: RemovableRun, signal?: AbortSignal): Promise<boolean>;
}
