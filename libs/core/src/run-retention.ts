/** A place among runs that have ended, in the order of their end. */
export interface EndedPlace {
  readonly finishedAt: number;
  readonly runId: string;
}

/** Takes runs away that have ended long ago, with all that is theirs; what they have used stays in the sums. */
export abstract class RunRetention {
  /**
   * Takes away those of a page of runs that ended before `before`: from then on nobody finds them, and their Idempotency-Keys are free. A run stays whose
   * parent lives, or whose dead letter is open. `next`: where the next page begins; null: there is none.
   */
  abstract removeEnded(page: {
    before: number;
    after: EndedPlace | null;
    limit: number;
    at: number;
  }): Promise<{ removed: number; next: EndedPlace | null }>;
  /** Removes the rows that runs have left which were taken away before `before`, some thousand at most; returns how many runs have none left. Safe to repeat, and in many processes at once. */
  abstract clear(before: number, limit: number): Promise<number>;
}
