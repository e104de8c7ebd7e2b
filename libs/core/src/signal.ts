import type { JsonObject } from './json.js';

/** A message to a run. Only the baton's holder turns it into journal events. */
export const SIGNAL_TYPES = ['cancel'] as const;
export type SignalType = (typeof SIGNAL_TYPES)[number];

export interface Signal {
  /** Rises in the order of insertion. */
  readonly id: number;
  readonly runId: string;
  readonly type: SignalType;
  readonly payload: JsonObject;
  readonly at: number;
}
