import { type Clock, SystemClock } from '@baton/core';
import type { LockEntry, LockStore, RenewalResult } from './lock-store.js';

/** Locks of one process. All lock helpers that are to exclude one another share one store. */
export class MemoryLockStore implements LockStore {
  readonly method = 'memory';
  private readonly locks = new Map<string, { value: string; expiresAt: number }>();

  constructor(private readonly clock: Clock = new SystemClock()) {}

  async acquire(entry: LockEntry, ttlMs: number): Promise<string> {
    return this.set(entry, ttlMs, this.held(entry.key) ?? entry.value);
  }

  async swap(entry: LockEntry, seen: string, ttlMs: number): Promise<string> {
    const held = this.held(entry.key);
    return this.set(entry, ttlMs, held === null || held === seen ? entry.value : held);
  }

  async renew(entries: readonly LockEntry[], ttlMs: number): Promise<RenewalResult[]> {
    return entries.map((entry) => {
      const held = this.held(entry.key);
      if (held === null) return 'absent';
      return this.set(entry, ttlMs, held) === entry.value ? 'extended' : 'foreign';
    });
  }

  async release(entry: LockEntry): Promise<boolean> {
    return this.held(entry.key) === entry.value && this.locks.delete(entry.key);
  }

  async read(key: string): Promise<string | null> {
    return this.held(key);
  }

  /** The cursor is the last key of the page before. */
  async scan(prefix: string, after: string | null, limit: number): Promise<{ entries: LockEntry[]; next: string | null }> {
    const keys = [...this.locks.keys()].filter((key) => key.startsWith(prefix) && (after === null || key > after)).toSorted();
    const page = keys.slice(0, limit);
    const entries = page.flatMap((key) => {
      const value = this.held(key);
      return value === null ? [] : [{ key, value }];
    });
    return { entries, next: keys.length > limit ? page.at(-1)! : null };
  }

  /** Forgets all locks, as Redis does at FLUSHALL. */
  clear(): void {
    this.locks.clear();
  }

  /** Sets the entry if its value is the one to win; returns the winner. */
  private set(entry: LockEntry, ttlMs: number, winner: string): string {
    if (winner === entry.value) this.locks.set(entry.key, { value: winner, expiresAt: this.clock.monotonic() + ttlMs });
    return winner;
  }

  private held(key: string): string | null {
    const lock = this.locks.get(key);
    if (lock === undefined) return null;
    if (lock.expiresAt > this.clock.monotonic()) return lock.value;
    this.locks.delete(key);
    return null;
  }
}
