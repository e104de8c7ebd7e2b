import { WorkerPresence } from '@baton/core';

/** {@link WorkerPresence} of a process that shares its queue with no other: there is nobody to miss. */
export class MemoryWorkerPresence extends WorkerPresence {
  async look(): Promise<null> {
    return null;
  }
}
