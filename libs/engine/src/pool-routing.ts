import type { PlanNode } from '@baton/core';

export interface PoolRoutingOptions {
  /** The pool of a node type, for nodes that name none. */
  routes: ReadonlyMap<string, string>;
  /** How long a node may wait for a worker of its pool. */
  queueMs: number;
  /** How long a node may take that has no time limit of its own. */
  timeoutMs: number;
}

/** Says which nodes go to a pool, and until when their outcome must be heard. */
export class PoolRouting {
  constructor(private readonly options: PoolRoutingOptions) {}

  /** Null: whoever advances the run executes it. */
  poolOf({ pool, type }: Pick<PlanNode, 'pool' | 'type'>): string | null {
    return pool ?? this.options.routes.get(type) ?? null;
  }

  deadlineOf({ timeoutMs }: Pick<PlanNode, 'timeoutMs'>, now: number): number {
    return now + this.options.queueMs + (timeoutMs ?? this.options.timeoutMs);
  }
}
