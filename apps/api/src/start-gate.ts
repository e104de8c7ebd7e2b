import { BatonError } from '@baton/core';

/** So many starts at once are no crowd, however long they take. */
const NO_CROWD = 64;
/** A tenant with fewer than this part of them does not make the crowd, and is let in. */
const SMALL_PART = 1 / 8;

/**
 * Bounds how long starts wait to be accepted: while the oldest of a crowd is older than the bound, nobody is let in behind it but tenants that
 * have few among them. What cannot be done in time is refused while that is still cheap.
 */
export class StartGate {
  /** In the order in which they came. */
  private readonly underWay = new Map<object, { tenantId: string; at: number }>();
  private readonly ofTenants = new Map<string, number>();

  /** @param maxDelayMs 0: lets everybody in */
  constructor(
    private readonly maxDelayMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Why a start of the tenant is not let in; null: it is. */
  refusalOf(tenantId: string): BatonError | null {
    if (this.maxDelayMs === 0 || this.underWay.size < NO_CROWD) return null;
    const [oldest] = this.underWay.values();
    const lateMs = this.now() - oldest!.at;
    const isSmall = (this.ofTenants.get(tenantId) ?? 0) < this.underWay.size * SMALL_PART;
    if (lateMs < this.maxDelayMs || isSmall) return null;
    const late = `Starts wait for ${Math.round(lateMs)} ms; MAX_START_DELAY_MS allows ${this.maxDelayMs}.`;
    return new BatonError('overloaded', late);
  }

  /** A start was let in. Returns the way out, to be called once. */
  enter(tenantId: string): () => void {
    const start = {};
    this.underWay.set(start, { tenantId, at: this.now() });
    this.ofTenants.set(tenantId, (this.ofTenants.get(tenantId) ?? 0) + 1);
    return () => {
      this.underWay.delete(start);
      const left = this.ofTenants.get(tenantId)! - 1;
      if (left > 0) this.ofTenants.set(tenantId, left);
      else this.ofTenants.delete(tenantId);
    };
  }
}
