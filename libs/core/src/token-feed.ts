/** A piece of the answer of a model, while it comes. Nothing that is journaled: the step has the whole answer. */
export interface TokenPiece {
  readonly runId: string;
  readonly nodeId: string;
  readonly visit: number;
  /** Which call of the node: the end of its idempotency key, as `model` or `3/model-2`. */
  readonly step: string;
  /** Characters of the answer before it. 0: the answer begins, or begins anew because the call is tried again; a gap: pieces were dropped. */
  readonly offset: number;
  readonly text: string;
}

/** Carries answers to whoever listens while they come, over all processes. Lossy: who comes late or cannot keep up misses pieces. */
export abstract class TokenFeed {
  /** Whether somebody listens to the run in any process: else an answer need not come in pieces. Never throws; false where it cannot be told. */
  abstract isHeard(runId: string): Promise<boolean>;
  /** Never throws, never waits. */
  abstract send(piece: TokenPiece): void;
  /** Hears the pieces of one run, from every process. Returns the way to stop. */
  abstract listen(runId: string, hear: (piece: TokenPiece) => void): () => void;
}
