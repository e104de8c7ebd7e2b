import { TokenFeed, type TokenPiece } from '@baton/core';
import { type QueueLogger, silentLogger } from './logger.js';
import { TokenListeners } from './token-listeners.js';

/** The token feed of one process: every listener of a run hears each piece before `send` returns. */
export class MemoryTokenFeed extends TokenFeed {
  private readonly listeners: TokenListeners;

  constructor(logger: QueueLogger = silentLogger) {
    super();
    this.listeners = new TokenListeners(logger);
  }

  isHeard(runId: string): Promise<boolean> {
    return Promise.resolve(this.listeners.has(runId));
  }

  send(piece: TokenPiece): void {
    this.listeners.tell(piece);
  }

  listen(runId: string, hear: (piece: TokenPiece) => void): () => void {
    return this.listeners.add(runId, hear);
  }
}
