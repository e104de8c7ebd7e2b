/** "Run R has reached seq N" (and has `ended` with it), or "run R has a signal for the worker that holds it". */
export type Ring =
  | { kind: 'journal'; runId: string; taskId: string | null; seq: number; ended: boolean }
  | { kind: 'inbox'; runId: string; workerId: string };

/** Tells all processes that something has happened. Lossy: who hears nothing reads the journal after a bound. */
export abstract class Doorbell {
  /** Rings all at once; never throws, never waits. */
  abstract ring(rings: readonly Ring[]): void;
  /** Hears every ring of every process, its own included. Returns the way to stop. */
  abstract listen(listener: (ring: Ring) => void): () => void;
  /** False while rings may be lost: readers then poll more often. */
  abstract isHealthy(): boolean;
}
