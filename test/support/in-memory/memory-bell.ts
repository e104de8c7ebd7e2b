import { Doorbell, type Ring } from '@baton/core';

/** Carries rings between all processes, or loses them. */
export class BellService {
  /** Rings are lost from now on. `known`: the processes notice. */
  broken: 'no' | 'silently' | 'known' = 'no';
  readonly rung: Ring[] = [];
  readonly listeners = new Set<(ring: Ring) => void>();
}

/** {@link Doorbell} of one process. */
export class MemoryBell extends Doorbell {
  private readonly mine = new Set<(ring: Ring) => void>();

  constructor(private readonly service: BellService) {
    super();
  }

  ring(rings: readonly Ring[]): void {
    this.service.rung.push(...rings);
    if (this.service.broken !== 'no') return;
    setImmediate(() => {
      for (const listener of this.service.listeners) rings.forEach(listener);
    });
  }

  listen(listener: (ring: Ring) => void): () => void {
    this.service.listeners.add(listener);
    this.mine.add(listener);
    return () => {
      this.service.listeners.delete(listener);
      this.mine.delete(listener);
    };
  }

  /** The process is gone: it hears nothing more. */
  die(): void {
    for (const listener of this.mine) this.service.listeners.delete(listener);
  }

  isHealthy(): boolean {
    return this.service.broken !== 'known';
  }
}
