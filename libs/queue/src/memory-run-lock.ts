import { MemoryLockStore } from './memory-lock-store.js';
import { type RunLockOptions, TokenRunLock } from './token-run-lock.js';

/** The lock helper of one process. Helpers exclude one another if they share `store`. */
export class MemoryRunLock extends TokenRunLock {
  constructor(options: RunLockOptions & { store?: MemoryLockStore } = {}) {
    super(options.store ?? new MemoryLockStore(options.clock), options);
  }
}
