import type { RunLock } from '@baton/core';

export interface LockEntry {
  key: string;
  value: string;
}

/** What a renewal found under a key: ours and extended, nothing, or another's value. */
export type RenewalResult = 'extended' | 'absent' | 'foreign';

/**
 * Where the values of locks are kept: each method is one atomic transition, and none says who may believe in what.
 *
 * @throws LockStoreUnreachable when the store did not answer in time.
 */
export interface LockStore {
  readonly method: RunLock['method'];
  /** Sets the value where the key is free, and extends it where it is this very value. Returns the value that the key then has. */
  acquire(entry: LockEntry, ttlMs: number): Promise<string>;
  /** Sets the value where the key has the `seen` one, or is free by now. Returns the value that the key then has. */
  swap(entry: LockEntry, seen: string, ttlMs: number): Promise<string>;
  /** Extends each key that still has its value; one round trip for all. Results in the order of the entries. */
  renew(entries: readonly LockEntry[], ttlMs: number): Promise<RenewalResult[]>;
  /** Deletes the key where it has this value; whether it had. */
  release(entry: LockEntry): Promise<boolean>;
  /** The key's value, null where it is free. */
  read(key: string): Promise<string | null>;
  /** The locks whose key begins so, about `limit` at once, from a cursor of an earlier answer on; null: from or to the end. */
  scan(prefix: string, after: string | null, limit: number): Promise<{ entries: LockEntry[]; next: string | null }>;
}

/** The store did not answer. `sent` tells whether it may have done what was asked nevertheless. */
export class LockStoreUnreachable extends Error {
  constructor(
    readonly sent: boolean,
    options?: ErrorOptions,
  ) {
    super('The lock store did not answer', options);
    this.name = 'LockStoreUnreachable';
  }
}
