/** What a local demo shows: a run that moves, and a worker that may be killed. Only the standalone app binds it, and only where it is asked to. */
export abstract class Demo {
  /** The run to look at; null: it is still being prepared. */
  abstract get runId(): string | null;
  /** Whether the worker is there, to be killed. */
  abstract get hasWorker(): boolean;
  /** `kill -9` of the worker, which is started again. False: there was none just then. */
  abstract killWorker(): boolean;
}
