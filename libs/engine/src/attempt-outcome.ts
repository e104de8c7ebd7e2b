import type { Awaited, ErrorInfo, EventPayload, JsonValue, NodeWait, StepUsage } from '@baton/core';
import type { OverBudget } from './run-budget.js';

/** How an attempt ended. `suspended`: it waits, and is called again when the wait has ended. */
export type AttemptOutcome =
  /** `skip`: dependents that are skipped with it; `repeat`: the node is entered once more. */
  | {
      kind: 'completed';
      output: JsonValue;
      skip: readonly { nodeId: string; reason: string }[];
      repeat: boolean;
      continues: { input: JsonValue } | null;
    }
  | { kind: 'failed'; error: ErrorInfo }
  | { kind: 'suspended'; key: string; wait: AttemptWait }
  /** It goes on once the run has more to use up. */
  | { kind: 'over_budget'; ask: OverBudget['ask'] };

/** Not an end that says anything of the node: its payloads could not be reached. The run is to be left to whoever can. */
export interface StrandedAttempt {
  kind: 'stranded';
  error: unknown;
}

/** `children`: the ones to run; absent where their group is known. */
interface AttemptWait extends Omit<NodeWait, 'awaits'> {
  readonly awaits: Awaited;
  readonly children?: EventPayload<'node.suspended'>['children'];
}

/** A step as it is journaled. */
export interface FinishedStep {
  readonly key: string;
  readonly output: JsonValue;
  readonly usage: StepUsage | null;
  /** The end of the attempt follows at once, and may go into the same commit. */
  readonly isLast: boolean;
}

/** Thrown through a handler to leave it. Nothing went wrong. */
export class Suspension extends Error {
  constructor(
    readonly key: string,
    readonly wait: AttemptWait,
  ) {
    super(wait.reason);
  }
}
