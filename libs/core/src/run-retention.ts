/** A place among runs that have ended, in the order of their end. */
export interface EndedPlace {
  readonly finishedAt: number;
  readonly runId: string;
}

/** What came of the wish to remove a run. `runId`: whose, it or one below it or, as a parent, above it. */
export type RunRemovalOutcome =
  /** It is gone, with those below it; so many. */
  | { readonly kind: 'removed'; readonly runs: number }
  | { readonly kind: 'missing' }
  /** Has not ended. */
  | { readonly kind: 'live'; readonly runId: string }
  /** Its dead letter is open. */
  | { readonly kind: 'lettered'; readonly runId: string };

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
  /**
   * Takes away one run of a tenant that has ended, whenever, as `removeEnded` does, and first those below it, the lowest first: what a crash leaves of
   * them goes when it is asked for again.
   */
  abstract remove(run: { tenantId: string; runId: string; at: number }): Promise<RunRemovalOutcome>;
  /** Removes the rows that runs have left which were taken away before `before`, some thousand at most; returns how many runs have none left. Safe to repeat, and in many processes at once. */
  abstract clear(before: number, limit: number): Promise<number>;
}
