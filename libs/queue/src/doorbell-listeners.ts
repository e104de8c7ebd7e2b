import type { Ring } from '@baton/core';
import type { QueueLogger } from './logger.js';

/** The listeners of one process. One that throws does not keep the ring from the others. */
export class DoorbellListeners {
  private readonly listeners = new Set<{ hear: (ring: Ring) => void }>();

  constructor(private readonly logger: QueueLogger) {}

  add(hear: (ring: Ring) => void): () => void {
    const listener = { hear };
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  tell(rings: readonly Ring[]): void {
    for (const ring of rings) {
      for (const { hear } of this.listeners) {
        try {
          hear(ring);
        } catch (error) {
          this.logger.error({ err: error, ring }, 'A doorbell listener failed');
        }
      }
    }
  }
}
