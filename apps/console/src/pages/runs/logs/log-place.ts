/** Workers write side by side: lines may come up to so long after others with higher numbers. A write to the database takes 5 s at most. */
const SETTLED_MS = 6_000;

/** From where on a follower of a log has to look, so that it misses no line that comes late. */
export class LogPlace {
  /** Ends of looks that lines may still come before, the oldest first. */
  private ends: { readonly n: number; readonly seenAt: number }[] = [];
  private settled = 0;

  /** The number of a line before which no more will come. */
  get after(): number {
    return this.settled;
  }

  /** A look that began after that line has come to the end of the log, line `last`. Both times by a clock that never goes back. */
  looked({ last, beganAt, endedAt }: { last: number; beganAt: number; endedAt: number }): void {
    this.ends.push({ n: last, seenAt: endedAt });
    // Only a look that began later has seen what came late.
    const sure = this.ends.findLastIndex(({ seenAt }) => seenAt + SETTLED_MS <= beganAt);
    if (sure === -1) return;
    this.settled = this.ends[sure]!.n;
    this.ends = this.ends.slice(sure + 1);
  }
}
