import { BatonError } from '@baton/core';
import { TenantShares } from './tenant-shares.js';

/** Starts under way that are let in however long they take. */
const FLOOR = 64;
const CEILING = 4_096;
const FIRST_LIMIT = 128;
/** By how much a round of starts in time raises the limit, and one that is late lowers it. */
const STEP = 4;
const BACK_OFF = 0.8;
/** A round is late where more than this part of its starts are: one that met a pause of the process says nothing of how many there were. */
const LATE_PART = 0.05;
/** And where more than this part takes twice as long, and no fewer than so many: of a hundred answers, ninety-nine come within it. */
const VERY_LATE = { times: 2, part: 0.01, least: 3 };
/** Of the time that is wanted, the part that waiting to be read counts for at most: where a flood alone makes it long, fewer starts would not help. */
const UNREAD_PART = 0.5;
/** How long a refusal is good for: it says how many were under way when it was made. */
const SAME_REFUSAL_MS = 100;

/**
 * Bounds the starts that are under way, so that those let in are accepted in time: the bound rises while they are, and falls by a part when
 * some are not (additive increase, multiplicative decrease, once for as many starts as it lets in). What cannot be done in time is refused while
 * that is still cheap. A start counts from when it could have been read: in a flood it waits in its socket for a turn of the event loop, longer
 * than for all that comes then; that counts up to a part. Where the gate is full, a tenant with less than an even share of it is let in above it.
 */
export class StartGate {
  private limit = FIRST_LIMIT;
  private underWay = 0;
  private readonly ofTenants = new Map<string, number>();
  private readonly shares: TenantShares;
  private round = newRound();
  private refusal: { error: BatonError; at: number } | null = null;

  /**
   * @param targetMs 0: lets everybody in
   * @param unreadMs how long what comes now has waited to be read
   */
  constructor(
    private readonly targetMs: number,
    private readonly unreadMs: () => number = () => 0,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.shares = new TenantShares(now);
  }

  /** Why a start of the tenant is not let in; null: it is. */
  refusalOf(tenantId: string): BatonError | null {
    this.shares.note(tenantId);
    if (this.targetMs === 0 || this.underWay < this.limit) return null;
    if ((this.ofTenants.get(tenantId) ?? 0) < this.limit / this.shares.tenants) return null;
    return this.refuse();
  }

  /** A start was let in. Returns the way out, to be called once. */
  enter(tenantId: string): () => void {
    const enteredAt = this.now() - Math.min(this.unreadMs(), this.targetMs * UNREAD_PART);
    this.underWay += 1;
    this.ofTenants.set(tenantId, (this.ofTenants.get(tenantId) ?? 0) + 1);
    return () => {
      this.learn(enteredAt);
      this.underWay -= 1;
      const left = this.ofTenants.get(tenantId)! - 1;
      if (left > 0) this.ofTenants.set(tenantId, left);
      else this.ofTenants.delete(tenantId);
    };
  }

  private learn(enteredAt: number): void {
    const { round } = this;
    round.ended += 1;
    round.mostUnderWay = Math.max(round.mostUnderWay, this.underWay);
    const tookMs = this.now() - enteredAt;
    if (tookMs > this.targetMs) round.late += 1;
    if (tookMs > this.targetMs * VERY_LATE.times) round.veryLate += 1;
    if (round.ended < this.limit) return;
    const isVeryLate = round.veryLate >= VERY_LATE.least && round.veryLate > round.ended * VERY_LATE.part;
    if (isVeryLate || round.late > round.ended * LATE_PART) this.limit = Math.max(FLOOR, this.limit * BACK_OFF);
    // A limit that nobody comes near says nothing of how many could be under way.
    else if (round.mostUnderWay * 2 >= this.limit) this.limit = Math.min(CEILING, this.limit + STEP);
    this.round = newRound();
  }

  private refuse(): BatonError {
    const now = this.now();
    if (this.refusal === null || now - this.refusal.at > SAME_REFUSAL_MS) {
      const detail = `${this.underWay} starts are under way, as many as are accepted within MAX_START_DELAY_MS=${this.targetMs}.`;
      this.refusal = { error: new BatonError('overloaded', detail), at: now };
    }
    return this.refusal.error;
  }
}

/** What became of starts since the limit was last thought over. */
function newRound() {
  return { ended: 0, late: 0, veryLate: 0, mostUnderWay: 0 };
}
