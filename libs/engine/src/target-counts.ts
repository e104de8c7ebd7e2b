import type { CircuitStore, Clock, TargetCalls, TargetKey } from '@baton/core';
import type { EngineObserver } from './engine-observer.js';

const MINUTE_MS = 60_000;

export interface TargetCountsOptions {
  /** How long calls are gathered before they are written. */
  flushMs: number;
  /** How long what is written is kept. */
  keepMs: number;
}

/** It counts on until it is written. */
type Gathered = { -readonly [name in keyof TargetCalls]: TargetCalls[name] };

/** Counts the calls of this process by target and minute, and writes them together: a call costs no statement, nor does a pause. */
export class TargetCounts {
  private gathered = new Map<string, Gathered>();
  private due: AbortController | null = null;
  private forgotAt = -Infinity;

  constructor(
    private readonly parts: { circuits: CircuitStore; clock: Clock; observer: EngineObserver },
    private readonly options: TargetCountsOptions,
  ) {}

  add({ tenantId, target }: TargetKey, failed: boolean, ms: number): void {
    const now = this.parts.clock.now();
    const minuteAt = now - (now % MINUTE_MS);
    const key = `${minuteAt} ${tenantId} ${target}`;
    const known = this.gathered.get(key);
    const counts: Gathered = known ?? { tenantId, target, minuteAt, calls: 0, failures: 0, totalMs: 0, maxMs: 0 };
    if (known === undefined) this.gathered.set(key, counts);
    counts.calls += 1;
    if (failed) counts.failures += 1;
    counts.totalMs += ms;
    counts.maxMs = Math.max(counts.maxMs, ms);
    this.schedule();
  }

  /** Writes what is gathered now. Never throws: what cannot be written is told and lost. */
  async flush(): Promise<void> {
    this.due?.abort();
    this.due = null;
    const { circuits, clock, observer } = this.parts;
    const calls = [...this.gathered.values()];
    this.gathered = new Map();
    if (calls.length === 0) return;
    try {
      await circuits.addCalls(calls);
      if (clock.now() - this.forgotAt < this.options.keepMs) return;
      this.forgotAt = clock.now();
      await circuits.forget(this.forgotAt - this.options.keepMs);
    } catch (error) {
      observer.trouble({ what: 'count calls', error });
    }
  }

  private schedule(): void {
    if (this.due !== null) return;
    const due = new AbortController();
    this.due = due;
    void this.parts.clock.sleep(this.options.flushMs, due.signal).then(() => (due.signal.aborted ? undefined : this.flush()));
  }
}
