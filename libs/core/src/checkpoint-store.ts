/** The state of a run at a seq, dumped and compressed. It says nothing that the journal does not say. */
export interface Checkpoint {
  readonly runId: string;
  readonly tenantId: string;
  /** The last event that has gone into it. */
  readonly seq: number;
  readonly state: Uint8Array;
  readonly createdAt: number;
}

/**
 * The last checkpoint of each run that has one, so that a long journal need not be read from its beginning. Any of them may be dropped at any
 * time without loss.
 *
 * @throws BatonError `storage_unavailable`.
 */
export abstract class CheckpointStore {
  /** Keeps it in the place of the run's earlier one; a later one stays, however many write at once. */
  abstract keep(checkpoint: Checkpoint): Promise<void>;
  abstract find(runId: string): Promise<Checkpoint | null>;
  /** Removes those of these runs that there are; returns how many. */
  abstract remove(runIds: readonly string[]): Promise<number>;
  /**
   * Removes, among the next `limit` checkpoints in the order of run ids, those whose run has ended or is gone. `next`: where to go on; null:
   * these were the last.
   */
  abstract removeEnded(page: { after: string | null; limit: number }): Promise<{ removed: number; next: string | null }>;
}
