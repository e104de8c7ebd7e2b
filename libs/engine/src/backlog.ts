import { BatonError, type Clock, type RunStore } from '@baton/core';

export interface BacklogOptions {
  /** Queued runs at which no more are accepted. */
  maxQueued: number;
  /** How long a count is good for. */
  freshForMs: number;
}

/** How soon a refused caller may try again. */
const RETRY_AFTER_SECONDS = 2;
/** What there is above the bound, as a part of it, for tenants that have little queued: one that floods it shuts nobody else out. */
const RESERVE = 1 / 10;
/** How much of the bound is little. */
const LITTLE = 1 / 100;
/** The part of the time in which a full backlog may be counted again and again: a long one takes long. */
const COUNTING = 1 / 10;

/** A number of queued runs that is asked for at most once in a while; in between, what this process accepts itself is added. */
class QueuedCount {
  private counted = 0;
  private acceptedSince = 0;
  private countedAt = -Infinity;
  private tookMs = 0;
  private counting: Promise<void> | null = null;

  constructor(
    private readonly ask: () => Promise<number>,
    private readonly clock: Clock,
    private readonly freshForMs: number,
  ) {}

  get size(): number {
    return this.counted + this.acceptedSince;
  }

  add(): void {
    this.acceptedSince += 1;
  }

  /** Counts again where the last count is too old, without making anybody wait for it but the first. */
  async refresh(): Promise<void> {
    const isFirst = this.countedAt === -Infinity;
    if (this.age > this.freshForMs) this.counting ??= this.count();
    if (isFirst) await this.counting;
  }

  /** Counts again before somebody is refused, where some of what was accepted since the last count may be in work by now. */
  async makeSure(): Promise<void> {
    if (this.acceptedSince > 0 && this.isOld) await this.recount();
  }

  /** Whether a new count is worth what it takes. */
  get isOld(): boolean {
    return this.age > Math.max(this.freshForMs / 10, this.tookMs / COUNTING);
  }

  async recount(): Promise<void> {
    await (this.counting ??= this.count());
  }

  private get age(): number {
    return this.clock.monotonic() - this.countedAt;
  }

  /** A count that fails leaves the last one: the start itself will tell that SQL is away. */
  private async count(): Promise<void> {
    const { acceptedSince: before } = this;
    const startedAt = this.clock.monotonic();
    try {
      this.counted = await this.ask();
      this.acceptedSince -= before;
    } catch {
      // Counted again after the same while.
    } finally {
      this.countedAt = this.clock.monotonic();
      this.tookMs = this.countedAt - startedAt;
      this.counting = null;
    }
  }
}

interface Refusal {
  error: BatonError;
  at: number;
  /** A count is under way that says whether it still holds. */
  isInDoubt: boolean;
}

/**
 * Bounds the runs that are queued. Several processes may pass the bound by what they accept within one count's life. A tenant that has little
 * queued is let in a little above it.
 */
export class Backlog {
  private readonly all: QueuedCount;
  /** Of the tenants that have asked since it has been full. */
  private readonly ofTenants = new Map<string, QueuedCount>();
  /** The last refusal of each tenant, and when it was made. */
  private readonly refusals = new Map<string, Refusal>();
  private readonly most: number;

  constructor(
    private readonly parts: { runs: Pick<RunStore, 'countQueued'>; clock: Clock },
    private readonly options: BacklogOptions,
  ) {
    this.most = options.maxQueued + Math.floor(options.maxQueued * RESERVE);
    this.all = this.counterOf(() => parts.runs.countQueued(this.most));
  }

  get capacity(): number {
    return this.options.maxQueued;
  }

  /** @throws BatonError `backlog_full`. */
  async check(tenantId: string): Promise<void> {
    const { all } = this;
    const { maxQueued } = this.options;
    await all.refresh();
    if (all.size >= maxQueued) await all.makeSure();
    if (all.size < maxQueued) {
      this.ofTenants.clear();
      return;
    }
    if (all.size < this.most && (await this.hasLittle(tenantId))) return;
    const detail = `${all.size} runs are queued; MAX_BACKLOG allows ${maxQueued}.`;
    const context = { queued: all.size, max_backlog: maxQueued };
    const error = new BatonError('backlog_full', detail, context, { retryAfterSeconds: RETRY_AFTER_SECONDS });
    this.refusals.set(tenantId, { error, at: this.parts.clock.monotonic(), isInDoubt: false });
    throw error;
  }

  /**
   * The refusal that a start of the tenant would meet, by what one has met a moment ago; null: it may be let in. Costs nothing: while a tenant
   * keeps asking, its refusal stands until a count beside it has found room again, so that a flood does not meet the database.
   */
  refusalOf(tenantId: string): BatonError | null {
    const refusal = this.refusals.get(tenantId);
    if (refusal === undefined) return null;
    if (this.parts.clock.monotonic() - refusal.at > this.options.freshForMs) {
      this.refusals.delete(tenantId);
      return null;
    }
    if (this.all.isOld && !refusal.isInDoubt) void this.reconsider(tenantId, refusal);
    return refusal.error;
  }

  /** How many are queued, counted anew, and no further than the bound. */
  async measure(): Promise<number> {
    await this.all.recount();
    return this.all.size;
  }

  /** A run was accepted: it counts from now on. */
  add(tenantId: string): void {
    this.all.add();
    this.ofTenants.get(tenantId)?.add();
  }

  private async reconsider(tenantId: string, refusal: Refusal): Promise<void> {
    refusal.isInDoubt = true;
    await this.all.recount();
    try {
      await this.check(tenantId);
      this.refusals.delete(tenantId);
    } catch {
      // There is a new one.
    }
  }

  private async hasLittle(tenantId: string): Promise<boolean> {
    const little = Math.max(1, Math.floor(this.options.maxQueued * LITTLE));
    let own = this.ofTenants.get(tenantId);
    if (own === undefined) {
      own = this.counterOf(() => this.parts.runs.countQueued(little, tenantId));
      this.ofTenants.set(tenantId, own);
    }
    await own.refresh();
    if (own.size >= little) await own.makeSure();
    return own.size < little;
  }

  private counterOf(ask: () => Promise<number>): QueuedCount {
    return new QueuedCount(ask, this.parts.clock, this.options.freshForMs);
  }
}
