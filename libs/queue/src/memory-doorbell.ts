import { Doorbell, type Ring } from '@baton/core';
import { DoorbellListeners } from './doorbell-listeners.js';
import { type QueueLogger, silentLogger } from './logger.js';

/** The doorbell of one process: every listener hears each ring before `ring` returns. */
export class MemoryDoorbell extends Doorbell {
  private readonly listeners: DoorbellListeners;

  constructor(logger: QueueLogger = silentLogger) {
    super();
    this.listeners = new DoorbellListeners(logger);
  }

  ring(rings: readonly Ring[]): void {
    this.listeners.tell(rings);
  }

  listen(listener: (ring: Ring) => void): () => void {
    return this.listeners.add(listener);
  }

  isHealthy(): boolean {
    return true;
  }
}
