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

/** A number of queued runs that is asked for at most once in a while; in between, what this process accepts itself is added. */
class QueuedCount {
  private counted = 0;
  private acceptedSince = 0;
  private countedAt = -Infinity;
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
    if (this.acceptedSince > 0 && this.age > this.freshForMs / 10) await this.recount();
  }

  async recount(): Promise<void> {
    await (this.counting ??= this.count());
  }

  private get age(): number {
    return this.clock.monotonic() - this.countedAt;
  }

  /** A count that fails leaves the last one: the start itself will tell that SQL is away. */
  private async count(): Promise<void> {
    const before = this.acceptedSince;
    try {
      this.counted = await this.ask();
      this.acceptedSince -= before;
    } catch {
      // Counted again after the same while.
    } finally {
      this.countedAt = this.clock.monotonic();
      this.counting = null;
    }
  }
}

/**
 * Bounds the runs that are queued. Several processes may pass the bound by what they accept within one count's life. A tenant that has little
 * queued is let in a little above it.
 */
export class Backlog {
  private readonly all: QueuedCount;
  /** Of the tenants that have asked since it has been full. */
  private readonly ofTenants = new Map<string, QueuedCount>();
  /** The last refusal of each tenant, and until when it stands. */
  private readonly refusals = new Map<string, { error: BatonError; until: number }>();
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
    const { maxQueued, freshForMs } = this.options;
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
    this.refusals.set(tenantId, { error, until: this.parts.clock.monotonic() + freshForMs / 10 });
    throw error;
  }

  /** The refusal that a start of the tenant would meet now, by what one has met a moment ago; null: it may be let in. Costs nothing. */
  refusalOf(tenantId: string): BatonError | null {
    const refusal = this.refusals.get(tenantId);
    if (refusal === undefined) return null;
    if (refusal.until > this.parts.clock.monotonic()) return refusal.error;
    this.refusals.delete(tenantId);
    return null;
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
