/**
 * "Run R has reached seq N" (and has `ended` with it), "run R has a signal for the worker that holds it", or "worker W is dead": it may not have rung
 * for what it committed last, so that who waits for any run looks again.
 */
export type Ring =
  | { kind: 'journal'; runId: string; taskId: string | null; seq: number; ended: boolean }
  | { kind: 'inbox'; runId: string; workerId: string }
  | { kind: 'death'; workerId: string };

/** Tells all processes that something has happened. Lossy: who hears nothing reads the journal after a bound. */
export abstract class Doorbell {
  /** Rings all at once; never throws, never waits. */
  abstract ring(rings: readonly Ring[]): void;
  /** Hears every ring of every process, its own included. Returns the way to stop. */
  abstract listen(listener: (ring: Ring) => void): () => void;
  /** False while rings may be lost: readers then poll more often. */
  abstract isHealthy(): boolean;
}
