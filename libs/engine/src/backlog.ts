import { BatonError, type Clock, type RunStore } from '@baton/core';

export interface BacklogOptions {
  /** Queued runs at which no more are accepted. */
  maxQueued: number;
  /** How long a count is good for. */
  freshForMs: number;
}

/** How soon a refused caller may try again. */
const RETRY_AFTER_SECONDS = 2;

/**
 * Bounds the runs that are queued. They are counted at most once in a while, so that a start does not pay for it; between two counts a process
 * adds what it accepts itself. Several processes may so pass the bound by what they accept within one count's life.
 */
export class Backlog {
  private queued = 0;
  private acceptedSince = 0;
  private countedAt = -Infinity;
  private counting: Promise<void> | null = null;

  constructor(
    private readonly parts: { runs: Pick<RunStore, 'countQueued'>; clock: Clock },
    private readonly options: BacklogOptions,
  ) {}

  get capacity(): number {
    return this.options.maxQueued;
  }

  /**
   * Counts again where the last count is too old, without making anybody wait for it but the first; and before it refuses, where some of what it
   * has accepted since may be in work by now. @throws BatonError `backlog_full`.
   */
  async check(): Promise<void> {
    const { maxQueued, freshForMs } = this.options;
    const isFirst = this.countedAt === -Infinity;
    if (this.age > freshForMs) this.counting ??= this.count();
    if (isFirst) await this.counting;
    if (this.size >= maxQueued && this.acceptedSince > 0 && this.age > freshForMs / 10) await (this.counting ??= this.count());
    if (this.size < maxQueued) return;
    const detail = `${this.size} runs are queued; MAX_BACKLOG allows ${maxQueued}.`;
    const context = { queued: this.size, max_backlog: maxQueued };
    throw new BatonError('backlog_full', detail, context, { retryAfterSeconds: RETRY_AFTER_SECONDS });
  }

  /** How many are queued, counted anew, and no further than the bound. */
  async measure(): Promise<number> {
    await (this.counting ??= this.count());
    return this.size;
  }

  /** A run was accepted: it counts from now on. */
  add(): void {
    this.acceptedSince += 1;
  }

  private get age(): number {
    return this.parts.clock.monotonic() - this.countedAt;
  }

  private get size(): number {
    return this.queued + this.acceptedSince;
  }

  /** A count that fails leaves the last one: the start itself will tell that SQL is away. */
  private async count(): Promise<void> {
    const { runs, clock } = this.parts;
    const before = this.acceptedSince;
    try {
      this.queued = await runs.countQueued(this.options.maxQueued);
      this.acceptedSince -= before;
    } catch {
      // Counted again after the same while.
    } finally {
      this.countedAt = clock.monotonic();
      this.counting = null;
    }
  }
}
