import type { JsonObject, JsonValue } from './json.js';

/** What a handler gets. One context per attempt of a node's visit. */
export interface NodeContext {
  readonly runId: string;
  readonly tenantId: string;
  readonly taskId: string | null;
  readonly nodeId: string;
  readonly visit: number;
  readonly attempt: number;
  /** `run/node/visit`: never changes with attempts, epochs or seqs. Send it with every effect. */
  readonly idempotencyKey: string;
  /** The run's input. */
  readonly input: JsonValue;
  /** The node's config, as defined. */
  readonly config: JsonObject;
  /** Outputs of the nodes that this one depends on, by id. */
  readonly outputs: JsonObject;
  /** Aborts when the baton is lost, the run ends, the attempt times out or the worker shuts down. Pass it to every call. */
  readonly signal: AbortSignal;
  /**
   * Runs `fn` once and journals its result under `key`, unique within the node: on re-entry, in another attempt or on another worker,
   * a finished step is replayed, not run.
   */
  step<T extends JsonValue>(key: string, fn: (signal: AbortSignal) => Promise<T> | T): Promise<T>;
}

/** Executes nodes of one type. Runs at least once per visit; its outcome is recorded exactly once. */
export abstract class NodeHandler {
  /** The node type that it executes. */
  abstract readonly type: string;
  abstract execute(context: NodeContext): Promise<JsonValue>;
}
