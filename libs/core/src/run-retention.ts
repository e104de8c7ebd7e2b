/** How long runs are kept after their end; null: for ever. */
export interface RetentionTerms {
  readonly keepMs: number | null;
  /** Of tenants for which something else holds. */
  readonly tenants: ReadonlyMap<string, number | null>;
}

/** How long the runs of a tenant are kept after their end, in milliseconds; null: for ever. */
export function keepMsOf({ keepMs, tenants }: RetentionTerms, tenantId: string): number | null {
  const own = tenants.get(tenantId);
  return own === undefined ? keepMs : own;
}

/** A place among the runs of a tenant, in the order in which they were created. */
export interface CreatedPlace {
  readonly createdAt: number;
  readonly runId: string;
}

/** A run that has ended and may be taken away. */
export interface RemovableRun {
  readonly runId: string;
  readonly tenantId: string;
  readonly taskId: string | null;
  /** Whether it is in the sums of the analytics. */
  readonly isCounted: boolean;
}

/** A run that is kept longer than it should be, since it could not be archived. */
export interface UnarchivedRun {
  readonly runId: string;
  readonly tenantId: string;
  /** Why. */
  readonly detail: string;
  /** When that was last tried. */
  readonly at: number;
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

export interface ClearedRuns {
  /** Runs of which nothing is left. */
  readonly cleared: number;
  /** Whether others are left, or rows of one. */
  readonly isMore: boolean;
}

/** Takes runs away that have ended long ago, with all that is theirs; what they have used stays in the sums. */
export abstract class RunRetention {
  /** The next tenant that has runs, by name; null: there is none after this one. */
  abstract nextTenant(after: string): Promise<string | null>;
  /**
   * Of a page of the runs of a tenant those that ended before `before`. One is left out whose parent lives, whose dead letter is open, or of which
   * {@link reportUnarchived} told at `unarchivedSince` or later. `next`: where the next page begins; null: there is none.
   */
  abstract findEnded(page: {
    tenantId: string;
    before: number;
    unarchivedSince: number;
    after: CreatedPlace | null;
    limit: number;
  }): Promise<{ runs: RemovableRun[]; next: CreatedPlace | null }>;
  /** From then on nobody finds these runs, and their Idempotency-Keys are free. Safe to repeat. */
  abstract takeAway(runs: readonly RemovableRun[], at: number): Promise<void>;
  /**
   * Takes away one run of a tenant that has ended, whenever, and first those below it, the lowest first: what a crash leaves of them goes when it is
   * asked for again.
   */
  abstract remove(run: { tenantId: string; runId: string; at: number }): Promise<RunRemovalOutcome>;
  /** Writes down that a run could not be archived, until it is taken away. */
  abstract reportUnarchived(run: UnarchivedRun): Promise<void>;
  /** Those of which that was written down since then, the last first. */
  abstract findUnarchived(page: { since: number; limit: number }): Promise<UnarchivedRun[]>;
  /**
   * Removes rows that runs have left which were taken away before `before`: all of as many as `limit`, or of fewer that have some thousand rows, or some
   * thousand of one that has more. Safe to repeat, and in many processes at once, which see to different runs where there are many.
   */
  abstract clear(before: number, limit: number): Promise<ClearedRuns>;
}
