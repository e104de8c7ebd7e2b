const WINDOW_MS = 1_000;

/** How the requests of the last second or two spread over the tenants. */
export class TenantShares {
  private counts = new Map<string, number>();
  private total = 0;
  private before = { counts: new Map<string, number>(), total: 0 };
  private begunAt: number;

  constructor(private readonly now: () => number = () => performance.now()) {
    this.begunAt = now();
  }

  note(tenantId: string): void {
    this.turn();
    this.total += 1;
    this.counts.set(tenantId, (this.counts.get(tenantId) ?? 0) + 1);
  }

  /** Those that asked for something, one at least. */
  get tenants(): number {
    return Math.max(1, this.counts.size, this.before.counts.size);
  }

  /** Whether the tenant asks for less than half of an even share. */
  isSmall(tenantId: string): boolean {
    const own = (this.counts.get(tenantId) ?? 0) + (this.before.counts.get(tenantId) ?? 0);
    return own * 2 * this.tenants < this.total + this.before.total;
  }

  private turn(): void {
    const elapsed = this.now() - this.begunAt;
    if (elapsed < WINDOW_MS) return;
    const { counts, total } = this;
    this.before = elapsed < 2 * WINDOW_MS ? { counts, total } : { counts: new Map(), total: 0 };
    this.counts = new Map();
    this.total = 0;
    this.begunAt += elapsed - (elapsed % WINDOW_MS);
  }
}
