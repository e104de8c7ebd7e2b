import {
  claimTurn,
  KEPT_TURN_MS,
  type RateClaim,
  RateLimiter,
  SystemClock,
  type Clock,
  type Turn,
  type TurnRequest,
  unitMs,
} from '@baton/core';

/** So many limits and turns are kept before those that mean nothing any more are looked for. */
const SWEEP_AT = 10_000;

/** Rate limits of one process. */
export class MemoryRateLimiter extends RateLimiter {
  /** When all that was taken of a limit is paid off, by its key. */
  private readonly paidAt = new Map<string, number>();
  /** The turns that are kept, by ticket. */
  private readonly turns = new Map<string, number>();
  private sweepAt = SWEEP_AT;

  constructor(private readonly clock: Clock = new SystemClock()) {
    super();
  }

  take({ ticket, claims, inPlaceMs, maxWaitMs }: TurnRequest): Promise<Turn> {
    const now = this.clock.now();
    this.sweep(now);
    const kept = this.turns.get(ticket);
    if (kept !== undefined && kept + KEPT_TURN_MS > now) {
      if (kept - now <= inPlaceMs) this.turns.delete(ticket);
      return Promise.resolve({ kind: 'turn', waitMs: Math.max(0, kept - now), claim: -1 });
    }
    const turns = claims.map((claim) => claimTurn(this.paidAt.get(claim.key) ?? now, now, claim));
    const at = Math.max(now, ...turns.map((turn) => turn.at));
    const claim = turns.findIndex((turn) => turn.at === at);
    if (at - now > maxWaitMs) return Promise.resolve({ kind: 'full', retryAfterMs: at - now - maxWaitMs, claim });
    claims.forEach(({ key }, index) => this.paidAt.set(key, turns[index]!.paidAt));
    if (at - now > inPlaceMs) this.turns.set(ticket, at);
    return Promise.resolve({ kind: 'turn', waitMs: at - now, claim });
  }

  settle(claims: readonly RateClaim[]): Promise<void> {
    const now = this.clock.now();
    for (const { key, limit, cost } of claims) {
      this.paidAt.set(key, Math.max(now, this.paidAt.get(key) ?? now) + cost * unitMs(limit));
    }
    return Promise.resolve();
  }

  /** What is paid off is as if it had never been. */
  private sweep(now: number): void {
    if (this.paidAt.size + this.turns.size < this.sweepAt) return;
    for (const [key, at] of this.paidAt) if (at <= now) this.paidAt.delete(key);
    for (const [ticket, at] of this.turns) if (at + KEPT_TURN_MS <= now) this.turns.delete(ticket);
    this.sweepAt = Math.max(SWEEP_AT, 2 * (this.paidAt.size + this.turns.size));
  }
}
