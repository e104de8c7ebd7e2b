/** A run that has ended, and whether it is in the sums. */
export interface EndedRun {
  readonly finishedAt: number;
  readonly runId: string;
  readonly isCounted: boolean;
}

/**
 * Adds runs that have ended to the sums that {@link StatisticsStore} reads. A run is marked in the commit that adds it, so that it counts once
 * whoever counts it, however often.
 *
 * @throws BatonError `storage_unavailable`.
 */
export abstract class RunTally {
  /** Every run that ended before this instant is counted, but for those whose end was committed long after it. 0: nothing is counted yet. */
  abstract countedTo(): Promise<number>;
  /** Runs that ended after this one and not after `until`, in the order of (finishedAt, runId). */
  abstract endedRuns(page: { after: { finishedAt: number; runId: string }; until: number; limit: number }): Promise<EndedRun[]>;
  /** Adds those of these runs that have ended and are not counted yet; returns how many. `countedTo` rises to what is given, or stays. */
  abstract count(runIds: readonly string[], countedTo: number): Promise<number>;
}
