import type { TokenPiece } from '@baton/core';
import type { QueueLogger } from './logger.js';

/** Those of one process who listen to answers, by run. One that throws does not keep a piece from the others. */
export class TokenListeners {
  private readonly byRun = new Map<string, Set<{ hear: (piece: TokenPiece) => void }>>();

  constructor(
    private readonly logger: QueueLogger,
    /** Called with the first listener of a run, and when the last one has gone. */
    private readonly changed: (runId: string, isHeard: boolean) => void = () => undefined,
  ) {}

  get runIds(): string[] {
    return [...this.byRun.keys()];
  }

  /** Runs that are listened to. */
  get size(): number {
    return this.byRun.size;
  }

  has(runId: string): boolean {
    return this.byRun.has(runId);
  }

  add(runId: string, hear: (piece: TokenPiece) => void): () => void {
    const listener = { hear };
    const known = this.byRun.get(runId);
    if (known === undefined) {
      this.byRun.set(runId, new Set([listener]));
      this.changed(runId, true);
    } else known.add(listener);
    return () => this.remove(runId, listener);
  }

  tell(piece: TokenPiece): void {
    for (const { hear } of this.byRun.get(piece.runId) ?? []) {
      try {
        hear(piece);
      } catch (error) {
        this.logger.error({ err: error, run_id: piece.runId }, 'A listener to answers failed');
      }
    }
  }

  private remove(runId: string, listener: { hear: (piece: TokenPiece) => void }): void {
    const listeners = this.byRun.get(runId);
    if (listeners?.delete(listener) !== true || listeners.size > 0) return;
    this.byRun.delete(runId);
    this.changed(runId, false);
  }
}
